//! Whether a repost stands for which there is a coupon: before it is given, and some days after. What Weibo does not
//! tell changes nothing.

use super::gift::{Claim, ClaimId, ClaimState};
use super::store;
use crate::clock::Clock;
use crate::coupons::{self, GiveError, GivenId, Open, Source, To};
use crate::customers::{self, Held};
use crate::db::Db;
use crate::jobs::{self, Job, Outcome};
use crate::seal::Keyring;
use crate::sharing::finding::later;
use crate::weibo::oauth::is_not_ours;
use crate::weibo::statuses::Trouble;
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};

/// So long she can sign in again, or the shop be let look; then it counts as not seen.
pub const WAITED_FOR: Duration = Duration::days(7);
/// What Weibo has given an id is shown by then.
const SETTLES: Duration = Duration::hours(1);
/// When it is looked at again, counted from when the coupon was given.
const AGAIN: [Duration; 7] = [
    Duration::hours(1),
    Duration::days(1),
    Duration::days(3),
    Duration::days(4),
    Duration::days(5),
    Duration::days(6),
    Duration::days(7),
];

/// What Weibo says of a repost.
enum Seen {
    Stands,
    Gone,
    /// Nothing is known, and why.
    Unknown {
        why: String,
    },
    /// The shop may not look.
    Forbidden {
        code: String,
    },
}

/// Looks at the repost of this claim, and does what follows from it.
pub async fn check(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    id: ClaimId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let now = clock.now();
    let Some(claim) = store::find(&mut *db.reader().await?, id).await? else { return Ok(Outcome::Done) };
    match claim.state {
        ClaimState::Waiting => wait(db, weibo, keys, &claim, now).await,
        ClaimState::Issued { given, at } => see_again(db, weibo, keys, (&claim, given, at), now).await,
        ClaimState::Unseen | ClaimState::Missed | ClaimState::TakenBack => Ok(Outcome::Done),
    }
}

/// Her coupon comes when her repost was seen.
async fn wait(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    claim: &Claim,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let age = now - claim.claimed_at;
    if age > WAITED_FOR {
        return come_to_nothing(db, claim, ClaimState::Unseen, false, now).await;
    }
    let again = |why: String| Ok(Outcome::Retry { at: now + later(age), why });
    match look(db, weibo, keys, claim, now).await? {
        Seen::Stands => issue(db, claim, now).await,
        Seen::Gone if age >= SETTLES => come_to_nothing(db, claim, ClaimState::Unseen, true, now).await,
        Seen::Gone => again("it is not there yet".to_owned()),
        Seen::Unknown { why } => again(why),
        Seen::Forbidden { code } => {
            store::troubled(db, claim.gift, &code, now).await?;
            again(format!("Weibo refuses with {code}"))
        }
    }
}

/// What Weibo says of it now, asked with her own token.
async fn look(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    claim: &Claim,
    now: OffsetDateTime,
) -> anyhow::Result<Seen> {
    let unknown = |why: &str| Ok(Seen::Unknown { why: why.to_owned() });
    let Some(status) = claim.status_id else { return unknown("its status is not known yet") };
    let mut conn = db.reader().await?;
    let held: Option<Held> = customers::token(&mut conn, claim.customer, keys, now).await?;
    let her = customers::find(&mut conn, claim.customer).await?;
    drop(conn);
    let (Some(held), Some(her)) = (held, her) else { return unknown("the shop has no leave to look") };
    Ok(match weibo.status(&held.secret, status).await {
        Ok(Some(seen)) if seen.uid.is_none_or(|uid| uid == her.weibo_uid) => Seen::Stands,
        Ok(Some(_)) => Seen::Unknown { why: "it is somebody else's".to_owned() },
        Ok(None) => Seen::Gone,
        Err(CallError::Refused { code, .. }) if is_not_ours(&code) => {
            customers::forget_token(db, claim.customer, &held).await?;
            Seen::Unknown { why: format!("her leave is over: {code}") }
        }
        Err(CallError::Refused { code, .. }) if Trouble::of(&code) == Trouble::NotAllowed => {
            Seen::Forbidden { code }
        }
        Err(error) => Seen::Unknown { why: format!("{error:#}") },
    })
}

