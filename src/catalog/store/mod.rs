//! How the catalog is kept. The only SQL about it is in this folder.

pub(super) mod adding;
pub(super) mod axes;
pub(super) mod categories;
mod chosen;
pub(super) mod editing;
mod hung;
pub(super) mod imported;
pub(super) mod importing;
pub(super) mod ledger;
pub(super) mod list;
mod offer;
pub(super) mod outside;
pub(super) mod pieces_back;
pub(super) mod reading;
pub(super) mod search;
pub(super) mod shelf;
pub(super) mod stock;
pub(super) mod variants;
pub(super) mod version;
pub(super) mod whole;

use super::picture::Rgb;

/// An amount column as a count; the CHECKs keep it from being negative.
fn count(amount: i32) -> u32 {
    u32::try_from(amount).unwrap_or(0)
}

/// A colour column; a CHECK holds its form.
fn colour(column: &str, text: &str) -> sqlx::Result<Rgb> {
    Rgb::parse(text).ok_or_else(|| decode_error(column, "is not #rrggbb"))
}

fn decode_error(column: &str, problem: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: problem.to_owned().into() }
}
