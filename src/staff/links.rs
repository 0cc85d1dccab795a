//! Links that open the door once: the first owner's, an invitation, and a new beginning for a member who
//! cannot get in. Only their fingerprints are kept.

use super::{Hashed, Member, Refused, Role, members, store};
use crate::customers::line;
use crate::db::{Db, Tx};
use crate::seal::{fingerprint, token};
use crate::text::Language;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How long a link works that somebody with the server's command line has made …
const BY_HAND: Duration = Duration::hours(24);
/// … and an invitation.
const INVITED: Duration = Duration::days(7);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Makes the first owner's account.
    First,
    /// Makes an account of a role that was chosen by whoever invites.
    Invitation,
    /// Gives a member a new password, and takes her second factor away.
    Reset,
}

/// A link that works.
#[derive(Debug, Clone)]
pub struct Link {
    pub kind: Kind,
    pub role: Role,
    /// Whom a [`Kind::Reset`] is for.
    pub member: Option<Member>,
}

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: i64,
    pub role: Role,
    pub invited_by: String,
    pub expires_at: OffsetDateTime,
}

/// Why a link made no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It was used, is too old, or never was one.
    Link,
    Name,
    NameTaken,
}

/// A new link for the first owner; `None` when the shop has one. Earlier unused links stop working.
pub async fn first_owner_link(db: &Db, now: OffsetDateTime) -> anyhow::Result<Option<String>> {
    let mut tx = db.begin().await?;
    if super::has_owner(&mut tx).await? {
        return Ok(None);
    }
    let link = token();
    store::links::replace_first(&mut tx, &fingerprint(&link), now + BY_HAND).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// A new link for the member of this name, and the end of all her sessions; `None` when nobody has the name,
/// or her account is disabled. Earlier unused links of hers stop working.
pub async fn reset_link(db: &Db, name: &str, now: OffsetDateTime) -> anyhow::Result<Option<String>> {
    let mut tx = db.begin().await?;
    let Some((member, _)) = store::members::find_by_name(&mut tx, name).await? else { return Ok(None) };
    let link = token();
    store::links::replace_reset(&mut tx, &fingerprint(&link), &member, now + BY_HAND).await?;
    store::seats::end_all(&mut tx, member.id, None).await?;
    let subject = member.subject();
    let change =
        super::audit::Change { action: "issue-reset-link", subject: &subject, before: None, after: None };
    store::audit::record(&mut tx, None, &change, now).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// The link for somebody who shall have this role: told this once.
pub async fn invite(
    tx: &mut Tx,
    by: &Member,
    role: Role,
    now: OffsetDateTime,
) -> anyhow::Result<Result<String, Refused>> {
    if !members::still_manages(tx, by, by.id).await?.0 {
        return Ok(Err(Refused::NotAnyMore));
    }
    let link = token();
    store::links::invite(tx, &fingerprint(&link), by.id, role, now + INVITED).await?;
    Ok(Ok(link))
}

/// Those that still work.
pub async fn invitations(conn: &mut PgConnection, now: OffsetDateTime) -> anyhow::Result<Vec<Invitation>> {
    store::links::open_invitations(conn, now).await
}

/// Takes an open invitation back: the role it was for.
pub async fn revoke_invitation(tx: &mut Tx, by: &Member, id: i64) -> anyhow::Result<Result<Role, Refused>> {
    if !members::still_manages(tx, by, by.id).await?.0 {
        return Ok(Err(Refused::NotAnyMore));
    }
    Ok(store::links::revoke(tx, id).await?.ok_or(Refused::Nobody))
}

/// What this link does, while it works.
pub async fn find_link(
    conn: &mut PgConnection,
    link: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Link>> {
    store::links::find(conn, &fingerprint(link), now).await
}

/// A name that an account may have: nothing in it that cannot be seen, or two could look the same.
pub fn name(text: &str) -> Result<String, Wrong> {
    line(text, 40).ok().filter(|name| !name.is_empty() && !name.contains(is_unseen)).ok_or(Wrong::Name)
}

/// Of no width, or turning the text around it.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}')
}

/// Uses the link up: makes the account, or gives the member of a [`Kind::Reset`] her new password. `name` is
/// as [`name`] gives it, and not looked at for a reset.
pub async fn accept(
    tx: &mut Tx,
    link: &str,
    name: &str,
    password: &Hashed,
    language: Language,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(Kind, Member), Wrong>> {
    let Some(used) = store::links::use_up(tx, &fingerprint(link), now).await? else {
        return Ok(Err(Wrong::Link));
    };
    if let Some(member) = used.member {
        members::change_password(tx, member.id, password).await?;
        super::disenrol(tx, member.id).await?;
        store::seats::end_all(tx, member.id, None).await?;
        return Ok(Ok((used.kind, Member { second_factor: false, ..member })));
    }
    if used.kind == Kind::First {
        // Of two links, perhaps from two servers, one makes the owner.
        if super::has_owner(tx).await? {
            return Ok(Err(Wrong::Link));
        }
        store::links::drop_first(tx).await?;
    }
    let made = store::members::add(tx, name, &password.0, used.role, language, now).await?;
    Ok(made.map(|member| (used.kind, member)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_nothing_in_it_that_cannot_be_seen() {
        for good in ["阿山", "José O'Brien", "محمد", "👩🏽 阿梨", "小 客"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for unseen in [
            '\u{ad}', '\u{61c}', '\u{200b}', '\u{200d}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2060}',
            '\u{2064}', '\u{2066}', '\u{2069}', '\u{feff}', '\0',
        ] {
            assert_eq!(name(&format!("阿{unseen}山")), Err(Wrong::Name), "{unseen:?}");
            assert_eq!(name(&format!("阿山{unseen}x")), Err(Wrong::Name), "{unseen:?}");
        }
    }
}
