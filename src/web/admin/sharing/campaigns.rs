//! Campaigns: all of them, and a new one.

use super::PATH;
use crate::db::Tx;
use crate::sharing::campaigns::{self, Campaign, CampaignId};
use crate::sharing::funnel::{self, Came};
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditSharing, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many stand on a page.
const ROWS: usize = 20;
const LONGEST_NAME: usize = 60;
const LONGEST_NOTE: usize = 500;

#[derive(Template)]
#[template(path = "admin/sharing/campaigns.html")]
struct CampaignsPage {
    page: Desk,
    campaigns: Vec<(Campaign, Came)>,
    first: String,
    more: String,
    typed: Typed,
    wrongs: Wrongs,
    /// Makes the form work once.
    key: Uuid,
}

impl CampaignsPage {
    fn made(&self, campaign: &Campaign) -> String {
        shop_time(campaign.made_at)
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
}

/// `GET /admin/sharing/campaigns`
pub async fn show(
    staff: Staff<Look>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let again = (Typed::default(), Wrongs::default(), Uuid::new_v4());
    draw(StatusCode::OK, &shop, frame, from.before, again).await
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    before: Option<i64>,
    (typed, wrongs, key): (Typed, Wrongs, Uuid),
) -> Result<HttpResponse, Error> {
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut all = campaigns::latest(&mut conn, before.map(CampaignId), most).await?;
    let more = cut(&mut all, ROWS).map(|last| format!("{PATH}/campaigns?before={}", last.id.0));
    let told = brought(&mut conn, all).await?;
    drop(conn);
    let first = before.map(|_| format!("{PATH}/campaigns")).unwrap_or_default();
    let more = more.unwrap_or_default();
    page(status, &CampaignsPage { page: frame, campaigns: told, first, more, typed, wrongs, key })
}

/// What came of each since the first of them was made.
async fn brought(conn: &mut PgConnection, all: Vec<Campaign>) -> Result<Vec<(Campaign, Came)>, Error> {
    let Some(since) = all.iter().map(|campaign| campaign.made_at).min() else { return Ok(Vec::new()) };
    let ids: Vec<CampaignId> = all.iter().map(|campaign| campaign.id).collect();
    let links = campaigns::codes(conn, &ids).await?;
    let codes: Vec<String> = links.iter().map(|(_, code)| code.clone()).collect();
    let by_code = funnel::by_code(conn, &codes, since).await?;
    let mut came = BTreeMap::<CampaignId, Came>::new();
    for (campaign, code) in links {
        *came.entry(campaign).or_default() += by_code.get(&code).copied().unwrap_or_default();
    }
    let told = |campaign: Campaign| (came.get(&campaign.id).copied().unwrap_or_default(), campaign);
    Ok(all.into_iter().map(told).map(|(came, campaign)| (campaign, came)).collect())
}

/// `POST /admin/sharing/campaigns`
pub async fn create(
    staff: Staff<EditSharing>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let typed = Typed::read(&form, &["campaign-name", "campaign-note"]);
    let key = Uuid::parse_str(&form.text("key")).unwrap_or_else(|_| Uuid::new_v4());
    let mut reading = Reading { typed: &typed, words: frame.words, wrongs: Wrongs::default() };
    let name = reading.present("campaign-name", LONGEST_NAME);
    let note = reading.paragraph("campaign-note", LONGEST_NOTE);
    let wrongs = reading.wrongs;
    if !wrongs.is_empty() {
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (typed, wrongs, key)).await;
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let (id, made) = campaigns::make(&mut tx, key, (&name, &note), &staff.actor(), now).await?;
    if made {
        note_down(&mut tx, &staff, ("make-campaign", id, typed.whole()), &shop).await?;
    }
    tx.commit().await?;
    staff.says_next("said-campaign-made")?;
    Ok(see_other(&address(id)))
}

pub(super) fn address(id: CampaignId) -> String {
    format!("{PATH}/campaigns/{}", id.0)
}

pub(super) async fn note_down(
    tx: &mut Tx,
    staff: &Staff<EditSharing>,
    (action, id, after): (&'static str, CampaignId, serde_json::Value),
    shop: &Shop,
) -> Result<(), Error> {
    let subject = format!("campaign {}", id.0);
    let change = Change { action, subject: &subject, before: None, after: Some(after) };
    Ok(record(tx, staff, change, shop.clock.now()).await?)
}
