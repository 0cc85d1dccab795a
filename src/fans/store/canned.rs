//! How canned answers are kept.

use crate::db::{Tx, violates};
use crate::fans::desk::{Canned, CannedId, Taken};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Nobody picks from more.
const MOST: i64 = 500;

/// By category and title.
pub async fn all(conn: &mut PgConnection) -> sqlx::Result<Vec<(CannedId, Canned)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CannedId", category, title, text FROM canned_answers ORDER BY category, title LIMIT $1"#,
        MOST
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, Canned { category: row.category, title: row.title, text: row.text }))
        .collect())
}

pub async fn find(conn: &mut PgConnection, id: CannedId) -> sqlx::Result<Option<Canned>> {
    sqlx::query_as!(Canned, "SELECT category, title, text FROM canned_answers WHERE id = $1", id.0)
        .fetch_optional(conn)
        .await
}

/// A new one.
pub async fn write(tx: &mut Tx, new: &Canned, now: OffsetDateTime) -> sqlx::Result<Result<CannedId, Taken>> {
    let id = sqlx::query_scalar!(
        r#"INSERT INTO canned_answers (category, title, text, changed_at) VALUES ($1, $2, $3, $4)
           RETURNING id AS "id: CannedId""#,
        new.category,
        new.title,
        new.text,
        now
    )
    .fetch_one(&mut **tx)
    .await;
    match id {
        Err(error) if violates(&error, "canned_answers_title_unique") => Ok(Err(Taken)),
        id => id.map(Ok),
    }
}

/// Another text for it; whether there is one of this id.
pub async fn save(
    tx: &mut Tx,
    id: CannedId,
    canned: &Canned,
    now: OffsetDateTime,
) -> sqlx::Result<Result<bool, Taken>> {
    let saved = sqlx::query!(
        "UPDATE canned_answers SET category = $2, title = $3, text = $4, changed_at = $5 WHERE id = $1",
        id.0,
        canned.category,
        canned.title,
        canned.text,
        now
    )
    .execute(&mut **tx)
    .await;
    match saved {
        Err(error) if violates(&error, "canned_answers_title_unique") => Ok(Err(Taken)),
        saved => Ok(Ok(saved?.rows_affected() == 1)),
    }
}

pub async fn remove(tx: &mut Tx, id: CannedId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM canned_answers WHERE id = $1", id.0).execute(&mut **tx).await?;
    Ok(())
}
