//! What Weibo's frame posts of whoever looks at a light app (oauth-and-statuses.md §2): verified here, and believed
//! by nobody before. Nothing in it prevents that it is sent again: who takes one keeps its mark.

use super::Client;
use super::answer::{Answer, positive};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use time::{Duration as Span, OffsetDateTime};

/// The samples have some 450 bytes.
const LONGEST: usize = 8 * 1024;
/// The only algorithm there is, in any letter case.
const ALGORITHM: &str = "HMAC-SHA256";
/// So far Weibo's clock may be ahead of ours.
pub const AHEAD: Span = Span::minutes(1);
/// The longest life of a token that Weibo's pages name, in seconds (§1.2).
const LONGEST_LIFE: i64 = 157_680_000;

/// A signed request that Weibo made for this application, not long ago.
#[derive(Debug)]
pub struct SignedRequest {
    /// The same for the same request, however it was written; another for any other.
    pub mark: Vec<u8>,
    pub viewer: Viewer,
}

/// Who looks.
#[derive(Debug)]
pub enum Viewer {
    /// Nobody who is signed in to Weibo, or nobody of whom enough is said.
    Stranger,
    Known(Known),
}

/// Somebody who is signed in to Weibo. Whose token it is, only Weibo can say: see [`Client::token_owner`].
#[derive(Debug)]
pub struct Known {
    pub uid: i64,
    pub token: SecretString,
    /// How long the token still lives, counted from now; nothing when that is not said.
    pub expires_in: Duration,
}

/// Why a signed request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("not two parts of base64, or not an object with a time in it")]
    Malformed,
    #[error("not signed with this application's secret")]
    Forged,
    #[error("not HMAC-SHA256")]
    OtherAlgorithm,
    #[error("issued too long ago, or in the future")]
    Stale,
}

impl Client {
    /// Reads a signed request of this application's that was issued within `age` before `now`.
    pub fn read_signed_request(
        &self,
        text: &str,
        now: OffsetDateTime,
        age: Span,
    ) -> Result<SignedRequest, Rejected> {
        let (mark, payload) = opened(text, self.settings().app_secret.expose_secret())?;
        let answer = Answer::parse(&payload).ok_or(Rejected::Malformed)?;
        if !answer.text("algorithm").is_some_and(|named| named.eq_ignore_ascii_case(ALGORITHM)) {
            return Err(Rejected::OtherAlgorithm);
        }
        let issued = answer.whole("issued_at").and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        let old = now - issued.ok_or(Rejected::Malformed)?;
        if old > age || old < -AHEAD {
            return Err(Rejected::Stale);
        }
        Ok(SignedRequest { mark, viewer: viewer(&answer, old) })
    }
}

/// The bytes of the signature and of what is signed. The signature is over the second part as it was sent; padding
/// may have been there when Weibo signed or have been added later.
fn opened(text: &str, secret: &str) -> Result<(Vec<u8>, Vec<u8>), Rejected> {
    if text.len() > LONGEST {
        return Err(Rejected::Malformed);
    }
    let (signature, sent) = text.split_once('.').ok_or(Rejected::Malformed)?;
    let payload = without_padding(sent);
    let mark = decoded(without_padding(signature))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let fits = |part: &str| hmac::verify(&key, part.as_bytes(), &mark).is_ok();
    if !fits(sent) && !fits(payload) {
        return Err(Rejected::Forged);
    }
    let payload = decoded(payload)?;
    Ok((mark, payload))
}

/// At most what base64 ever adds.
fn without_padding(part: &str) -> &str {
    let part = part.strip_suffix('=').unwrap_or(part);
    part.strip_suffix('=').unwrap_or(part)
}

/// Strict: no other text gives the same bytes.
fn decoded(part: &str) -> Result<Vec<u8>, Rejected> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Rejected::Malformed)
}

fn viewer(answer: &Answer, old: Span) -> Viewer {
    let uid = answer.text("user_id").and_then(|uid| positive(&uid));
    let token = answer.text("oauth_token").filter(|token| token.bytes().all(|b| b.is_ascii_graphic()));
    let (Some(uid), Some(token)) = (uid, token) else { return Viewer::Stranger };
    let life = answer.whole("expires").unwrap_or(0).clamp(0, LONGEST_LIFE) - old.whole_seconds().max(0);
    let expires_in = Duration::from_secs(u64::try_from(life).unwrap_or(0));
    Viewer::Known(Known { uid, token: SecretString::from(token), expires_in })
}

#[cfg(test)]
mod tests;
