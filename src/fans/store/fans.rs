//! How fans are kept.

use crate::db::Tx;
use crate::fans::Fan;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Knows somebody from now on; whoever is known stays as she is.
pub async fn meet(tx: &mut Tx, uid: i64, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("INSERT INTO fans (uid, met_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", uid, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn find(conn: &mut PgConnection, uid: i64) -> sqlx::Result<Option<Fan>> {
    sqlx::query_as!(
        Fan,
        "SELECT uid, met_at, nickname, picture_url, place, asked_about_at, follows, subscribes, acted_at,
             mentioned_at, mention_answered, unfollowed_at FROM fans WHERE uid = $1",
        uid
    )
    .fetch_optional(conn)
    .await
}

/// Those of these uids that are known, in no order.
pub async fn find_all(conn: &mut PgConnection, uids: &[i64]) -> sqlx::Result<Vec<Fan>> {
    sqlx::query_as!(
        Fan,
        "SELECT uid, met_at, nickname, picture_url, place, asked_about_at, follows, subscribes, acted_at,
             mentioned_at, mention_answered, unfollowed_at FROM fans WHERE uid = ANY($1)",
        uids
    )
    .fetch_all(conn)
    .await
}

/// As [`find`], hers alone until the end of the transaction.
pub async fn lock(tx: &mut Tx, uid: i64) -> sqlx::Result<Option<Fan>> {
    sqlx::query_as!(
        Fan,
        "SELECT uid, met_at, nickname, picture_url, place, asked_about_at, follows, subscribes, acted_at,
             mentioned_at, mention_answered, unfollowed_at FROM fans WHERE uid = $1 FOR UPDATE",
        uid
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The one answer to her mention is spent.
pub async fn answer_mention(tx: &mut Tx, uid: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fans SET mention_answered = true WHERE uid = $1", uid).execute(&mut **tx).await?;
    Ok(())
}

/// What Weibo tells of her now. Where it tells nothing, what was known stays.
pub async fn learn(
    tx: &mut Tx,
    uid: i64,
    (nickname, picture, place): (Option<&str>, Option<&str>, Option<&str>),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fans SET nickname = COALESCE($2, nickname), picture_url = COALESCE($3, picture_url),
             place = COALESCE($4, place), asked_about_at = $5 WHERE uid = $1",
        uid,
        nickname,
        picture,
        place,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Of those who wrote after `then`, so many about whom Weibo was not asked since; who wrote last comes first.
pub async fn to_be_asked_about(tx: &mut Tx, then: OffsetDateTime, most: i64) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "SELECT uid FROM conversations JOIN fans ON uid = fan
         WHERE last_at > $1 AND (asked_about_at IS NULL OR asked_about_at <= $1) ORDER BY last_at DESC LIMIT $2",
        then,
        most
    )
    .fetch_all(&mut **tx)
    .await
}

/// Until when Weibo is asked about nobody.
pub async fn look_up_not_before(conn: &mut PgConnection) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!("SELECT look_up_not_before FROM fans_service").fetch_one(conn).await
}

pub async fn look_up_later(tx: &mut Tx, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fans_service SET look_up_not_before = greatest(look_up_not_before, $1)", until)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
