//! What coupons are called outside: the code of one that was given, and the name of a coupon's page in its address.

use crate::seal;
use std::fmt;

/// Without 0, 1, I and O, which are read for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE: usize = 12;
const SMALL: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";
const SLUG: usize = 8;

/// The code of a coupon that was given to somebody: 60 bits that nobody guesses, and hers alone all the same. Never
/// in an address, never in a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Code(String);

impl Code {
    pub fn mint() -> Code {
        Code(minted::<CODE>(LETTERS))
    }

    /// As people type it: small or large, with blanks or dashes.
    pub fn parse(text: &str) -> Option<Code> {
        // More than anybody types into such a field.
        let letters = text.chars().take(100).filter(|c| !c.is_whitespace() && *c != '-');
        let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let known = code.len() == CODE && code.bytes().all(|b| LETTERS.contains(&b));
        known.then_some(Code(code))
    }

    /// As a form carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `7KQ4-M2X9-AB3C`, for reading.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..CODE).step_by(4).filter_map(|at| self.0.get(at..at + 4)).collect();
        groups.join("-")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The name of a coupon in the address of its page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Slug(String);

impl Slug {
    pub fn mint() -> Slug {
        Slug(minted::<SLUG>(SMALL))
    }

    pub fn parse(text: &str) -> Option<Slug> {
        let good = text.len() == SLUG && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        good.then(|| Slug(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn minted<const N: usize>(letters: &[u8; 32]) -> String {
    seal::random::<N>().iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_told_and_as_it_is_typed() {
        let code = Code::mint();
        assert_eq!(Code::parse(code.as_str()).as_ref(), Some(&code));
        assert_eq!(Code::parse(&code.grouped()).as_ref(), Some(&code));
        assert_eq!(Code::parse(&format!(" {} \n", code.grouped().to_lowercase())), Some(code));
    }

    #[test]
    fn nothing_else_is_a_code() {
        let long = "7KQ4M2X9AB3C".repeat(1000);
        for bad in
            ["", "-", "7KQ4", "7KQ4-M2X9-AB30", "7KQ4-M2X9-AB3I", "7KQ4M2X9AB3\0", "７KQ4M2X9AB3C", &long]
        {
            assert_eq!(Code::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_code_is_not_told_to_a_log() {
        let code = Code::mint();
        assert!(!format!("{code:?} {:?}", Some(&code)).contains(code.as_str()));
    }

    #[test]
    fn a_page_has_a_short_name() {
        let slug = Slug::mint();
        assert_eq!(Slug::parse(slug.as_str()), Some(slug));
        for bad in ["", "abc", "abcdefg\0", "ABCDEFGH", "abcdefghi", "../../ab", "龙井龙井"] {
            assert_eq!(Slug::parse(bad), None, "{bad:?}");
        }
    }
}
