//! How campaigns for reposts and what they promised are kept.

pub mod making;
pub mod reading;

pub use reading::find_claim as find;

use super::gift::{Claim, ClaimId, ClaimState, GiftId, Yes};
use crate::coupons::GivenId;
use crate::customers::CustomerId;
use crate::db::{Db, Tx};
use crate::orders::OrderId;
use time::{Duration, OffsetDateTime};

/// So many one buyer is promised within a day, by all campaigns together.
const MOST_A_DAY: i64 = 2;
const DAY: Duration = Duration::DAY;

/// Holds the coupon and then the campaign, in the order in which a coupon is given.
pub async fn hold(tx: &mut Tx, yes: Yes) -> sqlx::Result<()> {
    sqlx::query!("SELECT id FROM coupons WHERE id = $1 FOR SHARE", yes.coupon.0)
        .fetch_optional(&mut **tx)
        .await?;
    sqlx::query!("SELECT id FROM repost_gifts WHERE id = $1 FOR SHARE", yes.gift.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(())
}

/// The claim of who is to wait for her coupon; nothing when she was promised one before, has had enough for today, or
/// is too late. Her reposts are held by whoever calls.
pub async fn claim(
    tx: &mut Tx,
    yes: Yes,
    (customer, order): (CustomerId, OrderId),
    now: OffsetDateTime,
) -> anyhow::Result<Option<ClaimId>> {
    let had = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM repost_gift_claims WHERE gift_id = $1 AND customer_id = $2)
             OR (SELECT count(*) FROM repost_gift_claims WHERE customer_id = $2 AND claimed_at > $3) >= $4 AS "had!""#,
        yes.gift.0,
        customer.0,
        now - DAY,
        MOST_A_DAY
    )
    .fetch_one(&mut **tx)
    .await?;
    if had {
        return Ok(None);
    }
    // She said yes while it was open: only that there are none left stands against it.
    let promised = sqlx::query!(
        "UPDATE repost_gifts SET promised = promised + 1 WHERE id = $1 AND promised < total",
        yes.gift.0
    )
    .execute(&mut **tx)
    .await?;
    let state = if promised.rows_affected() == 1 { ClaimState::Waiting } else { ClaimState::Missed };
    let id = sqlx::query_scalar!(
        r#"INSERT INTO repost_gift_claims (gift_id, coupon_id, customer_id, order_id, state, claimed_at, ended_at)
           VALUES ($1, $6, $2, $3, $4, $5, CASE WHEN $4 = 'missed' THEN $5::timestamptz END)
           RETURNING id AS "id: ClaimId""#,
        yes.gift.0,
        customer.0,
        order.0,
        column(state),
        now,
        yes.coupon.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Some(id).filter(|_| state == ClaimState::Waiting))
}

/// Whether it still waits; nobody else decides about it until the transaction ends.
pub async fn hold_waiting(tx: &mut Tx, id: ClaimId) -> anyhow::Result<bool> {
    let state = sqlx::query_scalar!("SELECT state FROM repost_gift_claims WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(state.as_deref() == Some("waiting"))
}

/// She has it.
pub async fn issued(tx: &mut Tx, claim: &Claim, given: GivenId, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE repost_gift_claims SET state = 'issued', given_id = $2, issued_at = $3, seen_at = $3
         WHERE id = $1 AND state = 'waiting'",
        claim.id.0,
        given.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// It comes to an end. What was promised and came to nothing is there for somebody else.
pub async fn end(tx: &mut Tx, claim: &Claim, state: ClaimState, now: OffsetDateTime) -> anyhow::Result<()> {
    let from = if state == ClaimState::TakenBack { "issued" } else { "waiting" };
    let ended = sqlx::query!(
        "UPDATE repost_gift_claims SET state = $2, ended_at = $3 WHERE id = $1 AND state = $4",
        claim.id.0,
        column(state),
        now,
        from
    )
    .execute(&mut **tx)
    .await?;
    if ended.rows_affected() == 1 && from == "waiting" {
        sqlx::query!("UPDATE repost_gifts SET promised = promised - 1 WHERE id = $1", claim.gift.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

pub async fn seen(db: &Db, id: ClaimId, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!("UPDATE repost_gift_claims SET seen_at = $2, missing_at = NULL WHERE id = $1", id.0, now)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}

/// Weibo says that it is gone: since when is what it was first.
pub async fn missing(db: &Db, id: ClaimId, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE repost_gift_claims SET missing_at = coalesce(missing_at, $2) WHERE id = $1",
        id.0,
        now
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// Weibo lets the shop look.
pub async fn untroubled(db: &Db, gift: GiftId) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE repost_gifts SET trouble = NULL, troubled_at = NULL WHERE id = $1 AND trouble IS NOT NULL",
        gift.0
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// Weibo does not let the shop look: since when is what it was first.
pub async fn troubled(db: &Db, gift: GiftId, code: &str, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE repost_gifts SET trouble = $2, troubled_at = coalesce(troubled_at, $3) WHERE id = $1",
        gift.0,
        code,
        now
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

fn column(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Waiting => "waiting",
        ClaimState::Issued { .. } => "issued",
        ClaimState::Unseen => "unseen",
        ClaimState::Missed => "missed",
        ClaimState::Had => "had",
        ClaimState::TakenBack => "taken_back",
    }
}
