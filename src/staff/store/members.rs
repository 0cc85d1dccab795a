//! The accounts' table.

use crate::db::{Tx, violates};
use crate::staff::{Listed, Member, Role, StaffId, Wrong};
use crate::text::Language;
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn has_owner(conn: &mut PgConnection) -> anyhow::Result<bool> {
    let owner =
        sqlx::query_scalar!("SELECT id FROM staff WHERE role = 'owner' LIMIT 1").fetch_optional(conn).await?;
    Ok(owner.is_some())
}

pub async fn add(
    tx: &mut Tx,
    name: &str,
    hash: &str,
    role: Role,
    language: Language,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Member, Wrong>> {
    let made = sqlx::query_scalar!(
        r#"INSERT INTO staff (name, password_hash, role, language, created_at) VALUES ($1, $2, $3, $4, $5)
         RETURNING id AS "id: StaffId""#,
        name,
        hash,
        role.name(),
        language.code(),
        now
    )
    .fetch_one(&mut **tx)
    .await;
    match made {
        Ok(id) => Ok(Ok(Member { id, name: name.to_owned(), role, language, second_factor: false })),
        Err(error) if violates(&error, "staff_name_unique") => Ok(Err(Wrong::NameTaken)),
        Err(error) => Err(error.into()),
    }
}

/// A member who is not disabled, and the hash of the password.
pub async fn find_by_name(conn: &mut PgConnection, name: &str) -> anyhow::Result<Option<(Member, String)>> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: StaffId", name, role, language, password_hash,
             totp_sealed IS NOT NULL AS "second_factor!"
         FROM staff WHERE name = $1 AND disabled_at IS NULL"#,
        name
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok((member(row.id, row.name, &row.role, &row.language, row.second_factor)?, row.password_hash))
    })
    .transpose()
}

pub async fn hash_of(conn: &mut PgConnection, id: StaffId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT password_hash FROM staff WHERE id = $1 AND disabled_at IS NULL", id.0)
        .fetch_optional(conn)
        .await
}

/// As [`hash_of`]; the account stays as it is until `tx` ends.
pub async fn lock_hash(tx: &mut Tx, id: StaffId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "SELECT password_hash FROM staff WHERE id = $1 AND disabled_at IS NULL FOR UPDATE",
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn listed(conn: &mut PgConnection, only: Option<StaffId>) -> anyhow::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: StaffId", name, role, language, created_at, seen_at, disabled_at,
             totp_sealed IS NOT NULL AS "second_factor!"
         FROM staff WHERE $1::bigint IS NULL OR id = $1 ORDER BY id"#,
        only.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Listed {
                member: member(row.id, row.name, &row.role, &row.language, row.second_factor)?,
                created_at: row.created_at,
                seen_at: row.seen_at,
                disabled_at: row.disabled_at,
            })
        })
        .collect()
}

/// All owners who are not disabled; they and these members stay as they are until `tx` ends.
pub async fn lock_owners_and(tx: &mut Tx, also: &[i64]) -> sqlx::Result<Vec<StaffId>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: StaffId", role = 'owner' AND disabled_at IS NULL AS "owner!" FROM staff
         WHERE id = ANY($1) OR (role = 'owner' AND disabled_at IS NULL) ORDER BY id FOR UPDATE"#,
        also
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().filter(|row| row.owner).map(|row| row.id).collect())
}

pub async fn set_role(tx: &mut Tx, id: StaffId, role: Role) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET role = $2 WHERE id = $1", id.0, role.name()).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_disabled(tx: &mut Tx, id: StaffId, at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET disabled_at = $2 WHERE id = $1", id.0, at).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_hash(tx: &mut Tx, id: StaffId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET password_hash = $2 WHERE id = $1", id.0, hash).execute(&mut **tx).await?;
    Ok(())
}

pub async fn set_language(tx: &mut Tx, id: StaffId, language: Language) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET language = $2 WHERE id = $1", id.0, language.code())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub fn member(
    id: StaffId,
    name: String,
    role: &str,
    language: &str,
    second_factor: bool,
) -> anyhow::Result<Member> {
    let role = Role::parse(role).with_context(|| format!("member {} has a role that is not known", id.0))?;
    let language = Language::of_code(language);
    Ok(Member { id, name, role, language, second_factor })
}
