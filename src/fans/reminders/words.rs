//! The words of a reminder, short, in the language in which she asked. Pure.

use crate::money::Money;
use crate::text::Language;
use url::Url;

/// What there is to tell.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    Restock { slug: &'a str, product: &'a str, choice: &'a str },
    Price { slug: &'a str, product: &'a str, was: Money, now: Money },
}

impl News<'_> {
    pub fn say(&self, shop: &str, public: &Url, language: Language) -> String {
        let (News::Restock { slug, .. } | News::Price { slug, .. }) = self;
        let mut link = public.clone();
        link.set_path(&match language {
            Language::Chinese => format!("/p/{slug}"),
            Language::English => format!("/en/p/{slug}"),
        });
        match (self, language) {
            (News::Restock { product, choice, .. }, Language::Chinese) => {
                format!("【{shop}】您等的「{product}{}」到货了：{link}", spaced(choice))
            }
            (News::Restock { product, choice, .. }, Language::English) => {
                format!("[{shop}] {product}{} is back in stock: {link}", spaced(choice))
            }
            (News::Price { product, was, now, .. }, Language::Chinese) => {
                format!("【{shop}】您关注的「{product}」降价了：¥{was} → ¥{now}。{link}")
            }
            (News::Price { product, was, now, .. }, Language::English) => {
                format!("[{shop}] {product} costs less now: ¥{was} → ¥{now}. {link}")
            }
        }
    }
}

fn spaced(choice: &str) -> String {
    if choice.is_empty() { String::new() } else { format!(" {choice}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_says_what_changed_and_where() {
        let public = Url::parse("https://a.example/").unwrap();
        let restock = News::Restock { slug: "mug", product: "杯子", choice: "大" };
        assert_eq!(
            restock.say("山月茶铺", &public, Language::Chinese),
            "【山月茶铺】您等的「杯子 大」到货了：https://a.example/p/mug"
        );
        let yuan = |fen| Money::from_fen(fen).unwrap();
        let price = News::Price { slug: "mug", product: "Mug", was: yuan(4_000), now: yuan(3_990) };
        assert_eq!(
            price.say("Tea", &public, Language::English),
            "[Tea] Mug costs less now: ¥40.00 → ¥39.90. https://a.example/en/p/mug"
        );
    }
}
