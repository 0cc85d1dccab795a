//! How often anybody may try a password or a code. Kept in the database, so that it holds over restarts and
//! for all nodes; each try is counted before it is looked at, so that many at once are as many.

use super::store;
use crate::db::Tx;
use crate::seal::Keyring;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// After so long without a try everything is forgotten.
pub(super) const FORGOTTEN: Duration = Duration::hours(24);

/// What a budget is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Of<'a> {
    /// A name at the door, by whoever tries it, and whether or not anybody has it.
    Name(&'a str),
    /// Everybody behind one address.
    Address(IpAddr),
    /// A browser in which this member has signed in before: strangers cannot use this one up.
    Device(i64, &'a str),
    /// The codes of a member whose password was right, in a browser that is not known.
    Code(i64),
    /// The codes in a known browser.
    DeviceCode(i64, &'a str),
    /// Password and code of somebody who is signed in already.
    Confirming(i64),
    /// Lines in the audit log about refused sign-ins: a flood shall not fill the disk.
    Lines,
}

/// So many tries in a row are free; then each waits twice as long as the one before.
struct Budget {
    free: u32,
    first: Duration,
    longest: Duration,
}

impl Of<'_> {
    fn budget(&self) -> Budget {
        let (free, first, longest) = match self {
            // Behind one address there may be a whole office.
            Of::Address(_) => (30, Duration::seconds(30), Duration::minutes(15)),
            Of::Code(_) | Of::DeviceCode(..) => (5, Duration::minutes(1), Duration::minutes(15)),
            Of::Lines => (60, Duration::hours(1), Duration::hours(1)),
            // A stranger who keeps at it keeps the member out of a browser that is new to her for as long as he
            // does: no pause is longer than these minutes, but his next try may take the turn after it. The
            // browsers she knows have a budget of their own.
            Of::Name(_) | Of::Device(..) | Of::Confirming(_) => {
                (5, Duration::seconds(30), Duration::minutes(5))
            }
        };
        Budget { free, first, longest }
    }

    fn text(&self) -> String {
        match self {
            Of::Name(name) => format!("name {name}"),
            Of::Address(address) => format!("address {}", neighbourhood(*address)),
            Of::Device(id, device) => format!("device {id} {device}"),
            Of::Code(id) => format!("code {id}"),
            Of::DeviceCode(id, device) => format!("device code {id} {device}"),
            Of::Confirming(seat) => format!("confirming {seat}"),
            Of::Lines => "lines".into(),
        }
    }

    fn key(&self, keys: &Keyring) -> String {
        keys.tag("staff tries", &self.text())
    }
}

impl Budget {
    /// How long the next try waits after so many in vain.
    fn pause(&self, failures: u32) -> Duration {
        let Some(more) = failures.checked_sub(self.free) else { return Duration::ZERO };
        (self.first * (1_i32 << more.min(16))).min(self.longest)
    }
}

/// One line gives a customer 2^64 addresses of version 6: they count as one.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Counts one try against each of these, or against none: then how long to wait. `tx` is to be dropped in
/// that case.
pub(super) async fn take(
    tx: &mut Tx,
    keys: &Keyring,
    budgets: &[Of<'_>],
    now: OffsetDateTime,
) -> sqlx::Result<Result<(), Duration>> {
    // In one order, so that two who try the same never wait for each other.
    let mut rows: Vec<(String, Budget)> = budgets.iter().map(|of| (of.key(keys), of.budget())).collect();
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, budget) in rows {
        let Some(failures) = store::tries::count(tx, &key, now, now - FORGOTTEN).await? else {
            let until = store::tries::wait_until(tx, &key).await?;
            return Ok(Err(until.map_or(budget.first, |until| until - now).max(Duration::SECOND)));
        };
        let pause = budget.pause(failures.unsigned_abs());
        store::tries::wait(tx, &key, now + pause).await?;
    }
    Ok(Ok(()))
}

/// It was right: what was counted for it is forgotten. An address only gets this one try back, or somebody
/// with an account could try those of others for ever.
pub(super) async fn forgive(tx: &mut Tx, keys: &Keyring, budgets: &[Of<'_>]) -> sqlx::Result<()> {
    let mut rows: Vec<(String, bool)> =
        budgets.iter().map(|of| (of.key(keys), matches!(of, Of::Address(_)))).collect();
    rows.sort();
    for (key, only_one) in rows {
        if only_one {
            store::tries::give_back(tx, &key).await?;
        } else {
            store::tries::forget(tx, &key).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let budget = Of::Name("阿山").budget();
        let pauses: Vec<i64> = [0, 4, 5, 6, 7, 8, 9, 40, u32::MAX]
            .into_iter()
            .map(|failures| budget.pause(failures).whole_seconds())
            .collect();
        assert_eq!(pauses, [0, 0, 30, 60, 120, 240, 300, 300, 300]);
    }

    #[test]
    fn a_line_is_one_address() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
    }
}
