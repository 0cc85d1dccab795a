//! Sessions: a random key in a cookie, everything else in Postgres, so that ending one ends it at once.

use super::Shop;
use super::error::Error;
use crate::clock::Clock;
use crate::customers;
use crate::db::Db;
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
pub const OAUTH: &str = "oauth";
pub const STAFF: &str = "staff";

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

impl Store {
    async fn write(&self, key: &SessionKey, state: &State, ttl: &Duration) -> anyhow::Result<()> {
        let state = serde_json::to_value(state)?;
        Ok(customers::save_session(&self.db, key.as_ref(), &state, self.clock.now() + *ttl).await?)
    }
}

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
        self.write(&key, &state, ttl).await.map_err(SaveError::Other)?;
        Ok(key)
    }

    async fn update(&self, key: SessionKey, state: State, ttl: &Duration) -> Result<SessionKey, UpdateError> {
        self.write(&key, &state, ttl).await.map_err(UpdateError::Other)?;
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        let state = self.load(key).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        match state {
            Some(state) => self.write(key, &state, ttl).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        Ok(customers::end_session(&self.db, key.as_ref()).await?)
    }
}
