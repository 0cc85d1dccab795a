//! How the desk finds conversations.

use crate::fans::desk::{Entry, Show};
use crate::fans::store::{conversations, fans};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn unread_up_to(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM
             (SELECT FROM conversations WHERE unread > 0 AND state = 'open' LIMIT $1) AS few"#,
        most
    )
    .fetch_one(conn)
    .await
}

/// Unread first, then the latest.
pub async fn list(
    conn: &mut PgConnection,
    show: Show,
    staff: i64,
    now: OffsetDateTime,
    most: i64,
) -> anyhow::Result<Vec<Entry>> {
    let rows = sqlx::query!(
        "SELECT c.fan, m.author, m.kind, left(m.text, 80) AS text FROM conversations c
           JOIN fan_messages m ON m.id = c.last_message
         WHERE CASE $1 WHEN 'all' THEN true WHEN 'closed' THEN c.state = 'closed'
             WHEN 'snoozed' THEN c.state = 'snoozed' AND c.snoozed_until > $3
             ELSE c.state = 'open' OR c.state = 'snoozed' AND c.snoozed_until <= $3 END
           AND CASE $1 WHEN 'mine' THEN c.staff_id = $2 WHEN 'unassigned' THEN c.staff_id IS NULL
             WHEN 'waiting' THEN c.waiting_since IS NOT NULL ELSE true END
         ORDER BY (c.unread > 0) DESC, c.last_at DESC, c.fan LIMIT $4",
        show.name(),
        staff,
        now,
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let fan = fans::find(conn, row.fan).await?;
        let conversation = conversations::find(conn, row.fan).await?;
        if let Some((fan, conversation)) = fan.zip(conversation) {
            entries.push(Entry {
                fan,
                conversation,
                last: (row.author, row.kind, row.text.unwrap_or_default()),
            });
        }
    }
    Ok(entries)
}
