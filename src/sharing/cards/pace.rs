//! How often may be asked: within each second so often by one address, and so often by all. Nothing is kept of
//! those who are turned away, so that nobody fills the memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;

#[derive(Debug)]
pub struct Pace {
    each: u32,
    all: u32,
    second: Mutex<Second>,
}

/// What was asked within it.
#[derive(Debug, Default)]
struct Second {
    begun_at: i64,
    asked: u32,
    by: HashMap<IpAddr, u32>,
}

impl Pace {
    pub fn new(each: u32, all: u32) -> Pace {
        Pace { each, all, second: Mutex::default() }
    }

    /// Whether one more question is admitted now. If so, it counts.
    pub fn admits(&self, who: IpAddr, now: OffsetDateTime) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back begins anew too.
        if second.begun_at != now.unix_timestamp() {
            second.begun_at = now.unix_timestamp();
            second.asked = 0;
            second.by.clear();
        }
        if second.asked >= self.all {
            return false;
        }
        let mine = second.by.entry(household(who)).or_default();
        if *mine >= self.each {
            return false;
        }
        *mine += 1;
        second.asked += 1;
        true
    }
}

/// Whoever has one address of the sixth version has 2⁶⁴ of them.
fn household(who: IpAddr) -> IpAddr {
    match who {
        IpAddr::V4(_) => who,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => four.into(),
            None => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    fn times(pace: &Pace, who: &str, now: OffsetDateTime, asked: u32) -> u32 {
        (0..asked).map(|_| u32::from(pace.admits(who.parse().unwrap(), now))).sum()
    }

    #[test]
    fn each_has_so_many_in_a_second_and_all_have_together() {
        let (pace, now) = (Pace::new(3, 5), datetime!(2026-03-05 12:00 UTC));
        assert_eq!(times(&pace, "10.0.0.1", now, 9), 3);
        assert_eq!(times(&pace, "10.0.0.2", now + Duration::milliseconds(900), 9), 2);
        assert_eq!(times(&pace, "10.0.0.3", now, 9), 0);
        let later = now + Duration::seconds(1);
        assert_eq!((times(&pace, "10.0.0.3", later, 9), times(&pace, "10.0.0.1", later, 1)), (3, 1));
        assert_eq!(times(&pace, "10.0.0.1", now, 1), 1, "a clock that was set back does not shut the door");
    }

    #[test]
    fn many_addresses_of_one_house_are_one() {
        let (pace, now) = (Pace::new(2, 100), datetime!(2026-03-05 12:00 UTC));
        assert_eq!(times(&pace, "2001:db8::1", now, 1) + times(&pace, "2001:db8::2", now, 5), 2);
        assert_eq!(times(&pace, "2001:db8:0:1::1", now, 5), 2);
        assert_eq!(times(&pace, "::ffff:10.0.0.1", now, 1) + times(&pace, "10.0.0.1", now, 5), 2);
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let (pace, now) = (Pace::new(3, 10), datetime!(2026-03-05 12:00 UTC));
        for n in 0..1_000_u32 {
            pace.admits(IpAddr::V4(n.into()), now);
        }
        assert!(pace.second.lock().unwrap().by.len() <= 10);
    }
}
