//! What an order earns the partner who brought it: worked out once its time is over, and again when its money changes.

use super::partner::{PartnerId, Rate};
use super::store;
use crate::db::Db;
use crate::money::Money;
use crate::orders::{self, OrderId, OrderNumber};
use crate::text::Text;
use time::{Duration, OffsetDateTime};

/// So many orders are looked at in one round; the next is a minute later.
const AT_ONCE: i64 = 500;

/// An order that a partner brought.
#[derive(Debug, Clone)]
pub struct Brought {
    pub order: OrderId,
    pub number: OrderNumber,
    pub placed_at: OffsetDateTime,
    /// Of its first line, and how many other lines there are.
    pub product: Text,
    pub more: i64,
    /// What was promised when it was placed.
    pub rate: Rate,
    /// What of it counts now.
    pub kept: Money,
    pub standing: Standing,
}

impl Brought {
    pub fn commission(&self) -> Money {
        self.rate.of(self.kept)
    }
}

/// How the commission of an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// She placed it herself: nothing of it counts.
    Own,
    /// All that could count goes back, or is back.
    Returned,
    /// It was not received yet.
    Waiting,
    /// Money of it is under way.
    Refunding,
    Held {
        until: OffsetDateTime,
    },
    /// It is in the ledger.
    Free,
    /// A payout that was paid had all of it.
    Paid,
}

impl Standing {
    /// The word behind `word-commission-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Own => "own",
            Standing::Returned => "returned",
            Standing::Waiting => "waiting",
            Standing::Refunding => "refunding",
            Standing::Held { .. } => "held",
            Standing::Free => "free",
            Standing::Paid => "paid",
        }
    }
}

/// What is known of an order whose row is held.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "what the database knows, each apart from the others")]
pub(super) struct Facts {
    pub partner: PartnerId,
    pub rate: Rate,
    pub own: bool,
    pub kept: Money,
    pub refunding: bool,
    /// Nothing was received that was not paid.
    pub received_at: Option<OffsetDateTime>,
    pub is_freed: bool,
    /// Its last entry is behind her.
    pub is_paid: bool,
    /// So long it is held after it was received.
    pub hold: Duration,
}

impl Facts {
    pub fn standing(&self) -> Standing {
        match (self.received_at, self.kept) {
            _ if self.own => Standing::Own,
            (_, Money::ZERO) => Standing::Returned,
            _ if self.is_paid => Standing::Paid,
            _ if self.is_freed => Standing::Free,
            _ if self.refunding => Standing::Refunding,
            (Some(at), _) => Standing::Held { until: at + self.hold },
            (None, _) => Standing::Waiting,
        }
    }

    /// Whether it is held no longer; once it was not, it never is again.
    fn is_due(&self, now: OffsetDateTime) -> bool {
        let over = self.received_at.is_some_and(|at| at + self.hold <= now);
        self.is_freed || (!self.refunding && over)
    }
}

/// Why an entry stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The order's time was over.
    Earned,
    /// Money of it went back since.
    Returned,
    /// Money of it did not go back after all.
    Kept,
}

impl Kind {
    /// The word in the `kind` column, and behind `word-entry-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Earned => "earned",
            Kind::Returned => "returned",
            Kind::Kept => "kept",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Kind> {
        [Kind::Earned, Kind::Returned, Kind::Kept].into_iter().find(|kind| kind.name() == name)
    }
}

/// A line of the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: i64,
    pub order: OrderId,
    pub number: OrderNumber,
    pub product: Text,
    pub kind: Kind,
    /// In fen; less than nothing when it was written back.
    pub fen: i64,
    /// What of the order counted then.
    pub base: Money,
    pub rate: Rate,
    pub at: OffsetDateTime,
}

/// What was entered for an order, and how often.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entered {
    pub fen: i64,
    pub entries: i32,
}

/// The entry after which the entries of an order come to `target`; nothing when they do.
fn next(entered: Entered, target: Money) -> Option<(Kind, i64)> {
    let missing = target.fen() - entered.fen;
    let kind = match (entered.entries, missing) {
        (_, 0) => return None,
        (0, _) => Kind::Earned,
        (_, ..0) => Kind::Returned,
        (_, _) => Kind::Kept,
    };
    Some((kind, missing))
}

