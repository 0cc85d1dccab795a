//! How the settings of signing in are kept.

use crate::db::Tx;
use sqlx::PgConnection;

/// Whether signing in offers to follow the shop's official account.
pub async fn offers_to_follow(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!("SELECT offer_follow FROM shop").fetch_one(conn).await
}

/// Sets whether it does; gives what held before.
pub async fn save_offer_to_follow(tx: &mut Tx, offer: bool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "UPDATE shop SET offer_follow = $1 FROM (SELECT offer_follow FROM shop FOR UPDATE) before
         RETURNING before.offer_follow",
        offer
    )
    .fetch_one(&mut **tx)
    .await
}
