//! What is paid to a partner: proposed here, paid outside by a person, and written down here. No money moves by itself.

use super::partner::PartnerId;
use super::store;
use crate::actor::Actor;
use crate::db::Tx;
use crate::money::Money;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct PayoutId(pub i64);

/// All that was free at a moment.
#[derive(Debug, Clone)]
pub struct Payout {
    pub id: PayoutId,
    pub partner: PartnerId,
    pub amount: Money,
    pub proposed_at: OffsetDateTime,
    pub proposed_by: Actor,
    pub state: State,
}

impl Payout {
    /// How it was paid; nothing when it was not.
    pub fn paid(&self) -> Option<&Paid> {
        match &self.state {
            State::Paid { how, .. } => Some(how),
            State::Proposed | State::Cancelled { .. } => None,
        }
    }

    /// When it was written down as paid or cancelled, and by whom.
    pub fn ended(&self) -> Option<(OffsetDateTime, &str)> {
        match &self.state {
            State::Paid { at, by, .. } | State::Cancelled { at, by } => Some((*at, by)),
            State::Proposed => None,
        }
    }
}

#[derive(Debug, Clone)]
pub enum State {
    Proposed,
    Paid { how: Paid, at: OffsetDateTime, by: String },
    Cancelled { at: OffsetDateTime, by: String },
}

impl State {
    /// The word in the `state` column, and behind `word-payout-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Paid { .. } => "paid",
            State::Cancelled { .. } => "cancelled",
        }
    }
}

/// How it was paid, outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub on: Date,
    /// The number of the transfer; may be empty, as the note may.
    pub reference: String,
    pub note: String,
}

/// Why nothing was changed. The transaction must not be committed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("nothing is free")]
    NothingFree,
    #[error("something is proposed already")]
    Proposed,
    #[error("no such payout")]
    Nobody,
    #[error("it was paid or cancelled before")]
    Over,
    #[error("money of an order is changing just now")]
    Unsettled,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        Refused::Unexpected(error.into())
    }
}

/// Proposes to pay everything that is free, behind [`super::catch_up`]: not while something went back that is not worked
/// out. The partner's row is held, so that of two at once the second finds the first; the same form again is the same
/// payout, and false.
pub async fn propose(
    tx: &mut Tx,
    partner: PartnerId,
    form: Uuid,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(PayoutId, bool), Refused> {
    if !store::hold(tx, partner).await? {
        return Err(Refused::Nobody);
    }
    if let Some((id, of)) = store::payouts::by_form(tx, form).await? {
        return if of == partner { Ok((id, false)) } else { Err(Refused::Nobody) };
    }
    let sums = store::sums(tx, &[partner]).await?.remove(&partner).unwrap_or_default();
    if sums.proposed > 0 {
        return Err(Refused::Proposed);
    }
    if !store::orders::changed(tx, partner, 1).await?.is_empty() {
        return Err(Refused::Unsettled);
    }
    let amount = Money::from_fen(sums.free()).filter(|free| *free > Money::ZERO);
    let amount = amount.ok_or(Refused::NothingFree)?;
    Ok((store::payouts::insert(tx, (partner, form), amount, by, now).await?, true))
}

/// Writes down that it was paid: money that has left is written down whatever went back since. What is missing then
/// carries over.
pub async fn pay(
    tx: &mut Tx,
    (partner, id): (PartnerId, PayoutId),
    how: &Paid,
    (staff, name): (i64, &str),
    now: OffsetDateTime,
) -> Result<Payout, Refused> {
    let payout = open(tx, partner, id).await?;
    store::payouts::pay(tx, id, how, (staff, name), now).await?;
    Ok(payout)
}

/// It is not paid: what it was for is free again.
pub async fn cancel(
    tx: &mut Tx,
    (partner, id): (PartnerId, PayoutId),
    (staff, name): (i64, &str),
    now: OffsetDateTime,
) -> Result<Payout, Refused> {
    let payout = open(tx, partner, id).await?;
    store::payouts::cancel(tx, id, (staff, name), now).await?;
    Ok(payout)
}

/// This payout while neither has happened to it; its partner's row is held.
async fn open(tx: &mut Tx, partner: PartnerId, id: PayoutId) -> Result<Payout, Refused> {
    store::hold(tx, partner).await?;
    let payout = store::payouts::find(tx, partner, id).await?.ok_or(Refused::Nobody)?;
    if matches!(payout.state, State::Proposed) { Ok(payout) } else { Err(Refused::Over) }
}
