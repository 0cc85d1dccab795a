//! What stands beside a conversation: what the fan has bought, and what there was between her and the shop.

use crate::customers::relations::{self, Fact};
use crate::customers::{self, CustomerId};
use crate::orders::{self, Order};
use crate::web::Error;
use sqlx::PgConnection;

/// So many orders and facts are shown.
const ORDERS: usize = 5;
const FACTS: i64 = 6;

#[derive(Default)]
pub struct Beside {
    /// Nothing when she never signed in at the shop.
    pub customer: Option<CustomerId>,
    /// The latest first.
    pub orders: Vec<Order>,
    pub relations: (Vec<Fact>, i64),
}

impl Beside {
    pub async fn of(conn: &mut PgConnection, fan: i64) -> Result<Beside, Error> {
        let Some(customer) = customers::find_by_weibo(conn, fan).await? else { return Ok(Beside::default()) };
        let mut orders = orders::placed_by(conn, None, Some(customer)).await?;
        orders.truncate(ORDERS);
        let relations = relations::latest(conn, customer, FACTS).await?;
        Ok(Beside { customer: Some(customer), orders, relations })
    }
}

/// The number of the last order of this fan.
pub async fn last_order(conn: &mut PgConnection, fan: i64) -> Result<Option<String>, Error> {
    let beside = Beside::of(conn, fan).await?;
    Ok(beside.orders.first().map(|order| order.number.to_string()))
}
