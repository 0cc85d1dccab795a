//! How orders come into the tables, and to their customers.

use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::orders::{Line, NewOrder, OrderId, OrderNumber};
use crate::seal;
use anyhow::bail;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

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
    (total, paid): (Money, &[Money]),
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let to = &new.address;
    let done = sqlx::query!(
        "INSERT INTO orders (id, number, checkout_key, checkout_digest, pay_token, visitor, customer_id,
             language, recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until,
             freight_fen, discount_fen, pieces_left)
         OVERRIDING SYSTEM VALUE
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
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
        new.pay_until,
        new.freight.fen(),
        new.discount.fen(),
        new.lines.iter().map(|line| i32::try_from(line.quantity).unwrap_or(i32::MAX)).sum::<i32>()
    )
    .execute(&mut **tx)
    .await?;
    let placed = done.rows_affected() == 1;
    if placed {
        insert_lines(tx, new.id, (&new.lines, paid), now).await?;
    }
    Ok(placed)
}

async fn insert_lines(
    tx: &mut Tx,
    id: OrderId,
    (lines, paid): (&[Line], &[Money]),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    fn all<T>(lines: &[Line], of: impl Fn(&Line) -> T) -> Vec<T> {
        lines.iter().map(of).collect()
    }
    sqlx::query!(
        r#"INSERT INTO order_lines (order_id, position, variant_id, sku, product_id, product_slug, product_zh,
             product_en, choice_zh, choice_en, picture, unit_price_fen, quantity, paid_fen, placed_at)
         SELECT $1, l.position, l.variant, l.sku, l.product, l.slug, l.product_zh, l.product_en, l.choice_zh,
                l.choice_en, l.picture, l.price, l.quantity, l.paid, $14
         FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::bigint[], $12::int[], $13::bigint[])
              WITH ORDINALITY AS l (variant, sku, product, slug, product_zh, product_en, choice_zh, choice_en,
                                    picture, price, quantity, paid, position)"#,
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
        &paid.iter().map(|paid| paid.fen()).collect::<Vec<_>>(),
        now
    )
    .execute(&mut **tx)
    .await?;
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

/// Gives the guest's orders of this browser to the customer. Of those that are paid: the number, and since when.
pub async fn adopt(
    tx: &mut Tx,
    visitor: Uuid,
    customer: CustomerId,
) -> sqlx::Result<Vec<(String, OffsetDateTime)>> {
    let adopted = sqlx::query!(
        "UPDATE orders SET customer_id = $2 WHERE visitor = $1 AND customer_id IS NULL
         RETURNING number, payment, paid_at",
        visitor,
        customer.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let paid = adopted.into_iter().filter(|order| order.payment == "paid");
    Ok(paid.filter_map(|order| Some((order.number, order.paid_at?))).collect())
}
