//! What was given of coupons, and to whom.

use super::{OffColumns, reading};
use crate::catalog::ProductId;
use crate::coupons::code::Code;
use crate::coupons::coupon::{Coupon, CouponId, Given, GivenId, Open, Source, State};
use crate::coupons::terms::Terms;
use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use anyhow::bail;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// So many of hers are shown and looked through.
const MOST: i64 = 100;

/// Why nobody was given one.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    #[error("no such coupon")]
    NoSuchCoupon,
    #[error("none is given now: {}", .0.name())]
    Not(Open),
    #[error("she has all that one buyer gets")]
    HasAll,
    #[error("she was given one since she asked")]
    GivenBefore,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for GiveError {
    fn from(error: sqlx::Error) -> GiveError {
        GiveError::Unexpected(error.into())
    }
}

/// To whom one is given, and how she came to it.
#[derive(Debug, Clone, Copy)]
pub struct To {
    pub customer: CustomerId,
    pub source: Source,
    /// How many of this coupon she had when she asked for one more, where she did: asked twice, it is one.
    pub had: Option<u32>,
}

struct Row {
    id: GivenId,
    coupon: CouponId,
    customer: CustomerId,
    code: Code,
    name_zh: String,
    name_en: String,
    amount: Option<Money>,
    percent: Option<i16>,
    cap: Option<Money>,
    threshold: Money,
    products: Vec<i64>,
    given_at: OffsetDateTime,
    usable_until: OffsetDateTime,
    state: String,
    order_id: Option<i64>,
}

impl TryFrom<Row> for Given {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Given> {
        let state = match (row.state.as_str(), row.order_id) {
            ("open", None) => State::Open,
            ("used", Some(order)) => State::Used { order },
            ("taken_back", None) => State::TakenBack,
            (state, _) => bail!("coupon {} is inconsistent in state {state:?}", row.id.0),
        };
        let off = OffColumns { amount: row.amount, percent: row.percent, cap: row.cap }.read()?;
        let products = row.products.into_iter().map(ProductId).collect();
        Ok(Given {
            id: row.id,
            coupon: row.coupon,
            code: row.code,
            name: Text { zh: row.name_zh, en: row.name_en },
            terms: Terms { off, threshold: row.threshold, products },
            given_at: row.given_at,
            usable_until: row.usable_until,
            state,
        })
    }
}

macro_rules! given {
    ($which:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT g.id AS "id: GivenId", g.coupon_id AS "coupon: CouponId",
                 g.customer_id AS "customer: CustomerId", g.code AS "code: Code", c.name_zh, c.name_en,
                 c.amount_fen AS "amount: Money", c.percent, c.cap_fen AS "cap: Money",
                 c.threshold_fen AS "threshold: Money",
                 ARRAY(SELECT product_id FROM coupon_products p WHERE p.coupon_id = c.id ORDER BY 1) AS "products!",
                 g.given_at, g.usable_until, g.state, g.order_id
             FROM coupons_given g JOIN coupons c ON c.id = g.coupon_id "# + $which
            $(, $arg)*
        )
    };
}

