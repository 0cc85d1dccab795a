//! Which pictures there are files of, and which hang on a product.

use super::gallery::{Gallery, Hung};
use crate::catalog::ids::{PictureId, ProductId};
use crate::catalog::picture::{Picture, Rgb};
use crate::db::Tx;
use crate::text::Text;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Somebody wants this picture now; the sweep will not touch it for a day. Waits for a sweep that is just
/// removing it.
pub async fn want(conn: &mut PgConnection, name: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO stored_pictures (name, wanted_at) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET wanted_at = greatest(stored_pictures.wanted_at, excluded.wanted_at)",
        name,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes over pictures whose files were found and that nobody had written down: a day is left to name them.
pub async fn adopt(conn: &mut PgConnection, names: &[String], now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO stored_pictures (name, wanted_at) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING",
        names,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Names behind `after` that nobody has wanted since `before` and that no product, order or shop names.
pub async fn unwanted(
    conn: &mut PgConnection,
    before: OffsetDateTime,
    after: &str,
    most: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT name FROM stored_pictures s WHERE wanted_at < $1 AND name > $2
            AND NOT EXISTS (SELECT FROM pictures p WHERE p.name = s.name)
            AND NOT EXISTS (SELECT FROM order_lines l WHERE l.picture = s.name)
            AND NOT EXISTS (SELECT FROM shop h WHERE h.logo = s.name)
        ORDER BY name LIMIT $3",
        before,
        after,
        most
    )
    .fetch_all(conn)
    .await
}

/// Strikes a picture out when still nobody wants it; until the transaction ends nobody can want it anew.
pub async fn strike_out(tx: &mut Tx, name: &str, before: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "DELETE FROM stored_pictures s WHERE name = $1 AND wanted_at < $2
            AND NOT EXISTS (SELECT FROM pictures p WHERE p.name = s.name)
            AND NOT EXISTS (SELECT FROM order_lines l WHERE l.picture = s.name)
            AND NOT EXISTS (SELECT FROM shop h WHERE h.logo = s.name)",
        name,
        before
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Fails when the database has ended the transaction meanwhile.
pub async fn still_holds(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!(r#"SELECT 1 AS "one!""#).fetch_one(&mut **tx).await?;
    Ok(())
}

struct Row {
    id: PictureId,
    name: String,
    alt_zh: String,
    alt_en: String,
}

/// A product's pictures, whether it is on the shelf or not.
pub async fn gallery(conn: &mut PgConnection, product: ProductId) -> sqlx::Result<Option<Gallery>> {
    let Some(head) = sqlx::query!(
        r#"SELECT p.name_zh, p.name_en, p.version, c.ground
        FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = $1"#,
        product as ProductId
    )
    .fetch_optional(&mut *conn)
    .await?
    else {
        return Ok(None);
    };
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: PictureId", name, alt_zh, alt_en FROM pictures WHERE product_id = $1
        ORDER BY position, id"#,
        product as ProductId
    )
    .fetch_all(conn)
    .await?;
    let hung = |row: Row| Hung {
        id: row.id,
        picture: Picture { name: row.name, alt: Text { zh: row.alt_zh, en: row.alt_en } },
    };
    Ok(Some(Gallery {
        product,
        name: Text { zh: head.name_zh, en: head.name_en },
        version: head.version,
        ground: Rgb::parse(&head.ground).unwrap_or(super::WHITE),
        pictures: rows.into_iter().map(hung).collect(),
    }))
}

/// The product's version as it is; nobody changes it until the transaction ends.
pub async fn hold(tx: &mut Tx, product: ProductId) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("SELECT version FROM products WHERE id = $1 FOR UPDATE", product as ProductId)
        .fetch_optional(&mut **tx)
        .await
}

pub async fn hang(tx: &mut Tx, product: ProductId, name: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO pictures (product_id, position, name)
        SELECT $1, coalesce(max(position), 0) + 1, $2 FROM pictures WHERE product_id = $1",
        product as ProductId,
        name
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// In this order and with these words. All pictures of the product are named.
pub async fn arrange(tx: &mut Tx, product: ProductId, pictures: &[(PictureId, Text)]) -> sqlx::Result<()> {
    let ids: Vec<i64> = pictures.iter().map(|(id, _)| id.0).collect();
    let zh: Vec<String> = pictures.iter().map(|(_, alt)| alt.zh.clone()).collect();
    let en: Vec<String> = pictures.iter().map(|(_, alt)| alt.en.clone()).collect();
    sqlx::query!(
        "UPDATE pictures p SET position = n.position, alt_zh = n.zh, alt_en = n.en
        FROM unnest($2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS n (id, zh, en, position)
        WHERE p.id = n.id AND p.product_id = $1",
        product as ProductId,
        &ids,
        &zh,
        &en
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn take_down(tx: &mut Tx, product: ProductId, id: PictureId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "DELETE FROM pictures WHERE id = $2 AND product_id = $1 RETURNING name",
        product as ProductId,
        id as PictureId
    )
    .fetch_optional(&mut **tx)
    .await
}