/// Enters what orders have earned whose time is over, and what has changed about those that had. Each is a transaction of
/// its own: one that fails keeps no other from its turn. It may run twice, and at once.
pub async fn work_out(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let due = store::orders::due(&mut *db.reader().await?, now, AT_ONCE).await?;
    each(db, due, now).await
}

/// Enters at once what has changed about orders of hers that were worked out before: what is free then is so. No more
/// than a round of [`work_out`] does.
pub async fn catch_up(db: &Db, partner: PartnerId, now: OffsetDateTime) -> anyhow::Result<()> {
    let changed = store::orders::changed(&mut *db.reader().await?, partner, AT_ONCE).await?;
    each(db, changed, now).await
}

async fn each(db: &Db, due: Vec<OrderId>, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut failed = Ok(());
    for id in due {
        if let Err(error) = work_out_one(db, id, now).await {
            failed = Err(error.context(format!("the commission of order {} is not worked out", id.0)));
        }
    }
    failed
}

/// The order's row is held, as by whoever changes its money: what is entered is what is so when it is. After it the
/// partner's: her entries are numbered in the order in which they come true.
async fn work_out_one(db: &Db, id: OrderId, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    if orders::lock(&mut tx, id).await?.is_none() {
        return Ok(());
    }
    let Some(facts) = store::orders::facts(&mut tx, id).await?.filter(|facts| facts.is_due(now)) else {
        return Ok(());
    };
    let entered = store::entries::of_order(&mut tx, id).await?;
    if let Some(entry) = next(entered, facts.rate.of(facts.kept)) {
        store::hold(&mut tx, facts.partner).await?;
        store::entries::insert(&mut tx, (id, entered.entries + 1), &facts, entry, now).await?;
    }
    store::orders::worked_out(&mut tx, id, now).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn commission_is_held_until_its_time_is_over_and_nothing_is_under_way() {
        let (received, money) = (datetime!(2026-11-21 12:00 +8), Money::from_fen(3_990).unwrap());
        let facts = Facts {
            partner: PartnerId(1),
            rate: Rate::from_bp(1_000).unwrap(),
            own: false,
            kept: money,
            refunding: false,
            received_at: Some(received),
            is_freed: false,
            is_paid: false,
            hold: Duration::days(7),
        };
        let until = received + Duration::days(7);
        assert_eq!(facts.standing(), Standing::Held { until });
        assert!(facts.is_due(until) && !facts.is_due(until - Duration::SECOND));
        for held in [Facts { refunding: true, ..facts }, Facts { received_at: None, ..facts }] {
            assert!(!held.is_due(until + Duration::days(99)), "{held:?}");
            assert!(Facts { is_freed: true, ..held }.is_due(received), "{held:?}");
        }
        assert_eq!(Facts { own: true, kept: Money::ZERO, ..facts }.standing(), Standing::Own);
        assert_eq!(Facts { kept: Money::ZERO, is_freed: true, ..facts }.standing(), Standing::Returned);
        assert_eq!(Facts { is_freed: true, ..facts }.standing(), Standing::Free);
        assert_eq!(Facts { is_freed: true, is_paid: true, ..facts }.standing(), Standing::Paid);
    }

    proptest! {
        #[test]
        fn entries_always_come_to_what_is_due(targets in proptest::collection::vec(0..9_i64, 1..12)) {
            let mut entered = Entered::default();
            for target in targets {
                let before = entered;
                if let Some((kind, fen)) = next(entered, Money::from_fen(target).unwrap()) {
                    entered = Entered { fen: entered.fen + fen, entries: entered.entries + 1 };
                    prop_assert_eq!(kind == Kind::Earned, before.entries == 0);
                    prop_assert_eq!(kind == Kind::Returned, fen < 0);
                }
                prop_assert_eq!(entered.fen, target);
                prop_assert_eq!(next(entered, Money::from_fen(target).unwrap()), None);
            }
        }
    }
}
