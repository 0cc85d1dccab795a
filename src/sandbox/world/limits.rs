//! How much the open platform lets an application do (oauth-and-statuses.md §3.4): what is not set has no limit.

use super::World;
use crate::sandbox::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// The limits that are set. Weibo's own are said to be 100, 15000, 30, 15 and, for an unaudited application, a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls for one account in a day; over it 10023.
    pub user_per_day: Option<u32>,
    /// Calls from one address in an hour; over it 10022.
    pub ip_per_hour: Option<u32>,
    /// What one account may post in an hour; over it 10024.
    pub writes_per_hour: Option<u32>,
    /// Accounts that may use the application; over it 21321.
    pub accounts: Option<u32>,
    /// The life of new tokens.
    pub token_seconds: Option<u32>,
}

/// What was called since when.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Calls(BTreeMap<String, Count>);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Count {
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    calls: u32,
}

/// One call of the API.
pub struct Call<'a> {
    pub uid: &'a str,
    pub from: Option<IpAddr>,
    pub writes: bool,
}

/// Why a call is not carried out, with the codes of §3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("Insufficient app permissions!")]
    NotPermitted,
    #[error("IP requests out of rate limit!")]
    Ip,
    #[error("User requests out of rate limit!")]
    User,
    #[error("User requests for this API out of rate limit!")]
    Api,
}

impl CallError {
    pub fn code(self) -> u32 {
        match self {
            CallError::NotPermitted => 10014,
            CallError::Ip => 10022,
            CallError::User => 10023,
            CallError::Api => 10024,
        }
    }
}

impl World {
    /// Counts a call and says whether it may be carried out.
    pub fn admit_call(&mut self, call: &Call<'_>, now: OffsetDateTime) -> Result<(), CallError> {
        for (fault, error) in [
            (Fault::NotPermitted, CallError::NotPermitted),
            (Fault::IpOverLimit, CallError::Ip),
            (Fault::OverLimit, CallError::User),
            (Fault::ApiOverLimit, CallError::Api),
        ] {
            if self.faults.strikes(fault) {
                return Err(error);
            }
        }
        let Limits { user_per_day, ip_per_hour, writes_per_hour, .. } = self.limits;
        let from = call.from.map(|ip| ip.to_string()).unwrap_or_default();
        let (hour, day) = (Duration::hours(1), Duration::days(1));
        let counted = &mut self.calls;
        counted.0.retain(|_, count| count.since + day > now);
        if counted.over(format!("ip {from}"), hour, ip_per_hour, now) {
            return Err(CallError::Ip);
        }
        if counted.over(format!("user {}", call.uid), day, user_per_day, now) {
            return Err(CallError::User);
        }
        if call.writes && counted.over(format!("writes {}", call.uid), hour, writes_per_hour, now) {
            return Err(CallError::Api);
        }
        Ok(())
    }
}

impl Calls {
    /// Counts one more, and says whether it is one too many since the span began. One that is too many does not
    /// count.
    fn over(&mut self, what: String, span: Duration, most: Option<u32>, now: OffsetDateTime) -> bool {
        let count = self.0.entry(what).or_insert(Count { since: now, calls: 0 });
        if count.since + span <= now {
            *count = Count { since: now, calls: 0 };
        }
        let full = most.is_some_and(|most| count.calls >= most);
        if !full {
            count.calls = count.calls.saturating_add(1);
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-05 10:20:30 +8);

    fn world(limits: Limits) -> World {
        World { limits, ..World::new("7000000001") }
    }

    fn call(world: &mut World, uid: &str, writes: bool, now: OffsetDateTime) -> Result<(), CallError> {
        let from = Some(IpAddr::from([127, 0, 0, 1]));
        world.admit_call(&Call { uid, from, writes }, now)
    }

    #[test]
    fn each_limit_is_reached_by_its_own_calls_and_ends_with_its_span() {
        let mut world =
            world(Limits { writes_per_hour: Some(1), user_per_day: Some(3), ..Limits::default() });
        assert_eq!(call(&mut world, "1", true, NOW), Ok(()));
        assert_eq!(call(&mut world, "1", true, NOW), Err(CallError::Api));
        assert_eq!(call(&mut world, "2", true, NOW), Ok(()), "of another account");
        let later = NOW + Duration::hours(1);
        assert_eq!(call(&mut world, "1", true, later), Ok(()));
        assert_eq!(call(&mut world, "1", false, later), Err(CallError::User));
        assert_eq!(call(&mut world, "1", false, NOW + Duration::days(1)), Ok(()));
    }

    #[test]
    fn an_address_has_a_limit_for_all_its_accounts() {
        let mut world = world(Limits { ip_per_hour: Some(2), ..Limits::default() });
        assert_eq!(call(&mut world, "1", false, NOW), Ok(()));
        assert_eq!(call(&mut world, "2", false, NOW), Ok(()));
        assert_eq!(call(&mut world, "3", false, NOW), Err(CallError::Ip));
        let elsewhere = Call { uid: "3", from: Some(IpAddr::from([127, 0, 0, 2])), writes: false };
        assert_eq!(world.admit_call(&elsewhere, NOW), Ok(()));
    }
}
