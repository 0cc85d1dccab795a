//! For apps of the merchant's own: JSON in, JSON out, no session. Who has an order's link may pay it, as on its page.

use super::form::body;
use super::who::{Speaks, Visitor, access};
use super::words::Words;
use super::{Error, Shop};
use crate::db::Tx;
use crate::orders::{self, Locked, OrderNumber, Refused};
use crate::payments::{self, BeginError, InApp};
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;

/// A tag of 22 letters and what is around it.
const LARGEST: usize = 4 * 1024;

#[derive(Deserialize)]
struct Asked {
    /// The tag of the order's link.
    t: String,
}

#[derive(Serialize)]
struct Begun {
    order: String,
    out_pay_id: String,
    amount_fen: String,
    expires_at: String,
    /// For Weibo's SDK. How Weibo builds it is not public; see `payments::OrderText`.
    rawdata: String,
}

#[derive(Serialize)]
struct Told {
    error: &'static str,
    message: String,
}

/// Why not: a status, and the word behind `word-api-` in the texts.
struct No(StatusCode, &'static str);

const NOT_FOUND: No = No(StatusCode::NOT_FOUND, "not-found");
const MALFORMED: No = No(StatusCode::BAD_REQUEST, "malformed");

/// `POST /api/orders/{number}/payment`: what Weibo's SDK needs to have this order paid. Asked twice it is the same
/// attempt, and it is settled as every other.
pub async fn pay(
    number: Path<String>,
    request: HttpRequest,
    payload: Payload,
    shop: Data<Shop>,
) -> HttpResponse {
    let begun = match read(&request, payload).await {
        Ok(asked) => begin(&shop, &number, &asked).await,
        Err(no) => Err(no),
    };
    let No(status, error) = match begun {
        Ok(begun) => return HttpResponse::Ok().json(begun),
        Err(no) => no,
    };
    let message = Words(Speaks::by_browser(&request).0).say(&format!("word-api-{error}"));
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((RETRY_AFTER, "3"));
    }
    answer.json(Told { error, message })
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<Asked, No> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(No(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type"));
    }
    let body = body(payload.into_inner(), LARGEST).await?;
    serde_json::from_slice(&body).map_err(|_| MALFORMED)
}

async fn begin(shop: &Shop, number: &str, asked: &Asked) -> Result<Begun, No> {
    let (number, now) = (number.parse::<OrderNumber>().map_err(|_| NOT_FOUND)?, shop.clock.now());
    let mut tx: Tx = shop.db.begin().await?;
    let order = orders::find(&mut tx, &number).await?.ok_or(NOT_FOUND)?;
    access(shop, Visitor::default(), &order, Some(&asked.t))?;
    let weibo = shop.weibo().await?;
    let mut locked: Locked = orders::lock(&mut tx, order.id).await?.ok_or(NOT_FOUND)?;
    let made_of = (&shop.callbacks, &shop.settings.sdk_order_text);
    let begun = payments::begin_in_app(&mut tx, &weibo, made_of, &mut locked, now).await?;
    tx.commit().await?;
    let InApp { attempt, rawdata } = begun;
    Ok(Begun {
        order: number.to_string(),
        out_pay_id: attempt.out_pay_id,
        amount_fen: attempt.amount.fen().to_string(),
        expires_at: attempt.expires_at.format(&Rfc3339).map_err(anyhow::Error::from)?,
        rawdata,
    })
}

impl From<Error> for No {
    fn from(error: Error) -> No {
        match error {
            Error::NotFound | Error::SignInFirst | Error::LedTo(_) => NOT_FOUND,
            Error::Refused(StatusCode::PAYLOAD_TOO_LARGE, _) => {
                No(StatusCode::PAYLOAD_TOO_LARGE, "too-large")
            }
            Error::Refused(StatusCode::CONFLICT, _) => No(StatusCode::CONFLICT, "not-connected"),
            Error::Refused(status, _) => No(status, "malformed"),
            Error::Busy => No(StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Unexpected(error) => {
                tracing::error!(error = format!("{error:#}"), "request failed");
                No(StatusCode::INTERNAL_SERVER_ERROR, "unexpected")
            }
        }
    }
}

impl From<BeginError> for No {
    fn from(error: BeginError) -> No {
        match error {
            BeginError::Refused(Refused::Paid) => No(StatusCode::CONFLICT, "paid"),
            BeginError::Refused(_) => No(StatusCode::CONFLICT, "closed"),
            BeginError::Unexpected(error) => Error::from(error).into(),
        }
    }
}

impl From<anyhow::Error> for No {
    fn from(error: anyhow::Error) -> No {
        Error::from(error).into()
    }
}

impl From<sqlx::Error> for No {
    fn from(error: sqlx::Error) -> No {
        Error::from(error).into()
    }
}
