//! The choices that a table names: made where an axis has none of that name, dropped when nothing has them.

use super::imported::{Listed, Wanted, WantedChoice, all};
use crate::catalog::ids::{ChoiceId, ProductId};
use crate::db::Tx;
use crate::text::Text;
use std::collections::HashMap;

/// Choices that were made, by the number of their axis and their Chinese name.
pub type Made = HashMap<(ProductId, i16, String), ChoiceId>;

/// Makes new choices behind the others of their axis, and gives the others their English names.
pub async fn write(tx: &mut Tx, wanted: &[Wanted], ids: &[ProductId]) -> sqlx::Result<Made> {
    let mut known: HashMap<ChoiceId, &Text> = HashMap::new();
    let mut new: Vec<(ProductId, i16, Text)> = Vec::new();
    let mut place: HashMap<(ProductId, i16, &str), usize> = HashMap::new();
    for (product, id) in wanted.iter().zip(ids) {
        let listed = product.choices.iter().map(|listed| (number(listed.axis), Some(&listed.choice)));
        let named = product.variants.iter().flat_map(|v| (1_i16..).zip(v.choices.iter().map(Option::as_ref)));
        for (axis, choice) in listed.chain(named) {
            match choice {
                Some(WantedChoice { id: Some(choice), name }) if !name.en.is_empty() => {
                    known.insert(*choice, name);
                }
                Some(WantedChoice { id: None, name }) => {
                    let at = *place.entry((*id, axis, &name.zh)).or_insert(new.len());
                    match new.get_mut(at) {
                        None => new.push((*id, axis, name.clone())),
                        Some(first) if first.2.en.is_empty() => first.2.en.clone_from(&name.en),
                        Some(_) => {}
                    }
                }
                _ => {}
            }
        }
    }
    let known: Vec<(ChoiceId, &Text)> = known.into_iter().collect();
    name_in_english(tx, &known).await?;
    let made = make(tx, &new).await?;
    arrange(tx, wanted, ids, &made).await?;
    Ok(made)
}

/// An axis as its table counts it.
fn number(axis: usize) -> i16 {
    i16::try_from(axis).map_or(i16::MAX, |axis| axis.saturating_add(1))
}

async fn name_in_english(tx: &mut Tx, known: &[(ChoiceId, &Text)]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE choices c SET name_en = n.en FROM unnest($1::bigint[], $2::text[]) AS n (id, en)
        WHERE c.id = n.id AND c.name_en <> n.en",
        &all(known, |k| k.0) as &[ChoiceId],
        &all(known, |k| k.1.en.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn make(tx: &mut Tx, new: &[(ProductId, i16, Text)]) -> sqlx::Result<Made> {
    let made = sqlx::query!(
        r#"INSERT INTO choices (product_id, axis, name_zh, name_en, position)
        SELECT n.product, n.axis, n.zh, n.en, n.number::integer + coalesce(
            (SELECT max(c.position) FROM choices c WHERE c.product_id = n.product AND c.axis = n.axis), 0)
        FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[]) WITH ORDINALITY
            AS n (product, axis, zh, en, number)
        ORDER BY n.number
        RETURNING product_id AS "product: ProductId", axis, name_zh, id AS "id: ChoiceId""#,
        &all(new, |n| n.0) as &[ProductId],
        &all(new, |n| n.1),
        &all(new, |n| n.2.zh.clone()),
        &all(new, |n| n.2.en.clone())
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(made.into_iter().map(|row| ((row.product, row.axis, row.name_zh), row.id)).collect())
}

/// Gives the choices that are listed their places.
async fn arrange(tx: &mut Tx, wanted: &[Wanted], ids: &[ProductId], made: &Made) -> sqlx::Result<()> {
    let mut places: Vec<(ChoiceId, i32)> = Vec::new();
    for (product, id) in wanted.iter().zip(ids) {
        for (position, Listed { axis, choice }) in (1_i32..).zip(&product.choices) {
            let made = || made.get(&(*id, number(*axis), choice.name.zh.clone())).copied();
            places.extend(choice.id.or_else(made).map(|choice| (choice, position)));
        }
    }
    sqlx::query!(
        "UPDATE choices c SET position = n.position FROM unnest($1::bigint[], $2::integer[]) AS n (id, position)
        WHERE c.id = n.id AND c.position <> n.position",
        &all(&places, |place| place.0) as &[ChoiceId],
        &all(&places, |place| place.1)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes choices away that variants have left, where no other variant has them.
pub async fn drop_left(tx: &mut Tx, wanted: &[Wanted]) -> sqlx::Result<()> {
    let left: Vec<ChoiceId> =
        wanted.iter().flat_map(|product| &product.variants).flat_map(|v| v.left.iter().copied()).collect();
    sqlx::query!(
        "DELETE FROM choices c WHERE c.id = ANY($1) AND NOT EXISTS (SELECT FROM variants v
            WHERE v.product_id = c.product_id AND c.id IN (v.choice_1, v.choice_2, v.choice_3))",
        &left as &[ChoiceId]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
