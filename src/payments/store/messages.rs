//! How messages to buyers are kept. A row moves forward only; a trigger says the same.

use crate::db::Tx;
use crate::money::Money;
use crate::orders::OrderId;
use crate::payments::refund::PaymentId;
use crate::payments::telling::{About, Message, MessageId, MessageState, Why};
use anyhow::{Context, bail};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What was told of one payment, and is to be.
pub struct Budget {
    pub pay_id: String,
    pub amount: Money,
    /// By Weibo's clock or by ours, whichever says the earlier.
    pub paid_at: OffsetDateTime,
    pub messages: Vec<Message>,
}

struct Row {
    id: MessageId,
    about: String,
    subject: i64,
    state: String,
    arose_at: OffsetDateTime,
    due_at: OffsetDateTime,
    sent_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    text: String,
    why: String,
}

impl TryFrom<Row> for Message {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Message> {
        let state = match (row.state.as_str(), row.sent_at, row.ended_at) {
            ("waiting", None, None) => MessageState::Waiting { until: row.due_at },
            ("sending", Some(since), None) => MessageState::Sending { since },
            ("sent", Some(_), Some(at)) => MessageState::Sent { at },
            ("handed", Some(_), Some(at)) => MessageState::Handed { at },
            ("said", Some(_), Some(at)) => MessageState::Said { at },
            ("unknown", Some(_), Some(at)) => MessageState::Unknown { at },
            ("refused", Some(_), Some(at)) => MessageState::Refused { at, why: row.why },
            ("dropped", None, Some(at)) => {
                let why =
                    Why::parse(&row.why).with_context(|| format!("{:?} was dropped for nothing", row.id))?;
                MessageState::Dropped { at, why }
            }
            (state, ..) => bail!("message {:?} is inconsistent in state {state:?}", row.id),
        };
        let about = About::parse(&row.about).with_context(|| format!("{:?} is about nothing", row.id))?;
        let (id, subject, arose_at) = (row.id, row.subject, row.arose_at);
        Ok(Message { id, about, subject, arose_at, state, text: row.text })
    }
}

/// All messages that either selects, the first first.
async fn read(
    conn: &mut PgConnection,
    order: Option<OrderId>,
    payment: Option<PaymentId>,
) -> anyhow::Result<Vec<Message>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: MessageId", about, subject, state, arose_at, due_at, sent_at, ended_at, text, why
         FROM buyer_messages
         WHERE id IN (SELECT id FROM buyer_messages WHERE order_id = $1
             UNION ALL SELECT id FROM buyer_messages WHERE payment_id = $2)
         ORDER BY id"#,
        order.map(|order| order.0),
        payment.map(|payment| payment.0)
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// What the buyer of an order was told, and was not, the first first.
pub async fn messages_of(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Message>> {
    read(conn, Some(order), None).await
}

/// All messages of the payment that this one is about.
pub async fn budget(conn: &mut PgConnection, id: MessageId) -> anyhow::Result<Budget> {
    let row = sqlx::query!(
        r#"SELECT p.id AS "id: PaymentId", p.pay_id, p.amount_fen AS "amount: Money",
             least(p.paid_at, p.settled_at) AS "paid_at!"
         FROM buyer_messages m JOIN payments p ON p.id = m.payment_id WHERE m.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let messages = read(conn, None, Some(row.id)).await?;
    Ok(Budget { pay_id: row.pay_id, amount: row.amount, paid_at: row.paid_at, messages })
}

pub async fn order_of(conn: &mut PgConnection, id: MessageId) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar!(r#"SELECT order_id AS "order: OrderId" FROM buyer_messages WHERE id = $1"#, id.0)
        .fetch_optional(conn)
        .await
}

/// Nothing when the same news is there already.
pub async fn insert(
    tx: &mut Tx,
    (order, payment): (OrderId, PaymentId),
    (about, subject): (About, i64),
    now: OffsetDateTime,
) -> sqlx::Result<Option<MessageId>> {
    sqlx::query_scalar!(
        r#"INSERT INTO buyer_messages (order_id, payment_id, about, subject, arose_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT ON CONSTRAINT buyer_messages_once DO NOTHING
         RETURNING id AS "id: MessageId""#,
        order.0,
        payment.0,
        about.name(),
        subject,
        now
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Its call is about to be made with these words.
pub async fn begin(tx: &mut Tx, id: MessageId, text: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE buyer_messages SET state = 'sending', sent_at = $2, text = $3 WHERE id = $1",
        id.0,
        now,
        text
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// It surely did not leave the house: it waits again. False when somebody has called its end unknown meanwhile.
pub async fn take_back(tx: &mut Tx, id: MessageId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE buyer_messages SET state = 'waiting', sent_at = NULL, text = ''
         WHERE id = $1 AND state = 'sending'",
        id.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether it went to the fans room before, and came back.
pub async fn was_handed(conn: &mut PgConnection, id: MessageId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT fan_message IS NOT NULL AS "was!" FROM buyer_messages WHERE id = $1"#, id.0)
        .fetch_one(conn)
        .await
}

/// It goes as this message to a fan, with these words.
pub async fn hand_over(
    tx: &mut Tx,
    id: MessageId,
    (fan_message, text): (i64, &str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE buyer_messages SET state = 'handed', sent_at = $2, ended_at = $2, text = $3, fan_message = $4
         WHERE id = $1",
        id.0,
        now,
        text,
        fan_message
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The message to a fan surely did not go out: it waits again, for its turn among those of the payment.
pub async fn hand_back(
    tx: &mut Tx,
    fan_message: i64,
    now: OffsetDateTime,
) -> sqlx::Result<Option<MessageId>> {
    sqlx::query_scalar!(
        r#"UPDATE buyer_messages SET state = 'waiting', sent_at = NULL, ended_at = NULL, text = '', due_at = $2
         WHERE fan_message = $1 AND state = 'handed' RETURNING id AS "id: MessageId""#,
        fan_message,
        now
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The order about which this message to a fan tells, as long as nobody knows what came of it.
pub async fn order_of_handed(conn: &mut PgConnection, fan_message: i64) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar!(
        r#"SELECT order_id AS "order: OrderId" FROM buyer_messages WHERE fan_message = $1 AND state = 'handed'"#,
        fan_message
    )
    .fetch_optional(conn)
    .await
}

/// The message to a fan was sent; about what it tells, the first time.
pub async fn was_said(tx: &mut Tx, fan_message: i64, at: OffsetDateTime) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "UPDATE buyer_messages SET state = 'said', ended_at = $2
         WHERE fan_message = $1 AND state = 'handed' RETURNING about",
        fan_message,
        at
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Writes down where a message stands, other than that its call begins.
pub async fn save(tx: &mut Tx, id: MessageId, state: &MessageState) -> sqlx::Result<()> {
    let (due_at, ended_at, why) = match state {
        MessageState::Waiting { until } => (Some(*until), None, ""),
        MessageState::Sending { .. } => (None, None, ""),
        MessageState::Sent { at }
        | MessageState::Unknown { at }
        | MessageState::Handed { at }
        | MessageState::Said { at } => (None, Some(*at), ""),
        MessageState::Refused { at, why } => (None, Some(*at), why.as_str()),
        MessageState::Dropped { at, why } => (None, Some(*at), why.name()),
    };
    sqlx::query!(
        "UPDATE buyer_messages SET state = $2, due_at = coalesce($3, due_at), ended_at = $4, why = $5 WHERE id = $1",
        id.0,
        state.name(),
        due_at,
        ended_at,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
