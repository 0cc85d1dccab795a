//! Who has written to the shop, and who waits for an answer.

use crate::fans::desk::{self, Asked, Entry, Show};
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
use serde::Deserialize;

const ROWS: i64 = 40;

#[derive(Template)]
#[template(path = "admin/fans/inbox.html")]
struct InboxPage {
    page: Desk,
    show: Show,
    entries: Vec<Entry>,
}

impl InboxPage {
    fn is_here(&self, show: &Show) -> bool {
        self.show == *show
    }
}

/// The address of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    show: String,
}

/// `GET /admin/fans`
pub async fn show(
    staff: Staff<TalkToFans>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let show = Show::named(&address.show).unwrap_or_default();
    let mut conn = shop.db.reader().await?;
    let asked = Asked { show, staff: staff.member.id.0, most: ROWS, ..Asked::default() };
    let entries = desk::inbox(&mut conn, &asked).await?.entries;
    page(StatusCode::OK, &InboxPage { page: frame, show, entries })
}
