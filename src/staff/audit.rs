//! Who changed what, with what it was before and is after. Never a secret, never a buyer's address.

use super::Member;
use crate::db::Tx;
use serde_json::Value;
use time::OffsetDateTime;

/// One change, written down in the transaction that makes it.
pub struct Change<'a> {
    /// A verb and a thing in small letters joined by dashes, such as `change-product`; the catalog of texts
    /// has its words under `word-` and this.
    pub action: &'static str,
    /// The kind and number of the thing, such as `product 12`.
    pub subject: &'a str,
    /// Nothing for something new.
    pub before: Option<Value>,
    /// Nothing for something that is gone.
    pub after: Option<Value>,
}

/// Writes a change down. It stays if, and only if, `tx` commits.
pub async fn record(tx: &mut Tx, who: &Member, change: Change<'_>, now: OffsetDateTime) -> sqlx::Result<()> {
    super::store::record(tx, Some((who.id, &who.name)), &change, now).await
}
