//! How orders are kept. The only SQL about orders is here.

use super::changes::CHANNEL;
use super::order::{Because, Closure, Fulfilment, Line, Order, OrderId, Payment};
use super::{NewOrder, OrderNumber};
use crate::catalog::{ProductId, VariantId};
use crate::customers::{Address, CustomerId};
use crate::db::Tx;
use crate::money::Money;
use crate::seal;
use crate::text::{Language, Text};
use anyhow::{bail, ensure};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

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
    total: Money,
    placed_at: OffsetDateTime,
    pay_until: OffsetDateTime,
    payment: String,
    paid_at: Option<OffsetDateTime>,
    fulfilment: String,
    closed_at: Option<OffsetDateTime>,
    closed_because: Option<String>,
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
        let closure = match (self.closed_at, self.closed_because.as_deref()) {
            (None, None) => Closure::Open,
            (Some(at), Some("expired")) => Closure::Closed { at, because: Because::Expired },
            (_, because) => bail!("order {} is inconsistent in closure {because:?}", self.number),
        };
        ensure!(self.fulfilment == "none", "order {} is inconsistent in fulfilment", self.number);
        Ok(Order {
            id: self.id,
            number: self.number,
            pay_token: self.pay_token,
            visitor: self.visitor,
            customer: self.customer_id,
            language: if self.language == "en" { Language::English } else { Language::Chinese },
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
            total: self.total,
            placed_at: self.placed_at,
            pay_until: self.pay_until,
            payment,
            fulfilment: Fulfilment::None,
            closure,
        })
    }
}

/// What there is of an order that a checkout form asks for.
pub enum Begun {
    /// It was placed before: its number, and the digest of what it asked for.
    Placed(OrderNumber, Vec<u8>),
    /// Not yet: the id that it will have. Nobody else gets it, and nothing is lost when it is not used.
    New(OrderId),
}

/// The order that this checkout form placed, or the id of the one that it is going to place: what is done for
/// an order in the transaction that places it can be written down under its id.
pub async fn begin(conn: &mut PgConnection, key: Uuid) -> anyhow::Result<Begun> {
    let row = sqlx::query!(
        r#"SELECT o.number AS "number?: OrderNumber", o.checkout_digest AS "checkout_digest?",
            CASE WHEN o.id IS NULL THEN nextval('orders_id_seq') END AS "id: OrderId"
        FROM (VALUES (1)) AS always LEFT JOIN orders o ON o.checkout_key = $1"#,
        key
    )
    .fetch_one(conn)
    .await?;
    match (row.number, row.checkout_digest, row.id) {
        (Some(number), Some(digest), None) => Ok(Begun::Placed(number, digest)),
        (None, None, Some(id)) => Ok(Begun::New(id)),
        _ => bail!("the order of checkout {key} is inconsistent"),
    }
}

/// False when the number is taken.
pub async fn insert(
    tx: &mut Tx,
    number: &OrderNumber,
    new: &NewOrder,
    total: Money,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let to = &new.address;
    let done = sqlx::query!(
        "INSERT INTO orders (id, number, checkout_key, checkout_digest, pay_token, visitor, customer_id,
             language, recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until)
         OVERRIDING SYSTEM VALUE
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         ON CONFLICT (number) DO NOTHING",
        new.id.0,
        number.as_str(),
        new.checkout_key,
        new.checkout_digest,
        seal::token(),
        new.visitor,
        new.customer.map(|c| c.0),
        new.language.code(),
        to.recipient,
        to.phone,
        to.province,
        to.city,
        to.district,
        to.street,
        new.note,
        total.fen(),
        now,
        new.pay_until
    )
    .execute(&mut **tx)
    .await?;
    let placed = done.rows_affected() == 1;
    if placed {
        insert_lines(tx, new.id, &new.lines).await?;
    }
    Ok(placed)
}

