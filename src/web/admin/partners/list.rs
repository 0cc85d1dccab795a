//! All partners with their money, and how long commission is held.

use super::LIST;
use crate::partners::{self, DAYS, Partner, PartnerId, Sums, Terms};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{EditSharing, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::whole;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "admin/partners/list.html")]
struct ListPage {
    page: Desk,
    partners: Vec<Partner>,
    sums: BTreeMap<PartnerId, Sums>,
    terms: Terms,
    /// For how many days commission is held, as it was typed.
    days: String,
    wrongs: Wrongs,
}

impl ListPage {
    fn sums(&self, partner: &Partner) -> Sums {
        self.sums.get(&partner.id).copied().unwrap_or_default()
    }

    /// How she stands, in a word, and the colour of that.
    fn tag(&self, partner: &Partner) -> (String, &'static str) {
        tag(&self.page, partner)
    }
}

/// How a partner stands, and the colour of that.
pub fn tag(page: &Desk, partner: &Partner) -> (String, &'static str) {
    match (&partner.ended_at, &partner.account) {
        (Some(_), _) => (page.say("partner-ended"), ""),
        (None, None) => (page.say("partner-unbound"), "amber"),
        (None, Some(_)) => (page.say("partner-on"), "jade"),
    }
}

async fn draw(
    shop: &Shop,
    frame: Desk,
    typed: Option<String>,
    (status, wrongs): (StatusCode, Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let partners = partners::all(&mut conn).await?;
    let ids: Vec<PartnerId> = partners.iter().map(|partner| partner.id).collect();
    let sums = partners::sums(&mut conn, &ids).await?;
    let terms = partners::terms(&mut conn).await?;
    drop(conn);
    let days = typed.unwrap_or_else(|| terms.hold.to_string());
    page(status, &ListPage { page: frame, partners, sums, terms, days, wrongs })
}

/// `GET /admin/sharing/partners`
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    draw(&shop, frame, None, (StatusCode::OK, Wrongs::default())).await
}

/// `POST /admin/sharing/partners/hold`: for how many days commission is held.
pub async fn set_days(
    staff: Staff<EditSharing>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = form.text("commission-days");
    let Some(days) = whole(&typed, *DAYS.end()).filter(|days| DAYS.contains(days)) else {
        let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
        let mut wrongs = Wrongs::default();
        wrongs.add("commission-days", frame.say_with("wrong-commission-days", "most", DAYS.end()));
        return draw(&shop, frame, Some(typed), (StatusCode::UNPROCESSABLE_ENTITY, wrongs)).await;
    };
    let mut tx = shop.db.begin().await?;
    let before = partners::set_days(&mut tx, days).await?;
    if before != days {
        let told = |days: u32| Some(json!({ "commission-days": days.to_string() }));
        let (before, after) = (told(before), told(days));
        let change = Change { action: "set-commission-days", subject: "partners", before, after };
        audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    }
    tx.commit().await?;
    staff.says_next("said-saved")?;
    Ok(see_other(LIST))
}
