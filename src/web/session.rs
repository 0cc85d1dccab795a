//! Sessions: a random key in a cookie, everything else in Postgres, so that ending one ends it at once.

use super::Shop;
use super::error::Error;
use crate::clock::Clock;
use crate::customers::{self, Entered};
use crate::db::Db;
use crate::seal::token;
use crate::staff::SeatId;
use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::{
    LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key,
};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Key, SameSite};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// What a session may hold, by name.
pub const VISITOR: &str = "visitor";
pub const CUSTOMER: &str = "customer";
/// In which round of hers the customer's session began: ending all her sessions begins another.
pub const ROUND: &str = "round";
/// What somebody has typed and could not send before signing in again.
pub const DRAFT: &str = "draft";
/// Somebody on this browser does not want to be asked to follow the shop.
pub const DECLINED_FOLLOW: &str = "declined-follow";
/// The mark of a hint that somebody has followed with an account that it was not meant for.
pub const HINT: &str = "hint";
/// By which short links somebody came first and last; see `web::came`.
pub const CAME: &str = "came";
/// The id of a row of `staff_sessions`: who has signed in, and whether that still holds, stands there.
pub const SEAT: &str = "seat";
/// Random, made at sign-in: the forms of the back office carry it.
pub const FORM: &str = "form";
/// The account that somebody of the staff has come back with from Weibo for the shop to post by, until she has confirmed
/// it.
pub const SPEAKER_OFFERED: &str = "speaker-offered";
/// The key of what the next page of the back office says first, such as `saved`.
pub const FLASH: &str = "flash";

/// A browser is known again for so long after it was last written to.
const KEPT: Duration = Duration::days(30);

/// Begins and finds sessions for the routes it is wrapped around.
pub fn sessions(shop: &Shop) -> SessionMiddleware<Store> {
    let https = shop.settings.is_https();
    // The cookie is 384 random bits that only the database knows: a signature adds nothing, so its key is
    // no secret, and replacing the shop's key signs nobody out.
    let key = Key::from(&[b'w'; 64]);
    SessionMiddleware::builder(Store { db: shop.db.clone(), clock: shop.clock.clone() }, key)
        .cookie_content_security(CookieContentSecurity::Signed)
        .cookie_name(if https { "__Host-weipu" } else { "weipu" }.to_owned())
        .cookie_secure(https)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(PersistentSession::default().session_ttl(KEPT))
        .build()
}

/// What the session holds under this name; nothing when it is not there or of another type.
pub fn get<T: DeserializeOwned>(session: &Session, name: &str) -> Option<T> {
    session.get(name).ok().flatten()
}

pub fn put(session: &Session, name: &'static str, value: impl Serialize) -> Result<(), Error> {
    session.insert(name, value).map_err(|error| Error::from(anyhow::anyhow!("session: {error}")))
}

#[derive(Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
}

type State = HashMap<String, String>;

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let found = customers::load_session(&self.db, key.as_ref(), self.clock.now()).await;
        let state = found.map_err(|error| LoadError::Other(error.into()))?;
        state
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = generate_session_key();
        let state = serde_json::to_value(state).map_err(|error| SaveError::Serialization(error.into()))?;
        let begun = customers::begin_session(&self.db, key.as_ref(), &state, self.clock.now() + *ttl).await;
        begun.map_err(|error| SaveError::Other(error.into()))?;
        Ok(key)
    }

    async fn update(&self, key: SessionKey, state: State, ttl: &Duration) -> Result<SessionKey, UpdateError> {
        let state = serde_json::to_value(state).map_err(|error| UpdateError::Serialization(error.into()))?;
        // Signed out while this request was on its way: what it wanted to keep is dropped.
        let kept = customers::keep_session(&self.db, key.as_ref(), &state, self.clock.now() + *ttl).await;
        kept.map_err(|error| UpdateError::Other(error.into()))?;
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        let state = self.load(key).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let Some(state) = state else { return Ok(()) };
        let state = serde_json::to_value(state)?;
        Ok(customers::keep_session(&self.db, key.as_ref(), &state, self.clock.now() + *ttl).await?)
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        Ok(customers::end_session(&self.db, key.as_ref()).await?)
    }
}

/// Begins a session of the staff's: under a new key, with a form token of its own.
pub fn begin_staff(session: &Session, seat: SeatId) -> Result<(), Error> {
    session.renew();
    put(session, FORM, token())?;
    put(session, SEAT, seat)
}

/// Begins a shopper's session: under a new key, so that the old one is worth nothing.
pub fn begin_shopper(session: &Session, who: Entered) -> Result<(), Error> {
    session.renew();
    put(session, ROUND, who.round)?;
    put(session, CUSTOMER, who.customer)
}
