//! Getting in: a password, a code where the account has a second factor, and both again before something
//! grave. Every try is counted before it is looked at; whether a name exists cannot be told from outside.

use super::audit::Change;
use super::factor::{self, Shown};
use super::tries::{self, Of};
use super::{Member, Seat, SeatId, StaffId, password, store};
use crate::customers::line;
use crate::db::{Db, Tx};
use crate::seal::{Keyring, token};
use serde_json::json;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// Who stands at the door.
#[derive(Debug, Clone)]
pub struct Caller {
    pub address: IpAddr,
    /// The browser's family, such as `Chrome · Windows`.
    pub browser: String,
    /// The marks of members who have signed in on this browser before, by their ids.
    pub marks: Vec<(i64, String)>,
    /// What this browser was signed in as so far: it is over with the next sign-in.
    pub seat: Option<SeatId>,
}

impl Caller {
    /// The name of this device, when this member has signed in on it before.
    fn device(&self, of: StaffId, keys: &Keyring) -> Option<&str> {
        let hers = self.marks.iter().filter(|(id, _)| *id == of.0);
        hers.filter_map(|(_, mark)| mark.split_once('.'))
            .find(|(device, tag)| keys.knows_tag(DEVICE, &format!("{} {device}", of.0), tag))
            .map(|(device, _)| device)
    }

    pub fn is_known(&self, of: StaffId, keys: &Keyring) -> bool {
        self.device(of, keys).is_some()
    }
}

/// The purpose of the tag by which a device is known again.
const DEVICE: &str = "known device";

/// For a long-lived cookie: strangers cannot use up the tries of a browser that has it.
pub fn device_mark(of: StaffId, keys: &Keyring) -> String {
    let device = token();
    let tag = keys.tag(DEVICE, &format!("{} {device}", of.0));
    format!("{device}.{tag}")
}

/// Why somebody is not in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIn {
    Wrong,
    /// Too many tries: nothing was looked at, and for so long nothing will be.
    Wait(Duration),
}

/// What came of a right password.
pub struct Proof {
    pub member: Member,
    pub seat: SeatId,
    /// Nothing more is asked.
    pub complete: bool,
}

