//! The bytes of files, in pieces of at most 256 kB.

use crate::transfers::transfer::TransferId;
use sqlx::PgConnection;

/// Adds pieces; the first of them has this number.
pub async fn add(
    conn: &mut PgConnection,
    id: TransferId,
    first: i32,
    pieces: &[Vec<u8>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO transfer_pieces (transfer_id, number, bytes)
        SELECT $1, $2 + n.number::integer - 1, n.bytes FROM unnest($3::bytea[]) WITH ORDINALITY AS n (bytes, number)",
        id as TransferId,
        first,
        pieces
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn find(conn: &mut PgConnection, id: TransferId, number: i32) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT bytes FROM transfer_pieces WHERE transfer_id = $1 AND number = $2",
        id as TransferId,
        number
    )
    .fetch_optional(conn)
    .await
}

pub async fn forget(conn: &mut PgConnection, id: TransferId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM transfer_pieces WHERE transfer_id = $1", id as TransferId)
        .execute(conn)
        .await?;
    Ok(())
}
