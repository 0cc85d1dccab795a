//! Campaigns for reposts as the merchant makes and changes them.

use super::reading::find;
use crate::coupons::Standing;
use crate::db::{Tx, violates};
use crate::sharing::gifts::gift::{GiftId, Wanted};
use time::OffsetDateTime;
use uuid::Uuid;

/// Why a campaign was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("no such campaign")]
    NoSuchGift,
    #[error("somebody else has saved it meanwhile")]
    Outdated,
    #[error("{promised} were promised already")]
    MorePromised { promised: u32 },
    #[error("somebody was promised another coupon")]
    CouponFixed,
    #[error("it was ended")]
    Ended,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> ChangeError {
        ChangeError::Unexpected(error.into())
    }
}

fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A new campaign, and whether this made it: the same form sent again finds what it made.
pub async fn create(
    tx: &mut Tx,
    form: Uuid,
    wanted: &Wanted,
    now: OffsetDateTime,
) -> anyhow::Result<(GiftId, bool)> {
    let made = sqlx::query_scalar!(
        r#"INSERT INTO repost_gifts (name, coupon_id, starts_at, ends_at, total, made_at, form_key)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT ON CONSTRAINT repost_gifts_form_once DO NOTHING RETURNING id AS "id: GiftId""#,
        wanted.name,
        wanted.coupon.0,
        wanted.starts_at,
        wanted.ends_at,
        column(wanted.total),
        now,
        form
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = made {
        return Ok((id, true));
    }
    let made =
        sqlx::query_scalar!(r#"SELECT id AS "id: GiftId" FROM repost_gifts WHERE form_key = $1"#, form);
    Ok((made.fetch_one(&mut **tx).await?, false))
}

/// Saves it over `version`. Once somebody was promised its coupon, that one stays. The shop tries anew to see reposts.
pub async fn change(tx: &mut Tx, (id, version): (GiftId, i32), wanted: &Wanted) -> Result<(), ChangeError> {
    // First the row: who says yes at the same time is seen.
    sqlx::query!("SELECT id FROM repost_gifts WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    let changed = sqlx::query!(
        "UPDATE repost_gifts g SET name = $3, coupon_id = $4, starts_at = $5, ends_at = $6, total = $7, trouble = NULL,
             troubled_at = NULL, version = version + 1
         WHERE id = $1 AND version = $2 AND ended_at IS NULL AND promised <= $7
             AND (coupon_id = $4 OR (NOT EXISTS (SELECT FROM repost_gift_claims c WHERE c.gift_id = g.id)
                 AND NOT EXISTS (SELECT FROM reposts r WHERE r.gift_id = g.id AND r.gift_coupon_id = g.coupon_id
                     AND r.state IN ('sending', 'absent'))))",
        id.0,
        version,
        wanted.name,
        wanted.coupon.0,
        wanted.starts_at,
        wanted.ends_at,
        column(wanted.total)
    )
    .execute(&mut **tx)
    .await;
    match changed {
        Ok(changed) if changed.rows_affected() == 1 => return Ok(()),
        Ok(_) => {}
        // Somebody was promised one between the question and the change.
        Err(error) if violates(&error, "repost_gifts_never_more_than_total") => {
            return Err(ChangeError::Outdated);
        }
        Err(error) => return Err(error.into()),
    }
    let kept = find(tx, id).await?.ok_or(ChangeError::NoSuchGift)?;
    Err(match kept.standing {
        Standing::Ended { .. } => ChangeError::Ended,
        _ if kept.version != version => ChangeError::Outdated,
        _ if kept.promised > wanted.total => ChangeError::MorePromised { promised: kept.promised },
        _ => ChangeError::CouponFixed,
    })
}

/// Nobody is promised anything for the time being. False where that was so before.
pub async fn pause(tx: &mut Tx, id: GiftId, now: OffsetDateTime) -> Result<bool, ChangeError> {
    let done = sqlx::query!(
        "UPDATE repost_gifts SET paused_at = $2 WHERE id = $1 AND paused_at IS NULL AND ended_at IS NULL",
        id.0,
        now
    );
    let done = done.execute(&mut **tx).await?.rows_affected() == 1;
    if done { Ok(true) } else { unended(tx, id).await }
}

/// It goes on, and the shop tries anew to see reposts. False where neither was needed.
pub async fn resume(tx: &mut Tx, id: GiftId) -> Result<bool, ChangeError> {
    let done = sqlx::query!(
        "UPDATE repost_gifts SET paused_at = NULL, trouble = NULL, troubled_at = NULL
         WHERE id = $1 AND (paused_at IS NOT NULL OR trouble IS NOT NULL) AND ended_at IS NULL",
        id.0
    );
    let done = done.execute(&mut **tx).await?.rows_affected() == 1;
    if done { Ok(true) } else { unended(tx, id).await }
}

/// Over for good; whoever was promised one before gets it. False where that was so before.
pub async fn end(tx: &mut Tx, id: GiftId, now: OffsetDateTime) -> Result<bool, ChangeError> {
    let done =
        sqlx::query!("UPDATE repost_gifts SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id.0, now);
    if done.execute(&mut **tx).await?.rows_affected() == 1 {
        return Ok(true);
    }
    find(tx, id).await?.ok_or(ChangeError::NoSuchGift).map(|_| false)
}

async fn unended(tx: &mut Tx, id: GiftId) -> Result<bool, ChangeError> {
    match find(tx, id).await?.ok_or(ChangeError::NoSuchGift)?.standing {
        Standing::Ended { .. } => Err(ChangeError::Ended),
        Standing::On | Standing::Paused { .. } => Ok(false),
    }
}
