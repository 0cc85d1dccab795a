//! Short addresses of pages of ours: where each leads, who came by it, and which orders were placed by those who did.

mod code;
mod explained;
mod store;

pub use crate::customers::touches::is_code;
pub use code::Known;
pub use explained::{Coming, Explained, explain};
pub use store::{Harvest, click, find, harvest};

use crate::db::Tx;
use anyhow::bail;
use time::OffsetDateTime;

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
    /// From its columns.
    fn read(source: &str, id: i64) -> anyhow::Result<Source> {
        Ok(match source {
            "broadcast" => Source::Broadcast(id),
            "product" => Source::Product(id),
            "post" => Source::Post(id),
            "campaign" => Source::Campaign(id),
            "partner" => Source::Partner(id),
            "repost" => Source::Repost(id),
            source => bail!("a link was made for {source:?} {id}"),
        })
    }

    /// What it is, and the id of that.
    pub fn columns(self) -> (&'static str, i64) {
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

/// The code that leads to `path`, a path of ours without its language; the same for the same purpose.
pub async fn make(tx: &mut Tx, path: &str, source: Source, now: OffsetDateTime) -> anyhow::Result<String> {
    if let Some(code) = store::code_of(tx, path, source.columns()).await? {
        return Ok(code);
    }
    let key = store::key(tx).await?;
    loop {
        if let Some(code) = store::insert(tx, &key.mint(), path, source.columns(), now).await? {
            return Ok(code);
        }
        // Somebody else has this code: take another.
    }
}
