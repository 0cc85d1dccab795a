//! Weibo Pay's notices, of payments (weibo-pay.md §4) and of refunds (§7.2).

use crate::payments::{self, Answered, Hook};
use crate::web::form::body;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};

/// A notice has some twenty short fields.
const LARGEST: usize = 64 * 1024;

/// `POST /hooks/weibo/pay`: `success` only after what it tells is committed.
pub async fn payment(payload: Payload, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    take(payload, &shop, Hook::Payment).await
}

/// `POST /hooks/weibo/refund`: the same.
pub async fn refund(payload: Payload, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    take(payload, &shop, Hook::Refund).await
}

async fn take(payload: Payload, shop: &Shop, hook: Hook) -> Result<HttpResponse, Error> {
    let body = body(payload.into_inner(), LARGEST).await?;
    let (weibo, now) = (shop.weibo().await?, shop.clock.now());
    let taken = payments::take_notice(&shop.notices, &weibo, (hook, &body), now).await?;
    let (status, words) = match taken {
        Ok(Answered::Success(_)) => (StatusCode::OK, "success"),
        Ok(Answered::Refused(mismatch)) => {
            tracing::error!(%mismatch, "a genuine notice does not match what was asked for");
            (StatusCode::UNPROCESSABLE_ENTITY, "mismatch")
        }
        Err(rejected) => {
            tracing::warn!(%rejected, "a notice that Weibo did not sign");
            (StatusCode::BAD_REQUEST, "rejected")
        }
    };
    Ok(HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(words))
}
