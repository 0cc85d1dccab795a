//! One campaign: its links, what each brought, and one more.

use super::campaigns::{address, note_down};
use super::funnel::Funnel;
use crate::catalog::{self, ProductId, Slug};
use crate::db::Tx;
use crate::sharing::campaigns::{self, Campaign, CampaignId, Link, NoLink};
use crate::sharing::funnel::{self, Came};
use crate::sharing::posts;
use crate::staff::permission::{EditSharing, Look};
use crate::text::Text;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/sharing/campaign.html")]
struct CampaignPage {
    page: Desk,
    campaign: Campaign,
    ways: Vec<Way>,
    funnel: Funnel,
    typed: String,
    wrongs: Wrongs,
}

/// One link, where it leads, and what came by it.
struct Way {
    link: Link,
    address: String,
    /// Nothing for the home page.
    name: Option<Text>,
    came: Came,
}

impl CampaignPage {
    fn made(&self) -> String {
        shop_time(self.campaign.made_at)
    }

    fn closed(&self) -> Option<String> {
        self.campaign.closed_at.map(shop_time)
    }
}

/// `GET /admin/sharing/campaigns/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    draw(StatusCode::OK, &shop, frame, CampaignId(*id), (String::new(), Wrongs::default())).await
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    id: CampaignId,
    (typed, wrongs): (String, Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let campaign = campaigns::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let links = campaigns::links(&mut conn, id).await?;
    let codes: Vec<String> = links.iter().map(|link| link.code.clone()).collect();
    // From the first moment: a campaign has its own span.
    let came = funnel::by_code(&mut conn, &codes, campaign.made_at).await?;
    let products: Vec<ProductId> = links.iter().filter_map(|link| link.product).collect();
    let names = catalog::names(&mut conn, &products).await?;
    drop(conn);
    let mut whole = Came::default();
    let mut ways = Vec::with_capacity(links.len());
    for link in links {
        let came = came.get(&link.code).copied().unwrap_or_default();
        whole += came;
        let address = posts::address(&shop.settings.public_url, &link.code);
        let name = link.product.and_then(|product| names.get(&product).cloned());
        ways.push(Way { link, address, name, came });
    }
    let funnel = Funnel::of_links(whole);
    page(status, &CampaignPage { page: frame, campaign, ways, funnel, typed, wrongs })
}

/// `POST /admin/sharing/campaigns/{id}/links`: to a product by its address or the last part of it; to the home page
/// where nothing is typed.
pub async fn link(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (id, typed) = (CampaignId(*id), form.text("campaign-product"));
    let mut tx = shop.db.begin().await?;
    let made = add(&mut tx, id, &typed, shop.clock.now()).await?;
    let (code, made) = match made {
        Ok(made) => made,
        Err(None) => return Err(Error::NotFound),
        Err(Some(key)) => {
            drop(tx);
            let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
            let mut wrongs = Wrongs::default();
            wrongs.add("campaign-product", frame.say(key));
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, id, (typed, wrongs)).await;
        }
    };
    if made {
        note_down(&mut tx, &staff, ("make-campaign-link", id, json!({ "code": code })), &shop).await?;
    }
    tx.commit().await?;
    staff.says_next("said-campaign-link")?;
    Ok(see_other(&address(id)))
}

/// The code of the link that was asked for, and whether it is new; else the key of why not, or nothing where there is
/// no such campaign.
async fn add(
    tx: &mut Tx,
    id: CampaignId,
    typed: &str,
    now: OffsetDateTime,
) -> Result<Result<(String, bool), Option<&'static str>>, Error> {
    let product = match wanted(tx, typed).await? {
        Ok(product) => product,
        Err(key) => return Ok(Err(Some(key))),
    };
    let product = product.as_ref().map(|(id, slug)| (*id, slug));
    let made = campaigns::link(tx, id, product, now).await?;
    Ok(made.map_err(|why| match why {
        NoLink::NoSuch => None,
        NoLink::Closed => Some("campaign-is-closed"),
        NoLink::Taken => Some("campaign-is-taken"),
        NoLink::TooMany => Some("campaign-is-full"),
    }))
}

/// The product that was typed, or nothing for the home page; the key of why neither.
async fn wanted(tx: &mut Tx, typed: &str) -> Result<Result<Option<(ProductId, Slug)>, &'static str>, Error> {
    if typed.trim().is_empty() {
        return Ok(Ok(None));
    }
    let Some(slug) = slug(typed) else { return Ok(Err("campaign-no-product")) };
    let product = catalog::find_product(tx, &slug).await?;
    Ok(product.map(|product| Some((product.id, product.slug))).ok_or("campaign-no-product"))
}

/// `POST /admin/sharing/campaigns/{id}/closing`: no more links; with `open`, again some.
pub async fn close(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, now, open) = (CampaignId(*id), shop.clock.now(), form.has("open"));
    let mut tx = shop.db.begin().await?;
    campaigns::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if campaigns::close(&mut tx, id, (!open).then_some(now)).await? {
        let action = if open { "open-campaign" } else { "close-campaign" };
        note_down(&mut tx, &staff, (action, id, json!({})), &shop).await?;
    }
    tx.commit().await?;
    staff.says_next(if open { "said-campaign-open" } else { "said-campaign-closed" })?;
    Ok(see_other(&address(id)))
}

/// The last part of an address of a product, or that part alone.
fn slug(typed: &str) -> Option<Slug> {
    let path = typed.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    Slug::parse(path.rsplit('/').next().unwrap_or_default()).ok()
}
