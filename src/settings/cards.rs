//! What the merchant sets of commodity cards, and of the links that bring buyers. Pure.

/// What her configuration at Weibo says too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards {
    /// What the answer to Weibo calls the price; see [`Cards::is_field`].
    pub price_field: String,
    /// What proves that the shop's address is hers; empty for nothing.
    pub verification: String,
    /// Who orders within so many days of coming by a short link was brought by it.
    pub origin_days: u32,
}

impl Cards {
    /// What [`Cards::origin_days`] can be.
    pub const ORIGIN: std::ops::RangeInclusive<u32> = 1..=90;

    /// Whether it can be the name of the price: small letters, digits and underscores, a letter first, at most 40.
    /// The stock stands beside it and has a name of its own.
    pub fn is_field(name: &str) -> bool {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let begun = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        begun && name.len() <= 40 && name.bytes().all(plain) && name != "stock"
    }

    /// Each by the name of its input, to compare two by.
    pub fn values(&self) -> [(&'static str, String); 3] {
        [
            ("card_price_field", self.price_field.clone()),
            ("card_verification", self.verification.clone()),
            ("origin_days", self.origin_days.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::Cards;

    #[test]
    fn a_price_has_a_plain_name_of_its_own() {
        for good in ["price_fen", "p", "price2"] {
            assert!(Cards::is_field(good), "{good}");
        }
        let long = "p".repeat(41);
        for bad in ["", "Price", "2price", "_p", "price fen", "价格", "stock", "price\0", &long] {
            assert!(!Cards::is_field(bad), "{bad:?}");
        }
    }
}
