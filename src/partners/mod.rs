//! Partners: people who bring buyers by links of theirs, what each earns by it, and what was paid to her.
//!
//! An order counts for the partner where the last link of the shop's by which its buyer came, within the days that count,
//! is hers. What counts of it are its goods after everything that was taken off them, without freight, less what of their
//! money goes back; of an order that she placed herself nothing counts. Her commission is the rate that held when it was placed, of that, rounded down to whole fen. It is held
//! until the order was received so many days ago and no money of it is under way; what goes back later is written back.
//! One level: nobody earns by what another partner brings.

mod commission;
mod invitations;
mod partner;
mod payouts;
mod statement;
mod store;

pub use commission::{Brought, Entry, Kind, Standing, catch_up, work_out};
pub use invitations::{Invited, Taken, accept, find_invitation, has_taken, invite};
pub use partner::{Account, Partner, PartnerId, Promise, Rate, Sums, Terms};
pub use payouts::{Paid, Payout, PayoutId, Refused, State, cancel, pay, propose};
pub use statement::{Month, Part, Wording, part};
pub use store::entries::latest as entries;
pub use store::links::{Link, all as links, own as own_link};
pub use store::orders::brought;
pub use store::payouts::{find as payout, latest as payouts};
pub use store::{all, end, find, of_customer, promises, resume, set_days, sums, terms};

use crate::actor::Actor;
use crate::customers::CustomerId;
use crate::db::Tx;
use crate::sharing::links::{self as short, Source};
use time::OffsetDateTime;
use uuid::Uuid;

/// In days: how long commission may be held.
pub const DAYS: std::ops::RangeInclusive<u32> = 0..=60;
/// So many links may one partner have.
pub const MOST_LINKS: i64 = 200;

/// Makes a partner who is promised this from now on. The same form again is the same partner; false then.
pub async fn add(
    tx: &mut Tx,
    form: Uuid,
    (name, rate): (&str, Rate),
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<(PartnerId, bool)> {
    let Some(id) = store::insert(tx, form, name, now).await? else {
        return Ok((store::by_form(tx, form).await?, false));
    };
    store::promise(tx, id, rate, by, now).await?;
    Ok((id, true))
}

/// Promises her another rate, of orders that are placed from now on. Nothing when there is no such partner; false when
/// it is the one she has.
pub async fn promise(
    tx: &mut Tx,
    id: PartnerId,
    rate: Rate,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Option<bool>> {
    if !store::hold(tx, id).await? {
        return Ok(None);
    }
    let before = store::find(tx, id).await?.map(|partner| partner.rate);
    if before == Some(rate) {
        return Ok(Some(false));
    }
    store::promise(tx, id, rate, by, now).await?;
    Ok(Some(true))
}

/// Why she gets no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLink {
    Ended,
    /// She has [`MOST_LINKS`].
    TooMany,
}

/// Her link to this path of ours; the same for the same path.
pub async fn link(
    tx: &mut Tx,
    (id, of): (PartnerId, CustomerId),
    path: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Result<String, NoLink>> {
    // Of many that she makes at once each sees how many there are.
    store::hold(tx, id).await?;
    let partner = store::of_customer(tx, of).await?.filter(|partner| partner.id == id);
    if partner.is_none_or(|partner| partner.ended_at.is_some()) {
        return Ok(Err(NoLink::Ended));
    }
    match store::links::to(tx, id, path).await? {
        (Some(code), _) => return Ok(Ok(code)),
        (None, MOST_LINKS..) => return Ok(Err(NoLink::TooMany)),
        (None, _) => {}
    }
    Ok(Ok(short::make(tx, path, Source::Partner(id.0), now).await?))
}
