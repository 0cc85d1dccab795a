//! What a checkout has to know of the buyer's other orders.

use crate::customers::CustomerId;
use crate::db::Tx;
use uuid::Uuid;

/// How many orders of this browser and this customer wait for money. Her other checkouts wait until the
/// transaction ends, so that the count stays true.
pub async fn unpaid_of(tx: &mut Tx, visitor: Uuid, customer: Option<CustomerId>) -> sqlx::Result<i64> {
    // The customer first, so that no two wait for each other.
    if let Some(customer) = customer {
        sqlx::query!("SELECT FROM pg_advisory_xact_lock(1601, hashint8($1))", customer.0)
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query!("SELECT FROM pg_advisory_xact_lock(1602, hashtext($1))", visitor.to_string())
        .execute(&mut **tx)
        .await?;
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "unpaid!" FROM orders
         WHERE (visitor = $1 OR customer_id = $2) AND closed_at IS NULL AND payment IN ('none', 'pending')"#,
        visitor,
        customer.map(|c| c.0)
    )
    .fetch_one(&mut **tx)
    .await
}
