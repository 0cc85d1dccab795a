//! What would make a card better. Advice of ours: Weibo names hardly a limit, and refuses nothing for these.

use super::Card;
use super::object::LONGEST_SUMMARY;
use crate::money::Money;
use url::{Host, Url};

/// A card in the stream shows two lines of a name.
const LONGEST_TITLE: usize = 30;
/// Below this a picture is blurred on a phone.
const SMALLEST_PICTURE: u32 = 300;
/// The longer side of a picture over the shorter; beyond it a card cuts too much away.
const FLATTEST: u32 = 2;
/// So many pieces are gone within minutes of a post.
const FEW: u64 = 5;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    Title,
    Summary,
    Picture,
    Price,
    Stock,
    Link,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Good,
    Missing,
    TooLong,
    TooSmall,
    TooFlat,
    /// Its file could not be looked at.
    Unseen,
    /// Several prices: the card shows the lowest.
    Lowest,
    Gone,
    Few,
    /// Nobody but this machine reaches it.
    Local,
    /// Not https.
    Open,
}

/// How grave a finding is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    Good,
    /// It could be better.
    Better,
    /// As it is, the card is worth little or leads nowhere.
    Bad,
}

impl Grade {
    /// Behind `word-grade-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Grade::Good => "good",
            Grade::Better => "better",
            Grade::Bad => "bad",
        }
    }
}

/// What there is to look at, from wherever it was read.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub title: &'a str,
    pub summary: &'a str,
    pub picture: Shown,
    pub lowest: Money,
    pub highest: Money,
    pub stock: u64,
    pub public_url: &'a Url,
}

/// The picture of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    /// There is one, whose file could not be looked at.
    Unseen,
    /// So wide and so high, in pixels.
    Sized(u32, u32),
}

impl Shown {
    /// There is a picture; nothing where its file could not be looked at.
    pub fn of(size: Option<(u32, u32)>) -> Shown {
        size.map_or(Shown::Unseen, |(width, height)| Shown::Sized(width, height))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    pub point: Point,
    pub verdict: Verdict,
}

impl Finding {
    pub fn is_good(&self) -> bool {
        self.verdict == Verdict::Good
    }

    pub fn grade(&self) -> Grade {
        match (self.point, self.verdict) {
            (_, Verdict::Good) => Grade::Good,
            (Point::Picture | Point::Price, Verdict::Missing) | (_, Verdict::Local | Verdict::Unseen) => {
                Grade::Bad
            }
            _ => Grade::Better,
        }
    }

    /// The two names together, for the catalog of texts.
    pub fn name(&self) -> &'static str {
        match (self.point, self.verdict) {
            (Point::Title, Verdict::TooLong) => "title-too-long",
            (Point::Title, _) => "title-good",
            (Point::Summary, Verdict::Missing) => "summary-missing",
            (Point::Summary, Verdict::TooLong) => "summary-too-long",
            (Point::Summary, _) => "summary-good",
            (Point::Picture, Verdict::Missing) => "picture-missing",
            (Point::Picture, Verdict::TooSmall) => "picture-too-small",
            (Point::Picture, Verdict::TooFlat) => "picture-too-flat",
            (Point::Picture, Verdict::Unseen) => "picture-unseen",
            (Point::Picture, _) => "picture-good",
            (Point::Price, Verdict::Missing) => "price-missing",
            (Point::Price, Verdict::Lowest) => "price-lowest",
            (Point::Price, _) => "price-good",
            (Point::Stock, Verdict::Gone) => "stock-gone",
            (Point::Stock, Verdict::Few) => "stock-few",
            (Point::Stock, _) => "stock-good",
            (Point::Link, Verdict::Local) => "link-local",
            (Point::Link, Verdict::Open) => "link-open",
            (Point::Link, _) => "link-good",
        }
    }
}

/// Looks at every point of a card, in this order always.
pub fn lint(card: &Card<'_>) -> [Finding; 6] {
    let (lowest, highest) = card.product.price_range();
    lint_facts(Facts {
        title: &card.product.name.zh,
        summary: &card.product.summary.zh,
        picture: card.picture.as_ref().map_or(Shown::Nothing, |picture| Shown::of(picture.size)),
        lowest,
        highest,
        stock: card.stock(),
        public_url: card.public_url,
    })
}

/// The same of what is known of a card.
pub fn lint_facts(facts: Facts<'_>) -> [Finding; 6] {
    let title = facts.title.chars().count() > LONGEST_TITLE;
    [
        (Point::Title, if title { Verdict::TooLong } else { Verdict::Good }),
        (Point::Summary, of_summary(facts.summary.chars().count())),
        (Point::Picture, of_picture(facts.picture)),
        (Point::Price, of_price(facts.lowest, facts.highest)),
        (Point::Stock, of_stock(facts.stock)),
        (Point::Link, of_link(facts.public_url)),
    ]
    .map(|(point, verdict)| Finding { point, verdict })
}

