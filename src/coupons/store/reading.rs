//! Coupons as they are kept.

use super::OffColumns;
use crate::catalog::ProductId;
use crate::coupons::code::Slug;
use crate::coupons::coupon::{Coupon, CouponId, Lasts, Standing, Wanted};
use crate::coupons::terms::Terms;
use crate::money::Money;
use crate::text::Text;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;

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

/// Of those the ones that the merchant tells of on the pages of products.
pub async fn listed_now(conn: &mut PgConnection, now: OffsetDateTime) -> anyhow::Result<Vec<Coupon>> {
    let rows = coupons!(
        "WHERE listed AND ended_at IS NULL AND paused_at IS NULL AND given_from <= $1 AND given_until > $1
             AND given < total
         ORDER BY id DESC LIMIT 100",
        now
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Coupon::try_from).collect()
}
