//! The orders of the shop: found by state, day, product, or whatever somebody knows of one.

use super::desk::{Desk, Section};
use crate::customers::Wrong;
use crate::db::Tx;
use crate::orders::desk::{self, Asked, Cursor, Filter, State, Total, WrongFilter};
use crate::orders::{self, Order, Stage, ToShip};
use crate::payments;
use crate::staff::May;
use crate::staff::permission::Look;
use crate::web::form::Wrongs;
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

/// So many rows on a page.
const ROWS: i64 = 50;

/// Where what is shown can be had as a file, with the same query string behind it.
const EXPORT: &str = "/admin/transfers/orders";

#[derive(Template)]
#[template(path = "admin/orders/list.html")]
struct ListPage {
    page: Desk,
    asked: Asked,
    state: State,
    orders: Vec<Order>,
    total: Total,
    /// What waits to be sent: the number on its tab.
    waiting: ToShip,
    first: String,
    more: String,
    wrongs: Wrongs,
}

/// The address of the list. Fields that nobody knows are nobody's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    state: String,
    from: String,
    to: String,
    q: String,
    product: String,
    after: String,
}

impl ListPage {
    /// With the orders of this filter, from the beginning or behind the last row of the page before.
    async fn filled(self, tx: &mut Tx, mut filter: Filter, after: Option<Cursor>) -> Result<ListPage, Error> {
        payments::complete(tx, &mut filter).await?;
        let search = desk::search(tx, &filter).await?;
        let found = search.page(tx, after, ROWS).await?;
        let path = format!("/admin/orders?{}", self.asked.query());
        Ok(ListPage {
            state: filter.state,
            orders: found.orders,
            total: search.total(tx).await?,
            more: found.next.map(|next| format!("{path}&after={next}")).unwrap_or_default(),
            first: if after.is_some() { path } else { String::new() },
            ..self
        })
    }

    /// What each tab is called and where it leads.
    fn tabs(&self) -> Vec<(State, String)> {
        let path = |state| format!("/admin/orders?{}", self.asked.in_state(state).query());
        State::ALL.into_iter().map(|state| (state, path(state).trim_end_matches('?').to_owned())).collect()
    }

    fn is_here(&self, tab: &State) -> bool {
        *tab == self.state
    }

    /// The number on a tab, when there is something to do behind it.
    fn badge(&self, tab: &State) -> Option<String> {
        (*tab == State::ToShip && self.waiting.count > 0).then(|| self.waiting.told())
    }

    fn is_filtered(&self) -> bool {
        self.asked.in_state(State::All) != Asked::default()
    }

    /// It may be empty although there are orders.
    fn is_narrowed(&self) -> bool {
        self.is_filtered() || self.state != State::All
    }

    fn when(&self, order: &Order) -> String {
        shop_time(order.placed_at)
    }

    fn tag(&self, order: &Order) -> (String, &'static str) {
        tag(self.page.words, order, self.state == State::Confirming)
    }

    fn pieces(&self, order: &Order) -> u64 {
        order.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }

    /// The address of the file of this list, for who may take orders out of the shop.
    fn export(&self) -> Option<String> {
        self.page.may(May::ExportOrders).then(|| format!("{EXPORT}?{}", self.asked.query()))
    }

    fn count(&self) -> Option<String> {
        Some(match self.total {
            Total::Exactly(count) => self.page.say_with("orders-count", "count", count),
            Total::MoreThan(count) => self.page.say_with("orders-count", "count", format!("{count}+")),
            Total::Unknown => return None,
        })
    }
}

/// How an order stands, in a word, and the colour of that.
pub fn tag(words: Words, order: &Order, confirming: bool) -> (String, &'static str) {
    let stage = order.stage();
    let colour = match stage {
        Stage::Unpaid if confirming => return (words.say("word-tab-confirming"), "amber"),
        Stage::Late => "red",
        Stage::ToShip => "amber",
        Stage::Shipped => "jade",
        Stage::Unpaid | Stage::Received | Stage::Refunded | Stage::Expired | Stage::Cancelled => "",
    };
    (stage.word(words.0).to_owned(), colour)
}

/// What is wrong with a text that somebody typed.
pub fn why_wrong(words: Words, why: Wrong) -> String {
    match why {
        Wrong::Missing | Wrong::NotAPhone => words.say("wrong-missing"),
        Wrong::TooLong { most } => words.say_with("wrong-too-long", "most", most),
        Wrong::Unprintable => words.say("wrong-unprintable"),
    }
}

fn wrongs(words: Words, wrong: &[WrongFilter]) -> Wrongs {
    let mut wrongs = Wrongs::default();
    for wrong in wrong {
        match wrong {
            WrongFilter::State => wrongs.add("state", words.say("wrong-order-tab")),
            WrongFilter::From => wrongs.add("from", words.say("wrong-order-day")),
            WrongFilter::To => wrongs.add("to", words.say("wrong-order-day")),
            WrongFilter::Backwards => wrongs.add("to", words.say("wrong-order-days")),
            WrongFilter::Q(why) => wrongs.add("q", why_wrong(words, *why)),
            WrongFilter::Product(why) => wrongs.add("product", why_wrong(words, *why)),
        }
    }
    wrongs
}

/// `GET /admin/orders`
pub async fn list(
    staff: Staff<Look>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Orders).await;
    let Address { state, from, to, q, product, after } = address.into_inner();
    let asked = Asked { state, from, to, q, product };
    let read = Filter::read(&asked, staff.may(May::SeeBuyers));
    let mut tx = shop.db.begin().await?;
    let waiting = orders::to_ship(&mut tx).await?;
    let empty = ListPage {
        page: frame,
        state: State::All,
        orders: Vec::new(),
        total: Total::Exactly(0),
        waiting,
        first: String::new(),
        more: String::new(),
        wrongs: Wrongs::default(),
        asked,
    };
    match read {
        Ok(filter) => page(StatusCode::OK, &empty.filled(&mut tx, filter, after.parse().ok()).await?),
        Err(wrong) => {
            let wrongs = wrongs(empty.page.words, &wrong);
            page(StatusCode::UNPROCESSABLE_ENTITY, &ListPage { wrongs, ..empty })
        }
    }
}
