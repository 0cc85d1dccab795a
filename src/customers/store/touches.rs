//! How it is kept by which links a customer came.

use crate::customers::CustomerId;
use crate::customers::touches::{LONGEST, MOST, Touch};
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Keeps by which links she came. A link that is gone is left out, and so is one in her own repost: it would only drive
/// out what counts. Of too many the latest stay, and the first of those that count now.
pub async fn keep(
    tx: &mut Tx,
    customer: CustomerId,
    touches: &[Touch],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    if touches.is_empty() {
        return Ok(());
    }
    let codes: Vec<_> = touches.iter().map(|touch| touch.code().to_owned()).collect();
    let times: Vec<_> = touches.iter().map(Touch::at).collect();
    sqlx::query!(
        "INSERT INTO customer_touches (customer_id, code, came_at)
         SELECT $1, l.code, t.came_at FROM unnest($2::text[], $3::timestamptz[]) AS t (code, came_at)
             JOIN short_links l ON l.code = t.code
         WHERE t.came_at > $4 AND NOT EXISTS (SELECT FROM orders o
             WHERE l.source = 'repost' AND o.id = l.source_id AND o.customer_id = $1)
         ORDER BY t.came_at, l.code ON CONFLICT DO NOTHING",
        customer.0,
        &codes,
        &times,
        now - LONGEST
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "DELETE FROM customer_touches t
         WHERE customer_id = $1
             AND (came_at, code) NOT IN (SELECT came_at, code FROM customer_touches WHERE customer_id = $1
                 ORDER BY came_at DESC, code DESC LIMIT $2::bigint - 1)
             AND (came_at, code) NOT IN (SELECT came_at, code FROM customer_touches, shop WHERE customer_id = $1
                 AND came_at >= $3::timestamptz - make_interval(days => origin_days) ORDER BY came_at, code LIMIT 1)",
        customer.0,
        MOST,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// By which links she came of late, the first first.
pub async fn of(conn: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Vec<Touch>> {
    let rows = sqlx::query!(
        "SELECT code, came_at FROM customer_touches WHERE customer_id = $1 ORDER BY came_at, code",
        customer.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Touch::new(&row.code, row.came_at)).collect())
}

/// Forgets what counts for nothing any more.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM customer_touches WHERE came_at <= $1", now - LONGEST)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}
