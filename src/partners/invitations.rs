//! Links by which an account becomes a partner's: each works once, for a week, and only the last that was made.

use super::partner::{Partner, PartnerId};
use super::store;
use crate::customers::CustomerId;
use crate::db::{Tx, violates};
use crate::seal::{fingerprint, token};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// So long an invitation works.
const LASTS: Duration = Duration::days(7);

/// An invitation that was made: told this once.
#[derive(Debug, Clone)]
pub struct Invited {
    pub link: String,
    pub until: OffsetDateTime,
}

/// What came of taking an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// From now on the account is the partner's.
    Bound(PartnerId),
    /// It was used by her before: pressed twice, or looked at again.
    Hers,
    /// It was used, is too old, was replaced, or never was one.
    Dead,
    /// The account is another partner's already.
    IsPartner,
}

/// A new invitation for her; the one before stops working. Nothing when she has taken one, has ended, or is nobody.
pub async fn invite(tx: &mut Tx, id: PartnerId, now: OffsetDateTime) -> anyhow::Result<Option<Invited>> {
    store::hold(tx, id).await?;
    let open = |partner: &Partner| partner.account.is_none() && partner.ended_at.is_none();
    if !store::find(tx, id).await?.as_ref().is_some_and(open) {
        return Ok(None);
    }
    let (link, until) = (token(), now + LASTS);
    store::invitations::replace(tx, id, &fingerprint(&link), until).await?;
    Ok(Some(Invited { link, until }))
}

/// Whom this link invites, while it works.
pub async fn find_invitation(
    conn: &mut PgConnection,
    link: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Partner>> {
    let Some(id) = store::invitations::find(conn, &fingerprint(link), now).await? else { return Ok(None) };
    let partner = store::find(conn, id).await?;
    Ok(partner.filter(|partner| partner.account.is_none() && partner.ended_at.is_none()))
}

/// Whether this account has taken it.
pub async fn has_taken(conn: &mut PgConnection, link: &str, customer: CustomerId) -> sqlx::Result<bool> {
    store::invitations::is_taken_by(conn, &fingerprint(link), customer).await
}

/// Uses the link up: the account is the partner's from now on. Of several at once one does.
pub async fn accept(
    tx: &mut Tx,
    link: &str,
    customer: CustomerId,
    now: OffsetDateTime,
) -> anyhow::Result<Taken> {
    let used = match find_invitation(tx, link, now).await? {
        Some(partner) => {
            store::hold(tx, partner.id).await?;
            store::invitations::use_up(tx, &fingerprint(link), now).await?.then_some(partner)
        }
        None => None,
    };
    let Some(partner) = used else {
        return Ok(if has_taken(tx, link, customer).await? { Taken::Hers } else { Taken::Dead });
    };
    match store::bind(tx, partner.id, customer, now).await {
        Ok(true) => Ok(Taken::Bound(partner.id)),
        Ok(false) => Ok(Taken::Dead),
        Err(error) if violates(&error, "partners_one_account") => Ok(Taken::IsPartner),
        Err(error) => Err(error.into()),
    }
}
