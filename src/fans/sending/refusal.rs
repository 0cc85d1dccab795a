//! What Weibo's refusals of a message mean (oauth-and-statuses.md §1.5, §3.3; fans-service.md §10). Pure.
//! Of the fans service's own codes no document tells the meaning: such a no is final.

use crate::fans::service::Trouble;
use crate::weibo::messages::NO_TOKEN;
use time::Duration;

/// The code of the client's own refusal while other calls with the token do not end; nothing was sent.
const BUSY: &str = "token_busy";
/// So often Weibo may ask to wait with one message.
pub const MOST_WAITS: i32 = 8;

/// What to do after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Accepted, and shown later: it is a yes.
    Delayed,
    /// Nothing was done, and a later try may help.
    Later,
    /// Nothing can be sent until somebody has seen to it; the message waits.
    Lacks(Trouble),
    /// The same, and this message is refused for good.
    Forbidden,
    /// Weibo broke off in the middle: it may have been sent.
    Doubtful,
    Never,
}

impl Meaning {
    pub fn of(code: &str) -> Meaning {
        if code == NO_TOKEN {
            return Meaning::Lacks(Trouble::NoToken);
        }
        if code == BUSY {
            return Meaning::Later;
        }
        match code.parse::<i64>() {
            Ok(20032) => Meaning::Delayed,
            Ok(10002 | 10004 | 10009 | 10022..=10024 | 20016 | 21331) => Meaning::Later,
            Ok(10001 | 10003) => Meaning::Doubtful,
            Ok(10005 | 10014 | 10032 | 21321 | 21326 | 21337) => Meaning::Forbidden,
            Ok(21301 | 21310..=21320 | 21322..=21325 | 21327..=21329 | 21332) => {
                Meaning::Lacks(Trouble::Token)
            }
            _ => Meaning::Never,
        }
    }
}

/// How long to wait after so many waits before: longer each time, at most an hour.
pub fn pause(waits: i32) -> Duration {
    Duration::seconds(15i64 << waits.clamp(0, 8)).min(Duration::HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_did_nothing_is_tried_again() {
        for (code, meaning) in [
            ("10009", Meaning::Later),
            ("10023", Meaning::Later),
            ("token_busy", Meaning::Later),
            ("20032", Meaning::Delayed),
            ("10001", Meaning::Doubtful),
            ("21327", Meaning::Lacks(Trouble::Token)),
            ("21332", Meaning::Lacks(Trouble::Token)),
            ("no_fans_token", Meaning::Lacks(Trouble::NoToken)),
            ("21321", Meaning::Forbidden),
            ("10014", Meaning::Forbidden),
            ("20019", Meaning::Never),
            ("26401", Meaning::Never),
            ("result_false", Meaning::Never),
            ("", Meaning::Never),
        ] {
            assert_eq!(Meaning::of(code), meaning, "{code}");
        }
    }

    #[test]
    fn each_wait_is_longer_and_none_is_longer_than_an_hour() {
        let pauses: Vec<_> = (0..MOST_WAITS + 3).map(pause).collect();
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
        assert_eq!((pauses[0], pauses.last().copied()), (Duration::seconds(15), Some(Duration::HOUR)));
    }
}
