//! Campaigns: named purposes, each with links of its own, so that one sees what a leaflet, a group or a live show
//! brought.

mod store;

pub use store::{codes, find, latest, links};

use crate::actor::Actor;
use crate::catalog::{ProductId, Slug};
use crate::db::Tx;
use crate::sharing::links::{self as short, Source};
use time::OffsetDateTime;
use uuid::Uuid;

/// So many links one campaign has.
pub const MOST_LINKS: i64 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct CampaignId(pub i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    pub note: String,
    pub made_at: OffsetDateTime,
    /// Since then it gets no more links. Those that it has lead on: they may be printed.
    pub closed_at: Option<OffsetDateTime>,
    pub by: Actor,
}

/// One way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub code: String,
    /// Nothing leads to the home page.
    pub product: Option<ProductId>,
    pub made_at: OffsetDateTime,
}

/// Why a campaign gets no further link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLink {
    #[error("no such campaign")]
    NoSuch,
    #[error("the campaign is closed")]
    Closed,
    /// What leads there in this campaign was made for another product, whose address it was then.
    #[error("the campaign's link to this address is another product's")]
    Taken,
    #[error("the campaign has as many links as one may have")]
    TooMany,
}

/// Makes one, and whether this did: the same form sent again is the same one.
pub async fn make(
    tx: &mut Tx,
    form: Uuid,
    (name, note): (&str, &str),
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<(CampaignId, bool)> {
    store::insert(tx, form, (name, note), by, now).await
}

/// The code of its link to a product, or home, and whether this made it; the same for the same one, whatever the product
/// is called meanwhile.
pub async fn link(
    tx: &mut Tx,
    id: CampaignId,
    product: Option<(ProductId, &Slug)>,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(String, bool), NoLink>> {
    let Some(campaign) = store::lock(tx, id).await? else { return Ok(Err(NoLink::NoSuch)) };
    if campaign.closed_at.is_some() {
        return Ok(Err(NoLink::Closed));
    }
    let made = store::links(tx, id).await?;
    let of = product.map(|(id, _)| id);
    if let Some(there) = made.iter().find(|link| link.product == of) {
        return Ok(Ok((there.code.clone(), false)));
    }
    if made.len() >= usize::try_from(MOST_LINKS).unwrap_or(usize::MAX) {
        return Ok(Err(NoLink::TooMany));
    }
    let path = product.map_or_else(|| "/".to_owned(), |(_, slug)| format!("/p/{slug}"));
    let code = short::make(tx, &path, Source::Campaign(id.0), now).await?;
    Ok(if store::keep(tx, id, of, &code, now).await? { Ok((code, true)) } else { Err(NoLink::Taken) })
}

/// Closes it, or opens it again. False when it stands so already.
pub async fn close(tx: &mut Tx, id: CampaignId, closed_at: Option<OffsetDateTime>) -> sqlx::Result<bool> {
    store::close(tx, id, closed_at).await
}
