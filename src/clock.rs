//! The only place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// The shop's zone: Weibo writes its times without a zone, in Beijing time (weibo-pay.md §4).
pub const SHOP_ZONE: UtcOffset = offset!(+8);

/// A day as forms and addresses write it. Only of a year that somebody may mean: neither Postgres nor a change
/// of zone can hold all that can be written.
pub fn day(text: &str) -> Option<Date> {
    let read = Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()?;
    (1990..=2999).contains(&read.year()).then_some(read)
}

/// The first instant of a day in the shop's zone.
pub fn begins(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHOP_ZONE)
}

/// The day that this moment belongs to in the shop's zone.
pub fn shop_day(at: OffsetDateTime) -> Date {
    at.to_offset(SHOP_ZONE).date()
}

/// Tells the time, the same to all who share it.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    /// This machine's clock, put right by so many microseconds.
    System { behind: AtomicI64 },
    /// Stands still until somebody moves it. Microseconds since 1970.
    Stopped { at: AtomicI64 },
}

impl Clock {
    pub fn system() -> Clock {
        Clock(Arc::new(Source::System { behind: AtomicI64::new(0) }))
    }

    /// A clock for tests: it moves by [`Clock::advance`] only.
    pub fn stopped(at: OffsetDateTime) -> Clock {
        Clock(Arc::new(Source::Stopped { at: AtomicI64::new(micros(at)) }))
    }

    pub fn now(&self) -> OffsetDateTime {
        match &*self.0 {
            Source::System { behind } => {
                let now = machine_time();
                // Postgres keeps microseconds, so we do: what is written is what is read.
                let whole = now.replace_nanosecond(now.nanosecond() / 1000 * 1000).unwrap_or(now);
                whole + Duration::microseconds(behind.load(Ordering::Relaxed))
            }
            Source::Stopped { at } => {
                OffsetDateTime::UNIX_EPOCH + Duration::microseconds(at.load(Ordering::Relaxed))
            }
        }
    }

    /// Follows another clock, the database's, so that all nodes agree. A stopped clock stays.
    /// Returns by how much this machine was behind.
    pub fn agree_with(&self, theirs: OffsetDateTime) -> Duration {
        let Source::System { behind } = &*self.0 else { return Duration::ZERO };
        let difference = theirs - machine_time();
        behind.store(i64::try_from(difference.whole_microseconds()).unwrap_or(0), Ordering::Relaxed);
        difference
    }

    /// Moves a stopped clock; the system's cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Source::Stopped { at } = &*self.0 {
            at.fetch_add(i64::try_from(by.whole_microseconds()).unwrap_or(0), Ordering::Relaxed);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn machine_time() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_day_is_of_a_year_that_somebody_may_mean() {
        assert_eq!(day(" 2026-11-21 ").map(begins), Some(datetime!(2026-11-21 00:00 +8)));
        assert_eq!(day("2999-12-31"), Some(date!(2999 - 12 - 31)));
        for bad in
            ["", "x", "-9999-01-01", "-5000-01-01", "1989-12-31", "3000-01-01", "2026-02-29", "2026-1-1"]
        {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_beijing() {
        assert_eq!(shop_day(datetime!(2026-11-20 15:59:59.999999 UTC)), date!(2026 - 11 - 20));
        assert_eq!(shop_day(datetime!(2026-11-20 16:00 UTC)), date!(2026 - 11 - 21));
    }

    #[test]
    fn a_stopped_clock_moves_only_when_moved() {
        let clock = Clock::stopped(datetime!(2026-11-21 09:00 +8));
        let shared = clock.clone();
        clock.agree_with(datetime!(2030-01-01 00:00 UTC));
        assert_eq!(shared.now(), datetime!(2026-11-21 09:00 +8));
        clock.advance(Duration::minutes(31));
        assert_eq!(shared.now(), datetime!(2026-11-21 09:31 +8));
    }

    #[test]
    fn the_systems_clock_follows_the_databases() {
        let clock = Clock::system();
        let ahead = clock.now() + Duration::hours(2);
        clock.agree_with(ahead);
        assert!((clock.now() - ahead).abs() < Duration::minutes(1));
    }
}
