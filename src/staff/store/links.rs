//! Links that open the door once.

use super::members::member;
use crate::db::Tx;
use crate::staff::{Invitation, Kind, Link, Member, Role, StaffId};
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Those for the first owner that nobody has used.
pub async fn drop_first(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_links WHERE used_at IS NULL AND kind = 'first'")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn replace_first(tx: &mut Tx, fingerprint: &[u8], until: OffsetDateTime) -> sqlx::Result<()> {
    drop_first(tx).await?;
    sqlx::query!(
        "INSERT INTO staff_links (fingerprint, kind, role, expires_at) VALUES ($1, 'first', 'owner', $2)",
        fingerprint,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn replace_reset(
    tx: &mut Tx,
    fingerprint: &[u8],
    of: &Member,
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_links WHERE used_at IS NULL AND staff_id = $1", of.id.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "INSERT INTO staff_links (fingerprint, kind, role, staff_id, expires_at) VALUES ($1, 'reset', $2, $3, $4)",
        fingerprint,
        of.role.name(),
        of.id.0,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn invite(
    tx: &mut Tx,
    fingerprint: &[u8],
    by: StaffId,
    role: Role,
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO staff_links (fingerprint, kind, role, invited_by, expires_at)
         VALUES ($1, 'invitation', $2, $3, $4)",
        fingerprint,
        role.name(),
        by.0,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn open_invitations(
    conn: &mut PgConnection,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<Invitation>> {
    let rows = sqlx::query!(
        "SELECT l.id, l.role, l.expires_at, m.name FROM staff_links l JOIN staff m ON m.id = l.invited_by
         WHERE l.kind = 'invitation' AND l.used_at IS NULL AND l.expires_at > $1 ORDER BY l.id",
        now
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Invitation {
                id: row.id,
                role: role(&row.role)?,
                invited_by: row.name,
                expires_at: row.expires_at,
            })
        })
        .collect()
}

pub async fn revoke(tx: &mut Tx, id: i64) -> anyhow::Result<Option<Role>> {
    let revoked = sqlx::query_scalar!(
        "DELETE FROM staff_links WHERE id = $1 AND kind = 'invitation' AND used_at IS NULL RETURNING role",
        id
    );
    revoked.fetch_optional(&mut **tx).await?.map(|word| role(&word)).transpose()
}

pub async fn revoke_all_of(tx: &mut Tx, by: StaffId) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM staff_links WHERE used_at IS NULL AND (invited_by = $1 OR staff_id = $1)",
        by.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Of a member who is disabled there is none.
pub async fn find(
    conn: &mut PgConnection,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> anyhow::Result<Option<Link>> {
    let row = sqlx::query!(
        r#"SELECT l.kind, l.role, m.id AS "id?: StaffId", m.name AS "name?", m.role AS "member_role?",
             m.language AS "language?", m.totp_sealed IS NOT NULL AS "second_factor!"
         FROM staff_links l LEFT JOIN staff m ON m.id = l.staff_id
         WHERE l.fingerprint = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND m.disabled_at IS NULL"#,
        fingerprint,
        now
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let member = match (row.id, row.name, row.member_role, row.language) {
        (Some(id), Some(name), Some(role), Some(language)) => {
            Some(member(id, name, &role, &language, row.second_factor)?)
        }
        _ => None,
    };
    let kind = match (row.kind.as_str(), &member) {
        ("first", None) => Kind::First,
        ("invitation", None) => Kind::Invitation,
        ("reset", Some(_)) => Kind::Reset,
        (other, _) => anyhow::bail!("a link of kind {other} that cannot be"),
    };
    Ok(Some(Link { kind, role: role(&row.role)?, member }))
}

/// Of two who use it at once, one finds it used. Whoever uses one for the first owner waits for whoever uses
/// another.
pub async fn use_up(tx: &mut Tx, fingerprint: &[u8], now: OffsetDateTime) -> anyhow::Result<Option<Link>> {
    let Some(link) = find(tx, fingerprint, now).await? else { return Ok(None) };
    if link.kind == Kind::First {
        sqlx::query!("SELECT id FROM staff_links WHERE kind = 'first' ORDER BY id FOR UPDATE")
            .fetch_all(&mut **tx)
            .await?;
    }
    let used = sqlx::query!(
        "UPDATE staff_links SET used_at = $2 WHERE fingerprint = $1 AND used_at IS NULL",
        fingerprint,
        now
    );
    let first = used.execute(&mut **tx).await?.rows_affected() == 1;
    Ok(first.then_some(link))
}

pub async fn sweep(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_links WHERE expires_at <= $1 AND used_at IS NULL", now)
        .execute(conn)
        .await?;
    Ok(())
}

fn role(name: &str) -> anyhow::Result<Role> {
    Role::parse(name).with_context(|| format!("a link for a role that is not known: {name}"))
}
