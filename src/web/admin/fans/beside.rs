//! What stands beside a conversation: what the fan has bought, her coupons, and what there was between her and the shop.

use crate::coupons::{self, Coupon, Given};
use crate::customers::relations::{self, Fact};
use crate::customers::{self, CustomerId};
use crate::orders::{self, Order};
use crate::web::Error;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// So many orders and facts are shown.
const ORDERS: usize = 5;
const COUPONS: usize = 8;
const FACTS: i64 = 6;

#[derive(Default)]
pub struct Beside {
    /// Nothing when she never signed in at the shop.
    pub customer: Option<CustomerId>,
    /// The latest first.
    pub orders: Vec<Order>,
    pub relations: (Vec<Fact>, i64),
    /// Those that were given to her, the latest first.
    pub coupons: Vec<Given>,
}

impl Beside {
    pub async fn of(conn: &mut PgConnection, fan: i64) -> Result<Beside, Error> {
        let Some(customer) = customers::find_by_weibo(conn, fan).await? else { return Ok(Beside::default()) };
        let mut orders = orders::placed_by(conn, None, Some(customer)).await?;
        orders.truncate(ORDERS);
        let relations = relations::latest(conn, customer, FACTS).await?;
        let mut coupons = coupons::of_customer(conn, customer).await?;
        coupons.truncate(COUPONS);
        Ok(Beside { customer: Some(customer), orders, relations, coupons })
    }
}

/// Those that can be sent now.
pub async fn to_send(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Coupon>, Error> {
    Ok(coupons::open_now(conn, now).await?)
}

/// The number of the last order of this fan.
pub async fn last_order(conn: &mut PgConnection, fan: i64) -> Result<Option<String>, Error> {
    let beside = Beside::of(conn, fan).await?;
    Ok(beside.orders.first().map(|order| order.number.to_string()))
}
