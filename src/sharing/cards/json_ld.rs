//! The product as schema.org describes one, for whoever reads pages. Nothing says that Weibo does.

use super::Card;
use crate::catalog::Variant;
use crate::text::Language;
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// More offers than these are told by their lowest and highest price alone: the page shall stay light.
const MOST_OFFERS: usize = 20;

/// JSON that may stand in a `<script>`: nothing in it ends one, or begins another.
#[derive(Debug, Clone)]
pub struct JsonLd(String);

impl JsonLd {
    fn new(value: &Value) -> JsonLd {
        let mut safe = String::new();
        // Outside of strings JSON has none of these characters, and inside they may be written so.
        for c in value.to_string().chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Into a String nothing fails.
                    let _ = write!(safe, "\\u{:04x}", u32::from(c));
                }
                c => safe.push(c),
            }
        }
        JsonLd(safe)
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The product and what it costs.
pub fn describe(card: &Card<'_>, language: Language) -> JsonLd {
    let product = card.product;
    let mut described = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name.in_language(language),
        "url": card.page(language),
        "category": product.category.name.in_language(language),
        "offers": offers(card, language),
    });
    let summary = product.summary.in_language(language);
    if !summary.is_empty() {
        described["description"] = summary.into();
    }
    let base = card.public_url.as_str().trim_end_matches('/');
    let pictures =
        product.pictures.iter().map(|picture| format!("{base}/pictures/{}-1080.jpg", picture.name));
    let pictures: Vec<String> = pictures.collect();
    if !pictures.is_empty() {
        described["image"] = pictures.into();
    }
    if let [only] = product.variants.as_slice() {
        described["sku"] = only.sku.as_str().into();
    }
    JsonLd::new(&described)
}

fn offers(card: &Card<'_>, language: Language) -> Value {
    let product = card.product;
    let (lowest, highest) = product.price_range();
    if let [only] = product.variants.as_slice() {
        return offer(card, only, language);
    }
    let mut all = json!({
        "@type": "AggregateOffer",
        "priceCurrency": "CNY",
        "lowPrice": lowest.to_string(),
        "highPrice": highest.to_string(),
        "offerCount": product.variants.len(),
        "availability": availability(product.is_sold_out()),
    });
    if product.variants.len() <= MOST_OFFERS {
        all["offers"] = product.variants.iter().map(|variant| offer(card, variant, language)).collect();
    }
    all
}

fn offer(card: &Card<'_>, variant: &Variant, language: Language) -> Value {
    let mut offer = json!({
        "@type": "Offer",
        "sku": variant.sku.as_str(),
        "price": variant.price.to_string(),
        "priceCurrency": "CNY",
        "availability": availability(variant.is_sold_out()),
        "url": format!("{}?variant={}", card.page(language), variant.sku),
    });
    let choices = card.product.choice_names(variant);
    let named = choices.in_language(language);
    if !named.is_empty() {
        offer["name"] = named.into();
    }
    offer
}

fn availability(sold_out: bool) -> &'static str {
    if sold_out { "https://schema.org/OutOfStock" } else { "https://schema.org/InStock" }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{card, mug, shop_url};
    use super::*;
    use crate::catalog::Sku;

    fn told(card: &Card<'_>) -> Value {
        serde_json::from_str(&describe(card, Language::Chinese).to_string()).unwrap()
    }

    #[test]
    fn several_variants_are_told_together_and_one_by_itself() {
        let (url, mut product) = (shop_url(), mug());
        let both = told(&card(&url, &product));
        let offers = &both["offers"];
        assert_eq!((&offers["lowPrice"], &offers["highPrice"]), (&json!("39.90"), &json!("120.05")));
        assert_eq!((&offers["offerCount"], &offers["priceCurrency"]), (&json!(2), &json!("CNY")));
        assert_eq!(offers["offers"][1]["availability"], "https://schema.org/OutOfStock");
        assert!(both.get("sku").is_none());
        product.variants.truncate(1);
        let one = told(&card(&url, &product));
        assert_eq!((&one["sku"], &one["offers"]["price"]), (&json!("mug-1"), &json!("39.90")));
        assert_eq!(one["offers"]["url"], "https://shop.example/p/mug?variant=mug-1");
    }

    #[test]
    fn very_many_are_told_by_their_range() {
        let (url, mut product) = (shop_url(), mug());
        let first = product.variants[0].clone();
        product.variants = (0..200)
            .map(|n| Variant { sku: Sku::parse(&format!("mug-{n}")).unwrap(), ..first.clone() })
            .collect();
        let told = told(&card(&url, &product));
        assert_eq!(told["offers"]["offerCount"], 200);
        assert!(told["offers"].get("offers").is_none());
    }

    #[test]
    fn nothing_ends_the_script_that_holds_it() {
        let (url, mut product) = (shop_url(), mug());
        let nasty = "</script><script>alert(1)</script><!-- & \u{2028} \"'";
        product.name.zh = nasty.into();
        product.summary.zh = nasty.into();
        let written = describe(&card(&url, &product), Language::Chinese).to_string();
        assert!(!written.contains(['<', '>', '&', '\u{2028}']), "{written}");
        assert_eq!(told(&card(&url, &product))["name"], nasty);
    }
}
