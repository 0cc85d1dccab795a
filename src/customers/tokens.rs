//! Leave to act for a customer: used while it holds, doubted when somebody says it does not, let go of when she wants.

use super::store::tokens as store;
use super::{CustomerId, TOKEN};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::seal::Keyring;
use crate::weibo::oauth::is_not_ours;
use crate::weibo::{self, CallError};
use secrecy::SecretString;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// Whoever says that she has withdrawn makes us ask about one customer no more often than this.
const BETWEEN_QUESTIONS: Duration = Duration::hours(1);
/// Weibo is told by the page itself; the job comes after that.
const PAGE_FIRST: Duration = Duration::seconds(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct RevocationId(pub i64);

/// A token that may be used now, and what is kept of it.
pub struct Held {
    pub secret: SecretString,
    sealed: Vec<u8>,
}

/// Her access token while it is good; nothing when there is none, it has expired, or the key is gone.
pub async fn token(
    conn: &mut PgConnection,
    id: CustomerId,
    keys: &Keyring,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Held>> {
    let sealed = store::sealed(conn, id, now).await?;
    Ok(sealed.and_then(|sealed| Some(Held { secret: unseal(keys, &sealed)?, sealed })))
}

fn unseal(keys: &Keyring, sealed: &[u8]) -> Option<SecretString> {
    let plain = keys.open(TOKEN, sealed)?;
    String::from_utf8(plain).ok().map(SecretString::from)
}

/// The shop may not act for her with this token any more: Weibo does not know it. One that she has given meanwhile
/// stays.
pub async fn forget_token(db: &Db, id: CustomerId, held: &Held) -> sqlx::Result<()> {
    store::forget(&mut *db.reader().await?, id, &held.sealed).await
}

/// She takes back her leave: the shop forgets her token at once, and Weibo is told of it by [`revoke`], now or later.
/// Nothing when the shop had none.
pub async fn withdraw(
    tx: &mut Tx,
    id: CustomerId,
    now: OffsetDateTime,
) -> anyhow::Result<Option<RevocationId>> {
    let revocation = store::withdraw(tx, id, now).await?;
    if let Some(RevocationId(revocation)) = revocation {
        jobs::enqueue(tx, &Job::RevokeToken { revocation }, now + PAGE_FIRST).await?;
    }
    Ok(revocation)
}

/// Tells Weibo that the token is over. Done when Weibo has taken it, does not know the token any more, or she has
/// signed in anew before. Who signs in anew while Weibo is told may lose that token as well: Weibo is asked about it.
pub async fn revoke(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    id: RevocationId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let due = store::to_revoke(&mut *db.reader().await?, id, clock.now()).await?;
    let (customer, token) = due.map_or((None, None), |(whose, sealed)| (Some(whose), unseal(keys, &sealed)));
    let told = match &token {
        Some(token) => weibo.revoke(token).await,
        None => Ok(()),
    };
    let failed =
        told.err().filter(|error| !matches!(error, CallError::Refused { code, .. } if is_not_ours(code)));
    let mut tx = db.begin().await?;
    let pending = match failed {
        Some(_) => store::is_pending(&mut tx, id).await?,
        None => store::revoked(&mut tx, id).await?,
    };
    if let Some(CustomerId(customer)) = customer.filter(|_| token.is_some() && !pending) {
        jobs::enqueue(&mut tx, &Job::CheckToken { customer }, clock.now()).await?;
    }
    tx.commit().await?;
    failed.map_or(Ok(Outcome::Done), |error| Err(error.into()))
}

/// Somebody says that these Weibo accounts have withdrawn: nothing of it is believed, but Weibo is asked about those
/// that have left a token with us, each seldom enough.
pub async fn doubt(tx: &mut Tx, uids: &[i64], now: OffsetDateTime) -> anyhow::Result<()> {
    for (CustomerId(customer), asked_at) in store::with_token(tx, uids).await? {
        let due = asked_at.map_or(now, |at| now.max(at + BETWEEN_QUESTIONS));
        jobs::enqueue(tx, &Job::CheckToken { customer }, due).await?;
    }
    Ok(())
}

/// Asks Weibo whether her token still holds, and forgets it when Weibo says no.
pub async fn check_token(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    id: CustomerId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let now = clock.now();
    let Some(held) = token(&mut *db.reader().await?, id, keys, now).await? else { return Ok(Outcome::Done) };
    let Some(uid) = store::asking(db, id, now).await? else { return Ok(Outcome::Done) };
    let holds = match weibo.token_owner(&held.secret).await {
        Ok(owner) => owner.uid == uid,
        Err(CallError::Refused { code, .. }) if is_not_ours(&code) => false,
        Err(error) => return Err(error.into()),
    };
    if !holds {
        forget_token(db, id, &held).await?;
        tracing::info!(customer = id.0, "Weibo knows her token no more: it is forgotten");
    }
    Ok(Outcome::Done)
}
