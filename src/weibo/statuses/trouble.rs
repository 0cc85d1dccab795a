//! What a refusal of Weibo's API means for the person who acts (oauth-and-statuses.md §1.5, §3.3).

use super::UNREAD;
use crate::weibo::client::BUSY;

/// Why Weibo refused an API call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The token is no longer good.
    SignInAgain,
    /// Our app, or this person, may not do this.
    NotAllowed,
    /// A limit is reached: later, not now.
    TooOften,
    /// The same or a similar text was posted before.
    Repeated,
    TooLong,
    /// The status to repost is gone, hidden or her own.
    StatusGone,
    /// Weibo wants her to prove that it is she, where it knows her.
    ProveYourself,
    /// For us to look into: parameters, settings, Weibo's own faults.
    Other,
}

impl Trouble {
    /// Classifies the code of a [`CallError::Refused`](crate::weibo::CallError::Refused).
    pub fn of(code: &str) -> Trouble {
        match code {
            "21332" => Trouble::SignInAgain,
            "10005" | "10014" | "10032" | "20206" | "20207" | "21330" | "21337" | UNREAD => {
                Trouble::NotAllowed
            }
            "10004" | "10009" | "10022" | "10023" | "10024" | "20016" | BUSY => Trouble::TooOften,
            "20017" | "20019" | "20111" => Trouble::Repeated,
            "20012" => Trouble::TooLong,
            "20101" | "20103" | "20112" | "20120" => Trouble::StatusGone,
            "20031" | "20033" => Trouble::ProveYourself,
            _ if is_of_the_token(code) => Trouble::SignInAgain,
            _ => Trouble::Other,
        }
    }
}

/// 2131x and 2132x.
fn is_of_the_token(code: &str) -> bool {
    let last = code.strip_prefix("2131").or_else(|| code.strip_prefix("2132"));
    last.is_some_and(|last| matches!(last.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_the_document_marks_has_its_meaning() {
        for (codes, trouble) in [
            ("21310 21314 21315 21316 21317 21319 21320 21327 21332", Trouble::SignInAgain),
            ("10014 10005 10032 21337 unread", Trouble::NotAllowed),
            ("10022 10023 10024 20016 token_busy", Trouble::TooOften),
            ("20017 20019 20111", Trouble::Repeated),
            ("20012", Trouble::TooLong),
            ("20101 20103 20112 20120", Trouble::StatusGone),
            ("20031 20033", Trouble::ProveYourself),
            ("10001 10017 20032 21301 21305 21331 213150 2131 2131x -1 another_app", Trouble::Other),
        ] {
            for code in codes.split(' ') {
                assert_eq!(Trouble::of(code), trouble, "{code}");
            }
        }
        assert_eq!(Trouble::of(""), Trouble::Other);
    }
}
