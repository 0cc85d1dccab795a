//! How coupons are kept. The only SQL about them is in this folder.

pub mod given;
pub mod reading;
pub mod using;

use super::code::Slug;
use super::coupon::{Coupon, CouponId, Lasts, Standing, Wanted};
use super::terms::{Off, Percent};
use crate::catalog::ProductId;
use crate::db::{Tx, violates};
use crate::money::Money;
use anyhow::Context;
use reading::find;
use time::OffsetDateTime;
use uuid::Uuid;

/// Why a coupon was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("no such coupon")]
    NoSuchCoupon,
    #[error("somebody else has saved it meanwhile")]
    Outdated,
    #[error("some were given on these terms")]
    TermsFixed,
    #[error("{given} were given already")]
    MoreGiven { given: u32 },
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

/// What a coupon takes off, as columns.
pub(super) struct OffColumns {
    pub amount: Option<Money>,
    pub percent: Option<i16>,
    pub cap: Option<Money>,
}

impl OffColumns {
    fn of(off: Off) -> OffColumns {
        match off {
            Off::Fixed(amount) => OffColumns { amount: Some(amount), percent: None, cap: None },
            Off::Percent { percent, cap } => {
                OffColumns { amount: None, percent: Some(i16::from(percent.get())), cap }
            }
        }
    }

    fn kind(&self) -> &'static str {
        if self.amount.is_some() { "fixed" } else { "percent" }
    }

    /// The one place where these columns become a value.
    pub fn read(self) -> anyhow::Result<Off> {
        if let Some(amount) = self.amount {
            return Ok(Off::Fixed(amount));
        }
        let percent = self.percent.and_then(|of| Percent::new(of.try_into().ok()?));
        Ok(Off::Percent { percent: percent.context("a coupon that takes nothing off")?, cap: self.cap })
    }
}

/// What is written of [`Lasts`].
fn lasts(wanted: &Wanted) -> (Option<OffsetDateTime>, Option<i32>) {
    match wanted.lasts {
        Lasts::Until(until) => (Some(until), None),
        Lasts::Days(days) => (None, Some(column(days))),
    }
}

fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A new coupon, which is given as soon as its time comes, and whether this made it: the same form sent again finds what
/// it made.
pub async fn create(
    tx: &mut Tx,
    form: Uuid,
    wanted: &Wanted,
    now: OffsetDateTime,
) -> anyhow::Result<(CouponId, bool)> {
    let off = OffColumns::of(wanted.terms.off);
    let (usable_until, usable_days) = lasts(wanted);
    let slug = Slug::mint();
    let made = sqlx::query_scalar!(
        r#"INSERT INTO coupons (slug, name_zh, name_en, kind, amount_fen, percent, cap_fen, threshold_fen, total,
             each, given_from, given_until, usable_until, usable_days, listed, made_at, form_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT ON CONSTRAINT coupons_form_once DO NOTHING
         RETURNING id AS "id: CouponId""#,
        slug.as_str(),
        wanted.name.zh,
        wanted.name.en,
        off.kind(),
        off.amount.map(Money::fen),
        off.percent,
        off.cap.map(Money::fen),
        wanted.terms.threshold.fen(),
        column(wanted.total),
        column(wanted.each),
        wanted.given_from,
        wanted.given_until,
        usable_until,
        usable_days,
        wanted.listed,
        now,
        form
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = made {
        scope(tx, id, &wanted.terms.products).await?;
        return Ok((id, true));
    }
    let made = sqlx::query_scalar!(r#"SELECT id AS "id: CouponId" FROM coupons WHERE form_key = $1"#, form);
    Ok((made.fetch_one(&mut **tx).await?, false))
}

async fn scope(tx: &mut Tx, id: CouponId, products: &[ProductId]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM coupon_products WHERE coupon_id = $1", id.0).execute(&mut **tx).await?;
    sqlx::query!(
        "INSERT INTO coupon_products SELECT $1, p FROM unnest($2::bigint[]) AS p ON CONFLICT DO NOTHING",
        id.0,
        products as &[ProductId]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The coupon, and nobody else gives or changes it until the transaction ends.
async fn locked(tx: &mut Tx, id: CouponId) -> Result<Coupon, ChangeError> {
    sqlx::query!("SELECT FROM coupons WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(ChangeError::NoSuchCoupon)?;
    find(tx, id).await?.ok_or(ChangeError::NoSuchCoupon)
}

/// Saves it over the one of `version`, and returns what it was. What was promised to those who have one stays.
pub async fn change(
    tx: &mut Tx,
    (id, version): (CouponId, i32),
    wanted: &Wanted,
) -> Result<Coupon, ChangeError> {
    let before = locked(tx, id).await?;
    if before.version != version {
        return Err(ChangeError::Outdated);
    }
    let promised = |wanted: &Wanted| (wanted.terms.clone(), wanted.lasts);
    let others = promised(&before.wanted) != promised(wanted);
    if others && (before.given > 0 || is_awaited(tx, id).await?) {
        return Err(ChangeError::TermsFixed);
    }
    let off = OffColumns::of(wanted.terms.off);
    let (usable_until, usable_days) = lasts(wanted);
    let saved = sqlx::query!(
        "UPDATE coupons SET name_zh = $2, name_en = $3, kind = $4, amount_fen = $5, percent = $6, cap_fen = $7,
             threshold_fen = $8, total = $9, each = $10, given_from = $11, given_until = $12, usable_until = $13,
             usable_days = $14, listed = $15, version = version + 1
         WHERE id = $1",
        id.0,
        wanted.name.zh,
        wanted.name.en,
        off.kind(),
        off.amount.map(Money::fen),
        off.percent,
        off.cap.map(Money::fen),
        wanted.terms.threshold.fen(),
        column(wanted.total),
        column(wanted.each),
        wanted.given_from,
        wanted.given_until,
        usable_until,
        usable_days,
        wanted.listed
    )
    .execute(&mut **tx)
    .await;
    match saved {
        Ok(_) => {}
        Err(error) if violates(&error, "coupons_never_more_than_total") => {
            return Err(ChangeError::MoreGiven { given: before.given });
        }
        Err(error) => return Err(error.into()),
    }
    scope(tx, id, &wanted.terms.products).await?;
    Ok(before)
}

/// Somebody was promised it for a repost, and does not have it yet. The row of the coupon is held.
async fn is_awaited(tx: &mut Tx, id: CouponId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM repost_gift_claims WHERE coupon_id = $1 AND state = 'waiting')
             OR EXISTS (SELECT FROM reposts WHERE gift_coupon_id = $1 AND state IN ('sending', 'absent')) AS "is!""#,
        id.0
    )
    .fetch_one(&mut **tx)
    .await
}

/// None is given until it goes on; false when it was so already.
pub async fn pause(tx: &mut Tx, id: CouponId, now: OffsetDateTime) -> Result<bool, ChangeError> {
    let before = locked(tx, id).await?;
    match before.standing {
        Standing::Ended { .. } => Err(ChangeError::Ended),
        Standing::Paused { .. } => Ok(false),
        Standing::On => set(tx, id, (Some(now), None)).await,
    }
}

/// It goes on being given; false when it was so already.
pub async fn resume(tx: &mut Tx, id: CouponId) -> Result<bool, ChangeError> {
    let before = locked(tx, id).await?;
    match before.standing {
        Standing::Ended { .. } => Err(ChangeError::Ended),
        Standing::On => Ok(false),
        Standing::Paused { .. } => set(tx, id, (None, None)).await,
    }
}

/// None is given any more, for good; false when it was so already.
pub async fn end(tx: &mut Tx, id: CouponId, now: OffsetDateTime) -> Result<bool, ChangeError> {
    let before = locked(tx, id).await?;
    match before.standing {
        Standing::Ended { .. } => Ok(false),
        Standing::Paused { at } => set(tx, id, (Some(at), Some(now))).await,
        Standing::On => set(tx, id, (None, Some(now))).await,
    }
}

async fn set(
    tx: &mut Tx,
    id: CouponId,
    (paused, ended): (Option<OffsetDateTime>, Option<OffsetDateTime>),
) -> Result<bool, ChangeError> {
    sqlx::query!(
        "UPDATE coupons SET paused_at = $2, ended_at = $3, version = version + 1 WHERE id = $1",
        id.0,
        paused,
        ended
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}
