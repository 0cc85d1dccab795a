//! One partner: what she is promised, what she brought, what she earned by it and what was paid to her.

use super::list::tag;
use crate::clock::shop_day;
use crate::figures::Takings;
use crate::orders::OrderNumber;
use crate::partners::{
    self, Brought, Entry, Invited, Link, Month, Partner, PartnerId, Payout, Promise, Standing, State, Sums,
};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

/// So many orders, and so many entries, stand on the page.
const SHOWN: u32 = 50;

/// What a form has left to say on the page.
pub struct Drawn {
    pub status: StatusCode,
    /// The invitation that was just made: its whole address.
    pub invited: Option<Invited>,
    pub typed: Typed,
    pub wrongs: Wrongs,
    /// The key of why nothing was done.
    pub refused: Option<&'static str>,
    /// Orders behind so many.
    pub behind: u32,
}

impl Default for Drawn {
    fn default() -> Drawn {
        let (typed, wrongs) = (Typed::default(), Wrongs::default());
        Drawn { status: StatusCode::OK, invited: None, typed, wrongs, refused: None, behind: 0 }
    }
}

impl Drawn {
    pub fn refused(key: &'static str) -> Drawn {
        Drawn { status: StatusCode::CONFLICT, refused: Some(key), ..Drawn::default() }
    }

    pub fn wrong(typed: Typed, wrongs: Wrongs) -> Drawn {
        Drawn { status: StatusCode::UNPROCESSABLE_ENTITY, typed, wrongs, ..Drawn::default() }
    }
}

#[derive(Template)]
#[template(path = "admin/partners/show.html")]
struct PartnerPage {
    page: Desk,
    partner: Partner,
    sums: Sums,
    promises: Vec<Promise>,
    links: Vec<Link>,
    brought: Vec<Brought>,
    /// Behind how many orders the list goes on.
    more: Option<u32>,
    entries: Vec<Entry>,
    payouts: Vec<Payout>,
    months: Vec<Month>,
    drawn: Drawn,
    /// What makes a payout be proposed once, however often it is pressed.
    key: Uuid,
    /// As the form of a payment fills it in.
    today: String,
}

impl PartnerPage {
    fn tag(&self) -> (String, &'static str) {
        tag(&self.page, &self.partner)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn day(&self, at: &OffsetDateTime) -> String {
        shop_day(*at).to_string()
    }

    fn order(&self, number: &OrderNumber) -> String {
        format!("/admin/orders/{number}")
    }

    fn standing(&self, brought: &Brought) -> String {
        let word = self.page.say(&format!("word-commission-{}", brought.standing.name()));
        match brought.standing {
            Standing::Held { until } => format!("{word} {}", shop_time(until)),
            _ => word,
        }
    }

    /// What was typed into the form of a payment, or what it begins with.
    fn paying<'a>(&'a self, name: &str) -> &'a str {
        match self.drawn.typed.of(name) {
            "" if name == "paid-on" => &self.today,
            typed => typed,
        }
    }

    /// What went back since the payout that waits was proposed.
    fn missing(&self) -> Takings {
        Takings(-self.sums.free())
    }

    /// The payout that waits to be paid.
    fn open(&self) -> Option<&Payout> {
        self.payouts.iter().find(|payout| matches!(payout.state, State::Proposed))
    }
}

/// The page of this partner, with what a form has left to say.
pub async fn draw<P>(
    (shop, reader, staff): (&Shop, &Reader, &Staff<P>),
    id: PartnerId,
    drawn: Drawn,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    partners::catch_up(&shop.db, id, now).await?;
    let mut conn = shop.db.reader().await?;
    let partner = partners::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let sums = partners::sums(&mut conn, &[id]).await?.remove(&id).unwrap_or_default();
    let promises = partners::promises(&mut conn, id).await?;
    let links = partners::links(&mut conn, id).await?;
    let (shown, behind) = (i64::from(SHOWN), drawn.behind);
    let mut brought = partners::brought(&mut conn, id, (behind.into(), shown + 1)).await?;
    let more = cut(&mut brought, SHOWN as usize).map(|_| behind.saturating_add(SHOWN));
    let entries = partners::entries(&mut conn, id, shown).await?;
    let payouts = partners::payouts(&mut conn, id).await?;
    drop(conn);
    let shown = PartnerPage {
        page: Desk::new(shop, reader, staff, Section::Sharing).await,
        months: Month::since(partner.made_at, now),
        partner,
        sums,
        promises,
        links,
        brought,
        more,
        entries,
        payouts,
        key: Uuid::new_v4(),
        today: shop_day(now).to_string(),
        drawn,
    };
    page(shown.drawn.status, &shown)
}

#[derive(Deserialize)]
pub struct Asked {
    behind: Option<u32>,
}

/// `GET /admin/sharing/partners/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let drawn = Drawn { behind: asked.behind.unwrap_or(0), ..Drawn::default() };
    draw((&shop, &reader, &staff), PartnerId(*id), drawn).await
}
