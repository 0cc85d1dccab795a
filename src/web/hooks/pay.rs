//! Weibo Pay's notices (weibo-pay.md §4).

use crate::payments::{self, Answered};
use crate::web::form::body;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};

/// A notice has some twenty short fields.
const LARGEST: usize = 64 * 1024;

/// `POST /hooks/weibo/pay`: `success` only after what it tells is committed.
pub async fn notice(payload: Payload, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let body = body(payload.into_inner(), LARGEST).await?;
    let taken = payments::take_notice(&shop.notices, &shop.weibo().await?, &body, shop.clock.now()).await?;
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
