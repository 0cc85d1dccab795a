//! What was given of coupons, and the orders that used it.

use super::OffColumns;
use crate::catalog::ProductId;
use crate::coupons::code::Code;
use crate::coupons::coupon::{Coupon, CouponId, Given, GivenId, Open, Source, State};
use crate::coupons::terms::{NotFor, Terms};
use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use anyhow::{bail, ensure};
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
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for GiveError {
    fn from(error: sqlx::Error) -> GiveError {
        GiveError::Unexpected(error.into())
    }
}

/// Why a coupon takes nothing off an order.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("no such coupon")]
    Unknown,
    #[error("it is somebody else's")]
    AnothersCoupon,
    #[error("it was used")]
    Used,
    #[error("it was taken back")]
    TakenBack,
    #[error("its time is over")]
    Expired,
    #[error(transparent)]
    NotFor(#[from] NotFor),
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
/// its total, and never more hers than one buyer gets.
pub async fn give(
    tx: &mut Tx,
    id: CouponId,
    (customer, source): (CustomerId, Source),
    now: OffsetDateTime,
) -> Result<Given, GiveError> {
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
    let coupon = super::find(tx, id).await?.ok_or(GiveError::NoSuchCoupon)?;
    if counted.is_none() {
        return Err(GiveError::Not(coupon.open(now)));
    }
    let given = insert(tx, &coupon, (customer, source), now).await?.ok_or(GiveError::HasAll)?;
    find(tx, given).await?.ok_or(GiveError::NoSuchCoupon)
}

/// Nothing when she has as many as she gets. The row of the coupon is held.
async fn insert(
    tx: &mut Tx,
    coupon: &Coupon,
    (customer, source): (CustomerId, Source),
    now: OffsetDateTime,
) -> sqlx::Result<Option<GivenId>> {
    let code = Code::mint();
    sqlx::query_scalar!(
        r#"INSERT INTO coupons_given (coupon_id, customer_id, seq, code, source, given_at, usable_until)
         SELECT $1, $2, count(*) + 1, $3, $4, $5, $6 FROM coupons_given
         WHERE coupon_id = $1 AND customer_id = $2 HAVING count(*) < $7
         RETURNING id AS "id: GivenId""#,
        coupon.id.0,
        customer.0,
        code.as_str(),
        source.name(),
        now,
        coupon.wanted.lasts.until(now),
        i64::from(coupon.wanted.each)
    )
    .fetch_optional(&mut **tx)
    .await
}

async fn find(conn: &mut PgConnection, id: GivenId) -> anyhow::Result<Option<Given>> {
    given!("WHERE g.id = $1", id.0).fetch_optional(conn).await?.map(Given::try_from).transpose()
}

/// What this customer was given, the latest first.
pub async fn of_customer(conn: &mut PgConnection, customer: CustomerId) -> anyhow::Result<Vec<Given>> {
    let rows =
        given!("WHERE g.customer_id = $1 ORDER BY g.id DESC LIMIT $2", customer.0, MOST).fetch_all(conn).await?;
    rows.into_iter().map(Given::try_from).collect()
}

/// What of hers takes something off these goods now, and how much: the best first, then what is over sooner.
pub async fn usable_by(
    conn: &mut PgConnection,
    customer: CustomerId,
    goods: &[(ProductId, Money)],
    now: OffsetDateTime,
) -> anyhow::Result<Vec<(Given, Money)>> {
    let rows = given!(
        "WHERE g.customer_id = $1 AND g.state = 'open' AND g.usable_until > $2 ORDER BY g.id LIMIT $3",
        customer.0,
        now,
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

/// A coupon that may be used, whose row is held until the transaction ends. Only [`hold`] makes it.
#[derive(Debug)]
pub struct Held(Given);

impl Held {
    /// What it takes off these goods.
    pub fn discount(&self, goods: &[(ProductId, Money)]) -> Result<Money, NotFor> {
        self.0.terms.discount(goods)
    }
}

/// What this code would take off these goods now if this customer used it.
pub async fn look(
    conn: &mut PgConnection,
    code: &Code,
    customer: CustomerId,
    goods: &[(ProductId, Money)],
    now: OffsetDateTime,
) -> anyhow::Result<Result<Money, Unusable>> {
    let held = judge(conn, code, customer, now).await?;
    Ok(held.and_then(|held| Ok(held.discount(goods)?)))
}

/// Holds the coupon of this code for an order that this customer is about to place.
pub async fn hold(
    tx: &mut Tx,
    code: &Code,
    customer: CustomerId,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Held, Unusable>> {
    sqlx::query!("SELECT FROM coupons_given WHERE code = $1 FOR UPDATE", code.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    judge(tx, code, customer, now).await
}

async fn judge(
    conn: &mut PgConnection,
    code: &Code,
    customer: CustomerId,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Held, Unusable>> {
    let Some(row) = given!("WHERE g.code = $1", code.as_str()).fetch_optional(conn).await? else {
        return Ok(Err(Unusable::Unknown));
    };
    if row.customer != customer {
        return Ok(Err(Unusable::AnothersCoupon));
    }
    let given = Given::try_from(row)?;
    Ok(match given.state {
        State::Used { .. } => Err(Unusable::Used),
        State::TakenBack => Err(Unusable::TakenBack),
        State::Open if given.usable_until <= now => Err(Unusable::Expired),
        State::Open => Ok(Held(given)),
    })
}

/// The order of this id, placed in the same transaction, uses it up and remembers what it took off.
pub async fn used_for(
    tx: &mut Tx,
    held: Held,
    (order, discount): (i64, Money),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let Held(given) = held;
    let used = redeem(tx, given.id, order, now).await?;
    ensure!(used, "coupon {} was held and is used", given.id.0);
    sqlx::query!(
        "INSERT INTO coupon_uses (order_id, given_id, name_zh, name_en, discount_fen, used_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        order,
        given.id.0,
        given.name.zh,
        given.name.en,
        discount.fen(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False when it is not there to be used.
async fn redeem(tx: &mut Tx, id: GivenId, order: i64, now: OffsetDateTime) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "UPDATE coupons_given SET state = 'used', order_id = $2, used_at = $3 WHERE id = $1 AND state = 'open'",
        id.0,
        order,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(used.rows_affected() == 1)
}

/// The order was closed unpaid: its coupon, if it has one, can be used again. Once, however often it is called.
pub async fn give_back(tx: &mut Tx, order: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE coupons_given SET state = 'open', order_id = NULL, used_at = NULL
         WHERE order_id = $1 AND state = 'used'",
        order
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Money came for the closed order after all: its coupon, if it has one, is used by it again, though its time may be
/// over since: it was not when she placed the order. False when another order has used it meanwhile.
pub async fn take_again(tx: &mut Tx, order: i64, now: OffsetDateTime) -> sqlx::Result<bool> {
    let given = sqlx::query_scalar!(
        r#"SELECT given_id AS "id: GivenId" FROM coupon_uses WHERE order_id = $1"#,
        order
    )
    .fetch_optional(&mut **tx)
    .await?;
    match given {
        None => Ok(true),
        Some(given) => redeem(tx, given, order, now).await,
    }
}

/// What was given for something that is gone is hers no longer; false where it is used, or was taken back.
pub async fn take_back(tx: &mut Tx, id: GivenId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "UPDATE coupons_given SET state = 'taken_back', taken_back_at = $2 WHERE id = $1 AND state = 'open'",
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// With what an order was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub coupon: CouponId,
    pub name: Text,
    pub discount: Money,
    /// It is the order's still; otherwise it was given back.
    pub holds: bool,
}

/// The coupon with which this order was placed.
pub async fn used_by(conn: &mut PgConnection, order: i64) -> sqlx::Result<Option<Use>> {
    let row = sqlx::query!(
        r#"SELECT g.coupon_id AS "coupon: CouponId", u.name_zh, u.name_en, u.discount_fen AS "discount: Money",
             g.order_id IS NOT DISTINCT FROM u.order_id AS "holds!"
         FROM coupon_uses u JOIN coupons_given g ON g.id = u.given_id WHERE u.order_id = $1"#,
        order
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Use {
        coupon: row.coupon,
        name: Text { zh: row.name_zh, en: row.name_en },
        discount: row.discount,
        holds: row.holds,
    }))
}
