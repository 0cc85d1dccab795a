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
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};

/// So long she can sign in again, or the shop be let look; then it counts as not seen.
pub const WAITED_FOR: Duration = Duration::days(7);
/// What Weibo has given an id is shown by then, and what it says is gone is still gone by then.
const SETTLES: Duration = Duration::hours(1);
/// What an app, and not this person, may not do: nobody's repost can be seen.
const OF_THE_APP: [&str; 3] = ["10005", "10014", "21337"];
/// When it is looked at for the last time. The id of what Weibo had accepted is looked for until shortly before.
const LAST: Duration = Duration::hours(7 * 24 + 1);
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
        ClaimState::Unseen | ClaimState::Missed | ClaimState::Had | ClaimState::TakenBack => {
            Ok(Outcome::Done)
        }
    }
}

/// Her coupon comes when her repost was seen, by the end of the time at the latest.
async fn wait(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    claim: &Claim,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let age = now - claim.claimed_at;
    let why = match look(db, weibo, keys, claim, now).await? {
        Seen::Stands => return issue(db, claim, now).await,
        Seen::Gone if age >= SETTLES => {
            return come_to_nothing(db, claim, ClaimState::Unseen, true, now).await;
        }
        Seen::Gone => "it is not there yet".to_owned(),
        Seen::Unknown { why } => why,
        Seen::Forbidden { code } => {
            store::troubled(db, claim.gift, &code, now).await?;
            format!("Weibo refuses with {code}")
        }
    };
    match again(claim, now) {
        Some(at) => Ok(Outcome::Retry { at, why }),
        None => come_to_nothing(db, claim, ClaimState::Unseen, false, now).await,
    }
}

/// When to try again for who waits; nothing once the last time is over.
fn again(claim: &Claim, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let last = claim.claimed_at + LAST;
    (now < last).then(|| last.min(now + later(now - claim.claimed_at)))
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
    let said = weibo.status(&held.secret, status).await;
    if said.is_ok() {
        store::untroubled(db, claim.gift).await?;
    }
    Ok(match said {
        Ok(Some(seen)) if seen.uid.is_none_or(|uid| uid == her.weibo_uid) => Seen::Stands,
        Ok(Some(_)) => Seen::Unknown { why: "it is somebody else's".to_owned() },
        Ok(None) => Seen::Gone,
        Err(CallError::Refused { code, .. }) if is_not_ours(&code) => {
            customers::forget_token(db, claim.customer, &held).await?;
            Seen::Unknown { why: format!("her leave is over: {code}") }
        }
        Err(CallError::Refused { code, .. }) if OF_THE_APP.contains(&code.as_str()) => {
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
        Err(GiveError::Unexpected(error)) => Err(error),
        Err(why) => {
            drop(tx);
            match (why, again(claim, now)) {
                // The merchant may let it go on.
                (GiveError::Not(why @ (Open::Paused | Open::NotYet)), Some(at)) => {
                    Ok(Outcome::Retry { at, why: format!("none is given: {}", why.name()) })
                }
                (GiveError::HasAll, _) => come_to_nothing(db, claim, ClaimState::Had, false, now).await,
                _ => come_to_nothing(db, claim, ClaimState::Missed, false, now).await,
            }
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
        Seen::Gone if claim.missing_at.is_some_and(|since| now - since >= SETTLES) => {
            let taken = take_back(db, claim, given, now).await?;
            Ok(if taken { Outcome::Done } else { then("it was used meanwhile") })
        }
        Seen::Gone => {
            store::missing(db, claim.id, now).await?;
            let at = claim.missing_at.unwrap_or(now) + SETTLES;
            Ok(Outcome::Retry { at, why: "it seems to be gone".to_owned() })
        }
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
