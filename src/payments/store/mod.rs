//! How attempts, notices and the ledger are kept.

pub mod books;
pub mod checking;
pub mod checks;
pub mod ledger;
pub mod messages;
pub mod notices;
pub mod refunds;
pub mod standing;
pub mod waiting;

use super::attempt::{Answer, Attempt, AttemptId, AttemptState, Way, out_pay_id};
use super::refund::PaymentId;
use crate::db::Tx;
use crate::money::Money;
use crate::orders::{Order, OrderId};
use anyhow::{Context, bail};
use sqlx::PgConnection;
use time::OffsetDateTime;

struct Row {
    id: AttemptId,
    order_id: OrderId,
    way: String,
    out_pay_id: String,
    amount: Money,
    extra: Option<String>,
    begun_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    state: String,
    returned_at: Option<OffsetDateTime>,
    asked_at: Option<OffsetDateTime>,
    answer: Option<String>,
}

impl TryFrom<Row> for Attempt {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Attempt> {
        let state = match row.state.as_str() {
            "open" => AttemptState::Open,
            "paid" => AttemptState::Paid,
            "closed" => AttemptState::Closed,
            state => bail!("attempt {:?} is in state {state:?}", row.id),
        };
        let answer = match row.answer.as_deref() {
            None => None,
            Some("pending") => Some(Answer::Pending),
            Some("success") => Some(Answer::Success),
            Some("closed") => Some(Answer::Closed),
            Some("refused") => Some(Answer::Refused),
            Some("unknown") => Some(Answer::Unknown),
            Some(answer) => bail!("attempt {:?} has answer {answer:?}", row.id),
        };
        Ok(Attempt {
            id: row.id,
            order: row.order_id,
            way: Way::parse(&row.way).with_context(|| format!("attempt {:?} goes no way", row.id))?,
            out_pay_id: row.out_pay_id,
            amount: row.amount,
            extra: row.extra,
            begun_at: row.begun_at,
            expires_at: row.expires_at,
            state,
            returned_at: row.returned_at,
            asked_at: row.asked_at,
            answer,
        })
    }
}

/// All visits to the cashier for this order, the first first.
pub async fn attempts_of(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Attempt>> {
    attempts(conn, None, None, Some(order)).await
}

/// All attempts that any of the three selects: by row, by Weibo's number, or by order.
async fn attempts(
    conn: &mut PgConnection,
    id: Option<AttemptId>,
    out_pay_id: Option<&str>,
    order: Option<OrderId>,
) -> anyhow::Result<Vec<Attempt>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: AttemptId", order_id AS "order_id: OrderId", way, out_pay_id,
             amount_fen AS "amount: Money", extra, begun_at, expires_at, state, returned_at, asked_at, answer
         FROM attempts
         WHERE id IN (SELECT id FROM attempts WHERE id = $1
             UNION ALL SELECT id FROM attempts WHERE out_pay_id = $2
             UNION ALL SELECT id FROM attempts WHERE order_id = $3)
         ORDER BY id"#,
        id.map(|id| id.0),
        out_pay_id,
        order.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Attempt::try_from).collect()
}

pub async fn find_attempt_by_id(conn: &mut PgConnection, id: AttemptId) -> anyhow::Result<Option<Attempt>> {
    Ok(attempts(conn, Some(id), None, None).await?.pop())
}

pub async fn find_attempt(conn: &mut PgConnection, out_pay_id: &str) -> anyhow::Result<Option<Attempt>> {
    Ok(attempts(conn, None, Some(out_pay_id), None).await?.pop())
}

/// The attempts of the order whose end is not known.
pub async fn open_attempts(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Attempt>> {
    let mut all = attempts_of(conn, order).await?;
    all.retain(|attempt| attempt.state == AttemptState::Open);
    Ok(all)
}

pub async fn open_attempt(tx: &mut Tx, order: OrderId, way: Way) -> anyhow::Result<Option<Attempt>> {
    let id = sqlx::query_scalar!(
        r#"SELECT id AS "id: AttemptId" FROM attempts WHERE order_id = $1 AND way = $2 AND state = 'open'"#,
        order.0,
        way.name()
    )
    .fetch_optional(&mut **tx)
    .await?;
    match id {
        Some(id) => find_attempt_by_id(tx, id).await,
        None => Ok(None),
    }
}

/// The order's row must be held: its attempts are numbered.
pub async fn insert_attempt(
    tx: &mut Tx,
    order: &Order,
    (way, extra): (Way, &str),
    now: OffsetDateTime,
) -> anyhow::Result<Attempt> {
    let number = sqlx::query_scalar!(
        r#"SELECT coalesce(max(number), 0)::smallint + 1::smallint AS "number!: i16" FROM attempts WHERE order_id = $1"#,
        order.id.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let out_pay_id = out_pay_id(&order.number, number.unsigned_abs());
    sqlx::query!(
        "INSERT INTO attempts (order_id, number, way, out_pay_id, amount_fen, extra, begun_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        order.id.0,
        number,
        way.name(),
        out_pay_id,
        order.total.fen(),
        extra,
        now,
        order.pay_until
    )
    .execute(&mut **tx)
    .await?;
    let attempt = find_attempt(tx, &out_pay_id).await?;
    attempt.ok_or_else(|| anyhow::anyhow!("attempt {out_pay_id} vanished"))
}

/// A paid attempt stays paid.
pub async fn close_attempt(tx: &mut Tx, id: AttemptId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE attempts SET state = 'closed' WHERE id = $1 AND state = 'open'", id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn record_answer(
    tx: &mut Tx,
    id: AttemptId,
    answer: Answer,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let answer = match answer {
        Answer::Pending => "pending",
        Answer::Success => "success",
        Answer::Closed => "closed",
        Answer::Refused => "refused",
        Answer::Unknown => "unknown",
    };
    sqlx::query!(
        "UPDATE attempts SET answer = $2, asked_at = $3, asked_times = asked_times + 1 WHERE id = $1",
        id.0,
        answer,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The browser came back saying that it has paid.
pub async fn record_return(tx: &mut Tx, out_pay_id: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE attempts SET returned_at = $2 WHERE out_pay_id = $1 AND state = 'open'",
        out_pay_id,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn order_of(tx: &mut Tx, out_pay_id: &str) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar!(
        r#"SELECT order_id AS "order: OrderId" FROM attempts WHERE out_pay_id = $1"#,
        out_pay_id
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Whose payment this is, and whether it is the one that the order keeps.
pub async fn owner_of_payment(tx: &mut Tx, pay_id: &str) -> sqlx::Result<Option<(OrderId, bool)>> {
    let row = sqlx::query!(
        r#"SELECT order_id AS "order: OrderId", kind = 'pay' AS "kept!" FROM payments WHERE pay_id = $1"#,
        pay_id
    );
    Ok(row.fetch_optional(&mut **tx).await?.map(|row| (row.order, row.kept)))
}

/// The payment that the order keeps.
pub async fn kept_payment(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Option<PaymentId>> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id: PaymentId" FROM payments WHERE order_id = $1 AND kind = 'pay'"#,
        order.0
    )
    .fetch_optional(conn)
    .await
}
