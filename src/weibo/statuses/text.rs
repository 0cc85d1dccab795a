//! What Weibo allows in a post's text (oauth-and-statuses.md §3.1, §3.2).

/// In Chinese characters; an ASCII one counts half.
const LONGEST: usize = 140;

/// Why Weibo would refuse a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("the text is empty")]
    Empty,
    #[error("the text is longer than 140 Chinese characters")]
    TooLong,
    #[error("a shared text may hold no #topic#")]
    Topic,
    #[error("a shared text needs an address of the shop")]
    NoAddress,
}

/// How much of Weibo's 140 a text uses, halves rounded up.
pub fn length(text: &str) -> usize {
    let halves: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    halves.div_ceil(2)
}

/// A repost may be empty and may hold topics.
pub fn check_repost(text: &str) -> Result<(), TextFault> {
    if length(text) > LONGEST { Err(TextFault::TooLong) } else { Ok(()) }
}

/// A share needs an http or https address; that it is under the app's security domain only Weibo can tell.
pub fn check_share(text: &str) -> Result<(), TextFault> {
    check_repost(text)?;
    if text.trim().is_empty() {
        Err(TextFault::Empty)
    } else if has_topic(text) {
        Err(TextFault::Topic)
    } else if !has_address(text) {
        Err(TextFault::NoAddress)
    } else {
        Ok(())
    }
}

/// Two `#` with something between, wherever they come from: Weibo reads fragments of addresses so as well.
fn has_topic(text: &str) -> bool {
    let mut parts = text.split('#');
    parts.next();
    parts.next_back();
    parts.any(|between| !between.is_empty())
}

fn has_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.match_indices(scheme)
            .any(|(at, _)| text[at + scheme.len()..].starts_with(|c: char| c.is_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_counts_one_and_an_ascii_one_half() {
        assert_eq!([length(""), length("a"), length("ab"), length("abc"), length("微铺a")], [0, 1, 1, 2, 3]);
        let full = format!("{}https://shop.example/p/1ab", "茶".repeat(127));
        assert_eq!((length(&full), check_share(&full)), (140, Ok(())));
        assert_eq!(check_share(&format!("{full}a")), Err(TextFault::TooLong));
        assert_eq!(check_repost(&"茶".repeat(140)), Ok(()));
        assert_eq!(check_repost(&"茶".repeat(141)), Err(TextFault::TooLong));
        assert_eq!(check_repost(&"a".repeat(281)), Err(TextFault::TooLong));
    }

    #[test]
    fn a_share_holds_an_address_and_no_topic() {
        for (text, expected) in [
            ("春茶上新 https://shop.example/p/1", Ok(())),
            ("no. #1: http://shop.example/p/1", Ok(())),
            ("## https://shop.example", Ok(())),
            ("https://shop.example/#a", Ok(())),
            ("", Err(TextFault::Empty)),
            (" \n", Err(TextFault::Empty)),
            ("#春茶# https://shop.example", Err(TextFault::Topic)),
            ("##春茶# https://shop.example", Err(TextFault::Topic)),
            ("#1 https://shop.example/#a", Err(TextFault::Topic)),
            ("春茶上新 shop.example", Err(TextFault::NoAddress)),
            ("https:// shop.example", Err(TextFault::NoAddress)),
        ] {
            assert_eq!(check_share(text), expected, "{text}");
        }
        assert_eq!(check_repost("#春茶#"), Ok(()));
        assert_eq!(check_repost(""), Ok(()));
    }
}
