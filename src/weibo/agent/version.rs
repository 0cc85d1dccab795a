//! A version of the Weibo app, compared number by number: 4.10 is newer than 4.9, and 4.3 is 4.3.0.

use std::cmp::Ordering;
use std::fmt;

/// Digits with dots between them. Missing parts count as 0, numbers beyond `u64` as its largest.
#[derive(Debug, Clone)]
pub struct Version(Vec<u64>);

impl Version {
    /// Reads `4.3` or `4.3.0`; `None` for anything but digits and dots between them.
    pub fn parse(text: &str) -> Option<Version> {
        text.split('.').map(whole).collect::<Option<Vec<u64>>>().map(Version)
    }

    fn parts(&self) -> &[u64] {
        let kept = self.0.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1);
        &self.0[..kept]
    }
}

fn whole(part: &str) -> Option<u64> {
    let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| part.parse().unwrap_or(u64::MAX))
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.parts().cmp(other.parts())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        let rising = ["0", "4.2.9", "4.3", "4.3.1", "4.9", "4.10", "5", "9.12.0", "10.10", "15.12.2"];
        for pair in rising.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("4.3"), version("4.3.0.0"));
        assert_eq!(version("04.03"), version("4.3"));
    }

    #[test]
    fn a_number_too_large_is_just_very_large() {
        assert!(version("4.3") < version("99999999999999999999999999"));
        assert_eq!(version("99999999999999999999999999"), version(&u64::MAX.to_string()));
    }

    #[test]
    fn only_digits_and_dots_are_a_version() {
        for bad in ["", ".", "4.", ".4", "4..3", "v4", "4.3 ", "-4", "+4", "４.3", "4.3_build2"] {
            assert!(Version::parse(bad).is_none(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_missing_part_is_zero(parts in prop::collection::vec(any::<u32>(), 1..6)) {
            let text = parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
            let (same, newer) = (format!("{text}.0"), format!("{text}.1"));
            prop_assert_eq!(version(&text), version(&same));
            prop_assert!(version(&text) < version(&newer));
            prop_assert_eq!(version(&text).to_string(), text);
        }
    }
}
