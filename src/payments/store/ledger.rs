//! The ledger: what came and what went back, each with the message that proves it. Rows are only ever added.

use crate::db::Tx;
use crate::money::Money;
use crate::orders::OrderId;
use crate::payments::attempt::Attempt;
use crate::payments::refund::{PaymentId, Refund};
use crate::weibo::pay::Payment;
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What happened to money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It paid the order.
    Paid,
    /// It came when the order was closed and its goods were gone.
    Late,
    /// It came when the order was paid already.
    Surplus,
    /// It is back with the buyer.
    Refunded,
    /// Weibo had said that it is back, and then that it is not.
    FailedBack,
}

/// A row of the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    pub kind: Kind,
    /// Weibo's number of the payment.
    pub pay_id: String,
    /// Our number of the refund, of what went back.
    pub out_refund_id: Option<String>,
    pub amount: Money,
    /// When it happened at Weibo, and when it was entered.
    pub happened_at: OffsetDateTime,
    pub entered_at: OffsetDateTime,
    /// Weibo told by itself; else it was asked.
    pub by_notice: bool,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Paid, Kind::Late, Kind::Surplus, Kind::Refunded, Kind::FailedBack];

    /// The word in the `kind` column, and behind `word-ledger-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Paid => "paid",
            Kind::Late => "late",
            Kind::Surplus => "surplus",
            Kind::Refunded => "refunded",
            Kind::FailedBack => "failed_back",
        }
    }

    fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Money that left the shop; else it came.
    pub fn goes_out(self) -> bool {
        self == Kind::Refunded
    }
}

/// The rows of the ledger for an order, the first first.
pub async fn ledger(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"SELECT l.kind, p.pay_id, r.out_refund_id AS "out_refund_id?", abs(l.amount_fen) AS "amount!: Money",
             l.happened_at, l.entered_at, n.source = 'notice' AS "by_notice!"
         FROM ledger l JOIN payments p ON p.id = l.payment_id JOIN notices n ON n.digest = l.notice
             LEFT JOIN refunds r ON r.id = l.refund_id
         WHERE l.order_id = $1 ORDER BY l.id"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Entry {
                kind: Kind::parse(&row.kind).context("a ledger row of no known kind")?,
                pay_id: row.pay_id,
                out_refund_id: row.out_refund_id,
                amount: row.amount,
                happened_at: row.happened_at,
                entered_at: row.entered_at,
                by_notice: row.by_notice,
            })
        })
        .collect()
}

/// Writes down that a payment came; `keep`: it is the one that pays its order, in time or late.
pub async fn insert_payment(
    tx: &mut Tx,
    attempt: &Attempt,
    payment: &Payment,
    keep: bool,
    now: OffsetDateTime,
) -> sqlx::Result<PaymentId> {
    let id = sqlx::query_scalar!(
        r#"INSERT INTO payments (order_id, attempt_id, kind, pay_id, amount_fen, buyer_uid, paid_at, settled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id AS "id: PaymentId""#,
        attempt.order.0,
        attempt.id.0,
        if keep { "pay" } else { "surplus" },
        payment.pay_id,
        payment.amount.fen(),
        payment.buyer_uid,
        payment.paid_at.unwrap_or(now),
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!("UPDATE attempts SET state = 'paid' WHERE id = $1", attempt.id.0).execute(&mut **tx).await?;
    Ok(id)
}

/// Enters a payment; `proof` is the digest of the message that tells of it.
pub async fn enter_payment(
    tx: &mut Tx,
    kind: Kind,
    id: PaymentId,
    proof: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO ledger (kind, order_id, payment_id, amount_fen, happened_at, entered_at, notice)
         SELECT $2, order_id, id, amount_fen, paid_at, $4, $3 FROM payments WHERE id = $1",
        id.0,
        kind.name(),
        proof,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Enters how a refund ended. That it went back, failed and goes again can only come in turn: else this fails.
pub async fn enter_refund(
    tx: &mut Tx,
    kind: Kind,
    refund: &Refund,
    (proof, happened_at): (&str, OffsetDateTime),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let sign = if kind.goes_out() { -1 } else { 1 };
    sqlx::query!(
        "INSERT INTO ledger (kind, order_id, payment_id, refund_id, amount_fen, happened_at, entered_at, notice)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        kind.name(),
        refund.order.0,
        refund.payment.0,
        refund.id.0,
        refund.amount.fen() * sign,
        happened_at,
        now,
        proof
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
