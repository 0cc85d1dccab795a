//! One select for an offer, whether it is looked at or taken, so that both tell the same.

use super::count;
use crate::catalog::ids::{ProductId, Sku, Slug, VariantId};
use crate::catalog::picture::Picture;
use crate::catalog::product::{Offer, joined};
use crate::money::Money;
use crate::text::Text;

/// Selects [`OfferRow`]s: what comes before the SELECT, where its `v` (a row of variants) comes from, the
/// condition, and the arguments. `p` is the product.
macro_rules! offers {
    ($before:literal, $v:literal, $condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            crate::catalog::store::offer::OfferRow,
            $before
                + r#" SELECT v.id AS "variant: VariantId", p.id AS "product: ProductId", p.slug AS "slug: Slug",
                    v.sku AS "sku: Sku", p.name_zh, p.name_en, v.price_fen AS "price: Money", v.stock,
                    v.weight_g, p.weibo_status_id,
                    c1.name_zh AS "choice_1_zh?", c1.name_en AS "choice_1_en?",
                    c2.name_zh AS "choice_2_zh?", c2.name_en AS "choice_2_en?",
                    c3.name_zh AS "choice_3_zh?", c3.name_en AS "choice_3_en?",
                    cover.name AS "cover?", cover.alt_zh AS "cover_alt_zh?", cover.alt_en AS "cover_alt_en?"
                FROM "# + $v + r" AS v
                JOIN products p ON p.id = v.product_id
                LEFT JOIN choices c1 ON c1.id = v.choice_1
                LEFT JOIN choices c2 ON c2.id = v.choice_2
                LEFT JOIN choices c3 ON c3.id = v.choice_3
                LEFT JOIN LATERAL (SELECT name, alt_zh, alt_en FROM pictures
                    WHERE product_id = p.id ORDER BY position LIMIT 1) cover ON true
                WHERE " + $condition,
            $($argument),*
        )
    };
}
pub(super) use offers;

pub(super) struct OfferRow {
    pub variant: VariantId,
    pub product: ProductId,
    pub slug: Slug,
    pub sku: Sku,
    pub name_zh: String,
    pub name_en: String,
    pub price: Money,
    pub stock: i32,
    pub weight_g: i32,
    pub weibo_status_id: Option<i64>,
    pub choice_1_zh: Option<String>,
    pub choice_1_en: Option<String>,
    pub choice_2_zh: Option<String>,
    pub choice_2_en: Option<String>,
    pub choice_3_zh: Option<String>,
    pub choice_3_en: Option<String>,
    pub cover: Option<String>,
    pub cover_alt_zh: Option<String>,
    pub cover_alt_en: Option<String>,
}

impl From<OfferRow> for Offer {
    fn from(row: OfferRow) -> Offer {
        let choices = [
            text(row.choice_1_zh, row.choice_1_en),
            text(row.choice_2_zh, row.choice_2_en),
            text(row.choice_3_zh, row.choice_3_en),
        ];
        Offer {
            variant: row.variant,
            product: row.product,
            slug: row.slug,
            sku: row.sku,
            product_name: Text { zh: row.name_zh, en: row.name_en },
            choice_name: joined(choices.iter().flatten()),
            price: row.price,
            stock: count(row.stock),
            weight_g: count(row.weight_g),
            picture: cover(row.cover, row.cover_alt_zh, row.cover_alt_en),
            weibo_status_id: row.weibo_status_id,
        }
    }
}

/// The columns of an outer join, which are there together or not at all.
fn text(zh: Option<String>, en: Option<String>) -> Option<Text> {
    zh.map(|zh| Text { zh, en: en.unwrap_or_default() })
}

/// As [`text`], for the first picture of a product.
pub(super) fn cover(name: Option<String>, alt_zh: Option<String>, alt_en: Option<String>) -> Option<Picture> {
    name.map(|name| Picture { name, alt: text(alt_zh, alt_en).unwrap_or_default() })
}
