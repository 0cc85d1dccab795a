//! Who calls: the query that Weibo signs (fans-service.md §1). Pure.

use super::KEPT;
use crate::weibo::messages::check_push;
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

/// No part of it is longer, nor has a query more parts.
const LONGEST: usize = 2000;
const MOST: usize = 20;

/// The query of a call whose signature is good: only [`Call::verify`] makes one.
#[derive(Debug)]
pub struct Call {
    timestamp: String,
    nonce: String,
    /// What Weibo wants to hear, byte for byte, when it binds the address.
    pub echostr: Option<Vec<u8>>,
}

/// Why a call is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is nothing to check signatures with")]
    NoSecret,
    #[error("a part of the signature is missing, or there twice")]
    Incomplete,
    #[error("the signature is not Weibo's")]
    Forged,
    #[error("it was signed too long ago, or not yet")]
    Stale,
    #[error("its time and nonce were used for another body")]
    Replayed,
}

impl Call {
    pub fn verify(query: &[u8], secret: Option<&SecretString>) -> Result<Call, Refused> {
        let parts = parts(query).ok_or(Refused::Incomplete)?;
        let one = |name: &str| {
            let mut values = parts.iter().filter(|(n, _)| n == name.as_bytes()).map(|(_, value)| value);
            let first = values.next().filter(|value| !value.is_empty());
            first.filter(|_| values.next().is_none()).ok_or(Refused::Incomplete)
        };
        let text = |name| String::from_utf8(one(name)?.clone()).map_err(|_| Refused::Incomplete);
        let (signature, timestamp, nonce) = (text("signature")?, text("timestamp")?, text("nonce")?);
        let secret = secret.ok_or(Refused::NoSecret)?;
        if !check_push([secret], &signature, &timestamp, &nonce) {
            return Err(Refused::Forged);
        }
        Ok(Call { timestamp, nonce, echostr: one("echostr").ok().cloned() })
    }

    /// What tells it from every other call.
    pub(super) fn mark(&self) -> Vec<u8> {
        // Neither can hold the other's letters: the length stands in front.
        format!("{} {} {}", self.timestamp.len(), self.timestamp, self.nonce).into_bytes()
    }

    /// Refuses one whose own time is further from ours than the merchant allows. It is in milliseconds (M), or perhaps
    /// in seconds. Where the merchant allows any, one that is surely so old that its nonce may be forgotten is refused.
    pub(super) fn in_time(&self, most_age: Option<Duration>, now: OffsetDateTime) -> Result<(), Refused> {
        let ours = now.unix_timestamp_nanos() / 1_000_000;
        let number = self.timestamp.parse::<i64>().ok();
        let Some(most) = most_age else {
            let millis = number.filter(|_| self.timestamp.len() == 13).map(i128::from);
            let forgotten = millis.is_some_and(|theirs| ours - theirs >= KEPT.whole_milliseconds());
            return if forgotten { Err(Refused::Stale) } else { Ok(()) };
        };
        let number = number.ok_or(Refused::Stale)?;
        let millis = if self.timestamp.len() >= 12 { number } else { number.saturating_mul(1000) };
        let apart = (ours - i128::from(millis)).abs();
        if apart <= most.whole_milliseconds() { Ok(()) } else { Err(Refused::Stale) }
    }
}

