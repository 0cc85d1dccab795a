//! What a bill carries through Weibo and back: whose it is, and by which link the browser had come that first
//! went to the cashier. `TOKEN`, or `TOKEN.CODE.SECONDS`.

use crate::customers::touches::Touch;

/// What came back. Weibo only echoes it: it says nothing of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra<'a> {
    /// The order's pay token, if it is one of ours.
    pub token: &'a str,
    pub came: Option<Touch>,
}

impl<'a> Extra<'a> {
    /// Anything at all; what is no touch is none.
    pub fn read(text: &'a str) -> Extra<'a> {
        match text.split_once('.') {
            Some((token, came)) => Extra { token, came: Touch::read(came) },
            None => Extra { token: text, came: None },
        }
    }

    /// What [`Extra::read`] reads. A token has no point in it.
    pub fn write(token: &str, came: Option<&Touch>) -> String {
        match came {
            Some(came) => format!("{token}.{came}"),
            None => token.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::OffsetDateTime;

    proptest! {
        #[test]
        fn what_is_sent_comes_back(
            token in "[0-9A-Za-z_-]{22}",
            code in "[0-9A-Za-z]{8}([0-9A-Za-z]{4})?",
            at in prop::option::of(0..=99_999_999_999_i64),
        ) {
            let came = at.and_then(|at| Touch::new(&code, OffsetDateTime::from_unix_timestamp(at).unwrap()));
            let written = Extra::write(&token, came.as_ref());
            prop_assert!(written.len() <= 64 && written.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert_eq!(Extra::read(&written), Extra { token: token.as_str(), came });
        }

        #[test]
        fn anything_is_read(text in ".{0,80}") {
            prop_assert!(text.starts_with(Extra::read(&text).token));
        }
    }

    #[test]
    fn what_is_garbled_still_says_whose_it_is() {
        for garbled in ["T", "T.", "T..", "T.0aZ45678", "T.0aZ45678.x", "T.0aZ45678.1.2", "T.{\"a\":1}"] {
            assert_eq!(Extra::read(garbled), Extra { token: "T", came: None }, "{garbled}");
        }
        assert_eq!(Extra::read("").token, "");
    }
}
