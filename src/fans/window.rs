//! When a fan may be written to (fans-service.md §6.1). Pure.

use super::Fan;
use time::{Duration, OffsetDateTime};

/// For how long what she did lets her be answered.
pub const OPEN_FOR: Duration = Duration::hours(48);

/// Whether, how often and how long she may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// As often as one likes.
    Open {
        until: OffsetDateTime,
    },
    /// One answer to her mention.
    Once {
        until: OffsetDateTime,
    },
    Closed(Closed),
}

/// Why she may not be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// She stopped following, and did nothing since.
    Unfollowed,
    /// Too long ago, or she never did anything.
    Silent,
    /// Her mention has its one answer.
    Answered,
}

impl Closed {
    /// The word by which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Closed::Unfollowed => "unfollowed",
            Closed::Silent => "silent",
            Closed::Answered => "answered",
        }
    }
}

impl Fan {
    /// How it stands with her at `now`. The last thing she did decides; what opens most wins.
    pub fn window(&self, now: OffsetDateTime) -> Window {
        let since =
            |at: Option<OffsetDateTime>| at.filter(|at| self.unfollowed_at.is_none_or(|left| left < *at));
        let (acted, mentioned) = (since(self.acted_at), since(self.mentioned_at));
        if let Some(until) = acted.map(|at| at + OPEN_FOR).filter(|until| now < *until) {
            return Window::Open { until };
        }
        match mentioned.map(|at| at + OPEN_FOR).filter(|until| now < *until) {
            Some(until) if !self.mention_answered => Window::Once { until },
            Some(_) => Window::Closed(Closed::Answered),
            None if self.unfollowed_at.is_some() && acted.is_none() && mentioned.is_none() => {
                Window::Closed(Closed::Unfollowed)
            }
            None => Window::Closed(Closed::Silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-07 12:00 UTC);

    fn ago(hours: i64) -> OffsetDateTime {
        NOW - Duration::hours(hours)
    }

    #[test]
    fn what_she_did_opens_two_days_and_not_a_second_more() {
        let fan = Fan { acted_at: Some(ago(47)), ..Fan::met(7, NOW) };
        assert_eq!(fan.window(NOW), Window::Open { until: NOW + Duration::HOUR });
        let fan = Fan { acted_at: Some(ago(48)), ..Fan::met(7, NOW) };
        assert_eq!(fan.window(NOW), Window::Closed(Closed::Silent));
        assert_eq!(Fan::met(7, NOW).window(NOW), Window::Closed(Closed::Silent));
    }

    #[test]
    fn a_mention_is_answered_once() {
        let fan = Fan { mentioned_at: Some(ago(1)), ..Fan::met(7, NOW) };
        assert_eq!(fan.window(NOW), Window::Once { until: NOW + Duration::hours(47) });
        let fan = Fan { mention_answered: true, ..fan };
        assert_eq!(fan.window(NOW), Window::Closed(Closed::Answered));
        let fan = Fan { acted_at: Some(ago(2)), ..fan };
        assert!(matches!(fan.window(NOW), Window::Open { .. }), "what opens most wins");
    }

    #[test]
    fn who_left_is_left_alone_until_she_comes_back() {
        let fan = Fan {
            acted_at: Some(ago(3)),
            mentioned_at: Some(ago(3)),
            unfollowed_at: Some(ago(2)),
            ..Fan::met(7, NOW)
        };
        assert_eq!(fan.window(NOW), Window::Closed(Closed::Unfollowed));
        let fan = Fan { unfollowed_at: Some(ago(3)), ..fan };
        assert_eq!(fan.window(NOW), Window::Closed(Closed::Unfollowed), "in the same second she left");
        let fan = Fan { acted_at: Some(ago(1)), ..fan };
        assert!(matches!(fan.window(NOW), Window::Open { .. }));
    }
}
