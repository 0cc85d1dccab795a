//! How the desk is kept. Pure.

use crate::customers::{Wrong, line};
use time::Duration;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manners {
    /// Whoever waits longer is shown in red.
    pub red_after: Duration,
    /// Where a place that a fan sends can be looked at, with `{latitude}` and `{longitude}`; empty for nowhere.
    pub map: String,
}

impl Manners {
    /// In minutes.
    pub const RED: std::ops::RangeInclusive<i64> = 1..=1440;

    /// As an address of a map, when it is one: by https, and with both numbers.
    pub fn read_map(typed: &str) -> Result<String, Wrong> {
        let map = line(typed, 300)?;
        let url = Url::parse(&map).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let whole = map.contains("{latitude}") && map.contains("{longitude}");
        if map.is_empty() || url.is_some() && whole { Ok(map) } else { Err(Wrong::Unprintable) }
    }

    /// Where this place can be looked at. What is no number is no place.
    pub fn on_map(&self, longitude: &str, latitude: &str) -> Option<String> {
        let number = |text: &str, most: f64| text.parse::<f64>().is_ok_and(|number| number.abs() <= most);
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let known = number(longitude, 180.0) && number(latitude, 90.0) && plain(longitude) && plain(latitude);
        (known && !self.map.is_empty())
            .then(|| self.map.replace("{longitude}", longitude).replace("{latitude}", latitude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_to_the_map_that_is_set_and_to_nothing_else() {
        let map = "https://map.example/at?p={longitude},{latitude}";
        assert_eq!(Manners::read_map(&format!(" {map} ")), Ok(map.to_owned()));
        assert_eq!(Manners::read_map(""), Ok(String::new()));
        for wrong in [
            "javascript:{latitude}{longitude}",
            "http://m.example/{latitude}/{longitude}",
            "https://m.example/",
        ] {
            assert!(Manners::read_map(wrong).is_err(), "{wrong}");
        }
        let manners = |map: &str| Manners { red_after: Duration::MINUTE, map: map.into() };
        let shown = manners(map).on_map("120.1551", "-30.2741");
        assert_eq!(shown.as_deref(), Some("https://map.example/at?p=120.1551,-30.2741"));
        assert_eq!(manners("").on_map("120.1551", "30.2741"), None);
        for (longitude, latitude) in
            [("", ""), ("1&x=2", "3"), ("NaN", "1"), ("181", "1"), ("1e1", "1"), ("inf", "1")]
        {
            assert_eq!(manners(map).on_map(longitude, latitude), None, "{longitude},{latitude}");
        }
    }
}
