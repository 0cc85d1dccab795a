//! How orders stand with their money: what the desk and the buyer are told.

use super::waiting::confirming;
use super::{Attempt, attempts_of};
use crate::money::Money;
use crate::orders::OrderId;
use crate::orders::desk::{Filter, State};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// How an order stands with its money, beyond its own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// A browser says that it has paid and Weibo has not answered since.
    pub confirming: bool,
    /// Paid beyond what the order costs; it has to go back.
    pub surplus: Money,
}

pub async fn standing(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Standing> {
    let confirming = attempts_of(conn, order).await?.iter().any(Attempt::is_confirming);
    let surplus = ledger(conn, order).await?.into_iter().filter(|entry| !entry.kept);
    Ok(Standing { confirming, surplus: surplus.map(|entry| entry.amount).sum() })
}

/// A row of the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Weibo's number of the payment.
    pub pay_id: String,
    pub amount: Money,
    /// It paid the order; else it is surplus.
    pub kept: bool,
    /// When Weibo took it, and when we learned of that.
    pub paid_at: OffsetDateTime,
    pub settled_at: OffsetDateTime,
    /// Weibo told by itself; else it was asked.
    pub by_notice: bool,
}

/// The rows of the ledger for an order, the first first.
pub async fn ledger(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"SELECT pay_id, amount_fen AS "amount: Money", kind = 'pay' AS "kept!", paid_at, settled_at,
             notice IS NOT NULL AS "by_notice!"
         FROM payments WHERE order_id = $1 ORDER BY id"#,
        order.0
    )
    .fetch_all(conn)
    .await
}

/// Puts into a filter of the desk's list what only the ledger and the attempts know: which orders are
/// confirming, and whose payment has the number that is looked for.
pub async fn complete(conn: &mut PgConnection, filter: &mut Filter) -> sqlx::Result<()> {
    if filter.state == State::Confirming {
        filter.among = Some(confirming(conn).await?.into_iter().map(|it| it.order).collect());
    }
    if let Some(terms) = &mut filter.terms
        && let Some(pay_id) = &terms.pay_id
    {
        terms.also = sqlx::query_scalar!(
            r#"SELECT order_id AS "order!: OrderId" FROM payments WHERE pay_id = $1
             UNION SELECT order_id FROM attempts WHERE out_pay_id = $1"#,
            pay_id
        )
        .fetch_all(conn)
        .await?;
    }
    Ok(())
}

/// What Weibo told that does not match what was asked for, the latest first: why, and how often it came.
pub async fn refused_notices(conn: &mut PgConnection) -> sqlx::Result<Vec<(String, i32)>> {
    let rows = sqlx::query!(
        "SELECT why, times FROM notices WHERE outcome = 'refused' ORDER BY received_at DESC LIMIT 50"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.why, row.times)).collect())
}
