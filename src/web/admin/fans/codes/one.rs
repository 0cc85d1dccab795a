//! One code: its picture, how long it can be scanned, what it brought.

use super::{PATH, found, subject};
use crate::catalog;
use crate::fans::codes::{self, FanCode, Life, Tally};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::text::Text;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/fans/codes/one.html")]
struct CodePage {
    page: Desk,
    code: FanCode,
    tally: Tally,
    /// Its product, where that is still there: id and name.
    product: Option<(i64, Text)>,
    now: OffsetDateTime,
}

impl CodePage {
    fn is_ready(&self) -> bool {
        self.code.is_ready(self.now)
    }

    fn has_ended(&self) -> bool {
        self.code.ticket.is_some() && !self.code.is_good(self.now)
    }

    fn is_permanent(&self) -> bool {
        self.code.of.life == Life::Permanent
    }

    fn made(&self) -> String {
        shop_time(self.code.made_at)
    }

    /// Until when it can be scanned, where that ends.
    fn ends(&self) -> Option<String> {
        self.code.ticket.as_ref()?.ends_at.map(shop_time)
    }

    fn last(&self) -> String {
        self.tally.last_at.map_or_else(|| "–".to_owned(), shop_time)
    }

    /// What Weibo said when it was last asked; nothing that can be trusted is told as that.
    fn why(&self) -> String {
        if self.code.why == "?" { self.page.say("menu-no-answer") } else { self.code.why.clone() }
    }
}

/// `GET /admin/fans/codes/{id}`
pub async fn show(
    staff: Staff<EditFans>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let code = found(&shop, *id).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let mut conn = shop.db.reader().await?;
    let tally = codes::tally(&mut conn, code.id).await?;
    let product = match code.of.product {
        Some(id) => catalog::find_draft(&mut conn, id).await?.map(|draft| (id.0, draft.product.name)),
        None => None,
    };
    drop(conn);
    page(StatusCode::OK, &CodePage { page: frame, code, tally, product, now: shop.clock.now() })
}

/// `POST /admin/fans/codes/{id}/ticket`: what Weibo did not give yet, or once more what has ended.
pub async fn complete(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let code = found(&shop, *id).await?;
    let code = codes::complete(&shop.db, &shop.weibo().await?, code.id, &shop.clock).await?;
    let ready = code.is_ready(shop.clock.now());
    staff.says_next(if ready { "said-code-ready" } else { "said-code-lacking" })?;
    Ok(see_other(&format!("{PATH}/{}", code.id.0)))
}

/// `POST /admin/fans/codes/{id}/drawer`: out of the list, or back into it.
pub async fn put_away(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let code = found(&shop, *id).await?;
    let now = shop.clock.now();
    let away = form.has("away");
    let mut tx = shop.db.begin().await?;
    codes::put_away(&mut tx, code.id, away.then_some(now)).await?;
    let (action, subject) = (if away { "put-away-code" } else { "bring-back-code" }, subject(code.id));
    audit::record(&mut tx, &staff, Change { action, subject: &subject, before: None, after: None }, now)
        .await?;
    tx.commit().await?;
    staff.says_next(if away { "said-code-away" } else { "said-code-back" })?;
    Ok(see_other(&format!("{PATH}/{}", code.id.0)))
}
