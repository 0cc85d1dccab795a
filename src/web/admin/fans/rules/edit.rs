//! A rule: new, changed, taken away.

use super::form::{self, DAYS, HOURS, TEXTS};
use super::subject;
use crate::catalog;
use crate::coupons::{self, Coupon, CouponId, Open};
use crate::fans::rules::{
    self, Answer, Cause, Happening, Kept, MOST_RULES, ORDERS_TEXT_LIMIT, RuleError, RuleId,
};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::{MOST_ARTICLES, TEXT_LIMIT};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use sqlx::PgConnection;

const LIST: &str = "/admin/fans/rules";

#[derive(Template)]
#[template(path = "admin/fans/rules/edit.html")]
struct EditPage {
    page: Desk,
    /// Nothing for a new one.
    id: Option<RuleId>,
    typed: Typed,
    /// Those that can be chosen.
    coupons: Vec<Coupon>,
    /// What somebody else has stored meanwhile.
    stored: Option<Typed>,
    /// It was taken away meanwhile: what was typed can be saved as a new one.
    gone: bool,
    wrongs: Wrongs,
}

impl EditPage {
    async fn new(shop: &Shop, page: Desk, id: Option<RuleId>, typed: Typed) -> Result<EditPage, Error> {
        let mut conn = shop.db.reader().await?;
        let mut coupons = coupons::all(&mut conn).await?;
        let kept = match id {
            Some(id) => rules::find(&mut conn, id).await?,
            None => None,
        };
        let kept = kept.and_then(|kept| kept.rule.answer.coupon());
        // One that is over stays where it was chosen before, and is not chosen anew.
        let over = |coupon: &Coupon| coupon.open(shop.clock.now()) == Open::Over;
        coupons.retain(|coupon| !over(coupon) || kept == Some(coupon.id));
        Ok(EditPage { page, id, typed, coupons, stored: None, gone: false, wrongs: Wrongs::default() })
    }

    fn coupon_ids(&self) -> Vec<CouponId> {
        self.coupons.iter().map(|coupon| coupon.id).collect()
    }

    fn terms(&self, coupon: &Coupon) -> String {
        self.page.words.coupon(&coupon.wanted.terms)
    }

