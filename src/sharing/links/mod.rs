//! Short addresses of pages of ours: where each leads, who came by it, and which orders were placed by those who did.

mod store;

pub use store::{Harvest, click, credit, find, harvest};

use crate::db::Tx;
use crate::seal;
use time::{Duration, OffsetDateTime};

/// An order counts for a link when it was placed so long after the click, on the same browser.
pub const COUNTS_FOR: Duration = Duration::days(7);

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 8;

/// What a link was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Broadcast(i64),
    /// A product's card, wherever it is shown.
    Product(i64),
    /// A status that the shop has posted.
    Post(i64),
    /// A campaign of the merchant's.
    Campaign(i64),
    /// A partner who sends buyers.
    Partner(i64),
    /// The buyer of this order tells of it.
    Repost(i64),
}

impl Source {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Source::Broadcast(id) => ("broadcast", id),
            Source::Product(id) => ("product", id),
            Source::Post(id) => ("post", id),
            Source::Campaign(id) => ("campaign", id),
            Source::Partner(id) => ("partner", id),
            Source::Repost(id) => ("repost", id),
        }
    }
}

/// Whether it can be one: nobody asks the database for anything else.
pub fn is_code(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The code that leads to `path`, a path of ours without its language; the same for the same purpose.
pub async fn make(tx: &mut Tx, path: &str, source: Source, now: OffsetDateTime) -> anyhow::Result<String> {
    loop {
        let code = mint(seal::random());
        if let Some(code) = store::insert(tx, &code, path, source.columns(), now).await? {
            return Ok(code);
        }
        // Somebody else has this code: take another.
    }
}

fn mint(random: [u8; LENGTH]) -> String {
    // 256 is no multiple of 62: some letters are a little likelier, which harms nobody.
    random.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_code, mint};

    #[test]
    fn what_is_made_can_be_read() {
        for byte in 0..=u8::MAX {
            assert!(is_code(&mint([byte; 8])));
        }
        for wrong in ["", "1234567", "123456789", "1234567/", "１2345", "12 45678", "1234567\0"] {
            assert!(!is_code(wrong), "{wrong:?}");
        }
    }
}
