//! Who brought an order: the first and the last link by which its buyer came, within the time that counts. Written down
//! once, when she orders or, where nobody knew by then, when she pays; it never changes.

use super::store::origins;
use crate::customers::CustomerId;
use crate::customers::touches::Touch;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How it is known that she came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownBy {
    /// She came and ordered on one browser.
    Browser,
    /// She was signed in where she came.
    Account,
    /// Before she ordered she came where she paid, and the payment said so.
    Payment,
}

/// She came by a link, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub touch: Touch,
    pub known_by: KnownBy,
}

/// What is written down of an order. The last link has brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub last: Came,
    pub first: Came,
    /// So many days a link counted then.
    pub days: i32,
}

/// Which links count at all, and how long.
#[derive(Debug, Clone)]
pub(super) struct Counting {
    pub codes: Vec<String>,
    pub days: i32,
}

impl KnownBy {
    pub fn name(self) -> &'static str {
        match self {
            KnownBy::Browser => "browser",
            KnownBy::Account => "account",
            KnownBy::Payment => "payment",
        }
    }

    pub fn parse(name: &str) -> Option<KnownBy> {
        [KnownBy::Browser, KnownBy::Account, KnownBy::Payment].into_iter().find(|known| known.name() == name)
    }
}

impl Origin {
    /// Out of all by which she came before `now`. What is known in two ways is known by the plainer one.
    pub(super) fn of(came: &[Came], counting: &Counting, now: OffsetDateTime) -> Option<Origin> {
        let since = now - Duration::days(counting.days.into());
        let mut all = BTreeMap::new();
        for Came { touch, known_by } in came {
            let counts = counting.codes.iter().any(|code| code == touch.code());
            if counts && (since..=now).contains(&touch.at()) {
                let known = all.entry(touch.clone()).or_insert(*known_by);
                *known = (*known).min(*known_by);
            }
        }
        let one = |(touch, known_by): (&Touch, &KnownBy)| Came { touch: touch.clone(), known_by: *known_by };
        let (first, last) = (all.first_key_value().map(one)?, all.last_key_value().map(one)?);
        Some(Origin { last, first, days: counting.days })
    }
}

/// What brought this buyer, who orders `now`: nothing that she did later. Links that are not there count for nothing, and neither does the link in
/// her own repost of an order of hers, placed on this browser or by this customer: nobody brings herself.
pub async fn find_out(
    conn: &mut PgConnection,
    buyer: (Uuid, Option<CustomerId>),
    came: &[Came],
    now: OffsetDateTime,
) -> sqlx::Result<Option<Origin>> {
    if came.is_empty() {
        return Ok(None);
    }
    let codes: Vec<_> = came.iter().map(|came| came.touch.code().to_owned()).collect();
    Ok(Origin::of(came, &origins::counting(conn, buyer, &codes).await?, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

    fn came(code: u8, days_ago: i64, known_by: KnownBy) -> Came {
        let touch = Touch::new(&format!("0000000{code}"), NOON - Duration::days(days_ago)).unwrap();
        Came { touch, known_by }
    }

    fn counting(days: i32) -> Counting {
        Counting { codes: (0..8).map(|code| format!("0000000{code}")).collect(), days }
    }

    #[test]
    fn what_is_known_twice_is_known_by_the_plainer_way() {
        let twice =
            [came(1, 2, KnownBy::Account), came(1, 2, KnownBy::Browser), came(2, 9, KnownBy::Account)];
        let origin = Origin::of(&twice, &counting(30), NOON).unwrap();
        assert_eq!((origin.last, origin.first), (twice[1].clone(), twice[2].clone()));
    }

    #[test]
    fn the_last_second_of_the_time_counts_and_no_earlier_one() {
        let just = came(1, 30, KnownBy::Browser);
        assert!(Origin::of(std::slice::from_ref(&just), &counting(30), NOON).is_some());
        assert!(Origin::of(&[just], &counting(30), NOON + Duration::seconds(1)).is_none());
        assert!(Origin::of(&[came(1, -1, KnownBy::Browser)], &counting(30), NOON).is_none(), "not come yet");
    }

    proptest! {
        #[test]
        fn whatever_counts_lies_in_its_time_and_in_its_order(
            all in prop::collection::vec((0u8..10, -3i64..100, 0usize..3), 0..9), days in 1i32..=90,
        ) {
            let ways = [KnownBy::Browser, KnownBy::Account, KnownBy::Payment];
            let all: Vec<_> = all.into_iter().map(|(code, ago, way)| came(code, ago, ways[way])).collect();
            let counting = counting(days);
            let fits = |came: &&Came| {
                let ago = NOON - came.touch.at();
                counting.codes.iter().any(|code| code == came.touch.code())
                    && ago >= Duration::ZERO && ago <= Duration::days(days.into())
            };
            let fitting: Vec<_> = all.iter().filter(fits).map(|came| came.touch.clone()).collect();
            let found = Origin::of(&all, &counting, NOON);
            prop_assert_eq!(found.as_ref().map(|origin| &origin.last.touch), fitting.iter().max());
            prop_assert_eq!(found.as_ref().map(|origin| &origin.first.touch), fitting.iter().min());
        }
    }
}