/// Seen: she gets her coupon, once, in the same transaction as it is written down.
async fn issue(db: &Db, claim: &Claim, now: OffsetDateTime) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    if !store::hold_waiting(&mut tx, claim.id).await? {
        return Ok(Outcome::Done);
    }
    let to = To { customer: claim.customer, source: Source::Repost, had: None };
    match coupons::give(&mut tx, claim.coupon, to, now).await {
        Ok(given) => {
            store::issued(&mut tx, claim, given.id, now).await?;
            jobs::enqueue(&mut tx, &Job::CheckGift { claim: claim.id.0 }, now + AGAIN[0]).await?;
            tx.commit().await?;
            Ok(Outcome::Done)
        }
        // The merchant may let it go on.
        Err(GiveError::Not(why @ (Open::Paused | Open::NotYet))) => {
            let why = format!("none is given: {}", why.name());
            Ok(Outcome::Retry { at: now + later(now - claim.claimed_at), why })
        }
        Err(GiveError::Unexpected(error)) => Err(error),
        Err(_) => {
            drop(tx);
            come_to_nothing(db, claim, ClaimState::Missed, false, now).await
        }
    }
}

async fn come_to_nothing(
    db: &Db,
    claim: &Claim,
    state: ClaimState,
    gone: bool,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    if gone {
        crate::sharing::store::gone(&mut tx, claim.order, now).await?;
    }
    store::end(&mut tx, claim, state, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// She has her coupon: while it is unused, her repost has to stand.
async fn see_again(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    (claim, given, issued_at): (&Claim, GivenId, OffsetDateTime),
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let coupon = coupons::find_given(&mut *db.reader().await?, given).await?;
    let Some(coupon) = coupon else { return Ok(Outcome::Done) };
    let next = AGAIN.into_iter().map(|after| issued_at + after).find(|at| *at > now);
    let then = |why: &str| match next {
        Some(at) => Outcome::Retry { at, why: why.to_owned() },
        None => Outcome::Done,
    };
    match coupon.state {
        coupons::State::TakenBack => return Ok(Outcome::Done),
        // Its order may be closed unpaid: then it is hers again.
        coupons::State::Used { .. } => return Ok(then("it is used")),
        coupons::State::Open if !coupon.is_usable(now) => return Ok(Outcome::Done),
        coupons::State::Open => {}
    }
    match look(db, weibo, keys, claim, now).await? {
        Seen::Gone => take_back(db, claim, given, now)
            .await
            .map(|taken| if taken { Outcome::Done } else { then("it was used meanwhile") }),
        Seen::Stands => {
            store::seen(db, claim.id, now).await?;
            Ok(then("it stands"))
        }
        Seen::Unknown { why } => Ok(then(&why)),
        Seen::Forbidden { code } => {
            store::troubled(db, claim.gift, &code, now).await?;
            Ok(then(&format!("Weibo refuses with {code}")))
        }
    }
}

/// False where she has used it meanwhile: it stays hers.
async fn take_back(db: &Db, claim: &Claim, given: GivenId, now: OffsetDateTime) -> anyhow::Result<bool> {
    let mut tx = db.begin().await?;
    crate::sharing::store::gone(&mut tx, claim.order, now).await?;
    let taken = coupons::take_back_unused(&mut tx, given, now).await?;
    if taken {
        store::end(&mut tx, claim, ClaimState::TakenBack, now).await?;
        tracing::info!(claim = claim.id.0, "a repost is gone: its coupon is taken back");
    }
    tx.commit().await?;
    Ok(taken)
}
