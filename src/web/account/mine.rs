//! A shopper's own page: who she is here, until when the shop may act for her, and how all of it ends.

use super::oauth::own;
use super::reminders::{DONE, Shown};
use super::sign_in_path;
use crate::customers::{self, Customer, RevocationId};
use crate::fans::reminders;
use crate::jobs::Outcome;
use crate::partners;
use crate::web::page::{Page, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "account/mine.html")]
struct AccountPage {
    page: Page,
    who: Option<Customer>,
    /// On how many browsers she is signed in.
    browsers: i64,
    now: OffsetDateTime,
    said: Option<&'static str>,
    /// The page of a link that was meant for somebody else: for whoever has followed it, so she has signed in.
    meant: Option<String>,
    sign_in_path: String,
    /// What she waits for, and what has come true.
    reminders: Vec<Shown>,
    is_partner: bool,
}

impl AccountPage {
    /// Until when the shop may act for her; nothing when it may not.
    fn until(&self) -> Option<String> {
        let until = self.who.as_ref()?.token_expires_at.filter(|until| *until > self.now)?;
        Some(shop_time(until))
    }

    /// What has just been done, by the word in the address. Anybody can write an address: what it says of her leave and
    /// her sessions is said only where it is so. Which code she answered is not known any more: of that it is believed.
    fn say_done(&self, done: &str) -> Option<&'static str> {
        match done {
            "withdrawn" if self.until().is_none() => Some("mine-withdrawn"),
            "later" if self.until().is_none() => Some("mine-withdrawn-later"),
            "everywhere" if self.who.is_none() => Some("mine-ended"),
            "there" if self.who.is_some() => Some("scanned-there"),
            "not-there" => Some("scanned-not-there"),
            done if self.who.is_some() => DONE.iter().find(|(name, _)| *name == done).map(|(_, key)| *key),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
pub struct Opened {
    done: Option<String>,
    meant: Option<String>,
}

/// `GET /account`
pub async fn show(
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let Opened { done, meant } = opened.into_inner();
    let (frame, now) = (Page::new(&shop, &reader).await, shop.clock.now());
    let mut conn = shop.db.reader().await?;
    let (mut who, mut browsers, mut asked, mut is_partner) = (None, 0, Vec::new(), false);
    if let Some(customer) = Visitor::of(&session).customer {
        who = customers::find(&mut conn, customer).await?;
        browsers = customers::open_sessions(&mut conn, customer, now).await?;
        asked = reminders::listed(&mut conn, customer, now).await?;
        is_partner = partners::of_customer(&mut conn, customer).await?.is_some();
    }
    let sign_in_path = sign_in_path(&frame, &frame.to("/account"));
    // Anybody can write an address: what stands behind `?` could sign her in to something of his.
    let meant =
        meant.filter(|_| who.is_some()).map(|meant| customers::without_query(&own(Some(meant))).to_owned());
    let reminders = asked.into_iter().map(Shown::of).collect();
    let mut drawn = AccountPage {
        page: frame,
        who,
        browsers,
        now,
        said: None,
        meant,
        sign_in_path,
        reminders,
        is_partner,
    };
    drawn.said = done.as_deref().and_then(|done| drawn.say_done(done));
    page(StatusCode::OK, &drawn)
}

/// `POST /account/withdrawal`: forgotten here first, then Weibo is told; a job tells it again where it does not answer.
pub async fn withdraw(session: Session, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let signed_out = Error::Refused(StatusCode::FORBIDDEN, "error-not-signed-in");
    let customer = Visitor::of(&session).customer.ok_or(signed_out)?;
    let mut tx = shop.db.begin().await?;
    let revocation = customers::withdraw(&mut tx, customer, shop.clock.now()).await?;
    tx.commit().await?;
    let told = match revocation {
        Some(id) => is_told(&shop, id).await,
        None => true,
    };
    let done = if told { "withdrawn" } else { "later" };
    Ok(see_other(&frame.to(&format!("/account?done={done}"))))
}

/// Whether Weibo has taken it.
async fn is_told(shop: &Shop, id: RevocationId) -> bool {
    let Ok(weibo) = shop.weibo().await else { return false };
    match customers::revoke(&shop.db, &weibo, &shop.keys, id, &shop.clock).await {
        Ok(outcome) => outcome == Outcome::Done,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "Weibo is told later that leave was withdrawn");
            false
        }
    }
}

/// `POST /account/sign-out-everywhere`
pub async fn sign_out_everywhere(
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    if let Some(customer) = Visitor::of(&session).customer {
        let mut tx = shop.db.begin().await?;
        customers::end_sessions_of(&mut tx, customer).await?;
        tx.commit().await?;
    }
    session.purge();
    Ok(see_other(&frame.to("/account?done=everywhere")))
}
