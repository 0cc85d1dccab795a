//! The codes there are, what each brought, and what the campaigns brought together.

use super::PATH;
use crate::fans::codes::{self, CodeId, FanCode, Tally};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use form_urlencoded::Serializer;
use serde::Deserialize;
use time::OffsetDateTime;

const ROWS: usize = 40;
const CAMPAIGNS: i64 = 20;

#[derive(Template)]
#[template(path = "admin/fans/codes/list.html")]
struct ListPage {
    page: Desk,
    codes: Vec<(FanCode, Tally)>,
    campaigns: Vec<(String, Tally)>,
    address: Address,
    first: String,
    more: String,
    now: OffsetDateTime,
}

impl ListPage {
    fn last(&self, tally: &Tally) -> String {
        tally.last_at.map_or_else(|| "–".to_owned(), shop_time)
    }

    /// `ready`, `ended` or `lacking`.
    fn state(&self, code: &FanCode) -> &'static str {
        match (code.is_ready(self.now), &code.ticket) {
            (true, _) => "ready",
            (false, Some(_)) if !code.is_good(self.now) => "ended",
            _ => "lacking",
        }
    }

    fn of_campaign(&self, campaign: &str) -> String {
        Address { campaign: campaign.to_owned(), ..Address::default() }.path(None)
    }
}

/// The address of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    campaign: String,
    /// Those that were put away.
    away: bool,
    before: Option<i64>,
}

impl Address {
    fn path(&self, before: Option<i64>) -> String {
        let mut query = Serializer::new(String::new());
        if !self.campaign.is_empty() {
            query.append_pair("campaign", &self.campaign);
        }
        if self.away {
            query.append_pair("away", "true");
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        let query = query.finish();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }
}

/// `GET /admin/fans/codes`
pub async fn show(
    staff: Staff<EditFans>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let address = address.into_inner();
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let campaign = Some(address.campaign.as_str()).filter(|campaign| !campaign.is_empty());
    let mut conn = shop.db.reader().await?;
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX) + 1;
    let behind = address.before.map(CodeId);
    let mut codes = codes::list(&mut conn, (address.away, campaign), behind, most).await?;
    let campaigns = codes::campaigns(&mut conn, CAMPAIGNS).await?;
    drop(conn);
    let more = cut(&mut codes, ROWS).map(|(last, _)| address.path(Some(last.id.0))).unwrap_or_default();
    let first = address.before.map(|_| address.path(None)).unwrap_or_default();
    let now = shop.clock.now();
    page(StatusCode::OK, &ListPage { page: frame, codes, campaigns, address, first, more, now })
}
