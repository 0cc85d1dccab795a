//! How parcels are kept, and whose turn it is to be sent.

use crate::actor::Actor;
use crate::db::Tx;
use crate::orders::shipment::{Courier, Sent, Shipment, Tracking};
use crate::orders::{OrderId, OrderNumber};
use crate::text::counted;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn insert(
    tx: &mut Tx,
    order: OrderId,
    parcel: &Shipment,
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO shipments (order_id, courier, courier_name, tracking, shipped_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        order.0,
        parcel.courier.code(),
        parcel.courier.own_name(),
        parcel.tracking.as_str(),
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .fetch_one(&mut **tx)
    .await
}

/// The label is another one now; what it was stands in the order's history.
pub async fn relabel(tx: &mut Tx, order: OrderId, to: &Shipment, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE shipments SET courier = $2, courier_name = $3, tracking = $4, corrected_at = $5
         WHERE order_id = $1",
        order.0,
        to.courier.code(),
        to.courier.own_name(),
        to.tracking.as_str(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The parcel in which the order went.
pub async fn sent(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Sent>> {
    let row = sqlx::query!(
        "SELECT courier, courier_name, tracking, shipped_at, actor, staff_id, staff_name FROM shipments
         WHERE order_id = $1",
        order.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let courier = Courier::read(&row.courier, &row.courier_name)?;
        let shipment = Shipment { courier, tracking: Tracking::read(&row.tracking)? };
        let by = Actor::from_columns(&row.actor, row.staff_id, row.staff_name);
        Ok(Sent { shipment, at: row.shipped_at, by })
    })
    .transpose()
}

/// The parcel of this row as its label is now, and whose it is.
pub async fn parcel(conn: &mut PgConnection, id: i64) -> anyhow::Result<Option<(OrderId, Shipment)>> {
    let row = sqlx::query!(
        r#"SELECT order_id AS "order: OrderId", courier, courier_name, tracking FROM shipments WHERE id = $1"#,
        id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let courier = Courier::read(&row.courier, &row.courier_name)?;
        Ok((row.order, Shipment { courier, tracking: Tracking::read(&row.tracking)? }))
    })
    .transpose()
}

/// In which parcels these orders went.
pub async fn parcels(
    conn: &mut PgConnection,
    orders: &[OrderId],
) -> anyhow::Result<Vec<(OrderId, Shipment)>> {
    let rows = sqlx::query!(
        r#"SELECT order_id AS "order: OrderId", courier, courier_name, tracking FROM shipments
         WHERE order_id = ANY($1)"#,
        orders as &[OrderId]
    )
    .fetch_all(conn)
    .await?;
    let parcel = |courier: &str, name: &str, tracking: &str| {
        anyhow::Ok(Shipment { courier: Courier::read(courier, name)?, tracking: Tracking::read(tracking)? })
    };
    rows.into_iter()
        .map(|row| Ok((row.order, parcel(&row.courier, &row.courier_name, &row.tracking)?)))
        .collect()
}

/// Who carried the last parcel of the shop: most shops send all with one.
pub async fn last_courier(conn: &mut PgConnection) -> sqlx::Result<Option<Courier>> {
    let row = sqlx::query!("SELECT courier, courier_name FROM shipments ORDER BY id DESC LIMIT 1")
        .fetch_optional(conn)
        .await?;
    Ok(row.and_then(|row| Courier::read(&row.courier, &row.courier_name).ok()))
}

/// What waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToShip {
    /// Counted up to one more than [`ToShip::COUNTED`].
    pub count: i64,
    /// When the one that waits longest was paid.
    pub oldest: Option<OffsetDateTime>,
}

impl ToShip {
    /// More than these are not counted: every page of the desk asks.
    pub const COUNTED: i64 = 10_000;

    /// The number as it stands on a page.
    pub fn told(&self) -> String {
        counted(self.count, ToShip::COUNTED)
    }
}

/// How many paid orders wait to be sent, and since when.
pub async fn to_ship(conn: &mut PgConnection) -> sqlx::Result<ToShip> {
    sqlx::query_as!(
        ToShip,
        r#"SELECT (SELECT count(*) FROM (SELECT FROM orders WHERE to_ship
                ORDER BY paid_at LIMIT $1) AS counted) AS "count!",
             (SELECT paid_at FROM orders WHERE to_ship
                ORDER BY paid_at, id LIMIT 1) AS oldest"#,
        ToShip::COUNTED + 1
    )
    .fetch_one(conn)
    .await
}

/// The same number, and nothing counted beyond `most`.
pub async fn to_ship_up_to(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM
             (SELECT FROM orders WHERE to_ship LIMIT $1) AS waiting"#,
        most
    )
    .fetch_one(conn)
    .await
}

/// The order whose turn it is after the one that was paid at `after`: the next by the time of payment, and
/// behind the last the first again.
pub async fn next_to_ship(
    conn: &mut PgConnection,
    after: (OffsetDateTime, OrderId),
) -> sqlx::Result<Option<OrderNumber>> {
    sqlx::query_scalar!(
        r#"(SELECT number AS "number!: OrderNumber" FROM orders
            WHERE to_ship AND (paid_at, id) > ($1, $2)
            ORDER BY paid_at, id LIMIT 1)
         UNION ALL
         (SELECT number FROM orders WHERE to_ship AND id <> $2
            ORDER BY paid_at, id LIMIT 1)
         LIMIT 1"#,
        after.0,
        after.1.0
    )
    .fetch_optional(conn)
    .await
}
