//! Signing in with Weibo, and what somebody may see and end of it.

pub mod coupons;
pub mod enter;
pub mod hint;
pub mod mine;
pub mod oauth;
pub mod reminders;
pub mod scan;
pub mod scanned;

use super::page::Page;
use super::who::Visitor;
use super::{Error, Shop};
use crate::customers::{self, Customer};
use actix_session::Session;
use time::OffsetDateTime;

/// Where somebody signs in who shall go on at `next`, a path in her language: on a desktop by scanning or there.
pub fn sign_in_path(frame: &Page, next: &str) -> String {
    let next = asked("next", next);
    if frame.is_desktop() { frame.to(&format!("/sign-in?{next}")) } else { format!("/oauth/weibo?{next}") }
}

/// A path as a part of a query, such as `next=%2Forders`.
pub fn asked(name: &str, path: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, path).finish()
}

/// The customer of this session while the shop may act for her: whoever has taken that back signs in anew first.
async fn signed_in(shop: &Shop, session: &Session, now: OffsetDateTime) -> Result<Option<Customer>, Error> {
    let Some(customer) = Visitor::of(session).customer else { return Ok(None) };
    let who = customers::find(&mut *shop.db.reader().await?, customer).await?;
    Ok(who.filter(|who| who.token_expires_at.is_some_and(|until| until > now)))
}
