//! Who buys: the Weibo account that signed in, the browser that is known again, where a parcel goes, and what we
//! know of her relation to the shop.

mod address;
mod away;
pub mod hints;
mod path;
mod places;
pub mod relations;
pub mod scans;
mod store;
mod tokens;
pub mod touches;

pub use address::{Address, AddressForm, Field, Wrong, line, paragraph};
pub use away::{Away, Purpose, come_back, leave};
pub use path::{is_own_path, without_query};
pub use places::{Place, Position};
pub use store::once::take_once;
pub use store::sessions::{
    begin_session, end_session, end_sessions_of, keep_session, load_session, open_sessions, sweep_sessions,
};
pub use store::{find, find_by_weibo, find_entered, sweep_sign_ins, weibo_uids};
pub use tokens::{Held, RevocationId, check_token, doubt, forget_token, revoke, token, withdraw};

use crate::db::Tx;
use crate::seal::Keyring;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct CustomerId(pub i64);

/// Somebody who has signed in with Weibo.
#[derive(Debug, Clone)]
pub struct Customer {
    pub id: CustomerId,
    pub weibo_uid: i64,
    pub screen_name: String,
    /// Until when the shop may act for her; nothing when it may not.
    pub token_expires_at: Option<OffsetDateTime>,
}

/// What Weibo said of somebody who has just signed in.
pub struct SignIn<'a> {
    pub weibo_uid: i64,
    pub screen_name: &'a str,
    pub access_token: &'a SecretString,
    pub expires_at: OffsetDateTime,
    pub by: Way,
}

/// How somebody came to be signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// She pressed for it: whatever she took back before, she lets the shop act for her anew.
    Press,
    /// Weibo's frame brought her without a question: what she is taking back stays taken back.
    Frame,
}

/// Somebody whose session may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    pub customer: CustomerId,
    /// Sessions of earlier rounds are over.
    pub round: i32,
}

const TOKEN: &str = "weibo access token";

/// Finds or makes the customer of this Weibo account; the token is kept sealed, unless the one she has left holds longer.
pub async fn sign_in(
    tx: &mut Tx,
    who: &SignIn<'_>,
    keys: &Keyring,
    now: OffsetDateTime,
) -> anyhow::Result<Entered> {
    let sealed = keys.seal(TOKEN, who.access_token.expose_secret().as_bytes())?;
    // What no key opens any more holds nothing, however long.
    if let Some((id, left)) = store::tokens::left_by(tx, who.weibo_uid).await?
        && keys.open(TOKEN, &left).is_none()
    {
        store::tokens::forget(tx, id, &left).await?;
    }
    store::upsert(tx, who, &sealed, now).await
}
