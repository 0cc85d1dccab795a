//! How orders stand with their money: what the desk and the buyer are told.

use super::waiting::confirming;
use super::{Attempt, attempts_of};
use crate::money::Money;
use crate::orders::OrderId;
use crate::orders::desk::{Filter, State};
use sqlx::PgConnection;

/// How an order stands with its money, beyond its own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// A browser says that it has paid and Weibo has not answered since.
    pub confirming: bool,
    /// Paid beyond what the order costs, and not back yet.
    pub surplus: Money,
    /// Of that: on its way back.
    pub surplus_going: Money,
    /// Paid beyond what the order costs, and back.
    pub surplus_back: Money,
}

pub async fn standing(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Standing> {
    let confirming = attempts_of(conn, order).await?.iter().any(Attempt::is_confirming);
    let surplus = sqlx::query!(
        r#"SELECT coalesce(sum(p.amount_fen), 0)::bigint AS "came!", coalesce(sum(p.back_fen), 0)::bigint AS "going!",
             coalesce(-sum(l.back), 0)::bigint AS "back!"
         FROM payments p LEFT JOIN LATERAL (SELECT sum(amount_fen) AS back FROM ledger
             WHERE payment_id = p.id AND refund_id IS NOT NULL) l ON true
         WHERE p.order_id = $1 AND p.kind = 'surplus'"#,
        order.0
    )
    .fetch_one(conn)
    .await?;
    let money = |fen| Money::from_fen(fen).unwrap_or(Money::ZERO);
    Ok(Standing {
        confirming,
        surplus: money(surplus.came - surplus.back),
        surplus_going: money(surplus.going - surplus.back),
        surplus_back: money(surplus.back),
    })
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
