//! How reposts are kept.

pub mod listing;

use super::Wish;
use super::gifts::{GiftId, Yes};
use crate::coupons::CouponId;
use crate::customers::CustomerId;
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
    /// She said yes to a coupon for it.
    pub for_gift: bool,
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
    /// No answer came, and minutes later Weibo did not show it: it may be sent again.
    Absent,
    /// It stood, and Weibo shows it no more.
    Deleted {
        status_id: Option<i64>,
        at: OffsetDateTime,
    },
}

impl State {
    /// The word behind `word-repost-`.
    pub fn name(&self) -> &'static str {
        match self {
            State::Unknown => "unknown",
            State::Done { status_id: Some(_) } => "done",
            State::Done { status_id: None } => "accepted",
            State::Refused { .. } => "refused",
            State::Absent => "absent",
            State::Deleted { .. } => "deleted",
        }
    }

    pub fn status_id(&self) -> Option<i64> {
        match self {
            State::Done { status_id } | State::Deleted { status_id, .. } => *status_id,
            State::Unknown | State::Refused { .. } | State::Absent => None,
        }
    }
}

/// What is written of a state.
pub(super) struct Columns {
    pub state: String,
    pub status_id: Option<i64>,
    pub trouble: Option<String>,
    pub gone_at: Option<OffsetDateTime>,
}

impl Columns {
    /// The one place where these columns become a value.
    fn read(self) -> anyhow::Result<State> {
        let Columns { state, status_id, trouble, gone_at } = self;
        Ok(match (state.as_str(), gone_at) {
            ("sending", None) => State::Unknown,
            ("done", None) => State::Done { status_id },
            ("refused", None) => State::Refused { code: trouble.unwrap_or_default() },
            ("absent", None) => State::Absent,
            ("deleted", Some(at)) => State::Deleted { status_id, at },
            (state, gone_at) => bail!("a repost is in state {state:?}, gone {gone_at:?}"),
        })
    }
}

/// A press that was written down: what comes back is an answer to this one and to no other.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    pub order: OrderId,
    pub customer: CustomerId,
    pub tries: i32,
}

/// What was sent, of which the status is not known.
pub struct Lost {
    pub sent: Sent,
    pub text: String,
    pub asked_at: OffsetDateTime,
    pub is_repost: bool,
    /// What Weibo may name as its original: a repost of a repost leads back to the first. None for what was sent
    /// before this was written down.
    pub roots: Vec<i64>,
    /// Weibo has taken it, and only its id is missing.
    pub is_accepted: bool,
    /// It was looked for before, and not there.
    pub was_absent: bool,
}

/// What came of a press, when it stands.
pub struct Confirmed {
    /// It was not known to stand before.
    pub is_first: bool,
    pub number: String,
    pub gift: Option<Yes>,
}

