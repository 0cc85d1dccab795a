//! How accounts and links are kept.

use super::audit::Change;
use super::{Member, Role, StaffId, Wrong};
use crate::db::{Db, Tx, violates};
use crate::text::Language;
use anyhow::Context;
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
    let row = sqlx::query!(
        r#"SELECT id AS "id: StaffId", name, role, language, password_hash FROM staff WHERE name = $1"#,
        name
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((member(row.id, row.name, &row.role, &row.language)?, row.password_hash))).transpose()
}

pub async fn find(conn: &mut PgConnection, id: StaffId) -> anyhow::Result<Option<Member>> {
    let row =
        sqlx::query!(r#"SELECT id AS "id: StaffId", name, role, language FROM staff WHERE id = $1"#, id.0)
            .fetch_optional(conn)
            .await?;
    row.map(|row| member(row.id, row.name, &row.role, &row.language)).transpose()
}

fn member(id: StaffId, name: String, role: &str, language: &str) -> anyhow::Result<Member> {
    let role = Role::parse(role).with_context(|| format!("member {} has a role that is not known", id.0))?;
    let language = if language == "en" { Language::English } else { Language::Chinese };
    Ok(Member { id, name, role, language })
}

pub async fn record(
    tx: &mut Tx,
    who: Option<(StaffId, &str)>,
    change: &Change<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO audit (at, staff_id, staff_name, action, subject, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        now,
        who.map(|(id, _)| id.0),
        who.map_or("", |(_, name)| name),
        change.action,
        change.subject,
        change.before,
        change.after
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
