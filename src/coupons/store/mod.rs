//! How coupons are kept. The only SQL about them is in this folder.

pub mod given;
pub mod using;

use super::code::Slug;
use super::coupon::{Coupon, CouponId, Lasts, Standing, Wanted};
use super::terms::{Off, Percent, Terms};
use crate::catalog::ProductId;
use crate::db::{Tx, violates};
use crate::money::Money;
use crate::text::Text;
use anyhow::Context;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;

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

struct Row {
    id: CouponId,
    slug: Slug,
    name_zh: String,
    name_en: String,
    amount: Option<Money>,
    percent: Option<i16>,
    cap: Option<Money>,
    threshold: Money,
    products: Vec<i64>,
    total: i32,
    each: i32,
    given: i32,
    given_from: OffsetDateTime,
    given_until: OffsetDateTime,
    usable_until: Option<OffsetDateTime>,
    usable_days: Option<i32>,
    listed: bool,
    paused_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    version: i32,
}

impl TryFrom<Row> for Coupon {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Coupon> {
        let off = OffColumns { amount: row.amount, percent: row.percent, cap: row.cap }.read()?;
        let lasts = match (row.usable_until, row.usable_days) {
            (Some(until), None) => Lasts::Until(until),
            (None, Some(days)) => Lasts::Days(days.unsigned_abs()),
            _ => anyhow::bail!("coupon {} lasts for nobody knows how long", row.id.0),
        };
        let standing = match (row.ended_at, row.paused_at) {
            (Some(at), _) => Standing::Ended { at },
            (None, Some(at)) => Standing::Paused { at },
            (None, None) => Standing::On,
        };
        let products = row.products.into_iter().map(ProductId).collect();
        let wanted = Wanted {
            name: Text { zh: row.name_zh, en: row.name_en },
            terms: Terms { off, threshold: row.threshold, products },
            total: row.total.unsigned_abs(),
            each: row.each.unsigned_abs(),
            given_from: row.given_from,
            given_until: row.given_until,
            lasts,
            listed: row.listed,
        };
        let (given, version) = (row.given.unsigned_abs(), row.version);
        Ok(Coupon { id: row.id, slug: row.slug, wanted, standing, given, version })
    }
}

macro_rules! coupons {
    ($which:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: CouponId", slug AS "slug: Slug", name_zh, name_en, amount_fen AS "amount: Money",
                 percent, cap_fen AS "cap: Money", threshold_fen AS "threshold: Money",
                 ARRAY(SELECT product_id FROM coupon_products p WHERE p.coupon_id = c.id ORDER BY 1) AS "products!",
                 total, each, given,
                 given_from, given_until, usable_until, usable_days, listed, paused_at, ended_at, version
             FROM coupons c "# + $which
            $(, $arg)*
        )
    };
}

/// All of them, the latest first.
pub async fn all(conn: &mut PgConnection) -> anyhow::Result<Vec<Coupon>> {
    let rows = coupons!("ORDER BY id DESC LIMIT 500").fetch_all(conn).await?;
    rows.into_iter().map(Coupon::try_from).collect()
}

pub async fn find(conn: &mut PgConnection, id: CouponId) -> anyhow::Result<Option<Coupon>> {
    let row = coupons!("WHERE id = $1", id.0).fetch_optional(conn).await?;
    row.map(Coupon::try_from).transpose()
}

pub async fn find_by_slug(conn: &mut PgConnection, slug: &Slug) -> anyhow::Result<Option<Coupon>> {
    let row = coupons!("WHERE slug = $1", slug.as_str()).fetch_optional(conn).await?;
    row.map(Coupon::try_from).transpose()
}

/// How many of each of these are used by an order that is not closed; those of which none is are left out.
pub async fn used(conn: &mut PgConnection, ids: &[CouponId]) -> sqlx::Result<BTreeMap<CouponId, i64>> {
    let rows = sqlx::query!(
        r#"SELECT coupon_id AS "id: CouponId", count(*) AS "used!" FROM coupons_given
         WHERE coupon_id = ANY($1) AND state = 'used' GROUP BY coupon_id"#,
        ids as &[CouponId]
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.used)).collect())
}

/// Those that can be had now, the latest first.
pub async fn open_now(conn: &mut PgConnection, now: OffsetDateTime) -> anyhow::Result<Vec<Coupon>> {
    let rows = coupons!(
        "WHERE ended_at IS NULL AND paused_at IS NULL AND given_from <= $1 AND given_until > $1 AND given < total
         ORDER BY id DESC LIMIT 100",
        now
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Coupon::try_from).collect()
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

/// A new coupon, which is given as soon as its time comes.
pub async fn create(tx: &mut Tx, wanted: &Wanted, now: OffsetDateTime) -> anyhow::Result<CouponId> {
    let off = OffColumns::of(wanted.terms.off);
    let (usable_until, usable_days) = lasts(wanted);
    let slug = Slug::mint();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO coupons (slug, name_zh, name_en, kind, amount_fen, percent, cap_fen, threshold_fen, total,
             each, given_from, given_until, usable_until, usable_days, listed, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
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
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    scope(tx, id, &wanted.terms.products).await?;
    Ok(id)
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
    if before.given > 0 && promised(&before.wanted) != promised(wanted) {
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