async fn insert_lines(tx: &mut Tx, id: OrderId, lines: &[Line]) -> sqlx::Result<()> {
    fn all<T>(lines: &[Line], of: impl Fn(&Line) -> T) -> Vec<T> {
        lines.iter().map(of).collect()
    }
    sqlx::query!(
        r#"INSERT INTO order_lines (order_id, position, variant_id, sku, product_id, product_slug, product_zh,
             product_en, choice_zh, choice_en, picture, unit_price_fen, quantity)
         SELECT $1, l.position, l.variant, l.sku, l.product, l.slug, l.product_zh, l.product_en, l.choice_zh,
                l.choice_en, l.picture, l.price, l.quantity
         FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::bigint[], $12::int[])
              WITH ORDINALITY AS l (variant, sku, product, slug, product_zh, product_en, choice_zh, choice_en,
                                    picture, price, quantity, position)"#,
        id.0,
        &all(lines, |l| l.variant.0),
        &all(lines, |l| l.sku.clone()),
        &all(lines, |l| l.product.0),
        &all(lines, |l| l.product_slug.clone()),
        &all(lines, |l| l.product_name.zh.clone()),
        &all(lines, |l| l.product_name.en.clone()),
        &all(lines, |l| l.choice_name.zh.clone()),
        &all(lines, |l| l.choice_name.en.clone()),
        &all(lines, |l| l.picture.clone()) as &[Option<String>],
        &all(lines, |l| l.unit_price.fen()),
        &all(lines, |l| i32::try_from(l.quantity).unwrap_or(i32::MAX)),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
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
    let id =
        sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders WHERE number = $1"#, number.as_str())
            .fetch_optional(&mut *conn)
            .await?;
    match id {
        Some(id) => find_by_id(conn, id).await,
        None => Ok(None),
    }
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
pub async fn latest(conn: &mut PgConnection) -> anyhow::Result<Vec<Order>> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id: OrderId" FROM orders ORDER BY id DESC LIMIT 50"#)
        .fetch_all(&mut *conn)
        .await?;
    read(conn, &ids).await
}

/// These orders, the latest first.
async fn read(conn: &mut PgConnection, ids: &[OrderId]) -> anyhow::Result<Vec<Order>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: OrderId", number AS "number: OrderNumber", pay_token, visitor,
             customer_id AS "customer_id: CustomerId", language, recipient, phone, province, city, district,
             street, note, total_fen AS "total: Money", placed_at, pay_until, payment, paid_at, fulfilment,
             closed_at, closed_because
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
             picture, unit_price_fen AS "unit_price: Money", quantity
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
        });
    }
    Ok(lines)
}

/// Writes the state of the order and tells those who watch it.
pub async fn save(tx: &mut Tx, order: &Order) -> anyhow::Result<()> {
    let paid_at = match order.payment {
        Payment::Paid { at } | Payment::Late { at } => Some(at),
        Payment::None | Payment::Pending => None,
    };
    let (closed_at, because) = match order.closure {
        Closure::Open => (None, None),
        Closure::Closed { at, because: Because::Expired } => (Some(at), Some("expired")),
    };
    let saved = sqlx::query!(
        "UPDATE orders SET payment = $2, paid_at = $3, fulfilment = $4, closed_at = $5, closed_because = $6
         WHERE id = $1",
        order.id.0,
        order.payment.name(),
        paid_at,
        order.fulfilment.name(),
        closed_at,
        because
    )
    .execute(&mut **tx)
    .await?;
    ensure!(saved.rows_affected() == 1, "order {} vanished", order.number);
    sqlx::query!("SELECT FROM pg_notify($1, $2)", CHANNEL, order.number.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// What the orders of these ids are called.
pub async fn numbers(conn: &mut PgConnection, ids: &[i64]) -> sqlx::Result<BTreeMap<i64, OrderNumber>> {
    let rows =
        sqlx::query!(r#"SELECT id, number AS "number: OrderNumber" FROM orders WHERE id = ANY($1)"#, ids)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.number)).collect())
}

/// Gives the orders that this browser placed as a guest to the customer who has signed in on it.
pub async fn adopt(tx: &mut Tx, visitor: Uuid, customer: CustomerId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE orders SET customer_id = $2 WHERE visitor = $1 AND customer_id IS NULL",
        visitor,
        customer.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
