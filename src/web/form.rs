//! A form as it was sent, and what is wrong with its fields when the page is shown again.

use super::error::Error;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

/// The largest form: several fields of far more than they may hold, so that even those are shown again
/// with a word about it.
const LARGEST: usize = 512 * 1024;
/// A phone in a tunnel, not somebody who holds the line.
const SLOWEST: Duration = Duration::from_secs(20);

/// As many fields as a variant matrix of 200 rows has, and some more.
const MOST: usize = 4000;

/// The fields of a posted form, in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first of this name; empty when the field is not there.
    pub fn text(&self, name: &str) -> String {
        self.all(name).next().unwrap_or_default().to_owned()
    }

    /// Every field of this name, such as the ticked boxes of a list.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every value, whatever its name.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked or a button of this name pressed.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All of them by their first value: for forms of many rows, where looking each up would be slow.
    pub fn by_name(&self) -> HashMap<&str, &str> {
        self.0.iter().rev().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub fn parse(encoded: &[u8]) -> Fields {
        let pairs = form_urlencoded::parse(encoded).take(MOST);
        Fields(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }
}

impl FromRequest for Fields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Fields, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let payload = payload.take();
        Box::pin(async move {
            if !is_form {
                return Err(Error::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "error-request"));
            }
            Ok(Fields::parse(&body(payload, LARGEST).await?))
        })
    }
}

/// The whole body, when it comes in time and is not larger than `most` bytes.
pub async fn body(mut payload: Payload, most: usize) -> Result<BytesMut, Error> {
    let read = async {
        let mut all = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let broken = |_| Error::Refused(StatusCode::BAD_REQUEST, "error-request");
            let chunk = chunk.map_err(broken)?;
            if all.len() + chunk.len() > most {
                return Err(Error::Refused(StatusCode::PAYLOAD_TOO_LARGE, "error-too-large"));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    };
    let late = |_| Error::Refused(StatusCode::REQUEST_TIMEOUT, "error-request");
    actix_web::rt::time::timeout(SLOWEST, read).await.map_err(late)?
}

/// What is wrong with the fields of a form, in the reader's words.
#[derive(Debug, Default, Clone)]
pub struct Wrongs(Vec<(Cow<'static, str>, String)>);

impl Wrongs {
    /// `field` is the name of an input, which may be one of a row, such as `price-12`.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, words: String) {
        self.0.push((field.into(), words));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with this field, if anything is.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, words)| words.as_str())
    }

    pub fn all(&self) -> &[(Cow<'static, str>, String)] {
        &self.0
    }
}