    fn of(&self, name: &str) -> &str {
        self.typed.of(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.of(name) == value
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.typed.stored(self.stored.as_ref(), name)
    }

    fn action(&self) -> String {
        self.id.map_or_else(|| format!("{LIST}/new"), |id| format!("{LIST}/{}", id.0))
    }
}

/// `GET /admin/fans/rules/new`
pub async fn new(staff: Staff<EditFans>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    page(StatusCode::OK, &EditPage::new(&shop, frame, None, form::blank()).await?)
}

/// `POST /admin/fans/rules/new`
pub async fn create(
    staff: Staff<EditFans>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let mut again = EditPage::new(&shop, frame, None, form::sent(&fields)).await?;
    let mut tx = shop.db.begin().await?;
    let products = form::found(&mut tx, form::slugs(&again.typed)).await?;
    let read = form::read(&again.typed, (&products, &again.coupon_ids()), again.page.words);
    let added = match read {
        Ok(rule) => rules::add(&mut tx, &rule).await,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let id = match added {
        Ok(id) => id,
        Err(RuleError::TooMany) => {
            again.wrongs.add("rule-name", again.page.say_with("wrong-rules-too-many", "most", MOST_RULES));
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
        Err(error) => return Err(failed(error)),
    };
    let (subject, after) = (subject(id), Some(again.typed.whole()));
    let change = Change { action: "add-fan-rule", subject: &subject, before: None, after };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("rule-saved")?;
    Ok(see_other(LIST))
}

/// `GET /admin/fans/rules/{id}`
pub async fn show(
    staff: Staff<EditFans>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let mut conn = shop.db.reader().await?;
    let kept = rules::find(&mut conn, RuleId(*id)).await?.ok_or(Error::NotFound)?;
    let typed = as_kept(&mut conn, &kept).await?;
    drop(conn);
    page(StatusCode::OK, &EditPage::new(&shop, frame, Some(kept.id), typed).await?)
}

/// `POST /admin/fans/rules/{id}`
pub async fn save(
    staff: Staff<EditFans>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let id = RuleId(*id);
    let mut again = EditPage::new(&shop, frame, Some(id), form::sent(&fields)).await?;
    let mut tx = shop.db.begin().await?;
    let Some(kept) = rules::find(&mut tx, id).await? else { return gone(again) };
    let before = as_kept(&mut tx, &kept).await?;
    let products = form::found(&mut tx, form::slugs(&again.typed)).await?;
    let rule = match form::read(&again.typed, (&products, &again.coupon_ids()), again.page.words) {
        Ok(rule) => rule,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    match rules::change(&mut tx, id, &rule, version(&again.typed)).await {
        Ok(()) => {}
        Err(RuleError::Stale(_)) => {
            drop(tx);
            return stale(&shop, again, id).await;
        }
        Err(RuleError::Gone) => return gone(again),
        Err(error) => return Err(failed(error)),
    }
    let (old, new) = again.typed.changed(&before);
    let subject = subject(id);
    let change = Change { action: "change-fan-rule", subject: &subject, before: Some(old), after: Some(new) };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("rule-saved")?;
    Ok(see_other(LIST))
}

/// `POST /admin/fans/rules/{id}/removal`
pub async fn remove(
    staff: Staff<EditFans>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = RuleId(*id);
    let mut tx = shop.db.begin().await?;
    // Pressed twice, or by two: it is gone, as was wanted.
    let Some(kept) = rules::find(&mut tx, id).await? else { return Ok(see_other(LIST)) };
    let before = as_kept(&mut tx, &kept).await?;
    match rules::remove(&mut tx, id, fields.text("version").parse().unwrap_or(-1)).await {
        Ok(()) => {}
        Err(RuleError::Stale(_)) => {
            let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
            drop(tx);
            let again = EditPage::new(&shop, frame, Some(id), before).await?;
            return stale(&shop, again, id).await;
        }
        Err(error) => return Err(failed(error)),
    }
    let subject = subject(id);
    let change =
        Change { action: "remove-fan-rule", subject: &subject, before: Some(before.whole()), after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("rule-removed")?;
    Ok(see_other(LIST))
}

/// Somebody else saved it meanwhile: all that was typed is still there, and what is stored stands beside it.
async fn stale(shop: &Shop, mut again: EditPage, id: RuleId) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let Some(kept) = rules::find(&mut conn, id).await? else { return gone(again) };
    let stored = as_kept(&mut conn, &kept).await?;
    again.typed.put("version", kept.version.to_string());
    again.stored = Some(stored);
    page(StatusCode::CONFLICT, &again)
}

/// Somebody else has taken it away meanwhile: all that was typed is still there, for a new one.
fn gone(again: EditPage) -> Result<HttpResponse, Error> {
    page(StatusCode::CONFLICT, &EditPage { id: None, gone: true, ..again })
}

async fn as_kept(conn: &mut PgConnection, kept: &Kept) -> Result<Typed, Error> {
    let mut slugs = Vec::new();
    for product in kept.rule.answer.products() {
        if let Some(draft) = catalog::find_draft(conn, *product).await? {
            slugs.push(draft.product.slug.to_string());
        }
    }
    Ok(form::kept(&kept.rule, kept.version, &slugs))
}

fn version(typed: &Typed) -> i32 {
    typed.of("version").parse().unwrap_or(-1)
}

fn failed(error: RuleError) -> Error {
    match error {
        RuleError::Gone => Error::NotFound,
        RuleError::Unexpected(error) => error.into(),
        RuleError::TooMany | RuleError::Stale(_) => Error::Refused(StatusCode::CONFLICT, "error-request"),
    }
}
