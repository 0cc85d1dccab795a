//! How lists of subscribers are kept, and what fans are known by them.

use crate::db::Tx;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A list as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub id: i64,
    pub begun_at: OffsetDateTime,
    pub as_of: OffsetDateTime,
    /// Where its next page begins.
    pub next_uid: Option<i64>,
    pub pages: i32,
    pub uids: i64,
    /// As Weibo counts them.
    pub total: Option<i64>,
    /// `reading`, `done` or `stopped`.
    pub state: String,
    pub ended_at: Option<OffsetDateTime>,
    /// Behind `word-stopped-` in the texts, or Weibo's words.
    pub why: String,
}

/// Somebody who subscribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub uid: i64,
    pub nickname: String,
    /// Since when that is known.
    pub since: OffsetDateTime,
}

/// The list that is being read, or a new one.
pub async fn begin(tx: &mut Tx, as_of: OffsetDateTime, now: OffsetDateTime) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO subscriber_lists (begun_at, as_of) VALUES ($1, $2)
         ON CONFLICT (state) WHERE state = 'reading' DO UPDATE SET state = 'reading' RETURNING id",
        now,
        as_of
    )
    .fetch_one(&mut **tx)
    .await
}

macro_rules! list {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            List,
            "SELECT id, begun_at, as_of, next_uid, pages, uids, total, state, ended_at, why FROM subscriber_lists "
                + $condition
            $(, $argument)*
        )
    };
}

pub async fn find(conn: &mut PgConnection, id: i64) -> sqlx::Result<Option<List>> {
    list!("WHERE id = $1", id).fetch_optional(conn).await
}

pub async fn lock(tx: &mut Tx, id: i64) -> sqlx::Result<Option<List>> {
    list!("WHERE id = $1 FOR UPDATE", id).fetch_optional(&mut **tx).await
}

pub async fn last(conn: &mut PgConnection) -> sqlx::Result<Option<List>> {
    list!("ORDER BY id DESC LIMIT 1").fetch_optional(conn).await
}

/// The one that is being read.
pub async fn reading(conn: &mut PgConnection) -> sqlx::Result<Option<List>> {
    list!("WHERE state = 'reading'").fetch_optional(conn).await
}

/// The last that ended, whole or not.
pub async fn last_done(conn: &mut PgConnection) -> sqlx::Result<Option<List>> {
    list!("WHERE state <> 'reading' ORDER BY id DESC LIMIT 1").fetch_optional(conn).await
}

/// They subscribe as of the list, unless they did something since.
pub async fn learn(tx: &mut Tx, uids: &[i64], as_of: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO fans (uid, met_at, subscribes, subscribes_as_of)
         SELECT DISTINCT uid, $2::timestamptz, true, $2::timestamptz FROM unnest($1::bigint[]) AS uid ORDER BY uid
         ON CONFLICT (uid) DO UPDATE SET subscribes = true, subscribes_as_of = excluded.subscribes_as_of
         WHERE fans.subscribes_as_of IS NULL OR fans.subscribes_as_of < excluded.subscribes_as_of",
        uids,
        as_of
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whoever subscribed before the list and is not on it does so no more.
pub async fn miss(tx: &mut Tx, as_of: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fans SET subscribes = false, subscribes_as_of = $1 WHERE subscribes AND subscribes_as_of < $1",
        as_of
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A page was read: where the next begins, how many there were so far, and how many Weibo counts.
pub async fn note(
    tx: &mut Tx,
    id: i64,
    (next_uid, uids, total): (Option<i64>, i64, Option<i64>),
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE subscriber_lists SET next_uid = $2, uids = $3, total = coalesce($4, total), pages = pages + 1
         WHERE id = $1",
        id,
        next_uid,
        uids,
        total
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// It is read no further: `done`, or `stopped` and why.
pub async fn end(tx: &mut Tx, id: i64, (state, why): (&str, &str), now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE subscriber_lists SET state = $2, why = $3, ended_at = $4 WHERE id = $1 AND state = 'reading'",
        id,
        state,
        why,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many subscribe.
pub async fn count(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM fans WHERE subscribes"#).fetch_one(conn).await
}

/// Those who began last, before one of them, at most so many.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<(OffsetDateTime, i64)>,
    most: i64,
) -> sqlx::Result<Vec<Subscriber>> {
    let (at, uid) = before.unzip();
    sqlx::query_as!(
        Subscriber,
        r#"SELECT uid, nickname, subscribed_since AS "since!" FROM fans
         WHERE subscribes AND ($1::timestamptz IS NULL OR (subscribed_since, uid) < ($1, $2::bigint))
         ORDER BY subscribed_since DESC, uid DESC LIMIT $3"#,
        at,
        uid,
        most
    )
    .fetch_all(conn)
    .await
}
