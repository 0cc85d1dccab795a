//! How refunds are kept, and how much of each payment goes back.

use crate::actor::Actor;
use crate::db::{Tx, violates};
use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use crate::payments::refund::{
    Cause, PaymentId, Priced, Refund, RefundId, RefundLine, RefundState, out_refund_id,
};
use anyhow::{Context, bail};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Which refunds are looked for; exactly one is given.
#[derive(Default)]
struct Wanted<'a> {
    ids: &'a [i64],
    order: Option<OrderId>,
    out_refund_id: Option<&'a str>,
    request_key: Option<&'a str>,
}

async fn read(conn: &mut PgConnection, wanted: Wanted<'_>) -> anyhow::Result<Vec<Refund>> {
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: RefundId", r.order_id AS "order: OrderId", r.payment_id AS "payment: PaymentId",
             p.pay_id, r.out_refund_id, r.amount_fen AS "amount: Money", r.cause, r.reason, r.state, r.weibo_id,
             r.why, r.begun_at, r.request, r.look_again_at, r.freight_fen AS "freight: Money", r.sent_at, r.sent_times, r.ended_at, r.actor, r.staff_id, r.staff_name
         FROM refunds r JOIN payments p ON p.id = r.payment_id
         WHERE r.id IN (SELECT unnest($1::bigint[]) UNION ALL SELECT id FROM refunds WHERE order_id = $2
             UNION ALL SELECT id FROM refunds WHERE out_refund_id = $3
             UNION ALL SELECT id FROM refunds WHERE request_key = $4)
         ORDER BY r.id"#,
        wanted.ids,
        wanted.order.map(|order| order.0),
        wanted.out_refund_id,
        wanted.request_key
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id.0).collect();
    let mut lines = read_lines(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let state = match (row.state.as_str(), row.ended_at) {
                ("begun", None) => RefundState::Begun,
                ("unknown", None) => RefundState::Unknown,
                ("accepted", None) => RefundState::Accepted,
                ("succeeded", Some(at)) => RefundState::Succeeded { at },
                ("failed", Some(at)) => RefundState::Failed { at, why: row.why.clone() },
                (state, _) => bail!("refund {} is inconsistent in state {state:?}", row.out_refund_id),
            };
            Ok(Refund {
                id: row.id,
                order: row.order,
                payment: row.payment,
                pay_id: row.pay_id,
                amount: row.amount,
                cause: Cause::parse(&row.cause).context("a refund without a known cause")?,
                reason: row.reason,
                state,
                weibo_id: row.weibo_id,
                freight: row.freight,
                request: row.request,
                trouble: row.why,
                look_again_at: row.look_again_at,
                begun_at: row.begun_at,
                sent_at: row.sent_at,
                sent_times: row.sent_times,
                by: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
                lines: lines.remove(&row.id.0).unwrap_or_default(),
                out_refund_id: row.out_refund_id,
            })
        })
        .collect()
}

async fn read_lines(
    conn: &mut PgConnection,
    refunds: &[i64],
) -> sqlx::Result<BTreeMap<i64, Vec<RefundLine>>> {
    let rows = sqlx::query!(
        r#"SELECT refund_id, position, quantity, amount_fen AS "amount: Money", restock, elsewhere FROM refund_lines
         WHERE refund_id = ANY($1) ORDER BY refund_id, position"#,
        refunds
    )
    .fetch_all(conn)
    .await?;
    let mut lines: BTreeMap<i64, Vec<RefundLine>> = BTreeMap::new();
    for row in rows {
        lines.entry(row.refund_id).or_default().push(RefundLine {
            position: row.position,
            quantity: row.quantity.unsigned_abs(),
            amount: row.amount,
            restock: row.restock,
            elsewhere: row.elsewhere.unsigned_abs(),
        });
    }
    Ok(lines)
}

