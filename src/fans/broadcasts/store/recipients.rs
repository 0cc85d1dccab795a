//! Who gets a broadcast, and what became of it for each.

use crate::clock::SHOP_ZONE;
use crate::db::Tx;
use crate::fans::broadcasts::{Audience, Bought, BroadcastId, Tally};
use sqlx::PgConnection;
use time::{OffsetDateTime, Time};

/// As a query takes them: what matters of an audience.
struct Filter<'a> {
    follows: bool,
    bought: Option<&'a Bought>,
    since: Option<OffsetDateTime>,
}

impl<'a> Filter<'a> {
    fn of(audience: &'a Audience) -> Filter<'a> {
        let bought = match audience {
            Audience::Buyers(bought) => Some(bought),
            _ => None,
        };
        let since = bought.and_then(|bought| bought.since);
        let since = since.map(|day| day.with_time(Time::MIDNIGHT).assume_offset(SHOP_ZONE));
        Filter { follows: matches!(audience, Audience::Followers), bought, since }
    }
}

/// How many of an audience of ours subscribe now.
pub async fn reach(conn: &mut PgConnection, audience: &Audience) -> sqlx::Result<i64> {
    let Filter { follows, bought, since } = Filter::of(audience);
    let Some(bought) = bought else {
        return sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM fans WHERE subscribes AND (NOT $1 OR follows)"#,
            follows
        )
        .fetch_one(conn)
        .await;
    };
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
             SELECT c.id FROM fans f
             JOIN customers c ON c.weibo_uid = f.uid
             JOIN orders o ON o.customer_id = c.id
             WHERE f.subscribes AND o.payment = 'paid' AND o.back_fen < o.total_fen
               AND ($1::timestamptz IS NULL OR o.paid_at >= $1)
               AND ((cardinality($2::bigint[]) = 0 AND cardinality($3::bigint[]) = 0) OR EXISTS (
                   SELECT FROM order_lines l JOIN products p ON p.id = l.product_id
                   WHERE l.order_id = o.id AND (p.id = ANY($2) OR p.category_id = ANY($3))))
             GROUP BY c.id HAVING count(*) >= $4 AND sum(o.total_fen - o.back_fen) >= $5::bigint) AS found"#,
        since,
        &bought.products,
        &bought.categories,
        bought.orders,
        bought.fen
    )
    .fetch_one(conn)
    .await
}

/// Writes down the next recipients behind `after`, out of so many subscribers at most: up to which uid, nothing when
/// there is nobody left.
pub async fn gather(
    tx: &mut Tx,
    (id, audience): (BroadcastId, &Audience),
    after: i64,
    most: i64,
) -> sqlx::Result<Option<i64>> {
    let Filter { follows, bought, since } = Filter::of(audience);
    let none = Bought::default();
    let wanted = bought.unwrap_or(&none);
    sqlx::query_scalar!(
        r#"WITH page AS (
             SELECT uid, follows FROM fans WHERE subscribes AND uid > $2 ORDER BY uid LIMIT $3),
           written AS (
             INSERT INTO broadcast_recipients (broadcast, uid)
             SELECT $1, page.uid FROM page
             WHERE (NOT $4 OR page.follows) AND (NOT $5 OR EXISTS (
                 SELECT FROM customers c JOIN orders o ON o.customer_id = c.id
                 WHERE c.weibo_uid = page.uid AND o.payment = 'paid' AND o.back_fen < o.total_fen
                   AND ($6::timestamptz IS NULL OR o.paid_at >= $6)
                   AND ((cardinality($7::bigint[]) = 0 AND cardinality($8::bigint[]) = 0) OR EXISTS (
                       SELECT FROM order_lines l JOIN products p ON p.id = l.product_id
                       WHERE l.order_id = o.id AND (p.id = ANY($7) OR p.category_id = ANY($8))))
                 HAVING count(*) >= $9 AND sum(o.total_fen - o.back_fen) >= $10::bigint))
             ON CONFLICT DO NOTHING)
           SELECT max(uid) FROM page"#,
        id.0,
        after,
        most,
        follows,
        bought.is_some(),
        since,
        &wanted.products,
        &wanted.categories,
        wanted.orders.max(1),
        wanted.fen
    )
    .fetch_one(&mut **tx)
    .await
}

/// Up to which uid its recipients are written down.
pub async fn gathered_to(conn: &mut PgConnection, id: BroadcastId) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT gathered_to FROM broadcasts WHERE id = $1", id.0).fetch_one(conn).await
}

/// Recipients are written down up to this uid; all of them when there is none.
pub async fn gathered(
    tx: &mut Tx,
    id: BroadcastId,
    to: Option<i64>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE broadcasts SET gathered_to = coalesce($2, gathered_to),
             gathered_at = CASE WHEN $2::bigint IS NULL THEN $3::timestamptz END
         WHERE id = $1",
        id.0,
        to,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The next that wait, at most so many, with whether they subscribe still.
pub async fn next(tx: &mut Tx, id: BroadcastId, most: i64) -> sqlx::Result<Vec<(i64, bool)>> {
    let rows = sqlx::query!(
        r#"SELECT r.uid, coalesce(f.subscribes, false) AS "subscribes!"
         FROM broadcast_recipients r LEFT JOIN fans f ON f.uid = r.uid
         WHERE r.broadcast = $1 AND r.state = 'waiting' ORDER BY r.uid LIMIT $2"#,
        id.0,
        most
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.uid, row.subscribes)).collect())
}

/// They have unsubscribed: they get nothing.
pub async fn leave_out(tx: &mut Tx, id: BroadcastId, uids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE broadcast_recipients SET state = 'left_out'
         WHERE broadcast = $1 AND uid = ANY($2) AND state = 'waiting'",
        id.0,
        uids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// They are in a call that is about to be made.
pub async fn begin(tx: &mut Tx, id: BroadcastId, batch: i64, uids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE broadcast_recipients SET state = 'sending', batch = $2 WHERE broadcast = $1 AND uid = ANY($3)",
        id.0,
        batch,
        uids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What came of the call for all that were in it; put back, they wait again.
pub async fn end(tx: &mut Tx, batch: i64, state: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE broadcast_recipients SET state = CASE WHEN $2 = 'put_back' THEN 'waiting' ELSE $2 END,
             batch = CASE WHEN $2 = 'put_back' THEN NULL ELSE batch END
         WHERE batch = $1",
        batch,
        state
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many of its recipients stand where.
pub async fn tally(conn: &mut PgConnection, id: BroadcastId) -> sqlx::Result<Tally> {
    let rows = sqlx::query!("SELECT state, recipients FROM broadcast_tallies WHERE broadcast = $1", id.0)
        .fetch_all(conn)
        .await?;
    let of = |state: &str| rows.iter().find(|row| row.state == state).map_or(0, |row| row.recipients);
    Ok(Tally {
        waiting: of("waiting"),
        sending: of("sending"),
        sent: of("sent"),
        unknown: of("unknown"),
        refused: of("refused"),
        left_out: of("left_out"),
    })
}

/// Whether she subscribes, as far as we know.
pub async fn is_subscribed(conn: &mut PgConnection, uid: i64) -> sqlx::Result<bool> {
    let found =
        sqlx::query_scalar!(r#"SELECT coalesce(subscribes, false) AS "is!" FROM fans WHERE uid = $1"#, uid);
    Ok(found.fetch_optional(conn).await?.unwrap_or(false))
}
