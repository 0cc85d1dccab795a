//! Who brought an order, told so that somebody who asks can follow it.

use super::{Source, store};
use crate::orders::OrderId;
use crate::orders::origin::KnownBy;
use crate::text::Text;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// She came by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    pub source: Source,
    /// What the source is called where it has a name: a broadcast's, a product's, an order's number.
    pub name: Text,
    pub code: String,
    pub at: OffsetDateTime,
    pub known_by: KnownBy,
}

/// What is written down of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// It has brought the order.
    pub last: Coming,
    /// Another one only where she came more than once.
    pub first: Option<Coming>,
    /// So many days a link counted then.
    pub days: i32,
}

/// Nothing where nobody is known.
pub async fn explain(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Explained>> {
    store::explain(conn, order).await
}

impl Coming {
    /// How long before the order was placed.
    pub fn before(&self, placed_at: OffsetDateTime) -> Duration {
        placed_at - self.at
    }
}
