//! The accounts: who has one, with which role, and that there is always an owner.

use super::{Hashed, May, Member, Role, StaffId, store};
use crate::db::Tx;
use crate::text::Language;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A member as the list of members shows her.
#[derive(Debug, Clone)]
pub struct Listed {
    pub member: Member,
    pub created_at: OffsetDateTime,
    /// To the minute; nothing before her first visit.
    pub seen_at: Option<OffsetDateTime>,
    pub disabled_at: Option<OffsetDateTime>,
}

/// Why an account stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Nobody,
    /// Nobody could run the shop any more.
    LastOwner,
    /// Whoever asks was shut out or given another role a moment ago.
    NotAnyMore,
}

/// All accounts in the order in which they were made.
pub async fn everybody(conn: &mut PgConnection) -> anyhow::Result<Vec<Listed>> {
    store::members::listed(conn, None).await
}

pub async fn listed(conn: &mut PgConnection, id: StaffId) -> anyhow::Result<Option<Listed>> {
    Ok(store::members::listed(conn, Some(id)).await?.pop())
}

/// Gives a member another role and ends her sessions: what she was before. Invitations of hers stop working
/// when she may invite nobody any more.
pub async fn change_role(
    tx: &mut Tx,
    by: &Member,
    id: StaffId,
    role: Role,
) -> anyhow::Result<Result<Listed, Refused>> {
    let before = match lock(tx, by, id, role == Role::Owner).await? {
        Ok(before) => before,
        refused => return Ok(refused),
    };
    store::members::set_role(tx, id, role).await?;
    leaves(tx, id, role.may(May::ManageStaff)).await?;
    Ok(Ok(before))
}

/// Lets a member in again, or shuts her out at once: what she was before.
pub async fn set_enabled(
    tx: &mut Tx,
    by: &Member,
    id: StaffId,
    enabled: bool,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Listed, Refused>> {
    let before = match lock(tx, by, id, enabled).await? {
        Ok(before) => before,
        refused => return Ok(refused),
    };
    store::members::set_disabled(tx, id, (!enabled).then_some(now)).await?;
    leaves(tx, id, enabled).await?;
    Ok(Ok(before))
}

/// Takes a member's second factor away and ends her sessions: what she was before.
pub async fn reset_factor(tx: &mut Tx, by: &Member, id: StaffId) -> anyhow::Result<Result<Listed, Refused>> {
    let before = match lock(tx, by, id, true).await? {
        Ok(before) => before,
        refused => return Ok(refused),
    };
    super::disenrol(tx, id).await?;
    store::seats::end_all(tx, id, None).await?;
    Ok(Ok(before))
}

/// Signs a member out everywhere: how many sessions that ended.
pub async fn sign_out(tx: &mut Tx, by: &Member, id: StaffId) -> anyhow::Result<Result<u64, Refused>> {
    if let Err(why) = lock(tx, by, id, true).await? {
        return Ok(Err(why));
    }
    Ok(Ok(store::seats::end_all(tx, id, None).await?))
}

/// The member, locked together with all owners, so that two owners who take each other's rights away at
/// once leave one.
async fn lock(
    tx: &mut Tx,
    by: &Member,
    id: StaffId,
    stays_owner: bool,
) -> anyhow::Result<Result<Listed, Refused>> {
    let (manages, owners) = still_manages(tx, by, id).await?;
    if !manages {
        return Ok(Err(Refused::NotAnyMore));
    }
    let Some(before) = listed(tx, id).await? else { return Ok(Err(Refused::Nobody)) };
    let last = owners == [id];
    Ok(if last && !stays_owner { Err(Refused::LastOwner) } else { Ok(before) })
}

/// Whether whoever asks may still manage the staff, and all owners: they, she and this member stay as they
/// are until `tx` ends. All are locked at once and in one order, so that two never wait for each other.
pub(super) async fn still_manages(
    tx: &mut Tx,
    by: &Member,
    about: StaffId,
) -> anyhow::Result<(bool, Vec<StaffId>)> {
    let owners = store::members::lock_owners_and(tx, &[by.id.0, about.0]).await?;
    let by = listed(tx, by.id).await?;
    let manages = by.is_some_and(|by| by.disabled_at.is_none() && by.member.may(May::ManageStaff));
    Ok((manages, owners))
}

/// What ends with a right.
async fn leaves(tx: &mut Tx, id: StaffId, may_invite: bool) -> sqlx::Result<()> {
    store::seats::end_all(tx, id, None).await?;
    if !may_invite {
        store::links::revoke_all_of(tx, id).await?;
    }
    Ok(())
}

/// Her next sign-in is with this one.
pub async fn change_password(tx: &mut Tx, id: StaffId, password: &Hashed) -> sqlx::Result<()> {
    store::members::set_hash(tx, id, &password.0).await
}

/// The back office speaks this language to her.
pub async fn speak(tx: &mut Tx, id: StaffId, language: Language) -> sqlx::Result<()> {
    store::members::set_language(tx, id, language).await
}
