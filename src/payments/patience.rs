//! When to ask Weibo what became of a refund, and how long a no is doubted. Pure.

use super::refund::Refund;
use time::{Duration, OffsetDateTime};

/// After which time since it was sent to ask again.
pub(super) const SCHEDULE: [Duration; 7] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::minutes(30),
    Duration::hours(1),
    Duration::hours(2),
];
/// A refund that was sent may not be on Weibo's books at once: so long a no is doubted.
const DOUBT: Duration = Duration::minutes(10);
/// So long after a refund ended Weibo is asked once more whether that is so.
pub const LOOK_AGAIN: Duration = Duration::days(1);

impl Refund {
    /// When it was last sent, or decided, where it was not.
    pub fn since(&self) -> OffsetDateTime {
        self.sent_at.unwrap_or(self.begun_at)
    }

    /// Whether Weibo has had time enough to have it on its books, if it was sent.
    pub fn had_time(&self, now: OffsetDateTime) -> bool {
        now - self.since() >= DOUBT
    }

    /// When to ask next: soon at first, in the end daily, for as long as Weibo has not said how it ended.
    pub fn ask_next(&self, now: OffsetDateTime) -> OffsetDateTime {
        let since = self.since();
        let soon = SCHEDULE.iter().map(|after| since + *after).find(|at| *at > now);
        let age = now - since;
        let gap = match () {
            () if age < Duration::days(1) => Duration::hours(1),
            () if age < Duration::days(7) => Duration::hours(6),
            () => Duration::days(1),
        };
        soon.unwrap_or(now + gap)
    }
}