/// All refunds of an order, the first first.
pub async fn refunds_of(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Refund>> {
    read(conn, Wanted { order: Some(order), ..Wanted::default() }).await
}

pub async fn find_refund(conn: &mut PgConnection, id: RefundId) -> anyhow::Result<Option<Refund>> {
    Ok(read(conn, Wanted { ids: &[id.0], ..Wanted::default() }).await?.pop())
}

pub async fn find_by_number(conn: &mut PgConnection, number: &str) -> anyhow::Result<Option<Refund>> {
    Ok(read(conn, Wanted { out_refund_id: Some(number), ..Wanted::default() }).await?.pop())
}

/// The refund that this request asked for before.
pub async fn find_by_request(conn: &mut PgConnection, key: &str) -> anyhow::Result<Option<Refund>> {
    Ok(read(conn, Wanted { request_key: Some(key), ..Wanted::default() }).await?.pop())
}

/// A refund that is being decided.
pub struct NewRefund<'a> {
    pub order: (OrderId, &'a OrderNumber),
    pub payment: PaymentId,
    pub request_key: &'a str,
    pub request: &'a str,
    pub cause: Cause,
    pub reason: &'a str,
    pub priced: &'a Priced,
    pub by: &'a Actor,
}

/// Writes a refund down and takes its amount off what is left of its payment; the order's row must be held. Nothing
/// when less than that is left: then nothing was changed.
pub async fn insert(tx: &mut Tx, new: &NewRefund<'_>, now: OffsetDateTime) -> sqlx::Result<Option<RefundId>> {
    if !reserve(tx, new.payment, new.priced.amount).await? {
        return Ok(None);
    }
    let (order, order_number) = new.order;
    let number = sqlx::query_scalar!(
        r#"SELECT coalesce(max(number), 0)::smallint + 1::smallint AS "number!: i16" FROM refunds WHERE order_id = $1"#,
        order.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO refunds (order_id, payment_id, request_key, number, out_refund_id, cause, amount_fen, reason,
             begun_at, actor, staff_id, staff_name, request, freight_fen)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id AS "id: RefundId""#,
        order.0,
        new.payment.0,
        new.request_key,
        number,
        out_refund_id(order_number, number.unsigned_abs()),
        new.cause.name(),
        new.priced.amount.fen(),
        new.reason,
        now,
        new.by.kind(),
        new.by.staff_id(),
        new.by.staff_name(),
        new.request,
        new.priced.freight.fen()
    )
    .fetch_one(&mut **tx)
    .await?;
    let lines = &new.priced.lines;
    sqlx::query!(
        "INSERT INTO refund_lines (refund_id, order_id, position, quantity, amount_fen, restock)
         SELECT $1, $2, * FROM unnest($3::smallint[], $4::integer[], $5::bigint[], $6::boolean[])",
        id.0,
        order.0,
        &lines.iter().map(|line| line.position).collect::<Vec<_>>(),
        &lines.iter().map(|l| i32::try_from(l.quantity).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.amount.fen()).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.restock).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some(id))
}

