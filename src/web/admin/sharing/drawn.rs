//! A card as it is drawn for staff: in the stream, in a message, as Weibo gets it, and what could be better.

use crate::catalog::{Format, Product, Width};
use crate::money::Money;
use crate::sharing::cards::{Finding, Point};
use crate::web::cards::Drawn;
use crate::web::{Error, Shop};

/// Stands in templates as `seen`, for `admin/sharing/drawn.html`.
pub struct Seen {
    pub title: String,
    pub summary: String,
    pub price: Money,
    pub stock: u64,
    /// The file of its picture.
    pub picture: Option<String>,
    pub host: String,
    /// As Weibo gets it.
    pub object: String,
    pub findings: [Finding; 6],
    product: i64,
}

impl Seen {
    pub async fn new(shop: &Shop, product: &Product) -> Result<Seen, Error> {
        let Drawn { object, findings } = Drawn::new(shop, product).await?;
        Ok(Seen {
            title: object.display_name.clone(),
            summary: object.summary.clone(),
            price: product.price_range().0,
            stock: product.variants.iter().map(|variant| u64::from(variant.stock)).sum(),
            picture: product.cover().map(|cover| cover.file(Width::Px375, Format::Jpeg)),
            host: shop.settings.public_url.host_str().unwrap_or_default().to_owned(),
            object: serde_json::to_string_pretty(&object).map_err(anyhow::Error::from)?,
            findings,
            product: product.id.0,
        })
    }

    /// Where a weakness is mended; empty where nothing is to be done, or not here.
    pub fn mend(&self, finding: &Finding) -> String {
        let page = match finding.point {
            _ if finding.is_good() => return String::new(),
            Point::Link => return String::new(),
            Point::Title | Point::Summary => "",
            Point::Picture => "/pictures",
            Point::Price | Point::Stock => "/variants",
        };
        format!("/admin/products/{}{page}", self.product)
    }
}
