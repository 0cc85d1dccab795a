//! How far a new shop has come.

use sqlx::PgConnection;

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
