//! How orders are kept. The only SQL about orders is here.

pub mod desk;
pub mod events;
pub mod origins;
pub mod placing;
pub mod receipts;
pub mod shipments;

use super::OrderNumber;
use super::fulfilment::{Fulfilment, ReceivedBy};
use super::order::{Because, Closure, Line, Order, OrderId, Payment};
use crate::catalog::{ProductId, VariantId};
use crate::customers::{Address, CustomerId};
use crate::db::Tx;
use crate::money::Money;
use crate::text::{Language, Text};
use anyhow::{bail, ensure};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Where Postgres tells of each order that was changed, by its number.
pub const CHANNEL: &str = "order_changed";

/// One row of `orders`, as it stands.
struct Row {
    id: OrderId,
    number: OrderNumber,
    pay_token: String,
    visitor: Uuid,
    customer_id: Option<CustomerId>,
    language: String,
    recipient: String,
    phone: String,
    province: String,
    city: String,
    district: String,
    street: String,
    note: String,
    freight: Money,
    total: Money,
    placed_at: OffsetDateTime,
    pay_until: OffsetDateTime,
    payment: String,
    paid_at: Option<OffsetDateTime>,
    fulfilment: String,
    shipped_at: Option<OffsetDateTime>,
    receive_days: i32,
    received_at: Option<OffsetDateTime>,
    received_by: Option<String>,
    closed_at: Option<OffsetDateTime>,
    closed_because: Option<String>,
    going_back: Money,
    refunded: Money,
    pieces_left: i32,
}

impl Row {
    /// The one place where columns become a state.
    fn into_order(self, lines: Vec<Line>) -> anyhow::Result<Order> {
        let payment = match (self.payment.as_str(), self.paid_at) {
            ("none", None) => Payment::None,
            ("pending", None) => Payment::Pending,
            ("paid", Some(at)) => Payment::Paid { at },
            ("late", Some(at)) => Payment::Late { at },
            (payment, _) => bail!("order {} is inconsistent in payment {payment:?}", self.number),
        };
        let received = self.received_at.zip(self.received_by.as_deref().and_then(ReceivedBy::parse));
        let fulfilment = match (self.fulfilment.as_str(), self.shipped_at, received) {
            ("none", None, None) => Fulfilment::None,
            ("shipped", Some(at), None) => {
                Fulfilment::Shipped { at, waits: Duration::days(self.receive_days.into()) }
            }
            ("received", Some(shipped_at), Some((at, by))) => Fulfilment::Received { shipped_at, at, by },
            (fulfilment, ..) => bail!("order {} is inconsistent in fulfilment {fulfilment:?}", self.number),
        };
        let because = self.closed_because.as_deref().map(Because::parse);
        let closure = match (self.closed_at, because) {
            (None, None) => Closure::Open,
            (Some(at), Some(Some(because))) => Closure::Closed { at, because },
            _ => bail!("order {} is inconsistent in closure {:?}", self.number, self.closed_because),
        };
        Ok(Order {
            id: self.id,
            number: self.number,
            pay_token: self.pay_token,
            visitor: self.visitor,
            customer: self.customer_id,
            language: Language::of_code(&self.language),
            address: Address {
                recipient: self.recipient,
                phone: self.phone,
                province: self.province,
                city: self.city,
                district: self.district,
                street: self.street,
            },
            note: self.note,
            lines,
            freight: self.freight,
            total: self.total,
            placed_at: self.placed_at,
            pay_until: self.pay_until,
            payment,
            fulfilment,
            closure,
            going_back: self.going_back,
            refunded: self.refunded,
            pieces_left: self.pieces_left.unsigned_abs(),
        })
    }
}

/// Holds the row; false when there is none.
pub async fn hold(tx: &mut Tx, id: OrderId) -> sqlx::Result<bool> {
    let held = sqlx::query_scalar!("SELECT id FROM orders WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(held.is_some())
}

pub async fn find_by_id(conn: &mut PgConnection, id: OrderId) -> anyhow::Result<Option<Order>> {
    Ok(read(conn, &[id]).await?.pop())
}

pub async fn find(conn: &mut PgConnection, number: &OrderNumber) -> anyhow::Result<Option<Order>> {
    match id_of(conn, number).await? {
        Some(id) => find_by_id(conn, id).await,
        None => Ok(None),
    }
}

pub async fn id_of(conn: &mut PgConnection, number: &OrderNumber) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders WHERE number = $1"#, number.as_str())
        .fetch_optional(conn)
        .await
}

/// Those of these numbers that there are, in the order of the numbers.
pub async fn find_all(conn: &mut PgConnection, numbers: &[OrderNumber]) -> anyhow::Result<Vec<Order>> {
    let names: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders WHERE number = ANY($1)"#, &names)
        .fetch_all(&mut *conn)
        .await?;
    let mut orders = read(conn, &ids).await?;
    orders.sort_by_key(|order| numbers.iter().position(|number| *number == order.number));
    Ok(orders)
}

/// The order to which this pay token belongs.
pub async fn find_by_pay_token(conn: &mut PgConnection, token: &str) -> anyhow::Result<Option<Order>> {
    // Postgres takes no NUL in a text: what cannot be a token is not looked for.
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(None);
    }
    let id = sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders WHERE pay_token = $1"#, token)
        .fetch_optional(&mut *conn)
        .await?;
    match id {
        Some(id) => find_by_id(conn, id).await,
        None => Ok(None),
    }
}

