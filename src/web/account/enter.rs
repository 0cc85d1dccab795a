//! A shopper's session begins: whose token this is comes from Weibo's answers, never from the browser.

use crate::customers::{self, CustomerId, Entered, SignIn, Way, touches};
use crate::db::Tx;
use crate::fans;
use crate::orders;
use crate::web::came;
use crate::web::session;
use crate::web::who::Visitor;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::statuses::Trouble;
use crate::weibo::users::User;
use actix_session::Session;
use actix_web::http::StatusCode;
use secrecy::SecretString;
use std::time::Duration;
use time::OffsetDateTime;

/// She has pressed for it: finds or makes the customer behind a token of our own application, and begins a session of
/// hers under a new key. What she ordered on this browser as a guest becomes hers.
pub async fn enter(
    shop: &Shop,
    session: &Session,
    (token, expires_in): (&SecretString, Duration),
) -> Result<CustomerId, Error> {
    let weibo = shop.weibo().await?;
    let owner = weibo.token_owner(token).await.map_err(told)?;
    let user = weibo.show_user(token, owner.uid).await.map_err(told)?;
    let entered = sign_in(shop, (token, owner.lives(expires_in)), &user, Way::Press).await?;
    begin(shop, session, entered).await?;
    Ok(entered.customer)
}

/// Finds or makes the customer that `user` is. That the token is hers, of our application, and how long it lives, Weibo
/// has just said.
pub async fn sign_in(
    shop: &Shop,
    (token, expires_in): (&SecretString, Duration),
    user: &User,
    by: Way,
) -> Result<Entered, Error> {
    let now = shop.clock.now();
    let who = SignIn {
        weibo_uid: user.uid,
        screen_name: &user.screen_name.replace('\0', ""),
        access_token: token,
        expires_at: now + expires_in,
        by,
    };
    let mut tx = shop.db.begin().await?;
    let entered = customers::sign_in(&mut tx, &who, &shop.keys, now).await?;
    fans::recall(&mut tx, user.uid, now).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Begins a session of hers under a new key. What she ordered on this browser as a guest becomes hers, and by which
/// links she came here her account knows; where somebody else was signed in, those are not hers and are forgotten.
pub async fn begin(shop: &Shop, session: &Session, who: Entered) -> Result<(), Error> {
    begin_by(shop.db.begin().await?, session, who, shop.clock.now()).await
}

/// The same by what `tx` has found: both, or neither.
pub async fn begin_by(mut tx: Tx, session: &Session, who: Entered, now: OffsetDateTime) -> Result<(), Error> {
    let before = Visitor::of(session);
    if let Some(visitor) = before.id {
        orders::adopt(&mut tx, visitor, who.customer, now).await?;
    }
    if before.customer.is_some_and(|other| other != who.customer) {
        came::forget(session);
    }
    touches::keep(&mut tx, who.customer, &came::touches(session), now).await?;
    tx.commit().await?;
    session::begin_shopper(session, who)
}

/// What she is told when Weibo would not, or did not, say who she is.
pub fn told(error: CallError) -> Error {
    match error {
        CallError::Refused { code, .. } => {
            let refusal = Refusal::of(&code);
            if matches!(refusal, Refusal::Unaudited | Refusal::Setup) {
                tracing::error!(code, "{}", refusal.why());
            } else {
                tracing::info!(code, "{}", refusal.why());
            }
            refusal.error()
        }
        CallError::Unknown(error) => {
            tracing::warn!(error = format!("{error:#}"), "no answer to a sign-in");
            Refusal::Later.error()
        }
    }
}

/// The same for a code that came in her address: anybody can write one, so nobody is called for it.
pub fn refused(code: &str) -> Error {
    let refusal = Refusal::of(code);
    tracing::info!(code, "{}", refusal.why());
    refusal.error()
}

/// What a code means with which Weibo refuses a sign-in (oauth-and-statuses.md §1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Only the merchant can mend it.
    Unaudited,
    /// The same.
    Setup,
    /// It says nothing of her: a limit is reached, or Weibo has troubles of its own.
    Later,
    Refused,
}

impl Refusal {
    fn of(code: &str) -> Refusal {
        match code {
            "21321" => Refusal::Unaudited,
            "21322" | "21324" | "21326" | "21328" | "21329" | "21337" => Refusal::Setup,
            "21331" | "10001" | "10002" | "10003" => Refusal::Later,
            code if Trouble::of(code) == Trouble::TooOften => Refusal::Later,
            _ => Refusal::Refused,
        }
    }

    fn why(self) -> &'static str {
        match self {
            Refusal::Unaudited => "sign-in: the app is not audited, only its test accounts are let in",
            Refusal::Setup => "sign-in: the app's keys or its registered callback address are wrong",
            Refusal::Later => "sign-in: Weibo cannot say now who she is",
            Refusal::Refused => "Weibo refused a sign-in",
        }
    }

    fn error(self) -> Error {
        match self {
            Refusal::Unaudited => Error::Refused(StatusCode::FORBIDDEN, "error-oauth-unaudited"),
            Refusal::Setup => Error::Refused(StatusCode::CONFLICT, "error-oauth-setup"),
            Refusal::Later => Error::Refused(StatusCode::BAD_GATEWAY, "error-oauth-unknown"),
            Refusal::Refused => Error::Refused(StatusCode::BAD_REQUEST, "error-oauth-refused"),
        }
    }
}