/// The gravest of all, for a list: that a picture could not be looked at just now says nothing of the card.
pub fn worst(findings: &[Finding; 6]) -> Grade {
    let known = findings.iter().filter(|finding| finding.verdict != Verdict::Unseen);
    known.map(Finding::grade).max().unwrap_or(Grade::Good)
}

fn of_summary(characters: usize) -> Verdict {
    match characters {
        0 => Verdict::Missing,
        1..=LONGEST_SUMMARY => Verdict::Good,
        _ => Verdict::TooLong,
    }
}

fn of_picture(picture: Shown) -> Verdict {
    let (width, height) = match picture {
        Shown::Nothing => return Verdict::Missing,
        Shown::Unseen => return Verdict::Unseen,
        Shown::Sized(width, height) => (width, height),
    };
    let (longer, shorter) = (width.max(height), width.min(height));
    if longer > shorter.saturating_mul(FLATTEST) {
        return Verdict::TooFlat;
    }
    if shorter < SMALLEST_PICTURE { Verdict::TooSmall } else { Verdict::Good }
}

fn of_price(lowest: Money, highest: Money) -> Verdict {
    if lowest == Money::ZERO {
        return Verdict::Missing;
    }
    if lowest < highest { Verdict::Lowest } else { Verdict::Good }
}

fn of_stock(pieces: u64) -> Verdict {
    match pieces {
        0 => Verdict::Gone,
        1..=FEW => Verdict::Few,
        _ => Verdict::Good,
    }
}

fn of_link(public_url: &Url) -> Verdict {
    let local = match public_url.host() {
        Some(Host::Domain(name)) => name == "localhost" || !name.contains('.'),
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => true,
    };
    if local {
        return Verdict::Local;
    }
    if public_url.scheme() == "https" { Verdict::Good } else { Verdict::Open }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{card, mug, shop_url};
    use super::*;
    use crate::sharing::cards::Picture;

    fn names(card: &Card<'_>) -> [&'static str; 6] {
        lint(card).map(|finding| finding.name())
    }

    #[test]
    fn a_good_card_is_told_so() {
        let (url, mut product) = (shop_url(), mug());
        product.variants.truncate(1);
        assert!(
            lint(&card(&url, &product)).iter().all(Finding::is_good),
            "{:?}",
            names(&card(&url, &product))
        );
    }

    #[test]
    fn each_weakness_has_a_name() {
        let (url, mut product) = (Url::parse("http://127.0.0.1:8080").unwrap(), mug());
        product.name.zh = "茶".repeat(31);
        product.summary.zh = "茶".repeat(301);
        product.variants[0].stock = 0;
        let bare = Card { picture: None, ..card(&url, &product) };
        let all = [
            "title-too-long",
            "summary-too-long",
            "picture-missing",
            "price-lowest",
            "stock-gone",
            "link-local",
        ];
        assert_eq!(names(&bare), all);
        assert_eq!(worst(&lint(&bare)), Grade::Bad, "nobody reaches it, and it has no picture");
        product.summary.zh = String::new();
        product.variants.truncate(1);
        product.variants[0].stock = 5;
        product.variants[0].price = Money::ZERO;
        let url = Url::parse("http://shop.example").unwrap();
        let all =
            ["title-too-long", "summary-missing", "picture-good", "price-missing", "stock-few", "link-open"];
        assert_eq!(names(&card(&url, &product)), all);
    }

    #[test]
    fn a_picture_is_large_enough_and_not_a_stripe() {
        let (url, product) = (shop_url(), mug());
        let sized = |size| {
            let whole = card(&url, &product);
            let picture = Picture { size, ..whole.picture.clone().unwrap() };
            lint(&Card { picture: Some(picture), ..whole })[2].name()
        };
        for (size, name) in [
            (Some((750, 750)), "picture-good"),
            (Some((600, 300)), "picture-good"),
            (Some((750, 374)), "picture-too-flat"),
            (Some((100, 750)), "picture-too-flat"),
            (Some((299, 299)), "picture-too-small"),
            (Some((400, 299)), "picture-too-small"),
            (Some((1, 1)), "picture-too-small"),
            (None, "picture-unseen"),
        ] {
            assert_eq!(sized(size), name, "{size:?}");
        }
        let (mut product, url) = (product.clone(), Url::parse("https://shop.example").unwrap());
        product.variants.truncate(1);
        let whole = card(&url, &product);
        let unseen = Picture { size: None, ..whole.picture.clone().unwrap() };
        let found = lint(&Card { picture: Some(unseen), ..whole });
        assert_eq!((found[2].grade(), worst(&found)), (Grade::Bad, Grade::Good));
    }
}
