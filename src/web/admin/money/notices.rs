//! What Weibo told and what is not believed: signed by Weibo, and not about what was asked for.

use crate::payments::{self, Doubted, Source};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{Look, MoveMoney};
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;

/// So many are named; the others follow when these have been seen to.
const LISTED: i64 = 50;

#[derive(Template)]
#[template(path = "admin/money/notices.html")]
struct NoticesPage {
    page: Desk,
    doubted: Vec<Doubted>,
}

impl NoticesPage {
    fn when(&self, doubted: &Doubted) -> String {
        shop_time(doubted.received_at)
    }

    /// Why it is not believed; in the words that were stored where the program has none any more.
    fn why(&self, doubted: &Doubted) -> String {
        match doubted.mismatch() {
            Some(mismatch) => self.page.say(&format!("word-mismatch-{}", mismatch.name())),
            None => doubted.why.clone(),
        }
    }

    /// What to look at.
    fn advice(&self, doubted: &Doubted) -> Option<String> {
        Some(self.page.say(&format!("word-mismatch-advice-{}", doubted.mismatch()?.name())))
    }

    fn came(&self, doubted: &Doubted) -> String {
        self.page.say(match doubted.source {
            Source::Notice => "notices-by-itself",
            Source::Answer => "notices-asked",
        })
    }

    fn is_full(&self) -> bool {
        i64::try_from(self.doubted.len()).is_ok_and(|count| count == LISTED)
    }
}

/// `GET /admin/money/notices`. What Weibo wrote word for word, which names the buyer, is for who moves money.
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    let doubted = payments::doubted(&mut *shop.db.reader().await?, LISTED).await?;
    page(StatusCode::OK, &NoticesPage { page: frame, doubted })
}

/// `POST /admin/money/notices/seen`: somebody has looked into this one.
pub async fn see_to(
    staff: Staff<MoveMoney>,
    form: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let digest = form.text("digest");
    if digest.is_empty() || digest.chars().any(char::is_control) {
        return Err(Error::NotFound);
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    // Pressed twice, or by two people: once is enough.
    if payments::see_to(&mut tx, &digest, &staff.name, now).await? {
        let subject = format!("notice {}", digest.chars().take(16).collect::<String>());
        let after = Some(json!({ "seen": true }));
        let change = Change { action: "see-to-notice", subject: &subject, before: None, after };
        audit::record(&mut tx, &staff, change, now).await?;
    }
    tx.commit().await?;
    shop.pages.recount();
    staff.says_next("said-notice-seen")?;
    Ok(see_other("/admin/money/notices"))
}