/// Gives one to this customer. Everybody who wants one waits for the row of the coupon: so there are never more than
/// its total, and never more hers than one buyer gets. Whoever gets none is told so without waiting.
pub async fn give(tx: &mut Tx, id: CouponId, to: To, now: OffsetDateTime) -> Result<Given, GiveError> {
    may_have(tx, id, to, now).await?;
    let counted = sqlx::query!(
        "UPDATE coupons SET given = given + 1
         WHERE id = $1 AND ended_at IS NULL AND paused_at IS NULL AND given_from <= $2 AND given_until > $2
             AND given < total
         RETURNING id",
        id.0,
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    let coupon = reading::find(tx, id).await?.ok_or(GiveError::NoSuchCoupon)?;
    if counted.is_none() {
        return Err(GiveError::Not(coupon.open(now)));
    }
    let Some(given) = insert(tx, &coupon, to, now).await? else {
        may_have(tx, id, to, now).await?;
        return Err(GiveError::HasAll);
    };
    find(tx, given).await?.ok_or(GiveError::NoSuchCoupon)
}

/// Whether there is one for her, as far as nobody takes the last one meanwhile.
async fn may_have(
    conn: &mut PgConnection,
    id: CouponId,
    to: To,
    now: OffsetDateTime,
) -> Result<(), GiveError> {
    let coupon = reading::find(conn, id).await?.ok_or(GiveError::NoSuchCoupon)?;
    let hers = sqlx::query_scalar!(
        r#"SELECT count(*) AS "hers!" FROM coupons_given WHERE coupon_id = $1 AND customer_id = $2"#,
        id.0,
        to.customer.0
    )
    .fetch_one(conn)
    .await?;
    if to.had.is_some_and(|had| i64::from(had) != hers) {
        return Err(GiveError::GivenBefore);
    }
    match coupon.open(now) {
        Open::Yes if hers >= i64::from(coupon.wanted.each) => Err(GiveError::HasAll),
        Open::Yes => Ok(()),
        not => Err(GiveError::Not(not)),
    }
}

/// Nothing when she has as many as she gets, or others than when she asked. The row of the coupon is held.
async fn insert(tx: &mut Tx, coupon: &Coupon, to: To, now: OffsetDateTime) -> sqlx::Result<Option<GivenId>> {
    let code = Code::mint();
    sqlx::query_scalar!(
        r#"INSERT INTO coupons_given (coupon_id, customer_id, seq, code, source, given_at, usable_until)
         SELECT $1, $2, count(*) + 1, $3, $4, $5, $6 FROM coupons_given
         WHERE coupon_id = $1 AND customer_id = $2 HAVING count(*) < $7 AND ($8::bigint IS NULL OR count(*) = $8)
         RETURNING id AS "id: GivenId""#,
        coupon.id.0,
        to.customer.0,
        code.as_str(),
        to.source.name(),
        now,
        coupon.wanted.lasts.until(now),
        i64::from(coupon.wanted.each),
        to.had.map(i64::from)
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The coupon of this code, and whose it is.
pub(super) async fn by_code(
    conn: &mut PgConnection,
    code: &Code,
) -> anyhow::Result<Option<(CustomerId, Given)>> {
    let row = given!("WHERE g.code = $1", code.as_str()).fetch_optional(conn).await?;
    row.map(|row| Ok((row.customer, Given::try_from(row)?))).transpose()
}

/// What was given under this id.
pub async fn find(conn: &mut PgConnection, id: GivenId) -> anyhow::Result<Option<Given>> {
    given!("WHERE g.id = $1", id.0).fetch_optional(conn).await?.map(Given::try_from).transpose()
}

/// What this customer was given, the latest first.
pub async fn of_customer(conn: &mut PgConnection, customer: CustomerId) -> anyhow::Result<Vec<Given>> {
    let rows = given!("WHERE g.customer_id = $1 ORDER BY g.id DESC LIMIT $2", customer.0, MOST)
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(Given::try_from).collect()
}

/// What she was given of this coupon, the latest first: all of them, for one buyer never gets more of one.
pub async fn of_hers(
    conn: &mut PgConnection,
    customer: CustomerId,
    coupon: CouponId,
) -> anyhow::Result<Vec<Given>> {
    let rows =
        given!("WHERE g.customer_id = $1 AND g.coupon_id = $2 ORDER BY g.seq DESC", customer.0, coupon.0)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(Given::try_from).collect()
}

/// What of hers takes something off these goods now, and how much: the best first, then what is over sooner.
pub async fn usable_by(
    conn: &mut PgConnection,
    customer: CustomerId,
    goods: &[(ProductId, Money)],
    now: OffsetDateTime,
) -> anyhow::Result<Vec<(Given, Money)>> {
    let (products, costs): (Vec<i64>, Vec<i64>) =
        goods.iter().map(|(product, cost)| (product.0, cost.fen())).unzip();
    let rows = given!(
        "WHERE g.customer_id = $1 AND g.state = 'open' AND g.usable_until > $2 AND c.threshold_fen <= (
             SELECT sum(goods.cost) FROM unnest($3::bigint[], $4::bigint[]) AS goods (product, cost)
             WHERE NOT EXISTS (SELECT FROM coupon_products p WHERE p.coupon_id = c.id)
                 OR EXISTS (SELECT FROM coupon_products p WHERE p.coupon_id = c.id AND p.product_id = goods.product))
         ORDER BY g.usable_until, g.id LIMIT $5",
        customer.0,
        now,
        &products,
        &costs,
        MOST
    )
    .fetch_all(conn)
    .await?;
    let mut usable = Vec::new();
    for row in rows {
        let given = Given::try_from(row)?;
        if let Ok(off) = given.terms.discount(goods) {
            usable.push((given, off));
        }
    }
    usable.sort_by_key(|(given, off)| (std::cmp::Reverse(*off), given.usable_until, given.id));
    Ok(usable)
}

/// What was given for something that is gone is hers no longer. One at an order stays there, and is taken back when
/// that order is closed unpaid. False where this was said before.
pub async fn take_back(tx: &mut Tx, id: GivenId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "UPDATE coupons_given SET revoked_at = $2,
             state = CASE WHEN state = 'open' THEN 'taken_back' ELSE state END
         WHERE id = $1 AND revoked_at IS NULL",
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The same for what only counts while it is unused: one at an order stays hers. True where it was taken back now.
pub async fn take_back_unused(tx: &mut Tx, id: GivenId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "UPDATE coupons_given SET revoked_at = $2, state = 'taken_back' WHERE id = $1 AND state = 'open'",
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}
