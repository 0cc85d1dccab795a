//! How accounts and links are kept.

use super::{Member, StaffId, Wrong};
use crate::db::{Db, violates};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn has_owner(conn: &mut PgConnection) -> anyhow::Result<bool> {
    let owner =
        sqlx::query_scalar!("SELECT id FROM staff WHERE role = 'owner' LIMIT 1").fetch_optional(conn).await?;
    Ok(owner.is_some())
}

pub async fn replace_links(db: &Db, fingerprint: &[u8], until: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query!("DELETE FROM staff_links WHERE used_at IS NULL").execute(&mut *tx).await?;
    sqlx::query!(
        "INSERT INTO staff_links (fingerprint, role, expires_at) VALUES ($1, 'owner', $2)",
        fingerprint,
        until
    )
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

pub async fn link_works(
    conn: &mut PgConnection,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let link = sqlx::query_scalar!(
        "SELECT role FROM staff_links WHERE fingerprint = $1 AND used_at IS NULL AND expires_at > $2",
        fingerprint,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(link.is_some())
}

pub async fn accept(
    db: &Db,
    fingerprint: &[u8],
    name: &str,
    hash: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Result<StaffId, Wrong>> {
    let mut tx = db.begin().await?;
    let used = sqlx::query_scalar!(
        "UPDATE staff_links SET used_at = $2
         WHERE fingerprint = $1 AND used_at IS NULL AND expires_at > $2 RETURNING role",
        fingerprint,
        now
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(role) = used else { return Ok(Err(Wrong::Link)) };
    let made = sqlx::query_scalar!(
        r#"INSERT INTO staff (name, password_hash, role, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id AS "id: StaffId""#,
        name,
        hash,
        role,
        now
    )
    .fetch_one(&mut *tx)
    .await;
    match made {
        Ok(id) => {
            tx.commit().await?;
            Ok(Ok(id))
        }
        Err(error) if violates(&error, "staff_name_unique") => Ok(Err(Wrong::NameTaken)),
        Err(error) => Err(error.into()),
    }
}

/// A member and the hash of the password.
pub async fn find_by_name(conn: &mut PgConnection, name: &str) -> anyhow::Result<Option<(Member, String)>> {
    let row =
        sqlx::query!(r#"SELECT id AS "id: StaffId", name, password_hash FROM staff WHERE name = $1"#, name)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|row| (Member { id: row.id, name: row.name }, row.password_hash)))
}

pub async fn find(conn: &mut PgConnection, id: StaffId) -> anyhow::Result<Option<Member>> {
    let member =
        sqlx::query_as!(Member, r#"SELECT id AS "id: StaffId", name FROM staff WHERE id = $1"#, id.0)
            .fetch_optional(conn)
            .await?;
    Ok(member)
}