/// The last orders of this browser's guest and of this customer; the latest first.
pub async fn placed_by(
    conn: &mut PgConnection,
    visitor: Option<Uuid>,
    customer: Option<CustomerId>,
) -> anyhow::Result<Vec<Order>> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!: OrderId" FROM (
             (SELECT id FROM orders WHERE visitor = $1 AND customer_id IS NULL ORDER BY id DESC LIMIT 50)
             UNION (SELECT id FROM orders WHERE customer_id = $2 ORDER BY id DESC LIMIT 50)) AS own
         ORDER BY id DESC LIMIT 50"#,
        visitor,
        customer.map(|c| c.0)
    )
    .fetch_all(&mut *conn)
    .await?;
    read(conn, &ids).await
}

/// The newest orders of the shop.
pub async fn latest(conn: &mut PgConnection, most: i64) -> anyhow::Result<Vec<Order>> {
    let ids =
        sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders ORDER BY id DESC LIMIT $1"#, most)
            .fetch_all(&mut *conn)
            .await?;
    read(conn, &ids).await
}

/// These orders, the latest first.
pub(super) async fn read(conn: &mut PgConnection, ids: &[OrderId]) -> anyhow::Result<Vec<Order>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: OrderId", number AS "number: OrderNumber", pay_token, visitor,
             customer_id AS "customer_id: CustomerId", language, recipient, phone, province, city, district,
             street, note, freight_fen AS "freight: Money", total_fen AS "total: Money", placed_at, pay_until, payment, paid_at, fulfilment,
             shipped_at, receive_days, received_at, received_by, closed_at, closed_because, back_fen AS "going_back: Money", refunded_fen AS "refunded: Money",
             pieces_left
         FROM orders WHERE id = ANY($1) ORDER BY id DESC"#,
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut lines = read_lines(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let own = lines.remove(&row.id).unwrap_or_default();
            row.into_order(own)
        })
        .collect()
}

async fn read_lines(conn: &mut PgConnection, orders: &[i64]) -> sqlx::Result<BTreeMap<OrderId, Vec<Line>>> {
    let rows = sqlx::query!(
        r#"SELECT order_id AS "order: OrderId", variant_id AS "variant: VariantId",
             product_id AS "product: ProductId", sku, product_slug, product_zh, product_en, choice_zh, choice_en,
             picture, unit_price_fen AS "unit_price: Money", quantity, paid_fen AS "paid: Money"
         FROM order_lines WHERE order_id = ANY($1) ORDER BY order_id, position"#,
        orders
    )
    .fetch_all(conn)
    .await?;
    let mut lines: BTreeMap<OrderId, Vec<Line>> = BTreeMap::new();
    for row in rows {
        lines.entry(row.order).or_default().push(Line {
            variant: row.variant,
            product: row.product,
            sku: row.sku,
            product_slug: row.product_slug,
            product_name: Text { zh: row.product_zh, en: row.product_en },
            choice_name: Text { zh: row.choice_zh, en: row.choice_en },
            picture: row.picture,
            unit_price: row.unit_price,
            quantity: row.quantity.unsigned_abs(),
            paid: row.paid,
        });
    }
    Ok(lines)
}

/// Writes the state of the order and tells those who watch it. What is refunded the ledger writes.
pub async fn save(tx: &mut Tx, order: &Order) -> anyhow::Result<()> {
    let paid_at = match order.payment {
        Payment::Paid { at } | Payment::Late { at } => Some(at),
        Payment::None | Payment::Pending => None,
    };
    let (closed_at, because) = match order.closure {
        Closure::Open => (None, None),
        Closure::Closed { at, because } => (Some(at), Some(because.name())),
    };
    let (shipped_at, waits, received) = match order.fulfilment {
        Fulfilment::None => (None, None, None),
        Fulfilment::Shipped { at, waits } => (Some(at), Some(waits), None),
        Fulfilment::Received { shipped_at, at, by } => (Some(shipped_at), None, Some((at, by))),
    };
    let saved = sqlx::query!(
        "UPDATE orders SET payment = $2, paid_at = $3, fulfilment = $4, shipped_at = $5, closed_at = $6,
             closed_because = $7, back_fen = $8, pieces_left = $9, receive_days = coalesce($10, receive_days),
             received_at = $11, received_by = $12 WHERE id = $1",
        order.id.0,
        order.payment.name(),
        paid_at,
        order.fulfilment.name(),
        shipped_at,
        closed_at,
        because,
        order.going_back.fen(),
        i32::try_from(order.pieces_left).unwrap_or(i32::MAX),
        waits.and_then(|waits| i32::try_from(waits.whole_days()).ok()),
        received.map(|(at, _)| at),
        received.map(|(_, by)| by.name())
    )
    .execute(&mut **tx)
    .await?;
    ensure!(saved.rows_affected() == 1, "order {} vanished", order.number);
    sqlx::query!("SELECT FROM pg_notify($1, $2)", CHANNEL, order.number.as_str()).execute(&mut **tx).await?;
    Ok(())
}
