//! Enrolling a second factor, and the recovery codes: shown once, as they are kept hashed only.

use super::{Mistake, record};
use crate::db::Tx;
use crate::staff::permission::Own;
use crate::staff::{self, Secret};
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{Markup, page, see_other};
use crate::web::shop::qr::qr;
use crate::web::staff::{Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;

#[derive(Template)]
#[template(path = "admin/account/second-factor.html")]
struct EnrolPage {
    page: Desk,
    qr: Markup,
    /// For whoever cannot scan.
    letters: String,
    /// The secret on its way back to us: only the shop can open it.
    sealed: String,
    wrongs: Wrongs,
}

#[derive(Template)]
#[template(path = "admin/account/recovery-codes.html")]
struct CodesPage {
    page: Desk,
    codes: Vec<String>,
}

impl CodesPage {
    /// All of them, for the address of a file that the browser makes itself.
    fn as_file(&self) -> String {
        self.codes.join("%0A")
    }
}

#[derive(Template)]
#[template(path = "admin/account/new-recovery-codes.html")]
struct ReissuePage {
    page: Desk,
    codes_left: i64,
}

/// A secret for one form is of no use in another session.
fn form_of(staff: &Staff<Own>) -> String {
    format!("{} {}", staff.id.0, staff.form_token())
}

fn show_it(
    shop: &Shop,
    staff: &Staff<Own>,
    frame: Desk,
    secret: &Secret,
    mistake: Option<Mistake>,
) -> Result<HttpResponse, Error> {
    let address = secret.address(frame.text(&frame.shop_name), &staff.name)?;
    let status = mistake.as_ref().map_or(StatusCode::OK, |mistake| mistake.status);
    let shown = EnrolPage {
        qr: qr(address.as_str())?,
        letters: secret.in_groups(),
        sealed: secret.sealed_for(&form_of(staff), &shop.keys)?,
        wrongs: mistake.map(|mistake| mistake.wrongs).unwrap_or_default(),
        page: frame,
    };
    page(status, &shown)
}

/// `GET /admin/account/second-factor`
pub async fn show(
    staff: Staff<Own>,
    _: Recent,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    show_it(&shop, &staff, frame, &Secret::fresh(), None)
}

/// A line in the audit log: whether she has one now.
async fn record_factor(
    tx: &mut Tx,
    staff: &Staff<Own>,
    (action, has): (&'static str, bool),
    shop: &Shop,
) -> Result<(), Error> {
    let before = json!({ "second_factor": staff.second_factor });
    record(tx, staff, action, (Some(before), Some(json!({ "second_factor": has }))), shop).await
}

/// `POST /admin/account/second-factor`
pub async fn enrol(
    staff: Staff<Own>,
    _: Recent,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let secret = Secret::open(&form.text("secret"), &form_of(&staff), &shop.keys);
    let Some(secret) = secret else { return Err(Error::Refused(StatusCode::FORBIDDEN, "error-form")) };
    let mut tx = shop.db.begin().await?;
    let enrolled =
        staff::enrol(&mut tx, &staff, &secret, &form.text("code"), &shop.keys, shop.clock.now()).await?;
    let Some(codes) = enrolled else {
        let mistake = Mistake::field("code", frame.say("wrong-first-code"));
        return show_it(&shop, &staff, frame, &secret, Some(mistake));
    };
    // Whoever was signed in without it, or with the one before, is not any more.
    staff::end_others(&mut tx, staff.id, staff.seat.id).await?;
    record_factor(&mut tx, &staff, ("enrol-second-factor", true), &shop).await?;
    tx.commit().await?;
    staff.goes_on_anew();
    page(StatusCode::OK, &CodesPage { page: frame, codes })
}

/// `POST /admin/account/second-factor/removal`: for those of whom none is asked.
pub async fn remove(
    staff: Staff<Own>,
    _: Recent,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    if staff.role.needs_second_factor() {
        return Err(Error::Refused(StatusCode::FORBIDDEN, "error-second-factor-needed"));
    }
    let mut tx = shop.db.begin().await?;
    staff::disenrol(&mut tx, staff.id).await?;
    record_factor(&mut tx, &staff, ("remove-second-factor", false), &shop).await?;
    tx.commit().await?;
    staff.goes_on_anew();
    staff.says_next("removed-second-factor")?;
    Ok(see_other("/admin/account"))
}

/// `GET /admin/account/recovery-codes`
pub async fn show_codes(
    staff: Staff<Own>,
    _: Recent,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    if !staff.second_factor {
        return Ok(see_other(crate::web::staff::ENROLMENT));
    }
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let codes_left = staff::recovery_codes_left(&mut *shop.db.reader().await?, staff.id).await?;
    page(StatusCode::OK, &ReissuePage { page: frame, codes_left })
}

/// `POST /admin/account/recovery-codes`: each stands for the phone, so the password alone does not make them.
pub async fn reissue(
    staff: Staff<Own>,
    _: Recent,
    _: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    if !staff.second_factor {
        return Ok(see_other(crate::web::staff::ENROLMENT));
    }
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let codes_left = staff::recovery_codes_left(&mut *shop.db.reader().await?, staff.id).await?;
    let mut tx = shop.db.begin().await?;
    let codes = staff::reissue_recovery_codes(&mut tx, staff.id).await?;
    let (before, after) = (json!({ "left": codes_left }), json!({ "left": codes.len() }));
    record(&mut tx, &staff, "issue-recovery-codes", (Some(before), Some(after)), &shop).await?;
    tx.commit().await?;
    page(StatusCode::OK, &CodesPage { page: frame, codes })
}
