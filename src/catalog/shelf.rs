//! When a product is on the shelf: as the merchant says, or by the clock.

use super::ids::ProductId;
use super::store::shelf as store;
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::Outcome;
use time::{Duration, OffsetDateTime};

/// What the merchant wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Off,
    On,
    /// From the beginning of one minute to the end of another; one of the two is there.
    Between {
        from: Option<OffsetDateTime>,
        until: Option<OffsetDateTime>,
    },
}

/// How a product stands in the merchant's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Shown,
    /// Not yet: it comes by itself.
    Scheduled,
    Off,
    Archived,
}

impl Standing {
    pub const ALL: [Standing; 4] = [Standing::Shown, Standing::Scheduled, Standing::Off, Standing::Archived];

    pub fn name(self) -> &'static str {
        match self {
            Standing::Shown => "shown",
            Standing::Scheduled => "scheduled",
            Standing::Off => "off",
            Standing::Archived => "archived",
        }
    }

    pub fn parse(name: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|standing| standing.name() == name)
    }

    pub(super) fn of(
        shown: bool,
        from: Option<OffsetDateTime>,
        archived_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Standing {
        match from {
            _ if archived_at.is_some() => Standing::Archived,
            _ if shown => Standing::Shown,
            Some(from) if from > now => Standing::Scheduled,
            _ => Standing::Off,
        }
    }
}

impl Shelf {
    pub(super) fn from_columns(
        shown: bool,
        from: Option<OffsetDateTime>,
        until: Option<OffsetDateTime>,
    ) -> Shelf {
        match (from, until) {
            (None, None) if shown => Shelf::On,
            (None, None) => Shelf::Off,
            (from, until) => Shelf::Between { from, until },
        }
    }

    pub fn from(self) -> Option<OffsetDateTime> {
        if let Shelf::Between { from, .. } = self { from } else { None }
    }

    /// The last minute.
    pub fn until(self) -> Option<OffsetDateTime> {
        if let Shelf::Between { until, .. } = self { until } else { None }
    }

    /// The first instant after the last minute.
    fn end(self) -> Option<OffsetDateTime> {
        self.until().map(|until| until + Duration::MINUTE)
    }

    pub fn shows_at(self, now: OffsetDateTime) -> bool {
        match self {
            Shelf::Off => false,
            Shelf::On => true,
            Shelf::Between { from, .. } => {
                from.is_none_or(|from| from <= now) && self.end().is_none_or(|end| now < end)
            }
        }
    }

    /// When it next has to be looked at.
    pub fn next_change(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        [self.from(), self.end()].into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// Puts a product on the shelf or takes it off as its schedule says now, and comes back when it changes next.
/// May run at any time and twice. It is no edit: who has the product open may still save it.
pub async fn mind_shelf(db: &Db, product: ProductId, clock: &Clock) -> anyhow::Result<Outcome> {
    let now = clock.now();
    let mut tx = db.begin().await?;
    let Some((shown, shelf)) = store::hold(&mut tx, product).await? else { return Ok(Outcome::Done) };
    if shown != shelf.shows_at(now) {
        store::turn(&mut tx, product, shelf.shows_at(now), now).await?;
    }
    tx.commit().await?;
    Ok(match shelf.next_change(now) {
        Some(at) => Outcome::Retry { at, why: "its next change is then".to_owned() },
        None => Outcome::Done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_last_minute_is_whole() {
        let (from, until) = (datetime!(2026-11-21 08:00 +8), datetime!(2026-11-30 23:59 +8));
        let shelf = Shelf::Between { from: Some(from), until: Some(until) };
        let second = Duration::SECOND;
        assert!(!shelf.shows_at(from - second) && shelf.shows_at(from));
        assert!(shelf.shows_at(until + second * 59) && !shelf.shows_at(until + Duration::MINUTE));
        assert_eq!(shelf.next_change(from - second), Some(from));
        assert_eq!(shelf.next_change(from), Some(datetime!(2026-12-01 00:00 +8)));
        assert_eq!(shelf.next_change(until + Duration::MINUTE), None);
    }

    #[test]
    fn columns_and_wishes_are_the_same() {
        let at = Some(datetime!(2026-11-21 08:00 +8));
        for (shelf, shown) in [
            (Shelf::Off, false),
            (Shelf::On, true),
            (Shelf::Between { from: at, until: None }, true),
            (Shelf::Between { from: None, until: at }, false),
        ] {
            assert_eq!(Shelf::from_columns(shown, shelf.from(), shelf.until()), shelf);
        }
    }
}
