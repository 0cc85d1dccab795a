//! All rules in the order in which they are asked, and the buttons that change it.

use super::subject;
use crate::fans::rules::{self, Kept, Place, RuleError, RuleId};
use crate::fans::service::{self, Service};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/fans/rules/list.html")]
struct ListPage {
    page: Desk,
    rules: Vec<Kept>,
    service: Service,
    now: OffsetDateTime,
}

impl ListPage {
    /// What it hears.
    fn cause(&self, kept: &Kept) -> String {
        super::cause(&self.page, &kept.rule)
    }

    /// The first thing it says.
    fn answer(&self, kept: &Kept) -> String {
        let kind = self.page.say(&format!("word-answer-{}", kept.rule.answer.name()));
        match kept.rule.answer.texts().first() {
            Some(text) => {
                format!("{kind}{}{}", self.page.say("colon"), text.chars().take(40).collect::<String>())
            }
            None => kind,
        }
    }

    /// Whether it may speak now: a word, and a colour.
    fn standing(&self, kept: &Kept) -> (&'static str, &'static str) {
        let rule = &kept.rule;
        if !rule.is_on {
            ("off", "")
        } else if rule.ends_at.is_some_and(|ends| ends <= self.now) {
            ("over", "")
        } else if rule.begins_at.is_some_and(|begins| self.now < begins) {
            ("not-yet", "amber")
        } else {
            ("on", "jade")
        }
    }
}

/// `GET /admin/fans/rules`
pub async fn show(staff: Staff<EditFans>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let mut conn = shop.db.reader().await?;
    let (rules, service) = (rules::all(&mut conn).await?, service::read(&mut conn).await?);
    page(StatusCode::OK, &ListPage { page: frame, rules, service, now: shop.clock.now() })
}

/// `POST /admin/fans/rules/{id}/place`: changes places with its neighbour.
pub async fn place(
    staff: Staff<EditFans>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let to = match fields.text("to").as_str() {
        "up" => Place::Up,
        "down" => Place::Down,
        _ => return Err(Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, "error-request")),
    };
    let mut tx = shop.db.begin().await?;
    let moved = match rules::rearrange(&mut tx, RuleId(*id), to).await {
        Ok(moved) => moved,
        Err(RuleError::Unexpected(error)) => return Err(error.into()),
        Err(_) => return Err(Error::NotFound),
    };
    if moved {
        let (subject, after) = (subject(RuleId(*id)), Some(json!({ "to": fields.text("to") })));
        let change = Change { action: "move-fan-rule", subject: &subject, before: None, after };
        audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(see_other("/admin/fans/rules"))
}
