//! The client's JS interface (jsapi.md §3 to §6): tickets, the signatures made with them, and what each action is
//! told to answer.

use super::World;
use data_encoding::HEXLOWER;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// As Weibo's own.
const LIVES: Duration = Duration::seconds(7199);
/// A signature is taken for so long, before and after the time it names.
const FRESH: Duration = Duration::minutes(10);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jsapi {
    tickets: Vec<Ticket>,
    /// What an action answers instead of all being well: a code, or `absent`. `bridge`, `WeiboJS`, `init` and
    /// `shape` stand for the whole.
    pub(in crate::sandbox) chosen: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ticket {
    text: String,
    #[serde(with = "time::serde::rfc3339")]
    until: OffsetDateTime,
}

/// What a page says when it asks to be admitted.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub timestamp: &'a str,
    pub noncestr: &'a str,
    pub signature: &'a str,
    /// The page, as the browser shows it.
    pub url: &'a str,
}

/// What can be chosen for an action, and for the interface as a whole.
const CODES: [&str; 8] = ["200", "400", "403", "500", "501", "550", "553", "absent"];
const WHOLE: [(&str, &[&str]); 3] =
    [("bridge", &["absent", "late"]), ("WeiboJS", &["absent"]), ("shape", &["one"])];

/// What the pretend client can do: each has an answer in `bridge.js`.
pub const ACTIONS: [&str; 14] = [
    "init",
    "checkAvailability",
    "getNetworkType",
    "getLocation",
    "scanQRCode",
    "pickImage",
    "pickContact",
    "deliverAddress:default",
    "openImage",
    "invokeMenuItem",
    "openMenu",
    "setBrowserTitle",
    "setMenuItems",
    "setSharingContent",
];

/// Whether this is something that can be chosen.
pub fn is_choice(name: &str, to: &str) -> bool {
    let network = name == "getNetworkType" && matches!(to, "wifi" | "wwan" | "fail");
    WHOLE.iter().any(|(whole, ways)| *whole == name && ways.contains(&to))
        || (ACTIONS.contains(&name) && (CODES.contains(&to) || network))
}

impl World {
    /// Gives out `text`, which the caller has drawn at random, and says how many seconds it lives. Those given
    /// before live on.
    pub fn give_ticket(&mut self, text: String, now: OffsetDateTime) -> i64 {
        self.jsapi.tickets.retain(|ticket| ticket.until > now);
        self.jsapi.tickets.push(Ticket { text, until: now + LIVES });
        LIVES.whole_seconds()
    }

    /// Whether the claim is signed with a ticket that lives.
    pub fn admits(&self, claim: Claim<'_>, now: OffsetDateTime) -> bool {
        let Claim { timestamp, noncestr, signature, url } = claim;
        let at = timestamp.parse().ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        let fresh = at.is_some_and(|at| (at - now).abs() <= FRESH);
        let url = url.split_once('#').map_or(url, |(page, _)| page);
        let signed = |ticket: &Ticket| {
            let text =
                format!("jsapi_ticket={}&noncestr={noncestr}&timestamp={timestamp}&url={url}", ticket.text);
            HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref()) == signature
        };
        fresh && self.jsapi.tickets.iter().any(|ticket| ticket.until > now && signed(ticket))
    }

    /// What the actions are told to answer.
    pub fn chosen(&self) -> &BTreeMap<String, String> {
        &self.jsapi.chosen
    }

    /// Tells an action what to answer, or with nothing that all is well again.
    pub fn choose(&mut self, name: &str, to: Option<&str>) {
        match to {
            Some(to) => self.jsapi.chosen.insert(name.to_owned(), to.to_owned()),
            None => self.jsapi.chosen.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-05 02:20:30 UTC);

    /// The first vector of jsapi.md §3.
    const CLAIM: Claim<'static> = Claim {
        timestamp: "1772677230",
        noncestr: "Qw3rTyUi0p",
        signature: "e9ae860eb804d5717f1e9731b900764af165c104",
        url: "https://shop.example/h5/item?id=42&from=weibo%20card#top",
    };

    #[test]
    fn the_published_vector_is_admitted_while_ticket_and_time_hold() {
        let mut world = World::new("7000000001");
        assert!(!world.admits(CLAIM, NOW), "no ticket was given");
        world.give_ticket("TESTONLY-js-ticket-0123456789abcdefghijklmnopqrstuvwxyz_A-b".into(), NOW);
        world.give_ticket("another".into(), NOW);
        assert!(world.admits(CLAIM, NOW) && world.admits(CLAIM, NOW + FRESH));
        for late in [FRESH + Duration::SECOND, -FRESH - Duration::SECOND, LIVES] {
            assert!(!world.admits(CLAIM, NOW + late), "{late}");
        }
        for wrong in [
            Claim { timestamp: "1772677231", ..CLAIM },
            Claim { timestamp: "", ..CLAIM },
            Claim { noncestr: "Qw3rTyUi0P", ..CLAIM },
            Claim { signature: "", ..CLAIM },
            Claim { url: "https://shop.example/h5/item?id=42&from=weibo card", ..CLAIM },
            Claim { url: "https://shop.example/", ..CLAIM },
        ] {
            assert!(!world.admits(wrong, NOW), "{wrong:?}");
        }
    }

    #[test]
    fn only_what_has_a_meaning_can_be_chosen() {
        for (name, to) in [
            ("getLocation", "553"),
            ("init", "403"),
            ("bridge", "absent"),
            ("bridge", "late"),
            ("shape", "one"),
            ("getNetworkType", "wwan"),
        ] {
            assert!(is_choice(name, to), "{name} {to}");
        }
        for (name, to) in [
            ("getLocation", "wwan"),
            ("getLocation", "554"),
            ("bridge", "553"),
            ("x", "500"),
            ("", ""),
            ("init", "\";alert(1)//"),
        ] {
            assert!(!is_choice(name, to), "{name} {to}");
        }
    }
}
