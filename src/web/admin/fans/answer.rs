//! A person answers a fan. A press too many sends nothing twice, and what could not be sent stays in the form.

use super::at::At;
use super::talk::Typed;
use crate::customers::paragraph;
use crate::db::Tx;
use crate::fans::desk::{self, Answer, AnswerError, Answered, CannedId};
use crate::fans::{self, MessageId};
use crate::staff::permission::TalkToFans;
use crate::web::admin::handling::something;
use crate::web::admin::orders::why_wrong;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::{Reply, TEXT_LIMIT};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use uuid::Uuid;

/// `POST /admin/fans/{uid}/messages`: sends, or puts a canned answer behind what was typed.
pub async fn create(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut typed = Typed::of(&form);
    if form.has("insert") {
        return insert(&at, &form.text("canned"), typed).await;
    }
    let text = match something(paragraph(&typed.text, TEXT_LIMIT - 1)) {
        Ok(text) => text,
        Err(why) => {
            typed.wrongs.add("text", why_wrong(at.words(), why));
            return at.again(StatusCode::UNPROCESSABLE_ENTITY, typed).await;
        }
    };
    say(&at, &Reply::Text { text }, typed).await
}

/// Says it once for this form.
pub async fn say(at: &At<'_>, reply: &Reply, typed: Typed) -> Result<HttpResponse, Error> {
    say_in(at.shop.db.begin().await?, at, reply, typed).await
}

/// The same, with what was done for it; that stays only if it is said.
pub async fn say_in(mut tx: Tx, at: &At<'_>, reply: &Reply, typed: Typed) -> Result<HttpResponse, Error> {
    let Some(form) = typed.form else {
        drop(tx);
        return at.again(StatusCode::UNPROCESSABLE_ENTITY, typed).await;
    };
    let answer = Answer { reply, form, seen: typed.seen.map(MessageId) };
    match desk::answer(&mut tx, at.fan, &answer, &at.staff.actor(), at.now()).await {
        Ok(Answered::Now(_)) => {
            at.record(&mut tx, "answer-fan", (None, None)).await?;
            tx.commit().await?;
            at.shop.pages.recount_unread();
            at.go_on("fans-said")
        }
        Ok(Answered::Before) => at.go_on("fans-said"),
        Err(AnswerError::Overtaken(name)) => {
            drop(tx);
            let refused = at.words().say_with("fans-overtaken", "name", name);
            at.again(StatusCode::CONFLICT, Typed { refused: Some(refused), ..typed }).await
        }
        Err(AnswerError::Used) => {
            drop(tx);
            let refused = Some(at.words().say("fans-form-used"));
            at.again(StatusCode::CONFLICT, Typed { refused, form: None, ..typed }).await
        }
        Err(AnswerError::Say(why)) => {
            drop(tx);
            at.unsaid(why, typed).await
        }
    }
}

/// Puts a canned answer behind what was typed; nothing is sent.
async fn insert(at: &At<'_>, canned: &str, mut typed: Typed) -> Result<HttpResponse, Error> {
    let mut conn = at.shop.db.reader().await?;
    let found = match canned.parse() {
        Ok(id) => desk::find_canned(&mut conn, CannedId(id)).await?,
        Err(_) => None,
    };
    let Some(canned) = found else {
        drop(conn);
        typed.wrongs.add("canned", at.words().say("fans-canned-none"));
        return at.again(StatusCode::UNPROCESSABLE_ENTITY, typed).await;
    };
    let fan = fans::find(&mut conn, at.fan).await?.ok_or(Error::NotFound)?;
    let order = super::beside::last_order(&mut conn, at.fan).await?;
    drop(conn);
    let filled = canned.filled(&fan.name(), order.as_deref());
    typed.text = if typed.text.trim().is_empty() { filled } else { format!("{}\n{filled}", typed.text) };
    at.again(StatusCode::OK, typed).await
}

/// The mark of a form that has not been sent yet.
pub fn fresh() -> Uuid {
    Uuid::new_v4()
}
