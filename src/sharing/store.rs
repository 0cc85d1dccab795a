//! How reposts are kept.

use super::Wish;
use crate::db::{Db, Tx};
use crate::orders::OrderId;
use anyhow::bail;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What became of an order's repost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repost {
    pub text: String,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Weibo was asked, and what came of it is not known.
    Unknown,
    Done {
        status_id: Option<i64>,
    },
    Refused {
        code: String,
    },
}

pub async fn find(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Repost>> {
    let row =
        sqlx::query!("SELECT text, state, status_id, trouble FROM reposts WHERE order_id = $1", order.0)
            .fetch_optional(conn)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let state = match row.state.as_str() {
        "sending" => State::Unknown,
        "done" => State::Done { status_id: row.status_id },
        "refused" => State::Refused { code: row.trouble.unwrap_or_default() },
        state => bail!("repost of order {order:?} is in state {state:?}"),
    };
    Ok(Some(Repost { text: row.text, state }))
}

/// True for the one who may now ask Weibo; false when somebody has, and was not refused.
pub async fn begin(db: &Db, order: OrderId, wish: &Wish<'_>, now: OffsetDateTime) -> anyhow::Result<bool> {
    let begun = sqlx::query!(
        "INSERT INTO reposts (order_id, customer_id, kind, text, state, asked_at)
         VALUES ($1, $2, $3, $4, 'sending', $5)
         ON CONFLICT (order_id) DO UPDATE
         SET customer_id = excluded.customer_id, kind = excluded.kind, text = excluded.text, state = 'sending',
             trouble = NULL, asked_at = excluded.asked_at
         WHERE reposts.state = 'refused'",
        order.0,
        wish.customer.0,
        if wish.status_id.is_some() { "repost" } else { "share" },
        wish.text,
        now
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(begun.rows_affected() == 1)
}

pub async fn done(tx: &mut Tx, order: OrderId, status_id: Option<i64>) -> anyhow::Result<()> {
    sqlx::query!("UPDATE reposts SET state = 'done', status_id = $2 WHERE order_id = $1", order.0, status_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn refused(db: &Db, order: OrderId, code: &str) -> anyhow::Result<()> {
    sqlx::query!("UPDATE reposts SET state = 'refused', trouble = $2 WHERE order_id = $1", order.0, code)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}
