//! What the calls share: whose token it is, what was asked, and errors in the families that Weibo has (§9, §10).

use crate::sandbox::http::answer::{form, query, token, told};
use crate::sandbox::http::oauth;
use crate::sandbox::world::fans::trouble::Trouble;
use crate::sandbox::world::limits::{Call, CallError};
use crate::sandbox::world::tokens::OAuthError;
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::Params;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// A call that the merchant's own account may make.
pub struct Called {
    /// Of query and form.
    params: Params,
    /// The body, when it is JSON.
    pub json: Value,
}

/// Why it is not carried out.
#[derive(Debug)]
pub enum Refused {
    Token(OAuthError),
    Call(CallError),
    Fans(Trouble),
    Parameter,
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Refused {
        Refused::Fans(trouble)
    }
}

impl Called {
    /// Reads a call and admits it, unless a fault has it otherwise.
    pub fn read(request: &HttpRequest, body: &[u8], sandbox: &Sandbox) -> Result<Called, Refused> {
        let mut params = query(request).map_err(|_| Refused::Parameter)?;
        let mut json = Value::Null;
        if body.trim_ascii_start().starts_with(b"{") {
            json = serde_json::from_slice(body).map_err(|_| Refused::Parameter)?;
        } else {
            params.extend(form(body).map_err(|_| Refused::Parameter)?);
        }
        let token = token(request, &params);
        let from = request.peer_addr().map(|address| address.ip());
        let settings = &sandbox.0.settings;
        sandbox.change(|world, now| {
            // The developer's token of the account, or one that its owner gave the application (§9).
            if token != settings.fans_token
                && world.live_token(&token, now).map_err(Refused::Token)?.uid != settings.seller_id
            {
                return Err(Refused::Call(CallError::NotPermitted));
            }
            if world.faults.strikes(Fault::TokenExpired) {
                return Err(Refused::Token(OAuthError::Expired));
            }
            let call = Call { uid: &settings.seller_id, from, writes: *request.method() == Method::POST };
            world.admit_call(&call, now).map_err(Refused::Call)
        })?;
        Ok(Called { params, json })
    }

    /// A parameter that is there and not empty.
    pub fn maybe(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub fn text(&self, name: &'static str) -> Result<&str, Trouble> {
        self.maybe(name).ok_or(Trouble::Missing(name))
    }

    pub fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, Trouble> {
        self.text(name)?.parse().map_err(|_| Trouble::Invalid(name))
    }

    /// Somebody's uid.
    pub fn uid(&self, name: &'static str) -> Result<i64, Trouble> {
        self.number(name).and_then(|uid| if uid > 0 { Ok(uid) } else { Err(Trouble::Invalid(name)) })
    }
}

/// `{"request","error_code","error"}`
pub fn refusal(refused: &Refused, request: &HttpRequest, sandbox: &Sandbox) -> HttpResponse {
    refusal_of(refused, request, sandbox, false)
}

/// The same, and beside it `errcode` and `errmsg`, as broadcasts and groups have them.
pub fn refusal_of_both(refused: &Refused, request: &HttpRequest, sandbox: &Sandbox) -> HttpResponse {
    refusal_of(refused, request, sandbox, true)
}

fn refusal_of(refused: &Refused, request: &HttpRequest, sandbox: &Sandbox, both: bool) -> HttpResponse {
    let (code, words) = match refused {
        Refused::Token(error) => return oauth::refusal(*error, request.path()),
        Refused::Call(error) => (error.code(), error.to_string()),
        Refused::Fans(trouble) => (trouble.code(&sandbox.world().fans.rules), trouble.to_string()),
        Refused::Parameter => (10008, "Param error, see doc for more info".to_owned()),
    };
    let mut body = json!({ "request": request.path(), "error_code": code, "error": words });
    if both {
        body["errcode"] = code.to_string().into();
        body["errmsg"] = words.into();
    }
    told(HttpResponse::BadRequest().json(body), code.to_string())
}

/// Success in the words of both revisions (§7.2).
pub fn ok() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "errcode": 0, "errmsg": "ok", "error": "ok", "error_code": "0" }))
}

/// `{"result":true}`
pub fn result() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "result": true }))
}

/// Whether the answer to what was just done is to be lost.
pub fn lost(sandbox: &Sandbox) -> bool {
    sandbox.change(|world, _| world.faults.strikes(Fault::AnswerLost))
}
