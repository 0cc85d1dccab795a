//! What Weibo reads of a product: the object that it asks for, and the meta tags of the page. Every name here is
//! Weibo's, and no other file knows them (protocol: cards.md §1 to §3).

use super::Card;
use crate::clock::SHOP_ZONE;
use crate::text::Language;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

/// Weibo advises no more characters than these.
pub const LONGEST_SUMMARY: usize = 300;

/// The price is found here until the merchant says otherwise: no document names an attribute for it.
pub const PRICE_FIELD: &str = "price_fen";
/// How many pieces there are stands beside the price.
pub const STOCK_FIELD: &str = "stock";

/// The answer to Weibo's question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    pub object_type: &'static str,
    pub display_name: String,
    /// What Weibo knows the object by: without parameters, and in one language only.
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    pub create_at: String,
    pub updated: String,
    pub links: Link,
    pub tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    pub custom_data: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    pub display_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    pub object_type: &'static str,
    pub display_name: String,
    pub url: String,
}

/// The object of a product. `account` is the uid of the shop's account on Weibo, `price_field` where the price is
/// put. One object stands for a product: it is Chinese.
pub fn of(card: &Card<'_>, account: Option<i64>, price_field: &str) -> Object {
    let (product, page) = (card.product, card.page(Language::Chinese));
    let data = [(price_field, json!(card.price().fen())), (STOCK_FIELD, json!(card.stock()))];
    Object {
        object_type: "product",
        display_name: product.name.zh.clone(),
        links: Link { url: page.clone() },
        url: page,
        image: card.picture.as_ref().map(|picture| Image {
            url: picture.url.clone(),
            width: picture.size.map(|(width, _)| width),
            height: picture.size.map(|(_, height)| height),
        }),
        summary: product.summary.zh.chars().take(LONGEST_SUMMARY).collect(),
        create_at: told(product.created_at, format_description!("[year]-[month]-[day]")),
        updated: told(
            product.updated_at,
            format_description!(
                "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second][offset_hour \
                 sign:mandatory][offset_minute] [year]"
            ),
        ),
        tags: vec![Tag { display_name: product.category.name.zh.clone() }],
        author: account.map(|uid| Person {
            object_type: "person",
            display_name: card.shop.zh.clone(),
            url: format!("https://weibo.com/u/{uid}"),
        }),
        custom_data: data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// One that the page of a product says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    pub name: &'static str,
    pub content: String,
}

/// The meta tags that are called by `name`: Weibo's own.
pub fn tags(card: &Card<'_>, language: Language) -> Vec<Meta> {
    let product = card.product;
    let time = |at| told(at, format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"));
    let mut tags = vec![
        ("weibo:type", "product".to_owned()),
        ("weibo:product:title", product.name.in_language(language).to_owned()),
        ("weibo:product:description", product.summary.in_language(language).to_owned()),
        ("weibo:product:url", card.page(language)),
        ("weibo:product:create_at", time(product.created_at)),
        ("weibo:product:update_at", time(product.updated_at)),
    ];
    if let Some(picture) = &card.picture {
        tags.push(("weibo:product:image", picture.url.clone()));
        tags.push(("weibo:product:full_image", picture.large.clone()));
    }
    tags.retain(|(_, content)| !content.is_empty());
    tags.into_iter().map(|(name, content)| Meta { name, content }).collect()
}

/// The meta tag that proves whose the shop's address is; its role is not documented.
pub const VERIFICATION: &str = "wb:webmaster";

/// What Weibo is told when there is no object: the fields of its own refusals. `code` is that of HTTP, for no number
/// of Weibo's is documented here.
pub fn refusal(request: &str, code: u16, words: &str) -> Value {
    json!({ "request": request, "error_code": code, "error": words })
}

fn told(at: OffsetDateTime, how: StaticFormatDescription) -> String {
    at.to_offset(SHOP_ZONE).format(how).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{card, mug, shop_url};
    use super::*;

    #[test]
    fn the_object_is_that_of_the_document() {
        let (url, product) = (shop_url(), mug());
        let object =
            serde_json::to_value(of(&card(&url, &product), Some(7_000_000_001), PRICE_FIELD)).unwrap();
        let expected = json!({
            "object_type": "product",
            "display_name": "山间杯",
            "url": "https://shop.example/p/mug",
            "image": { "url": "https://shop.example/pictures/a-750.jpg", "width": 750, "height": 500 },
            "summary": "山里来的",
            "create_at": "2026-03-06",
            "updated": "Fri Mar 06 02:20:30+0800 2026",
            "links": { "url": "https://shop.example/p/mug" },
            "tags": [{ "display_name": "茶桌" }],
            "author": {
                "object_type": "person", "display_name": "山间小铺", "url": "https://weibo.com/u/7000000001"
            },
            "custom_data": { "price_fen": 3990, "stock": 13 }
        });
        assert_eq!(object, expected);
    }

    #[test]
    fn what_is_not_known_is_left_out_and_what_is_too_long_is_cut() {
        let (url, mut product) = (shop_url(), mug());
        product.summary.zh = "茶".repeat(400);
        let bare = Card { picture: None, ..card(&url, &product) };
        let object = serde_json::to_value(of(&bare, None, "sale_price")).unwrap();
        assert!(object.get("image").is_none() && object.get("author").is_none(), "{object}");
        assert_eq!(object["summary"].as_str().unwrap().chars().count(), 300);
        assert_eq!(object["custom_data"], json!({ "sale_price": 3990, "stock": 13 }));
    }

    #[test]
    fn a_page_says_no_more_than_weibo_has_names_for() {
        let (url, product) = (shop_url(), mug());
        let tags = tags(&card(&url, &product), Language::English);
        let all: Vec<_> = tags.iter().map(|tag| (tag.name, tag.content.as_str())).collect();
        assert_eq!(
            all,
            [
                ("weibo:type", "product"),
                ("weibo:product:title", "Mountain mug"),
                ("weibo:product:description", "山里来的"),
                ("weibo:product:url", "https://shop.example/en/p/mug"),
                ("weibo:product:create_at", "2026-03-06 02:20:30"),
                ("weibo:product:update_at", "2026-03-06 02:20:30"),
                ("weibo:product:image", "https://shop.example/pictures/a-750.jpg"),
                ("weibo:product:full_image", "https://shop.example/pictures/a-1080.jpg"),
            ]
        );
    }
}
