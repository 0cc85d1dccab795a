//! All members and open invitations. An invitation's link is shown once, in answer to making it.

use super::member::refusal;
use crate::staff::audit::{self, Change};
use crate::staff::permission::ManageStaff;
use crate::staff::{self, Invitation, Listed, Role};
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
use serde_json::json;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/staff/list.html")]
struct MembersPage {
    page: Desk,
    members: Vec<Listed>,
    invitations: Vec<Invitation>,
    /// The link that was just made, and for which role.
    made: Option<(String, Role)>,
    wrongs: Wrongs,
}

impl MembersPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn roles(&self) -> [Role; 5] {
        Role::ALL
    }
}

async fn show_it(
    shop: &Shop,
    frame: Desk,
    made: Option<(String, Role)>,
    (status, wrongs): (StatusCode, Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let members = staff::everybody(&mut conn).await?;
    let invitations = staff::invitations(&mut conn, shop.clock.now()).await?;
    page(status, &MembersPage { page: frame, members, invitations, made, wrongs })
}

/// `GET /admin/staff`
pub async fn show(
    staff: Staff<ManageStaff>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    show_it(&shop, frame, None, (StatusCode::OK, Wrongs::default())).await
}

/// `POST /admin/staff/invitations`
pub async fn invite(
    staff: Staff<ManageStaff>,
    _: Recent,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let Some(role) = Role::parse(&form.text("role")) else {
        let mut wrongs = Wrongs::default();
        wrongs.add("role", frame.say("wrong-role"));
        return show_it(&shop, frame, None, (StatusCode::UNPROCESSABLE_ENTITY, wrongs)).await;
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let link = staff::invite(&mut tx, &staff, role, now).await?.map_err(refusal)?;
    let after = Some(json!({ "role": role.name() }));
    let change = Change { action: "invite-member", subject: "invitation", before: None, after };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    let link = shop.settings.absolute(&format!("/admin/welcome/{link}"));
    show_it(&shop, frame, Some((link, role)), (StatusCode::OK, Wrongs::default())).await
}

/// `POST /admin/staff/invitations/{id}/revocation`
pub async fn revoke(
    staff: Staff<ManageStaff>,
    _: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    let role = staff::revoke_invitation(&mut tx, &staff, *id).await?.map_err(refusal)?;
    let before = Some(json!({ "role": role.name() }));
    let change = Change { action: "revoke-invitation", subject: "invitation", before, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("revoked-invitation")?;
    Ok(see_other("/admin/staff"))
}
