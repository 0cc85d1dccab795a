//! The pictures that a table names: hung in its order, with its words.

use super::imported::{Wanted, all};
use crate::catalog::ids::ProductId;
use crate::catalog::picture::Picture;
use crate::db::Tx;
use time::OffsetDateTime;

/// Hangs what is wanted in the place of what hangs there. The sweep leaves it alone from now on.
pub async fn write(
    tx: &mut Tx,
    wanted: &[Wanted],
    ids: &[ProductId],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let (mut products, mut hung): (Vec<ProductId>, Vec<(ProductId, i32, &Picture)>) =
        (Vec::new(), Vec::new());
    for (product, id) in wanted.iter().zip(ids) {
        let Some(pictures) = &product.pictures else { continue };
        products.push(*id);
        hung.extend((1_i32..).zip(pictures).map(|(position, picture)| (*id, position, picture)));
    }
    sqlx::query!("DELETE FROM pictures WHERE product_id = ANY($1)", &products as &[ProductId])
        .execute(&mut **tx)
        .await?;
    let names = all(&hung, |(_, _, picture)| picture.name.clone());
    sqlx::query!(
        "UPDATE stored_pictures SET wanted_at = greatest(wanted_at, $2) WHERE name = ANY($1)",
        &names,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO pictures (product_id, position, name, alt_zh, alt_en)
        SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[])",
        &all(&hung, |(product, ..)| *product) as &[ProductId],
        &all(&hung, |(_, position, _)| *position),
        &names,
        &all(&hung, |(_, _, picture)| picture.alt.zh.clone()),
        &all(&hung, |(_, _, picture)| picture.alt.en.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