/// Names and values as bytes. A query that is too large, or cannot be decoded, is none.
fn parts(query: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let parts = query.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    let mut read = Vec::new();
    for part in parts {
        if read.len() == MOST || part.len() > LONGEST {
            return None;
        }
        let middle = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        read.push((decode(&part[..middle])?, decode(part.get(middle + 1..).unwrap_or_default())?));
    }
    Some(read)
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        decoded.push(match first {
            b'+' => b' ',
            b'%' => {
                let [high, low, after @ ..] = rest else { return None };
                rest = after;
                digit(high)? * 16 + digit(low)?
            }
            other => *other,
        });
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn verify(query: &str, secret: &str) -> Result<Call, Refused> {
        Call::verify(query.as_bytes(), Some(&SecretString::from(secret.to_owned())))
    }

    #[test]
    fn the_published_vectors_are_taken_and_answered_byte_for_byte() {
        for (secret, query, echo) in [
            (
                "test-only-app-secret-0001",
                "signature=1705380335e3433a5242370c881fc5ead5d67ae6&timestamp=1772677230123&nonce=57000001&echostr=echoA1b2C3",
                "echoA1b2C3",
            ),
            (
                "0testOnlySecret9",
                "nonce=ZaBcD&echostr=echo%2B%2F%3D%2520&timestamp=1772677230123&signature=98743d87fada6c7502fde615a7d095fc08197adb",
                "echo+/=%20",
            ),
            (
                "TestOnlyUpper",
                "signature=c9c13cba5b90b7b14af30b1c3077064b60c63c5e&timestamp=1772677230999&nonce=TestOnlyLower&echostr=8899&more=1",
                "8899",
            ),
        ] {
            let call = verify(query, secret).unwrap();
            assert_eq!(call.echostr.as_deref(), Some(echo.as_bytes()));
            assert_eq!(verify(query, "another secret").unwrap_err(), Refused::Forged);
            assert_eq!(Call::verify(query.as_bytes(), None).unwrap_err(), Refused::NoSecret);
        }
    }

    #[test]
    fn what_is_not_whole_or_not_signed_is_refused() {
        let good =
            "signature=1705380335e3433a5242370c881fc5ead5d67ae6&timestamp=1772677230123&nonce=57000001";
        let secret = "test-only-app-secret-0001";
        assert!(verify(good, secret).unwrap().echostr.is_none());
        for (bad, why) in [
            (String::new(), Refused::Incomplete),
            (good.replace("nonce=57000001", ""), Refused::Incomplete),
            (good.replace("nonce=57000001", "nonce="), Refused::Incomplete),
            (format!("{good}&nonce=57000001"), Refused::Incomplete),
            (format!("{good}&x=%zz"), Refused::Incomplete),
            (format!("{good}&x=%f"), Refused::Incomplete),
            (format!("{good}{}", "&a=1".repeat(40)), Refused::Incomplete),
            (format!("{good}&a={}", "1".repeat(3000)), Refused::Incomplete),
            (good.replace("nonce=57000001", "nonce=%ff"), Refused::Incomplete),
            (good.replace("57000001", "57000002"), Refused::Forged),
            (good.replace("signature=1", "signature=2"), Refused::Forged),
            (good.replace("1705380335e3433a5242370c881fc5ead5d67ae6", "x"), Refused::Forged),
            (good.to_uppercase().replace("SIGNATURE", "signature"), Refused::Incomplete),
        ] {
            assert_eq!(verify(&bad, secret).unwrap_err(), why, "{bad}");
        }
    }

    #[test]
    fn its_own_time_counts_only_where_the_merchant_wants_it_to() {
        let at = |timestamp: &str| Call { timestamp: timestamp.into(), nonce: "n".into(), echostr: None };
        let now = datetime!(2026-03-05 10:20:30 +8);
        let five = Some(Duration::minutes(5));
        for (timestamp, in_time) in [
            ("1772677230123", true),
            ("1772677230", true),
            ("1772676930123", true),
            ("1772676929000", false),
            ("1772677530123", false),
            ("0", false),
            ("", false),
            ("soon", false),
            ("-1772677230123", false),
            ("99999999999999999999", false),
        ] {
            assert_eq!(at(timestamp).in_time(five, now).is_ok(), in_time, "{timestamp}");
            assert_eq!(at(timestamp).in_time(None, now), Ok(()));
        }
    }

    #[test]
    fn what_is_older_than_what_is_remembered_is_refused_in_any_case() {
        let at = |timestamp: &str| Call { timestamp: timestamp.into(), nonce: "n".into(), echostr: None };
        let now = datetime!(2026-03-05 10:20:30 +8);
        for (timestamp, in_time) in [
            ("1772418030001", true),
            ("1772418030000", false),
            ("1000000000000", false),
            ("1772418030", true),
            ("1872677230123", true),
        ] {
            assert_eq!(at(timestamp).in_time(None, now).is_ok(), in_time, "{timestamp}");
        }
    }

    #[test]
    fn no_two_calls_have_the_same_mark() {
        let mark = |timestamp: &str, nonce: &str| {
            Call { timestamp: timestamp.into(), nonce: nonce.into(), echostr: None }.mark()
        };
        assert_ne!(mark("1", "2 3"), mark("1 2", "3"));
        assert_eq!(mark("1", "2"), mark("1", "2"));
    }
}