/// Takes an amount off what is left of a payment; false when less than that is left.
pub async fn reserve(tx: &mut Tx, payment: PaymentId, amount: Money) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE payments SET back_fen = back_fen + $2 WHERE id = $1 AND back_fen + $2 <= amount_fen",
        payment.0,
        amount.fen()
    )
    .execute(&mut **tx)
    .await;
    match done {
        Ok(done) => Ok(done.rows_affected() == 1),
        // Never, as the condition says the same; the constraint is there for whoever forgets it.
        Err(error) if violates(&error, "payments_back_within") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts an amount back to what is left of a payment.
pub async fn release(tx: &mut Tx, payment: PaymentId, amount: Money) -> sqlx::Result<()> {
    sqlx::query!("UPDATE payments SET back_fen = back_fen - $2 WHERE id = $1", payment.0, amount.fen())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes down where a refund stands. `weibo_id`, once known, stays; `trouble` is of one that is under way.
pub async fn save(
    tx: &mut Tx,
    id: RefundId,
    (state, trouble): (&RefundState, &str),
    weibo_id: Option<&str>,
) -> sqlx::Result<()> {
    let (ended_at, why) = match state {
        RefundState::Begun | RefundState::Unknown | RefundState::Accepted => (None, trouble),
        RefundState::Succeeded { at } => (Some(*at), ""),
        RefundState::Failed { at, why } => (Some(*at), why.as_str()),
    };
    sqlx::query!(
        "UPDATE refunds SET state = $2, ended_at = $3, why = $4, weibo_id = coalesce(weibo_id, $5), seen_at = NULL,
             seen_by = NULL WHERE id = $1",
        id.0,
        state.name(),
        ended_at,
        why,
        weibo_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down what of a refund's pieces has come back with another one.
pub async fn save_elsewhere(tx: &mut Tx, id: RefundId, lines: &[RefundLine]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE refund_lines l SET elsewhere = n.elsewhere
         FROM unnest($2::smallint[], $3::integer[]) AS n (position, elsewhere)
         WHERE l.refund_id = $1 AND l.position = n.position AND l.elsewhere <> n.elsewhere",
        id.0,
        &lines.iter().map(|line| line.position).collect::<Vec<_>>(),
        &lines.iter().map(|l| i32::try_from(l.elsewhere).unwrap_or(i32::MAX)).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// When Weibo is asked once more although it has said how it ended; nothing: it is believed.
pub async fn look_again(tx: &mut Tx, id: RefundId, at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE refunds SET look_again_at = $2 WHERE id = $1", id.0, at).execute(&mut **tx).await?;
    Ok(())
}

/// How many refunds of this payment there were.
pub async fn tries_of(tx: &mut Tx, payment: PaymentId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "tries!" FROM refunds WHERE payment_id = $1"#, payment.0)
        .fetch_one(&mut **tx)
        .await
}

/// The refund is about to be sent.
pub async fn record_sending(tx: &mut Tx, id: RefundId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE refunds SET sent_at = $2, sent_times = sent_times + 1 WHERE id = $1", id.0, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Somebody has settled a refund that failed another way, or gave it up. False when it did not fail, or when that was
/// said before.
pub async fn put_aside(
    tx: &mut Tx,
    order: OrderId,
    out_refund_id: &str,
    by: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE refunds SET seen_at = $3, seen_by = $4
         WHERE order_id = $1 AND out_refund_id = $2 AND state = 'failed' AND seen_at IS NULL",
        order.0,
        out_refund_id,
        now,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Which refunds a list of the merchant's shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    UnderWay,
    /// And nobody has put them aside.
    Failed,
    All,
}

/// Refunds with the orders that they belong to, the latest first; `before`: behind this one.
pub async fn list(
    conn: &mut PgConnection,
    shown: Shown,
    before: Option<RefundId>,
    most: i64,
) -> anyhow::Result<Vec<(OrderNumber, Refund)>> {
    let rows = sqlx::query!(
        r#"SELECT r.id, o.number AS "number: OrderNumber" FROM refunds r JOIN orders o ON o.id = r.order_id
         WHERE ($1 <> 'under-way' OR r.state IN ('begun', 'unknown', 'accepted'))
             AND ($1 <> 'failed' OR (r.state = 'failed' AND r.seen_at IS NULL)) AND ($2::bigint IS NULL OR r.id < $2)
         ORDER BY r.id DESC LIMIT $3"#,
        match shown {
            Shown::UnderWay => "under-way",
            Shown::Failed => "failed",
            Shown::All => "all",
        },
        before.map(|id| id.0),
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut refunds: BTreeMap<i64, Refund> = read(conn, Wanted { ids: &ids, ..Wanted::default() })
        .await?
        .into_iter()
        .map(|r| (r.id.0, r))
        .collect();
    Ok(rows.into_iter().filter_map(|row| Some((row.number, refunds.remove(&row.id)?))).collect())
}

/// How many refunds are under way, and how many failed that nobody has put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub under_way: i64,
    pub failed: i64,
}

pub async fn counts(conn: &mut PgConnection) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"SELECT (SELECT count(*) FROM refunds WHERE state IN ('begun', 'unknown', 'accepted')) AS "under_way!",
             (SELECT count(*) FROM refunds WHERE state = 'failed' AND seen_at IS NULL) AS "failed!""#
    )
    .fetch_one(conn)
    .await
}
