//! The orders that use coupons, and those that give them back.

use super::given;
use crate::catalog::ProductId;
use crate::coupons::code::Code;
use crate::coupons::coupon::{CouponId, Given, GivenId, State};
use crate::coupons::terms::NotFor;
use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use anyhow::ensure;
use sqlx::PgConnection;
use time::OffsetDateTime;

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

/// A coupon that may be used, whose row is held until the transaction ends. Only [`hold`] makes it.
#[derive(Debug)]
pub struct Held(Given);

impl Held {
    /// What it takes off these goods.
    pub fn discount(&self, goods: &[(ProductId, Money)]) -> Result<Money, NotFor> {
        self.0.terms.discount(goods)
    }
}

/// What stands behind this code, and what it would take off these goods now if this customer used it.
pub async fn look(
    conn: &mut PgConnection,
    code: &Code,
    customer: CustomerId,
    goods: &[(ProductId, Money)],
    now: OffsetDateTime,
) -> anyhow::Result<Result<(Given, Money), Unusable>> {
    let given = judge(conn, code, customer, now).await?;
    Ok(given.and_then(|given| {
        let off = given.terms.discount(goods)?;
        Ok((given, off))
    }))
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
    Ok(judge(tx, code, customer, now).await?.map(Held))
}

async fn judge(
    conn: &mut PgConnection,
    code: &Code,
    customer: CustomerId,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Given, Unusable>> {
    let Some((whose, given)) = given::by_code(conn, code).await? else {
        return Ok(Err(Unusable::Unknown));
    };
    if whose != customer {
        return Ok(Err(Unusable::AnothersCoupon));
    }
    Ok(match given.state {
        State::Used { .. } => Err(Unusable::Used),
        State::TakenBack => Err(Unusable::TakenBack),
        State::Open if given.usable_until <= now => Err(Unusable::Expired),
        State::Open => Ok(given),
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

/// The order was closed unpaid: its coupon, if it has one, can be used again, unless the merchant took it back meanwhile.
/// Once, however often it is called.
pub async fn give_back(tx: &mut Tx, order: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE coupons_given SET state = CASE WHEN revoked_at IS NULL THEN 'open' ELSE 'taken_back' END,
             order_id = NULL, used_at = NULL
         WHERE order_id = $1 AND state = 'used'",
        order
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Money came for the closed order after all: its coupon, if it has one, is used by it again, though its time may be
/// over since: it was not when she placed the order. False when another order has used it, or the merchant has taken it
/// back meanwhile.
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
