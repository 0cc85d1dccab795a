//! A month of a partner's as a table, for her and for the merchant. It flows part by part.

use super::{masked, partner};
use crate::partners::{self, Entry, Month, PartnerId, Payout, State, Wording};
use crate::web::page::Page;
use crate::web::shop::order::shop_time;
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;

/// How orders are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    Whole,
    Masked,
}

/// The names of the columns, in their order.
const HEADER: [&str; 7] = [
    "statement-when",
    "statement-what",
    "statement-order",
    "statement-product",
    "statement-base",
    "statement-rate",
    "statement-amount",
];

/// `GET /partner/statements/{month}`
pub async fn show(
    month: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (_, partner) = partner(&shop, &session).await?;
    let month = Month::parse(&month).ok_or(Error::NotFound)?;
    let words = Page::new(&shop, &reader).await.words;
    Ok(answer(shop, (partner.id, month), words, Numbers::Masked))
}

/// The whole table, to be saved.
pub fn answer(
    shop: Data<Shop>,
    (id, month): (PartnerId, Month),
    words: Words,
    numbers: Numbers,
) -> HttpResponse {
    let parts = stream::unfold(Some(None), move |after| {
        let shop = shop.clone();
        async move {
            let part = part(&shop, (id, month), after?, (words, numbers)).await;
            let next = part.as_ref().ok().and_then(|(_, next)| *next);
            Some((part.map(|(bytes, _)| Bytes::from(bytes)), next.map(Some)))
        }
    });
    let name = format!("attachment; filename=\"weipu-partner-{}-{month}.csv\"", id.0);
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(parts)
}

async fn part(
    shop: &Shop,
    of: (PartnerId, Month),
    after: Option<i64>,
    (words, numbers): (Words, Numbers),
) -> Result<partners::Part, Error> {
    let entry = move |entry: &Entry| {
        let order = match numbers {
            Numbers::Whole => entry.number.to_string(),
            Numbers::Masked => masked(&entry.number),
        };
        let what = words.say(&format!("word-entry-{}", entry.kind.name()));
        [shop_time(entry.at), what, order, entry.product.in_language(words.0).to_owned()]
    };
    let payout = move |payout: &Payout| {
        let (when, told) = match &payout.state {
            State::Paid { how, at, .. } => {
                let told = [how.on.to_string(), how.reference.clone(), how.note.clone()];
                (*at, told.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "))
            }
            State::Proposed | State::Cancelled { .. } => (payout.proposed_at, String::new()),
        };
        [shop_time(when), words.say("word-payout-paid"), told]
    };
    let header = HEADER.map(|key| words.say(key)).into();
    Ok(partners::part(&shop.db, of, after, &Wording { header, entry: &entry, payout: &payout }).await?)
}
