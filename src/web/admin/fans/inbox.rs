//! Who has written to the shop, and who waits for an answer.

use super::list::{Address, List};
use crate::staff::permission::TalkToFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::page;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/fans/inbox.html")]
struct InboxPage {
    page: Desk,
    list: List,
}

/// The frame of the desk. What the last step has left to say is not for a script that looks again.
pub async fn frame(shop: &Shop, reader: &Reader, staff: &Staff<TalkToFans>, address: &Address) -> Desk {
    match address.live {
        Some(_) => Desk::unsaid(shop, reader, staff, Section::Fans).await,
        None => Desk::new(shop, reader, staff, Section::Fans).await,
    }
}

/// `GET /admin/fans`
pub async fn show(
    staff: Staff<TalkToFans>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let address = address.into_inner();
    let frame = frame(&shop, &reader, &staff, &address).await;
    let mut conn = shop.db.reader().await?;
    let list = List::read(&mut conn, &address, address.beside, &shop, &staff).await?;
    page(StatusCode::OK, &InboxPage { page: frame, list })
}
