//! What the outer frame posts to a light app: the viewer, signed with the application's secret
//! (oauth-and-statuses.md §2).

use super::World;
use crate::sandbox::Fault;
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// An application that is not the shop's, and its secret.
pub const OTHER_APP: &str = "1900000009";
const OTHER_SECRET: &str = "test-only-app-secret-0009";
const ALGORITHM: &str = "HMAC-SHA256";
/// How old a stale one is.
const STALE: Duration = Duration::days(1);

/// The page around the light app: whose it is, and the secret that the application shares with Weibo.
#[derive(Clone, Copy)]
pub struct Outer<'a> {
    pub secret: &'a str,
    pub owner: &'a str,
}

/// Somebody who is signed in at Weibo, and the leave that the application has from them.
struct Viewer {
    uid: u64,
    token: String,
    expires: i64,
    scope: String,
}

/// In the order of the document's samples; of a visitor who is not signed in much is missing.
#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Known {
        user: Place,
        algorithm: &'a str,
        issued_at: i64,
        expires: i64,
        oauth_token: &'a str,
        user_id: u64,
        referer: String,
        scope: &'a str,
        ext_data: &'a str,
        ouid: &'a str,
    },
    Unknown {
        algorithm: &'a str,
        issued_at: i64,
        user: Place,
        ouid: &'a str,
    },
}

#[derive(Serialize)]
struct Place {
    country: &'static str,
    locale: &'static str,
    version: u32,
}

const CHINA: Place = Place { country: "cn", locale: "zh_CN", version: 5 };

impl World {
    /// The `signed_request` for `uid`, or for a visitor who is not signed in, as the faults of the frame have
    /// it. `fresh` are two tokens drawn at random: opening the frame authorises the application.
    pub fn signed_request(
        &mut self,
        outer: Outer<'_>,
        uid: Option<&str>,
        fresh: [String; 2],
        now: OffsetDateTime,
    ) -> String {
        if self.faults.strikes(Fault::FrameReplayed)
            && let Some(last) = self.last_signed_request.clone()
        {
            return last;
        }
        let viewer = uid.and_then(|uid| self.viewer(uid, fresh, now));
        let stale = self.faults.strikes(Fault::FrameStale);
        let issued_at = if stale { now - STALE } else { now };
        let other_algorithm = self.faults.strikes(Fault::FrameAlgorithm);
        let algorithm = if other_algorithm { "HMAC-SHA1" } else { ALGORITHM };
        let forged = self.faults.strikes(Fault::FrameForged);
        let secret = if forged { OTHER_SECRET } else { outer.secret };
        let payload = payload(viewer.as_ref(), outer.owner, algorithm, issued_at);
        let signed = sign(secret, &payload);
        self.last_signed_request = Some(signed.clone());
        signed
    }

    fn viewer(&mut self, uid: &str, [own, strange]: [String; 2], now: OffsetDateTime) -> Option<Viewer> {
        let number = self.person(uid)?.uid.parse().ok()?;
        let somebody_else = || self.people().iter().rev().find(|person| person.uid != uid);
        let holder = somebody_else().map_or_else(|| uid.to_owned(), |person| person.uid.clone());
        let token = if self.faults.strikes(Fault::FrameOtherApp) {
            self.token_of_another_app(uid, strange, now)
        } else if self.faults.strikes(Fault::FrameOtherPerson) {
            self.token_in_the_frame(&holder, own, now)
        } else {
            self.token_in_the_frame(uid, own, now)
        };
        let expires = token.seconds_left(now);
        Some(Viewer { uid: number, token: token.text, expires, scope: token.scope })
    }
}

fn payload(viewer: Option<&Viewer>, owner: &str, algorithm: &str, issued_at: OffsetDateTime) -> Vec<u8> {
    let issued_at = issued_at.unix_timestamp();
    let payload = match viewer {
        Some(viewer) => Payload::Known {
            user: CHINA,
            algorithm,
            issued_at,
            expires: viewer.expires,
            oauth_token: &viewer.token,
            user_id: viewer.uid,
            referer: format!("https://weibo.com/u/{owner}"),
            scope: &viewer.scope,
            ext_data: "",
            ouid: owner,
        },
        None => Payload::Unknown { algorithm, issued_at, user: CHINA, ouid: owner },
    };
    serde_json::to_vec(&payload).unwrap_or_default()
}

/// `base64url(HMAC-SHA256) "." base64url(JSON)`, without padding, the MAC over the second part as it is sent.
fn sign(secret: &str, payload: &[u8]) -> String {
    let payload = BASE64URL_NOPAD.encode(payload);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = hmac::sign(&key, payload.as_bytes());
    format!("{}.{payload}", BASE64URL_NOPAD.encode(mac.as_ref()))
}

#[cfg(test)]
mod tests;
