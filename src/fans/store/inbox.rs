//! How the desk finds conversations.

use crate::fans::desk::{Asked, Cursor, Entry, Last, Page, Show};
use crate::fans::store::{conversations, fans};
use sqlx::PgConnection;
use std::collections::HashMap;

/// A search brings no more conversations than this.
const MOST_FOUND: i32 = 200;
/// So many times 16,384 messages are looked through, the latest first.
const DRAWERS: i32 = 128;

/// In how many open conversations something is unread, not counted beyond `most`.
pub async fn unread_up_to(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM
             (SELECT FROM conversations WHERE unread > 0 AND state = 'open' LIMIT $1) AS few"#,
        most
    )
    .fetch_one(conn)
    .await
}

/// The conversations of a list: unread before read; in each who waits the longest, then who was heard last. Each list
/// has an index in this very order.
macro_rules! listed {
    ($conn:expr, $asked:expr, $those:literal) => {
        sqlx::query!(
            r#"SELECT c.fan, c.place FROM conversations c WHERE (c.place, c.fan) > ($1, $2) AND "#
                + $those
                + " AND $4::bigint IS NOT NULL ORDER BY c.place, c.fan LIMIT $3",
            $asked.after.map_or(i64::MIN, |after| after.place),
            $asked.after.map_or(i64::MIN, |after| after.fan),
            $asked.most + 1,
            $asked.staff
        )
        .fetch_all($conn)
        .await?
        .into_iter()
        .map(|row| Cursor { place: row.place, fan: row.fan })
        .collect()
    };
}

/// The next conversations of a list; a search brings its best and has no next.
pub async fn page(conn: &mut PgConnection, asked: &Asked) -> anyhow::Result<Page> {
    if !asked.words.is_empty() {
        let found = search(conn, asked).await?;
        return Ok(Page { entries: entries(conn, &found).await?, next: None });
    }
    let mut rows: Vec<Cursor> = match asked.show {
        Show::Open => listed!(&mut *conn, asked, "c.state = 'open'"),
        Show::Mine => listed!(&mut *conn, asked, "c.state = 'open' AND c.staff_id = $4"),
        Show::Unassigned => listed!(&mut *conn, asked, "c.state = 'open' AND c.staff_id IS NULL"),
        Show::Waiting => listed!(&mut *conn, asked, "c.state = 'open' AND c.waiting_since IS NOT NULL"),
        Show::Snoozed => listed!(&mut *conn, asked, "c.state = 'snoozed'"),
        Show::Closed => listed!(&mut *conn, asked, "c.state = 'closed'"),
        Show::All => listed!(&mut *conn, asked, "true"),
    };
    let most = usize::try_from(asked.most).unwrap_or_default();
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().copied().filter(|_| more);
    let fans: Vec<i64> = rows.into_iter().map(|row| row.fan).collect();
    Ok(Page { entries: entries(conn, &fans).await?, next })
}

/// Those of a list whose uid, nickname or words it is, in the order of the list.
async fn search(conn: &mut PgConnection, asked: &Asked) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"WITH found AS MATERIALIZED (
             SELECT uid AS fan FROM fans WHERE uid = $2
             UNION (SELECT uid FROM fans WHERE nickname <> '' AND fan_pairs(nickname, 0) @> fan_pairs(lower($1), 0)
                 AND position(lower($1) IN lower(nickname)) > 0 AND length($1) > 1 LIMIT $4::integer)
             UNION SELECT search_fan_words($1, $4::integer, $5::integer))
           SELECT c.fan FROM found JOIN conversations c USING (fan)
           WHERE CASE $6 WHEN 'all' THEN true WHEN 'snoozed' THEN c.state = 'snoozed' WHEN 'closed' THEN c.state = 'closed'
                 WHEN 'mine' THEN c.state = 'open' AND c.staff_id = $3
                 WHEN 'unassigned' THEN c.state = 'open' AND c.staff_id IS NULL
                 WHEN 'waiting' THEN c.state = 'open' AND c.waiting_since IS NOT NULL
                 ELSE c.state = 'open' END
           ORDER BY c.place, c.fan LIMIT $4::integer"#,
        asked.words,
        asked.words.parse::<i64>().unwrap_or_default(),
        asked.staff,
        MOST_FOUND,
        DRAWERS,
        asked.show.name()
    )
    .fetch_all(conn)
    .await
}

async fn entries(conn: &mut PgConnection, of: &[i64]) -> anyhow::Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"SELECT c.fan, m.author, m.staff_name, m.kind, left(m.text, 80) AS "text!" FROM conversations c
             JOIN fan_messages m ON m.id = c.last_message WHERE c.fan = ANY($1)"#,
        of
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut last: HashMap<i64, Last> = HashMap::new();
    for row in rows {
        let (author, staff_name, kind, text) = (row.author, row.staff_name, row.kind, row.text);
        last.insert(row.fan, Last { author, staff_name, kind, text });
    }
    let mut fans: HashMap<_, _> =
        fans::find_all(conn, of).await?.into_iter().map(|fan| (fan.uid, fan)).collect();
    let mut conversations: HashMap<_, _> =
        conversations::find_all(conn, of).await?.into_iter().map(|one| (one.fan, one)).collect();
    let entry = |uid: &i64| {
        let (fan, conversation) = (fans.remove(uid)?, conversations.remove(uid)?);
        Some(Entry { fan, conversation, last: last.remove(uid)? })
    };
    Ok(of.iter().filter_map(entry).collect())
}
