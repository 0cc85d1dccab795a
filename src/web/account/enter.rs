//! A shopper's session begins: whose token this is comes from Weibo's answers, never from the browser.

use crate::customers::{self, CustomerId, Entered, SignIn};
use crate::orders;
use crate::web::session;
use crate::web::who::Visitor;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::users::User;
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
    let entered = keep(shop, (token, expires_in), &user).await?;
    begin(shop, session, entered).await?;
    Ok(entered.customer)
}

/// Finds or makes the customer that `user` is. That the token is hers, and of our application, Weibo has just said.
pub async fn keep(
    shop: &Shop,
    (token, expires_in): (&SecretString, Duration),
    user: &User,
) -> Result<Entered, Error> {
    let now = shop.clock.now();
    let who = SignIn {
        weibo_uid: user.uid,
        screen_name: &user.screen_name.replace('\0', ""),
        access_token: token,
        expires_at: now + expires_in,
    };
    let mut tx = shop.db.begin().await?;
    let entered = customers::sign_in(&mut tx, &who, &shop.keys, now).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Begins a session of hers under a new key. What she ordered on this browser as a guest becomes hers.
pub async fn begin(shop: &Shop, session: &Session, who: Entered) -> Result<(), Error> {
    if let Some(visitor) = Visitor::of(session).id {
        let mut tx = shop.db.begin().await?;
        orders::adopt(&mut tx, visitor, who.customer, shop.clock.now()).await?;
        tx.commit().await?;
    }
    session::begin_shopper(session, who)
}

/// What she is told when Weibo would not, or did not, say who she is.
pub fn told(error: CallError) -> Error {
    match error {
        CallError::Refused { code, .. } => refused(&code),
        CallError::Unknown(error) => {
            tracing::warn!(error = format!("{error:#}"), "no answer to a sign-in");
            Error::Refused(StatusCode::BAD_GATEWAY, "error-oauth-unknown")
        }
    }
}

/// The words for a code with which Weibo refuses (oauth-and-statuses.md §1.5). Some only the merchant can mend.
pub fn refused(code: &str) -> Error {
    match code {
        "21321" => {
            tracing::error!(code, "sign-in: the app is not audited, only its test accounts are let in");
            Error::Refused(StatusCode::FORBIDDEN, "error-oauth-unaudited")
        }
        "21322" | "21324" | "21326" | "21328" | "21329" | "21337" => {
            tracing::error!(code, "sign-in: the app's keys or its registered callback address are wrong");
            Error::Refused(StatusCode::CONFLICT, "error-oauth-setup")
        }
        "21331" => Error::Refused(StatusCode::BAD_GATEWAY, "error-oauth-unknown"),
        code => {
            tracing::info!(code, "Weibo refused a sign-in");
            Error::Refused(StatusCode::BAD_REQUEST, "error-oauth-refused")
        }
    }
}
