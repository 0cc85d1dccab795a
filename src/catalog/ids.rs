//! What the catalog's things are called: ids inside, SKU and slug outside. Parsed once, at the edge.

use std::fmt;
use std::str::FromStr;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub i64);
    )*};
}

ids! {
    ProductId;
    /// One way a product can be bought: what has a SKU, a price and a stock.
    VariantId;
    CategoryId;
    /// One of the values on an option axis of one product.
    ChoiceId;
    /// A picture on one product.
    PictureId;
}

/// The text is not the name it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error(
        "a SKU has 1 to 64 letters, digits, points, dashes or underscores, and begins with a letter or digit"
    )]
    Sku,
    #[error("a slug has 1 to 80 small letters and digits, with single dashes between them")]
    Slug,
}

/// The merchant's code of one variant: 1 to 64 of `A-Z a-z 0-9 . _ -`, with a letter or digit first: `..`
/// would be an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize)]
#[sqlx(transparent)]
pub struct Sku(String);

impl Sku {
    pub fn parse(text: &str) -> Result<Sku, BadName> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let begun = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let good = begun && text.len() <= 64 && text.bytes().all(allowed);
        if good { Ok(Sku(text.to_owned())) } else { Err(BadName::Sku) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a product or category in an address: words of `a-z 0-9` joined by single dashes, at most 80.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Slug(String);

impl Slug {
    pub fn parse(text: &str) -> Result<Slug, BadName> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let good =
            text.len() <= 80 && text.split('-').all(|word| !word.is_empty() && word.bytes().all(allowed));
        if good { Ok(Slug(text.to_owned())) } else { Err(BadName::Slug) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! reads_and_writes_itself {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<$name, BadName> {
                $name::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<$name, BadName> {
                $name::parse(&text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                String::deserialize(from)?.try_into().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

reads_and_writes_itself!(Sku, Slug);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sku_is_refused() {
        let long = "a".repeat(65);
        for bad in [
            "",
            " ",
            "a b",
            "a/b",
            "../x",
            ".",
            "..",
            "..12",
            "-a",
            "_a",
            "~1",
            "茶",
            "a\0",
            "a\n",
            long.as_str(),
        ] {
            assert_eq!(Sku::parse(bad), Err(BadName::Sku), "{bad:?}");
        }
        for good in ["a", "Tea_50.g-1", &long[..64]] {
            assert_eq!(Sku::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        let long = "a".repeat(81);
        for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "a.b", "茶", "a\0", long.as_str()] {
            assert_eq!(Slug::parse(bad), Err(BadName::Slug), "{bad:?}");
        }
        for good in ["a", "wool-scarf", "2026", &long[..80]] {
            assert_eq!(Slug::parse(good).unwrap().to_string(), good);
        }
    }
}
