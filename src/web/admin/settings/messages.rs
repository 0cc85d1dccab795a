//! Of what buyers are told by Weibo's private messages: a switch for each, and the words as they go out.

use super::{changes, version, write_down};
use crate::fans::reminders;
use crate::money::Money;
use crate::orders::{Courier, OrderNumber};
use crate::payments::Cause;
use crate::payments::telling::{Letter, News};
use crate::settings::{self, Messages, Stale};
use crate::staff::permission::EditSettings;
use crate::text::Language;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/settings/messages.html")]
struct MessagesPage {
    page: Desk,
    switches: Vec<Switch>,
    version: i64,
    stale: bool,
}

/// A kind of news, whether it is told, and with which words in both languages.
struct Switch {
    name: &'static str,
    on: bool,
    /// Somebody else has switched it the other way meanwhile.
    differs: bool,
    chinese: String,
    english: String,
}

/// `GET /admin/settings/messages`
pub async fn show(
    staff: Staff<EditSettings>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (kept, version) = settings::messages(&mut *shop.db.reader().await?).await?;
    draw(StatusCode::OK, (&shop, &reader, &staff), (kept, kept), version).await
}

/// `POST /admin/settings/messages`
pub async fn save(
    staff: Staff<EditSettings>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let after = Messages::read(|name| fields.has(name));
    let mut tx = shop.db.begin().await?;
    let (before, kept) = settings::messages(&mut tx).await?;
    if settings::save_messages(&mut tx, after, version(&fields)).await? == Err(Stale) {
        drop(tx);
        return draw(StatusCode::CONFLICT, (&shop, &reader, &staff), (after, before), kept).await;
    }
    let words =
        |messages: Messages| messages.values().map(|(name, on)| (name, if on { "on" } else { "off" }));
    let changed = changes(words(before), words(after));
    write_down(&mut tx, &staff, "change-messages", changed, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/settings/messages"))
}

async fn draw(
    status: StatusCode,
    (shop, reader, staff): (&Shop, &Reader, &Staff<EditSettings>),
    (shown, kept): (Messages, Messages),
    version: i64,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(shop, reader, staff, Section::Settings).await;
    let name = settings::shop_name(&mut *shop.db.reader().await?).await?;
    let samples = |language| samples(shop, name.in_language(language), language);
    let words = samples(Language::Chinese).into_iter().zip(samples(Language::English));
    let switches = shown.values().into_iter().zip(kept.values()).zip(words);
    let switches = switches
        .map(|(((name, on), (_, kept)), (chinese, english))| Switch {
            name,
            on,
            differs: on != kept,
            chinese,
            english,
        })
        .collect();
    page(status, &MessagesPage { page: frame, switches, version, stale: shown != kept })
}

/// Each message as a buyer of this shop would read it, in the order of the switches.
fn samples(shop: &Shop, name: &str, language: Language) -> [String; 7] {
    let order = OrderNumber::mint(OffsetDateTime::UNIX_EPOCH, 0).to_string();
    let link = shop.callbacks.link_of(language, "…");
    let amount = Money::from_fen(3_990).unwrap_or_default();
    let parcel = News::Shipped { courier: Courier::Sf.name(language), tracking: "****0123" };
    let refund = News::Refunded { amount, cause: Cause::Staff };
    let of_orders = [News::Paid { amount }, News::Late { amount }, parcel, News::Received, refund];
    let [paid, late, shipped, received, refunded] =
        of_orders.map(|news| Letter { shop: name, order: &order, link: link.as_str(), news }.say(language));
    let was = Money::from_fen(4_590).unwrap_or_default();
    let restock = reminders::News::Restock { slug: "…", product: "…", choice: "" };
    let price = reminders::News::Price { slug: "…", product: "…", was, now: amount };
    let [restock, price] = [restock, price].map(|news| news.say(name, shop.callbacks.public(), language));
    [paid, late, shipped, received, refunded, restock, price]
}
