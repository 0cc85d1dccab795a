//! Codes and access tokens of `OAuth2` (oauth-and-statuses.md §1): who let the application act for them.

use super::World;
use super::frame::OTHER_APP;
use crate::sandbox::Fault;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime};
use url::Url;

/// How long a code can be exchanged is not public: ten minutes is the sandbox's own.
const CODE_LIVES: Duration = Duration::minutes(10);
/// The life of the document's example answer, §1.2.
const TOKEN_LIVES: Duration = Duration::seconds(2_592_000);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tokens {
    codes: Vec<Code>,
    #[serde(rename = "tokens")]
    given: Vec<Token>,
    /// By uid, the scopes to which they have agreed before: `""` when none was asked.
    #[serde(default)]
    agreed: BTreeMap<String, BTreeSet<String>>,
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
    /// A new login has taken its place.
    #[serde(default)]
    pub replaced: bool,
    /// The application that it was given to; nothing when it is the known one.
    #[serde(default)]
    pub app: Option<String>,
}

impl Token {
    /// Of the known application, and neither revoked nor replaced; it may have expired.
    fn stands_for(&self, uid: &str) -> bool {
        self.uid == uid && self.app.is_none() && !self.revoked && !self.replaced
    }

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
    #[error("applications over the unaudited use restrictions")]
    TooManyUsers,
    #[error("token_expired")]
    Replaced,
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
            OAuthError::TooManyUsers => 21321,
            OAuthError::Replaced => 21315,
            OAuthError::Revoked => 21316,
            OAuthError::Invalid => 21332,
        }
    }
}

impl World {
    /// Notes a consent under `code`, which the caller has drawn at random.
    pub fn consent(
        &mut self,
        code: &str,
        uid: &str,
        scope: &str,
        redirect_uri: Url,
        now: OffsetDateTime,
    ) -> Result<(), OAuthError> {
        self.admit(uid)?;
        self.tokens.codes.retain(|code| code.until > now);
        self.tokens.codes.push(Code {
            text: code.to_owned(),
            uid: uid.to_owned(),
            scope: scope.to_owned(),
            redirect_uri,
            until: now + CODE_LIVES,
        });
        Ok(())
    }

    /// `uid` will not be asked again for these scopes.
    pub fn agree(&mut self, uid: &str, scope: &str) -> Result<(), OAuthError> {
        self.admit(uid)?;
        let scopes = scope.split(',').map(|scope| scope.trim().to_owned());
        self.tokens.agreed.entry(uid.to_owned()).or_default().extend(scopes);
        Ok(())
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
        self.agree(&known.uid, &known.scope)?;
        let app = self.faults.strikes(Fault::TokenOfAnotherApp).then(|| OTHER_APP.to_owned());
        Ok(self.give(Token { app, ..self.fresh_token(&known.uid, token, &known.scope, now) }))
    }

    /// What the frame carries for `uid`: the token that they have, else a new one (§2).
    pub fn token_in_the_frame(&mut self, uid: &str, fresh: String, now: OffsetDateTime) -> Token {
        let live = self.tokens.given.iter().find(|token| token.stands_for(uid) && token.expires_at > now);
        match live {
            Some(token) => token.clone(),
            None => self.give(self.fresh_token(uid, fresh, "", now)),
        }
    }

    /// A good token, but not of the known application.
    pub fn token_of_another_app(&mut self, uid: &str, fresh: String, now: OffsetDateTime) -> Token {
        let app = Some(OTHER_APP.to_owned());
        self.give(Token { app, ..self.fresh_token(uid, fresh, "", now) })
    }

    fn fresh_token(&self, uid: &str, text: String, scope: &str, now: OffsetDateTime) -> Token {
        Token {
            text,
            uid: uid.to_owned(),
            scope: scope.to_owned(),
            created_at: now,
            expires_at: now
                + self.limits.token_seconds.map_or(TOKEN_LIVES, |lives| Duration::seconds(lives.into())),
            revoked: false,
            replaced: false,
            app: None,
        }
    }

    /// A new login takes the place of the former (§1.3).
    fn give(&mut self, token: Token) -> Token {
        if token.app.is_none() {
            for known in self.tokens.given.iter_mut().filter(|known| known.stands_for(&token.uid)) {
                known.replaced = true;
            }
        }
        self.tokens.given.push(token.clone());
        token
    }

    /// Whether one more account may use the application (21321).
    fn admit(&self, uid: &str) -> Result<(), OAuthError> {
        let full = self.limits.accounts.is_some_and(|most| {
            let known = &self.tokens.agreed;
            !known.contains_key(uid) && known.len() >= most as usize
        });
        if full { Err(OAuthError::TooManyUsers) } else { Ok(()) }
    }

    /// Whether `uid` has agreed to all of `scope` before.
    pub fn has_agreed(&self, uid: &str, scope: &str) -> bool {
        let agreed = self.tokens.agreed.get(uid);
        agreed.is_some_and(|agreed| {
            scope.split(',').all(|scope| scope.trim().is_empty() || agreed.contains(scope.trim()))
        })
    }

    /// They take their leave back, at Weibo's own page: it knows the application's tokens of theirs no more.
    pub fn withdraw(&mut self, uid: &str) {
        self.tokens.agreed.remove(uid);
        for known in self.tokens.given.iter_mut().filter(|known| known.stands_for(uid)) {
            known.revoked = true;
        }
    }

    /// A token that is known, and neither revoked nor replaced; it may have expired.
    pub fn token(&self, token: &str) -> Result<&Token, OAuthError> {
        let known = self.tokens.given.iter().find(|known| known.text == token).ok_or(OAuthError::Invalid)?;
        match known {
            Token { revoked: true, .. } => Err(OAuthError::Revoked),
            Token { replaced: true, .. } => Err(OAuthError::Replaced),
            live => Ok(live),
        }
    }

    /// A token with which calls can be made now.
    pub fn live_token(&self, token: &str, now: OffsetDateTime) -> Result<&Token, OAuthError> {
        let known = self.token(token)?;
        if known.expires_at <= now { Err(OAuthError::Expired) } else { Ok(known) }
    }

    /// The application gives the leave back: they will be asked anew.
    pub fn revoke(&mut self, token: &str) -> Result<(), OAuthError> {
        let uid = self.token(token)?.uid.clone();
        for known in self.tokens.given.iter_mut().filter(|known| known.text == token) {
            known.revoked = true;
        }
        self.tokens.agreed.remove(&uid);
        Ok(())
    }

    /// Whether `uid` lets the application act: then more of them may be shown (§1.4).
    pub fn has_consented(&self, uid: &str, now: OffsetDateTime) -> bool {
        self.tokens.given.iter().any(|token| token.stands_for(uid) && token.expires_at > now)
    }
}
