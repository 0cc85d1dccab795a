//! A shopper's session begins: whose token this is comes from Weibo's answers, never from the browser.

use crate::customers::{self, CustomerId, SignIn};
use crate::orders;
use crate::web::session;
use crate::web::who::Visitor;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use actix_session::Session;
use actix_web::http::StatusCode;
use secrecy::SecretString;
use std::time::Duration;

/// Finds or makes the customer behind a token of our own application, and begins a session of hers under a new key.
/// What she ordered on this browser as a guest becomes hers.
pub async fn enter(
    shop: &Shop,
    session: &Session,
    (token, expires_in): (&SecretString, Duration),
) -> Result<CustomerId, Error> {
    let weibo = shop.weibo().await?;
    let uid = weibo.token_owner(token).await.map_err(told)?;
    let user = weibo.show_user(token, uid).await.map_err(told)?;
    let now = shop.clock.now();
    let who = SignIn {
        weibo_uid: uid,
        screen_name: &user.screen_name.replace('\0', ""),
        access_token: token,
        expires_at: now + expires_in,
    };
    let mut tx = shop.db.begin().await?;
    let customer = customers::sign_in(&mut tx, &who, &shop.keys, now).await?;
    if let Some(visitor) = Visitor::of(session).id {
        orders::adopt(&mut tx, visitor, customer, now).await?;
    }
    tx.commit().await?;
    session.renew();
    session::put(session, session::CUSTOMER, customer)?;
    Ok(customer)
}

/// What she is told when Weibo would not, or did not, say who she is.
pub fn told(error: CallError) -> Error {
    match error {
        CallError::Refused { code, .. } => {
            tracing::info!(code, "Weibo refused a sign-in");
            Error::Refused(StatusCode::BAD_REQUEST, "error-oauth-refused")
        }
        CallError::Unknown(error) => {
            tracing::warn!(error = format!("{error:#}"), "no answer to a sign-in");
            Error::Refused(StatusCode::BAD_GATEWAY, "error-oauth-unknown")
        }
    }
}
