//! What a buyer can choose of one product, saved all together, with the variants following.

use super::search;
use super::variants::{GivenUp, SavedBy, VariantsError, given_up, hold, retire};
use super::version::touch;
use super::whole::find_draft;
use crate::catalog::ids::{ChoiceId, ProductId, VariantId};
use crate::catalog::options::{AXES, ROWS, WantedAxis, combinations, place};
use crate::catalog::product::Draft;
use crate::catalog::shelf::Shelf;
use crate::db::Tx;
use crate::text::Text;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// Saves the axes of the product whose version `expected` was shown. Variants whose choices are gone are
/// retired, which is refused where more would be given up than `agreed`; on a new axis the others take its first
/// choice. Returns what it was before.
pub async fn save_axes(
    tx: &mut Tx,
    (id, expected): (ProductId, i32),
    (axes, agreed): (&[WantedAxis], GivenUp),
    by: SavedBy<'_>,
    now: OffsetDateTime,
) -> Result<Draft, VariantsError> {
    touch(tx, id, expected, now).await?;
    let before = find_draft(tx, id).await?.ok_or(VariantsError::NoSuchProduct)?;
    fits(&before, axes)?;
    hold(tx, id).await?;
    // Between these statements choices stand on axes that their variants do not know yet.
    sqlx::query!("SET CONSTRAINTS ALL DEFERRED").execute(&mut **tx).await?;
    name_axes(tx, id, axes).await?;
    let choices = save_choices(tx, id, axes).await?;
    let axes: Vec<_> = axes.iter().map(|axis| axis.was).zip(choices).collect();
    let (placed, gone) = place(&before.product.variants, &axes);
    if placed.is_empty() && (before.shown || before.shelf != Shelf::Off) {
        return Err(VariantsError::NothingLeft);
    }
    let left = given_up(tx, id, &gone).await?;
    if left.variants > agreed.variants || left.pieces > agreed.pieces {
        return Err(VariantsError::GivesUp(left));
    }
    retire(tx, id, &gone, by, now).await?;
    move_variants(tx, id, &placed).await?;
    sqlx::query!("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut **tx).await?;
    search::index(tx, id).await?;
    Ok(before)
}

/// Whether these axes can have become of this product's.
fn fits(before: &Draft, axes: &[WantedAxis]) -> Result<(), VariantsError> {
    if axes.len() > AXES || combinations(axes.iter().map(|axis| axis.choices.len())) > ROWS {
        return Err(VariantsError::TooMany);
    }
    let mut seen = BTreeSet::new();
    for axis in axes {
        let was =
            axis.was.map(|was| before.product.axes.get(was).ok_or(VariantsError::Foreign)).transpose()?;
        let known = |id: ChoiceId| was.is_some_and(|was| was.choices.iter().any(|c| c.id == id));
        let ids = axis.choices.iter().filter_map(|(id, _)| *id);
        if axis.choices.is_empty()
            || ids.clone().any(|id| !known(id))
            || !ids.into_iter().all(|id| seen.insert(id))
        {
            return Err(VariantsError::Foreign);
        }
    }
    let were: Vec<usize> = axes.iter().filter_map(|axis| axis.was).collect();
    // In their old order: a variant's choices have that order too.
    if were.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(VariantsError::Foreign) }
}

async fn name_axes(tx: &mut Tx, id: ProductId, axes: &[WantedAxis]) -> sqlx::Result<()> {
    let all = |of: fn(&WantedAxis) -> &String| axes.iter().map(|axis| of(axis).clone()).collect::<Vec<_>>();
    sqlx::query!(
        "INSERT INTO axes (product_id, number, name_zh, name_en)
        SELECT $1, n.number, n.zh, n.en FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n (zh, en, number)
        ON CONFLICT (product_id, number) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en",
        id as ProductId,
        &all(|axis| &axis.name.zh),
        &all(|axis| &axis.name.en)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One choice with the axis it stands on and its place there, both counted from 1.
struct Placed<'a> {
    id: Option<ChoiceId>,
    axis: i16,
    position: i32,
    name: &'a Text,
}

/// Returns the ids of the choices, axis by axis.
async fn save_choices(tx: &mut Tx, id: ProductId, axes: &[WantedAxis]) -> sqlx::Result<Vec<Vec<ChoiceId>>> {
    let (mut kept, mut new) = (Vec::new(), Vec::new());
    for (axis, wanted) in (1_i16..).zip(axes) {
        for (position, (id, name)) in (1_i32..).zip(&wanted.choices) {
            let choice = Placed { id: *id, axis, position, name };
            if id.is_some() { kept.push(choice) } else { new.push(choice) }
        }
    }
    let ids: Vec<i64> = kept.iter().filter_map(|choice| choice.id).map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE choices c SET axis = n.axis, position = n.position, name_zh = n.zh, name_en = n.en
        FROM unnest($2::bigint[], $3::smallint[], $4::integer[], $5::text[], $6::text[])
            AS n (id, axis, position, zh, en)
        WHERE c.product_id = $1 AND c.id = n.id",
        id as ProductId,
        &ids,
        &column(&kept, |choice| choice.axis),
        &column(&kept, |choice| choice.position),
        &column(&kept, |choice| choice.name.zh.clone()),
        &column(&kept, |choice| choice.name.en.clone())
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("DELETE FROM choices WHERE product_id = $1 AND id <> ALL($2)", id as ProductId, &ids)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "INSERT INTO choices (product_id, axis, position, name_zh, name_en)
        SELECT $1, n.* FROM unnest($2::smallint[], $3::integer[], $4::text[], $5::text[]) AS n",
        id as ProductId,
        &column(&new, |choice| choice.axis),
        &column(&new, |choice| choice.position),
        &column(&new, |choice| choice.name.zh.clone()),
        &column(&new, |choice| choice.name.en.clone())
    )
    .execute(&mut **tx)
    .await?;
    let last = i16::try_from(axes.len()).unwrap_or(i16::MAX);
    sqlx::query!("DELETE FROM axes WHERE product_id = $1 AND number > $2", id as ProductId, last)
        .execute(&mut **tx)
        .await?;
    let rows = sqlx::query!(
        r#"SELECT axis, id AS "id: ChoiceId" FROM choices WHERE product_id = $1 ORDER BY axis, position, id"#,
        id as ProductId
    )
    .fetch_all(&mut **tx)
    .await?;
    let on = |axis: i16| rows.iter().filter(|row| row.axis == axis).map(|row| row.id).collect();
    Ok((1..=last).map(on).collect())
}

fn column<T>(choices: &[Placed<'_>], of: impl Fn(&Placed<'_>) -> T) -> Vec<T> {
    choices.iter().map(of).collect()
}

async fn move_variants(
    tx: &mut Tx,
    id: ProductId,
    placed: &[(VariantId, Vec<ChoiceId>)],
) -> sqlx::Result<()> {
    let ids: Vec<i64> = placed.iter().map(|(id, _)| id.0).collect();
    let choice = |axis: usize| -> Vec<Option<i64>> {
        placed.iter().map(|(_, choices)| choices.get(axis).map(|choice| choice.0)).collect()
    };
    sqlx::query!(
        "UPDATE variants v SET choice_1 = n.choice_1, choice_2 = n.choice_2, choice_3 = n.choice_3
        FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
            AS n (id, choice_1, choice_2, choice_3)
        WHERE v.product_id = $1 AND v.id = n.id",
        id as ProductId,
        &ids,
        &choice(0) as &[Option<i64>],
        &choice(1) as &[Option<i64>],
        &choice(2) as &[Option<i64>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
