//! One member: her role, whether she is let in, her second factor, her sessions.

use crate::db::Tx;
use crate::staff::audit::{self, Change};
use crate::staff::permission::ManageStaff;
use crate::staff::{self, Listed, Refused, Role, StaffId};
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::{Value, json};
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/staff/member.html")]
struct MemberPage {
    page: Desk,
    listed: Listed,
    /// In how many browsers she is signed in.
    seats: usize,
    wrongs: Wrongs,
}

impl MemberPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn roles(&self) -> [Role; 5] {
        Role::ALL
    }

    fn is_self(&self) -> bool {
        self.listed.member.id == self.page.member.id
    }
}

async fn show_it(
    shop: &Shop,
    frame: Desk,
    id: StaffId,
    (status, wrongs): (StatusCode, Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let listed = staff::listed(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let seats = staff::seats_of(&mut conn, id, shop.clock.now()).await?.len();
    page(status, &MemberPage { page: frame, listed, seats, wrongs })
}

/// The page again, with why nothing was changed.
async fn refuse(
    shop: &Shop,
    frame: Desk,
    id: StaffId,
    (field, key): (&'static str, &str),
) -> Result<HttpResponse, Error> {
    let mut wrongs = Wrongs::default();
    wrongs.add(field, frame.say(key));
    show_it(shop, frame, id, (StatusCode::UNPROCESSABLE_ENTITY, wrongs)).await
}

/// A line in the audit log about this member.
async fn record(
    tx: &mut Tx,
    staff: &Staff<ManageStaff>,
    (action, about): (&'static str, StaffId),
    (before, after): (Option<Value>, Option<Value>),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let subject = format!("member {}", about.0);
    Ok(audit::record(tx, staff, Change { action, subject: &subject, before, after }, now).await?)
}

/// What is told of a refusal that has no field to stand by; the last owner's has one where it can happen.
pub fn refusal(why: Refused) -> Error {
    match why {
        Refused::Nobody => Error::NotFound,
        Refused::LastOwner | Refused::NotAnyMore => Error::Refused(StatusCode::FORBIDDEN, "error-permission"),
    }
}

/// Back to the member's page, which says what was done. Whoever was changed by herself may be out: then she
/// is led to the door from there.
fn back(staff: &Staff<ManageStaff>, id: StaffId, says: &'static str) -> Result<HttpResponse, Error> {
    staff.says_next(says)?;
    Ok(see_other(&format!("/admin/staff/{}", id.0)))
}

/// `GET /admin/staff/{id}`
pub async fn show(
    staff: Staff<ManageStaff>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    show_it(&shop, frame, StaffId(*id), (StatusCode::OK, Wrongs::default())).await
}

/// `POST /admin/staff/{id}/role`
pub async fn change_role(
    (staff, _, form): (Staff<ManageStaff>, Recent, SafeForm),
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = StaffId(*id);
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let Some(role) = Role::parse(&form.text("role")) else {
        return refuse(&shop, frame, id, ("role", "wrong-role")).await;
    };
    let mut tx = shop.db.begin().await?;
    let before = match staff::change_role(&mut tx, &staff, id, role).await? {
        Ok(before) => before.member.role,
        Err(Refused::LastOwner) => {
            drop(tx);
            return refuse(&shop, frame, id, ("role", "wrong-last-owner")).await;
        }
        Err(why) => return Err(refusal(why)),
    };
    let (before, after) = (json!({ "role": before.name() }), json!({ "role": role.name() }));
    record(&mut tx, &staff, ("change-role", id), (Some(before), Some(after)), shop.clock.now()).await?;
    tx.commit().await?;
    back(&staff, id, "saved-role")
}

/// `POST /admin/staff/{id}/standing`: `enabled` is `yes` or `no`.
pub async fn set_standing(
    (staff, form): (Staff<ManageStaff>, SafeForm),
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (id, enabled, now) = (StaffId(*id), form.text("enabled") == "yes", shop.clock.now());
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut tx = shop.db.begin().await?;
    let before = match staff::set_enabled(&mut tx, &staff, id, enabled, now).await? {
        Ok(before) => before.disabled_at.is_none(),
        Err(Refused::LastOwner) => {
            drop(tx);
            return refuse(&shop, frame, id, ("standing", "wrong-last-owner")).await;
        }
        Err(why) => return Err(refusal(why)),
    };
    let action = if enabled { "enable-member" } else { "disable-member" };
    let (before, after) = (json!({ "enabled": before }), json!({ "enabled": enabled }));
    record(&mut tx, &staff, (action, id), (Some(before), Some(after)), now).await?;
    tx.commit().await?;
    back(&staff, id, if enabled { "enabled-member" } else { "disabled-member" })
}

/// `POST /admin/staff/{id}/second-factor/removal`: her phone is gone, and so are her recovery codes.
pub async fn reset_factor(
    (staff, _, _): (Staff<ManageStaff>, Recent, SafeForm),
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = StaffId(*id);
    let mut tx = shop.db.begin().await?;
    let before = staff::reset_factor(&mut tx, &staff, id).await?.map_err(refusal)?;
    let (before, after) =
        (json!({ "second_factor": before.member.second_factor }), json!({ "second_factor": false }));
    record(&mut tx, &staff, ("reset-second-factor", id), (Some(before), Some(after)), shop.clock.now())
        .await?;
    tx.commit().await?;
    back(&staff, id, "reset-factor")
}

/// `POST /admin/staff/{id}/sessions/end`
pub async fn end_sessions(
    (staff, _): (Staff<ManageStaff>, SafeForm),
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = StaffId(*id);
    let mut tx = shop.db.begin().await?;
    let ended = staff::sign_out(&mut tx, &staff, id).await?.map_err(refusal)?;
    let before = Some(json!({ "sessions": ended }));
    record(&mut tx, &staff, ("end-sessions", id), (before, None), shop.clock.now()).await?;
    tx.commit().await?;
    back(&staff, id, "ended-sessions")
}