pub async fn find(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Repost>> {
    let row = sqlx::query!(
        r#"SELECT text, state, status_id, trouble, gone_at, gift_id IS NOT NULL AS "for_gift!" FROM reposts
           WHERE order_id = $1"#,
        order.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (state, status_id, trouble, gone_at) = (row.state, row.status_id, row.trouble, row.gone_at);
    let state = Columns { state, status_id, trouble, gone_at }.read()?;
    Ok(Some(Repost { text: row.text, state, for_gift: row.for_gift }))
}

/// What is to be looked for; nothing where all is known, or nothing was sent.
pub async fn lost(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Lost>> {
    let row = sqlx::query!(
        r#"SELECT r.customer_id AS "customer: CustomerId", r.tries, r.text, r.asked_at, r.kind, r.state,
             ARRAY(WITH RECURSIVE up (id) AS (
                 SELECT r.of_status
                 UNION SELECT u.of_status FROM up JOIN reposts u ON u.status_id = up.id)
               SELECT id FROM up WHERE id IS NOT NULL) AS "roots!"
           FROM reposts r
           WHERE r.order_id = $1 AND (r.state IN ('sending', 'absent') OR (r.state = 'done' AND r.status_id IS NULL))"#,
        order.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Lost {
        sent: Sent { order, customer: row.customer, tries: row.tries },
        text: row.text,
        asked_at: row.asked_at,
        is_repost: row.kind == "repost",
        roots: row.roots,
        is_accepted: row.state == "done",
        was_absent: row.state == "absent",
    }))
}

/// Something for the one who may now ask Weibo; nothing when somebody has, and neither was refused nor is it absent.
pub async fn begin(
    tx: &mut Tx,
    order: OrderId,
    wish: &Wish<'_>,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Sent>> {
    let tries = sqlx::query_scalar!(
        "INSERT INTO reposts (order_id, customer_id, kind, text, state, asked_at, of_status)
         VALUES ($1, $2, $3, $4, 'sending', $5, $6)
         ON CONFLICT (order_id) DO UPDATE
         SET customer_id = excluded.customer_id, kind = excluded.kind, text = excluded.text, state = 'sending',
             trouble = NULL, asked_at = excluded.asked_at, of_status = excluded.of_status, gift_id = NULL,
             gift_coupon_id = NULL, tries = reposts.tries + 1
         WHERE reposts.state IN ('refused', 'absent')
         RETURNING tries",
        order.0,
        wish.customer.0,
        if wish.status_id.is_some() { "repost" } else { "share" },
        wish.text,
        now,
        wish.status_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(tries.map(|tries| Sent { order, customer: wish.customer, tries }))
}

/// What she said yes to, with this press.
pub async fn says_yes(tx: &mut Tx, sent: &Sent, yes: Yes) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE reposts SET gift_id = $3, gift_coupon_id = $4 WHERE order_id = $1 AND tries = $2 AND state = 'sending'",
        sent.order.0,
        sent.tries,
        yes.gift.0,
        yes.coupon.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Holds all reposts of this customer, so that no status counts for two of them; gives the statuses that do.
pub async fn hold(tx: &mut Tx, customer: CustomerId) -> anyhow::Result<Vec<i64>> {
    let held = sqlx::query_scalar!(
        "SELECT status_id FROM reposts WHERE customer_id = $1 ORDER BY order_id FOR UPDATE",
        customer.0
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(held.into_iter().flatten().collect())
}

/// It stands. Nothing when the press is not the last one, or its status was known.
pub async fn done(tx: &mut Tx, sent: &Sent, status_id: Option<i64>) -> anyhow::Result<Option<Confirmed>> {
    hold(tx, sent.customer).await?;
    let row = sqlx::query!(
        r#"UPDATE reposts r SET state = 'done', status_id = $3
           FROM reposts before JOIN orders o ON o.id = before.order_id
           WHERE r.order_id = $1 AND before.order_id = $1 AND r.tries = $2
               AND (r.state IN ('sending', 'absent') OR (r.state = 'done' AND r.status_id IS NULL AND $3::bigint IS NOT NULL))
           RETURNING before.state, o.number, r.gift_id AS "gift: GiftId", r.gift_coupon_id AS "coupon: CouponId""#,
        sent.order.0,
        sent.tries,
        status_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| {
        let gift = row.gift.zip(row.coupon).map(|(gift, coupon)| Yes { gift, coupon });
        Confirmed { is_first: row.state != "done", number: row.number, gift }
    }))
}

/// Nothing was posted. Where it is for the status that she wanted to say again (`bars`), that one is not tried again.
pub async fn refused(db: &Db, sent: &Sent, code: &str, bars: bool) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE reposts SET state = 'refused', trouble = $3,
             barred = CASE WHEN $4 AND of_status IS NOT NULL THEN barred || of_status ELSE barred END
         WHERE order_id = $1 AND tries = $2 AND state = 'sending'",
        sent.order.0,
        sent.tries,
        code,
        bars
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// What was posted under this id is there no more.
pub async fn vanished(db: &Db, status_id: i64, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE reposts SET state = 'deleted', gone_at = $2 WHERE status_id = $1 AND state = 'done'",
        status_id,
        now
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// Statuses that this order's buyer may not repost, as Weibo says.
pub async fn barred(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Vec<i64>> {
    let barred = sqlx::query_scalar!("SELECT barred FROM reposts WHERE order_id = $1", order.0);
    Ok(barred.fetch_optional(conn).await?.unwrap_or_default())
}

pub async fn absent(tx: &mut Tx, sent: &Sent) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE reposts SET state = 'absent' WHERE order_id = $1 AND tries = $2 AND state = 'sending'",
        sent.order.0,
        sent.tries
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Weibo shows it no more.
pub async fn gone(tx: &mut Tx, order: OrderId, now: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE reposts SET state = 'deleted', gone_at = $2 WHERE order_id = $1 AND state = 'done'",
        order.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What another buyer has told of her order, or the shop has posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status_id: i64,
    /// Nobody where the shop itself has said it.
    pub by: Option<CustomerId>,
    pub text: String,
}

/// What brought the buyer of this order: what the shop has posted, or another buyer has told, where she came last by the
/// link in it. Not one of her own: nobody reposts herself (20103).
pub async fn brought_by(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Option<Told>> {
    sqlx::query_as!(
        Told,
        r#"SELECT coalesce(r.status_id, p.status_id) AS "status_id!", r.customer_id AS "by?: CustomerId",
             coalesce(r.text, p.text) AS "text!"
           FROM order_origins g JOIN short_links l ON l.code = g.code JOIN orders o ON o.id = g.order_id
             LEFT JOIN reposts r ON l.source = 'repost' AND r.order_id = l.source_id AND r.state = 'done'
                 AND r.customer_id IS DISTINCT FROM o.customer_id
             LEFT JOIN posts p ON l.source = 'post' AND p.id = l.source_id AND p.state = 'done'
           WHERE g.order_id = $1 AND coalesce(r.status_id, p.status_id) IS NOT NULL"#,
        order.0
    )
    .fetch_optional(conn)
    .await
}

/// The code of what this order's buyer tells, when there is one.
pub async fn link(conn: &mut PgConnection, order: OrderId, path: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "SELECT code FROM short_links WHERE source = 'repost' AND source_id = $1 AND path = $2",
        order.0,
        path
    )
    .fetch_optional(conn)
    .await
}
