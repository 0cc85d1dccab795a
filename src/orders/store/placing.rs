//! How orders come into the tables, and to their customers.

use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::orders::{Line, NewOrder, OrderId, OrderNumber};
use crate::seal;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// `None` when the number is taken.
pub async fn insert(
    tx: &mut Tx,
    number: &OrderNumber,
    new: &NewOrder,
    total: Money,
    now: OffsetDateTime,
) -> sqlx::Result<Option<OrderId>> {
    let to = &new.address;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, customer_id,
             language, recipient, phone, province, city, district, street, note, total_fen, placed_at, pay_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (number) DO NOTHING RETURNING id AS "id: OrderId""#,
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
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = id {
        insert_lines(tx, id, &new.lines).await?;
    }
    Ok(id)
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

/// The order that this checkout form placed, and the digest of what it asked for.
pub async fn find_placed(conn: &mut PgConnection, key: Uuid) -> sqlx::Result<Option<(OrderNumber, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"SELECT number AS "number: OrderNumber", checkout_digest FROM orders WHERE checkout_key = $1"#,
        key
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.number, row.checkout_digest)))
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
