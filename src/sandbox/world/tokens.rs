//! Codes and access tokens of `OAuth2` (oauth-and-statuses.md §1): who let the application act for them.

use super::World;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

/// How long a code can be exchanged is not public: ten minutes is the sandbox's own.
const CODE_LIVES: Duration = Duration::minutes(10);
/// The life of the document's example answer, §1.2.
const TOKEN_LIVES: Duration = Duration::seconds(2_592_000);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tokens {
    codes: Vec<Code>,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Code {
    text: String,
    uid: String,
    scope: String,
    #[serde(with = "super::address")]
    redirect_uri: Url,
    #[serde(with = "time::serde::rfc3339")]
    until: OffsetDateTime,
}

/// A right to act for `uid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub text: String,
    pub uid: String,
    pub scope: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    pub revoked: bool,
}

impl Token {
    /// Seconds of life left; negative when it has expired (§1.3).
    pub fn seconds_left(&self, now: OffsetDateTime) -> i64 {
        (self.expires_at - now).whole_seconds()
    }
}

/// Why OAuth refuses, in the words and numbers of §1.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    #[error("redirect_uri_mismatch")]
    RedirectUri,
    #[error("invalid_request")]
    Request,
    #[error("invalid_client")]
    Client,
    #[error("invalid_grant")]
    Grant,
    #[error("unsupported_grant_type")]
    GrantType,
    #[error("unsupported_response_type")]
    ResponseType,
    #[error("access_denied")]
    Denied,
    #[error("expired_token")]
    Expired,
    #[error("token_revoked")]
    Revoked,
    #[error("invalid_access_token")]
    Invalid,
}

impl OAuthError {
    pub fn code(self) -> u32 {
        match self {
            OAuthError::RedirectUri => 21322,
            OAuthError::Request => 21323,
            OAuthError::Client => 21324,
            OAuthError::Grant => 21325,
            OAuthError::GrantType => 21328,
            OAuthError::ResponseType => 21329,
            OAuthError::Denied => 21330,
            OAuthError::Expired => 21327,
            OAuthError::Revoked => 21316,
            OAuthError::Invalid => 21332,
        }
    }
}

impl World {
    /// Notes a consent under `code`, which the caller has drawn at random.
    pub fn consent(&mut self, code: &str, uid: &str, scope: &str, redirect_uri: Url, now: OffsetDateTime) {
        self.tokens.codes.retain(|code| code.until > now);
        self.tokens.codes.push(Code {
            text: code.to_owned(),
            uid: uid.to_owned(),
            scope: scope.to_owned(),
            redirect_uri,
            until: now + CODE_LIVES,
        });
    }

    /// Exchanges a code, once, for `token`, which the caller has drawn at random.
    pub fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        token: String,
        now: OffsetDateTime,
    ) -> Result<Token, OAuthError> {
        if code.is_empty() {
            return Err(OAuthError::Request);
        }
        let codes = &mut self.tokens.codes;
        let at = codes.iter().position(|known| known.text == code && known.until > now);
        let known = codes.remove(at.ok_or(OAuthError::Grant)?);
        if Url::parse(redirect_uri).ok() != Some(known.redirect_uri) {
            return Err(OAuthError::RedirectUri);
        }
        let token = Token {
            text: token,
            uid: known.uid,
            scope: known.scope,
            created_at: now,
            expires_at: now + TOKEN_LIVES,
            revoked: false,
        };
        self.tokens.tokens.push(token.clone());
        Ok(token)
    }

    /// A token that is known and not revoked; it may have expired.
    pub fn token(&self, token: &str) -> Result<&Token, OAuthError> {
        let known = self.tokens.tokens.iter().find(|known| known.text == token).ok_or(OAuthError::Invalid)?;
        if known.revoked { Err(OAuthError::Revoked) } else { Ok(known) }
    }

    /// A token with which calls can be made now.
    pub fn live_token(&self, token: &str, now: OffsetDateTime) -> Result<&Token, OAuthError> {
        let known = self.token(token)?;
        if known.expires_at <= now { Err(OAuthError::Expired) } else { Ok(known) }
    }

    pub fn revoke(&mut self, token: &str) -> Result<(), OAuthError> {
        self.token(token)?;
        for known in self.tokens.tokens.iter_mut().filter(|known| known.text == token) {
            known.revoked = true;
        }
        Ok(())
    }

    /// Whether `uid` has let the application act: then more of them may be shown (§1.4).
    pub fn has_consented(&self, uid: &str, now: OffsetDateTime) -> bool {
        self.tokens.tokens.iter().any(|token| token.uid == uid && !token.revoked && token.expires_at > now)
    }
}