/// Name and password. The seat is complete for whoever has no second factor.
pub async fn enter(
    db: &Db,
    keys: &Keyring,
    caller: &Caller,
    name: &str,
    typed: String,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Proof, NotIn>> {
    let name = line(name, 40).unwrap_or_default();
    let (member, hash) = store::members::find_by_name(&mut *db.reader().await?, &name).await?.unzip();
    let device = member.as_ref().and_then(|member| Some((member.id.0, caller.device(member.id, keys)?)));
    let budgets = match device {
        Some((id, device)) => vec![Of::Device(id, device)],
        None => vec![Of::Name(&name), Of::Address(caller.address)],
    };
    if let Err(wait) = count(db, keys, &budgets, now).await? {
        return Ok(Err(NotIn::Wait(wait)));
    }
    let right = password::is_right(typed, hash.clone()).await?;
    let mut tx = db.begin().await?;
    let member = match member {
        // Locked: the password may have been changed, or the account closed, while this one was looked at.
        Some(member) if right && store::members::lock_hash(&mut tx, member.id).await? == hash => member,
        nobody => {
            let subject = nobody.map_or_else(|| "member".to_owned(), |member| member.subject());
            refused(&mut tx, keys, caller, ("refuse-sign-in", &subject), now).await?;
            tx.commit().await?;
            return Ok(Err(NotIn::Wrong));
        }
    };
    tries::forgive(&mut tx, keys, &budgets).await?;
    let complete = !member.second_factor;
    let seat = sit(&mut tx, &member, caller, complete, now).await?;
    tx.commit().await?;
    Ok(Ok(Proof { member, seat, complete }))
}

/// Begins a seat in the caller's browser; the one she had there is over.
pub async fn sit(
    tx: &mut Tx,
    member: &Member,
    caller: &Caller,
    complete: bool,
    now: OffsetDateTime,
) -> sqlx::Result<SeatId> {
    if let Some(before) = caller.seat {
        store::seats::end_one(tx, before).await?;
    }
    let seat = store::seats::begin(tx, member.id, caller, complete, now).await?;
    if complete {
        signed_in(tx, member, caller, now).await?;
    }
    Ok(seat)
}

/// The code after the password, or a recovery code: the seat is complete.
pub async fn give_code(
    db: &Db,
    keys: &Keyring,
    caller: &Caller,
    seat: &Seat,
    code: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotIn>> {
    let member = &seat.member;
    let budgets = match caller.device(member.id, keys) {
        Some(device) => vec![Of::DeviceCode(member.id.0, device)],
        None => vec![Of::Code(member.id.0)],
    };
    if let Err(wait) = count(db, keys, &budgets, now).await? {
        return Ok(Err(NotIn::Wait(wait)));
    }
    let mut tx = db.begin().await?;
    let shown = factor::use_up(&mut tx, member, code, keys, now).await?;
    let Some(shown) = shown else {
        refused(&mut tx, keys, caller, ("refuse-code", &member.subject()), now).await?;
        tx.commit().await?;
        return Ok(Err(NotIn::Wrong));
    };
    if !store::seats::complete(&mut tx, seat.id, now).await? {
        return Ok(Err(NotIn::Wrong));
    }
    tries::forgive(&mut tx, keys, &budgets).await?;
    note(&mut tx, member, shown, now).await?;
    signed_in(&mut tx, member, caller, now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Password and code once more: for a while nothing is asked again.
pub async fn confirm(
    db: &Db,
    keys: &Keyring,
    seat: &Seat,
    typed: String,
    code: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotIn>> {
    if let Err(not) = check_password(db, keys, seat, typed, now).await? {
        return Ok(Err(not));
    }
    let mut tx = db.begin().await?;
    if seat.member.second_factor {
        let shown = factor::use_up(&mut tx, &seat.member, code, keys, now).await?;
        let Some(shown) = shown else { return Ok(Err(NotIn::Wrong)) };
        note(&mut tx, &seat.member, shown, now).await?;
    }
    store::seats::confirm(&mut tx, seat.id, now).await?;
    tries::forgive(&mut tx, keys, &[Of::Confirming(seat.id.0)]).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether this is the password of whoever is signed in. Costs one try of the seat's, right or wrong, until
/// [`confirm`] gives them back.
pub async fn check_password(
    db: &Db,
    keys: &Keyring,
    seat: &Seat,
    typed: String,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotIn>> {
    if let Err(wait) = count(db, keys, &[Of::Confirming(seat.id.0)], now).await? {
        return Ok(Err(NotIn::Wait(wait)));
    }
    let hash = store::members::hash_of(&mut *db.reader().await?, seat.member.id).await?;
    Ok(if password::is_right(typed, hash).await? { Ok(()) } else { Err(NotIn::Wrong) })
}

async fn count(
    db: &Db,
    keys: &Keyring,
    budgets: &[Of<'_>],
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), Duration>> {
    let mut tx = db.begin().await?;
    let taken = tries::take(&mut tx, keys, budgets, now).await?;
    if taken.is_ok() {
        tx.commit().await?;
    }
    Ok(taken)
}

async fn signed_in(tx: &mut Tx, member: &Member, caller: &Caller, now: OffsetDateTime) -> sqlx::Result<()> {
    let after = Some(json!({ "browser": caller.browser, "ip": caller.address.to_string() }));
    let change = Change { action: "sign-in", subject: &member.subject(), before: None, after };
    super::audit::record(tx, member, change, now).await
}

async fn note(tx: &mut Tx, member: &Member, shown: Shown, now: OffsetDateTime) -> sqlx::Result<()> {
    if shown == Shown::Code {
        return Ok(());
    }
    let left = store::factor::codes_left(tx, member.id).await?;
    let (before, after) = (Some(json!({ "left": left + 1 })), Some(json!({ "left": left })));
    let change = Change { action: "use-recovery-code", subject: &member.subject(), before, after };
    super::audit::record(tx, member, change, now).await
}

/// A line in the audit log, as long as there are not too many of them.
async fn refused(
    tx: &mut Tx,
    keys: &Keyring,
    caller: &Caller,
    (action, subject): (&'static str, &str),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    if tries::take(tx, keys, &[Of::Lines], now).await?.is_err() {
        return Ok(());
    }
    let after = Some(json!({ "browser": caller.browser, "ip": caller.address.to_string() }));
    store::audit::record(tx, None, &Change { action, subject, before: None, after }, now).await
}
