//! Her room: what she has earned, her links, and the orders that came by them.

use super::{Asking, asking, masked};
use crate::clock::shop_day;
use crate::figures::Takings;
use crate::orders::OrderNumber;
use crate::partners::{
    self, Brought, Link, Month, Partner, PartnerId, Payout, Promise, Standing, State, Sums, Terms,
};
use crate::web::account::sign_in_path;
use crate::web::page::{Page, cut, page};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;

/// So many orders stand on a page.
const SHOWN: u32 = 30;

#[derive(Template)]
#[template(path = "partner/room.html")]
struct RoomPage {
    page: Page,
    /// Where whoever has not signed in does so.
    sign_in: Option<String>,
    room: Option<Room>,
}

/// What there is to see for a partner.
struct Room {
    partner: Partner,
    sums: Sums,
    terms: Terms,
    promises: Vec<Promise>,
    links: Vec<Link>,
    brought: Vec<Brought>,
    /// Behind how many orders the list goes on, and whether this is not its beginning.
    more: Option<u32>,
    later: bool,
    payouts: Vec<Payout>,
    months: Vec<Month>,
}

impl RoomPage {
    fn sum(&self, fen: &i64) -> Takings {
        Takings(*fen)
    }

    fn masked(&self, number: &OrderNumber) -> String {
        masked(number)
    }

    fn day(&self, at: &OffsetDateTime) -> String {
        shop_day(*at).to_string()
    }

    fn link(&self, link: &Link) -> String {
        link_name(&self.page, link)
    }

    fn standing(&self, brought: &Brought) -> String {
        let word = self.page.say(&format!("word-commission-{}", brought.standing.name()));
        match brought.standing {
            Standing::Held { until } => format!("{word} {}", shop_day(until)),
            _ => word,
        }
    }

    fn colour(&self, brought: &Brought) -> &'static str {
        match brought.standing {
            Standing::Free | Standing::Paid => "jade",
            Standing::Waiting | Standing::Refunding | Standing::Held { .. } => "amber",
            Standing::Own | Standing::Returned => "",
        }
    }

    /// What was paid to her, or is about to be.
    fn payouts<'a>(&self, room: &'a Room) -> impl Iterator<Item = &'a Payout> {
        room.payouts.iter().filter(|payout| !matches!(payout.state, State::Cancelled { .. }))
    }
}

/// What a link leads to.
pub fn link_name(page: &Page, link: &Link) -> String {
    match &link.product {
        Some(name) => page.text(name).to_owned(),
        None if link.path == "/" => page.say("partner-link-home"),
        None => link.path.clone(),
    }
}

#[derive(Deserialize)]
pub struct Asked {
    behind: Option<u32>,
}

/// `GET /partner`
pub async fn show(
    asked: Query<Asked>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let (sign_in, room) = match asking(&shop, &session).await? {
        Asking::Nobody => (Some(sign_in_path(&frame, &frame.to("/partner"))), None),
        Asking::Partner(_, partner) => {
            (None, Some(furnish(&shop, partner, asked.behind.unwrap_or(0)).await?))
        }
    };
    page(StatusCode::OK, &RoomPage { page: frame, sign_in, room })
}

async fn furnish(shop: &Shop, partner: Partner, behind: u32) -> Result<Room, Error> {
    let (id, now): (PartnerId, _) = (partner.id, shop.clock.now());
    partners::catch_up(&shop.db, id, now).await?;
    let mut conn = shop.db.reader().await?;
    let sums = partners::sums(&mut conn, &[id]).await?.remove(&id).unwrap_or_default();
    let most = i64::from(SHOWN) + 1;
    let mut brought = partners::brought(&mut conn, id, (behind.into(), most)).await?;
    let more = cut(&mut brought, SHOWN as usize).map(|_| behind.saturating_add(SHOWN));
    Ok(Room {
        months: Month::since(partner.made_at, now),
        partner,
        sums,
        terms: partners::terms(&mut conn).await?,
        promises: partners::promises(&mut conn, id).await?,
        links: partners::links(&mut conn, id).await?,
        brought,
        more,
        later: behind > 0,
        payouts: partners::payouts(&mut conn, id).await?,
    })
}
