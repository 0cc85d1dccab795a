//! The pictures that hang on a product: in which order, and what they show in words.

use super::store;
use crate::catalog::ids::{PictureId, ProductId};
use crate::catalog::picture::{Picture, Rgb};
use crate::catalog::{TouchError, touch};
use crate::db::Tx;
use crate::text::Text;
use std::collections::BTreeSet;
use time::OffsetDateTime;

pub use store::gallery as find;

/// A page with more of them nobody looks through.
pub const MOST: usize = 20;

/// A product's pictures as its editor sees them. The first is the cover.
#[derive(Debug, Clone)]
pub struct Gallery {
    pub product: ProductId,
    pub name: Text,
    /// To be given back with a change.
    pub version: i32,
    /// What transparent pictures are laid on: the colour of the product's category.
    pub ground: Rgb,
    pub pictures: Vec<Hung>,
}

#[derive(Debug, Clone)]
pub struct Hung {
    pub id: PictureId,
    pub picture: Picture,
}

/// Why a gallery stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum HangError {
    #[error("there are {MOST} pictures already")]
    Full,
    #[error("this very picture hangs there already")]
    AlreadyThere,
    #[error(transparent)]
    Touch(#[from] TouchError),
}

impl From<sqlx::Error> for HangError {
    fn from(error: sqlx::Error) -> HangError {
        HangError::Touch(error.into())
    }
}

/// Hangs a picture that was taken in behind the others, and returns the version that the product has since.
/// Overwrites nothing, so it needs none.
pub async fn hang(
    tx: &mut Tx,
    product: ProductId,
    name: &str,
    now: OffsetDateTime,
) -> Result<i32, HangError> {
    let version = store::hold(tx, product).await?.ok_or(TouchError::NoSuchProduct)?;
    let gallery = store::gallery(tx, product).await?.ok_or(TouchError::NoSuchProduct)?;
    if gallery.pictures.iter().any(|hung| hung.picture.name == name) {
        return Err(HangError::AlreadyThere);
    }
    if gallery.pictures.len() >= MOST {
        return Err(HangError::Full);
    }
    touch(tx, product, version, now).await?;
    store::want(tx, name, now).await?;
    store::hang(tx, product, name).await?;
    Ok(version + 1)
}

/// Hangs all pictures of the product in this order and with these words. Any other set of pictures than those
/// that hang there is `Outdated`.
pub async fn arrange(
    tx: &mut Tx,
    product: ProductId,
    expected: i32,
    pictures: &[(PictureId, Text)],
    now: OffsetDateTime,
) -> Result<(), TouchError> {
    touch(tx, product, expected, now).await?;
    let gallery = store::gallery(tx, product).await?.ok_or(TouchError::NoSuchProduct)?;
    let there: BTreeSet<_> = gallery.pictures.iter().map(|hung| hung.id).collect();
    let named: BTreeSet<_> = pictures.iter().map(|(id, _)| *id).collect();
    if there != named || pictures.len() != named.len() {
        return Err(TouchError::Outdated);
    }
    Ok(store::arrange(tx, product, pictures).await?)
}

/// Takes a picture down and returns its name. Its files stay for a day, and for as long as an order shows them.
pub async fn take_down(
    tx: &mut Tx,
    product: ProductId,
    expected: i32,
    id: PictureId,
    now: OffsetDateTime,
) -> Result<String, TouchError> {
    touch(tx, product, expected, now).await?;
    let name = store::take_down(tx, product, id).await?.ok_or(TouchError::Outdated)?;
    // Pages that still show it are on their way.
    store::want(tx, &name, now).await?;
    Ok(name)
}
