//! Changing the tree of categories. Whoever changes it holds all of it, so that two changes together never make
//! a circle.

use super::reading::categories;
use crate::catalog::ids::{CategoryId, Slug};
use crate::catalog::picture::Rgb;
use crate::catalog::product::Category;
use crate::catalog::tree::{BadPlace, Tree};
use crate::db::{Tx, violates};
use crate::text::Text;

/// A category as the merchant wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedCategory {
    pub slug: Slug,
    pub name: Text,
    pub parent: Option<CategoryId>,
    /// The soft colour its pictures stand on.
    pub ground: Rgb,
}

/// Why a category was not changed. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum CategoryError {
    /// Somebody has changed it since this version was shown.
    #[error("changed by somebody else meanwhile")]
    Outdated,
    #[error("no such category")]
    NoSuchCategory,
    #[error("another category has this address")]
    SlugTaken,
    #[error(transparent)]
    BadPlace(#[from] BadPlace),
    /// Products or other categories stand in it.
    #[error("it is not empty")]
    NotEmpty,
    #[error(transparent)]
    Unexpected(sqlx::Error),
}

impl From<sqlx::Error> for CategoryError {
    fn from(error: sqlx::Error) -> CategoryError {
        let not_empty = ["products_category_id_fkey", "categories_parent_id_fkey"];
        if violates(&error, "categories_slug_unique") {
            CategoryError::SlugTaken
        } else if not_empty.iter().any(|name| violates(&error, name)) {
            CategoryError::NotEmpty
        } else {
            CategoryError::Unexpected(error)
        }
    }
}

/// The tree, held until the transaction ends.
pub async fn hold_tree(tx: &mut Tx) -> sqlx::Result<Tree> {
    sqlx::query!("SELECT id FROM categories ORDER BY id FOR NO KEY UPDATE").fetch_all(&mut **tx).await?;
    Ok(Tree::new(categories(tx).await?))
}

/// Makes a category behind those beside it.
pub async fn create_category(tx: &mut Tx, new: &WantedCategory) -> Result<CategoryId, CategoryError> {
    hold_tree(tx).await?.may_stand(None, new.parent)?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO categories (slug, name_zh, name_en, ground, parent_id, position)
        VALUES ($1, $2, $3, $4, $5, (SELECT coalesce(max(position), 0) + 1 FROM categories))
        RETURNING id AS "id: CategoryId""#,
        new.slug.as_str(),
        new.name.zh,
        new.name.en,
        new.ground.to_string(),
        new.parent as Option<CategoryId>
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// Changes a category, of which `expected` is the version that was shown, and where it stands. Products are found
/// under its new name within a minute: indexing all that stand in it, which may be the whole shop, is left to
/// [`catch_up`](crate::catalog::search::catch_up).
pub async fn change_category(
    tx: &mut Tx,
    (id, expected): (CategoryId, i32),
    new: &WantedCategory,
) -> Result<Category, CategoryError> {
    let tree = hold_tree(tx).await?;
    let before = tree.find(id).ok_or(CategoryError::NoSuchCategory)?;
    if before.version != expected {
        return Err(CategoryError::Outdated);
    }
    tree.may_stand(Some(id), new.parent)?;
    sqlx::query!(
        "UPDATE categories SET version = version + 1, slug = $2, name_zh = $3, name_en = $4, ground = $5,
            parent_id = $6 WHERE id = $1",
        id as CategoryId,
        new.slug.as_str(),
        new.name.zh,
        new.name.en,
        new.ground.to_string(),
        new.parent as Option<CategoryId>
    )
    .execute(&mut **tx)
    .await?;
    Ok(before.clone())
}

/// Moves a category one place up or down among those beside it. Returns its places there before and after,
/// counted from 1; nothing where it stands at the end already.
pub async fn move_category(
    tx: &mut Tx,
    id: CategoryId,
    up: bool,
) -> Result<Option<(usize, usize)>, CategoryError> {
    let tree = hold_tree(tx).await?;
    let parent = tree.find(id).ok_or(CategoryError::NoSuchCategory)?.parent;
    let Some(order) = tree.moved(id, up) else { return Ok(None) };
    let before = tree.under(parent).position(|other| other.id == id);
    let after = order.iter().position(|other| *other == id);
    sqlx::query!(
        "UPDATE categories c SET position = n.position
        FROM unnest($1::bigint[]) WITH ORDINALITY AS n (id, position) WHERE c.id = n.id",
        &order as &[CategoryId]
    )
    .execute(&mut **tx)
    .await?;
    Ok(before.zip(after).map(|(before, after)| (before + 1, after + 1)))
}

/// Takes an empty category away and returns what it was. Its old addresses lead nowhere then.
pub async fn delete_category(tx: &mut Tx, id: CategoryId) -> Result<Category, CategoryError> {
    let before = hold_tree(tx).await?.find(id).cloned().ok_or(CategoryError::NoSuchCategory)?;
    sqlx::query!("DELETE FROM categories WHERE id = $1", id as CategoryId).execute(&mut **tx).await?;
    Ok(before)
}
