//! How far a new shop has come, and what waits in a running one.

use sqlx::PgConnection;
use time::OffsetDateTime;

/// The steps to a shop that sells, each done or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginnings {
    pub has_product: bool,
    pub on_shelf: bool,
    pub has_card: bool,
}

pub async fn beginnings(conn: &mut PgConnection) -> sqlx::Result<Beginnings> {
    sqlx::query_as!(
        Beginnings,
        r#"SELECT EXISTS (SELECT FROM products) AS "has_product!",
             EXISTS (SELECT FROM products WHERE on_shelf) AS "on_shelf!",
             EXISTS (SELECT FROM products WHERE weibo_status_id IS NOT NULL) AS "has_card!""#
    )
    .fetch_one(conn)
    .await
}

/// Paid orders that have not been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToShip {
    pub count: i64,
    /// When the one that waits longest was paid.
    pub oldest: Option<OffsetDateTime>,
}

pub async fn to_ship(conn: &mut PgConnection) -> sqlx::Result<ToShip> {
    sqlx::query_as!(
        ToShip,
        r#"SELECT count(*) AS "count!", min(paid_at) AS oldest FROM orders
         WHERE payment = 'paid' AND fulfilment = 'none'"#
    )
    .fetch_one(conn)
    .await
}

/// Variants on the shelf of which hardly any are left.
pub async fn low_count(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM variants v JOIN products p ON p.id = v.product_id
         WHERE p.on_shelf AND v.stock <= 5"#
    )
    .fetch_one(conn)
    .await
}
