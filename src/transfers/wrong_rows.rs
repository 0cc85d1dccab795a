//! The rows of an import that were wrong: for its page, and as a file to mend and send again.

use super::columns::Column;
use super::dialect::{Cell, Sheet};
use super::row::Wrong;
use super::store::rows::{self, WrongRow};
use super::transfer::{Transfer, TransferId};
use crate::db::Db;
use crate::text::Language;
use sqlx::PgConnection;

/// So many rows at once.
const BATCH: i64 = 500;

/// At most `limit` wrong rows behind this line.
pub async fn wrong_rows(
    conn: &mut PgConnection,
    id: TransferId,
    after: i32,
    limit: i64,
) -> anyhow::Result<Vec<WrongRow>> {
    Ok(rows::wrong(conn, id, after, limit).await?)
}

/// The next part of a file with only the wrong rows, which begins behind the line `after`; the first part, of
/// `None`, has the header. Their reasons stand in a column at the end, in the words of `say`. Also where the
/// next part begins; nothing behind the last. The file can be imported once it is mended: that column means
/// nothing to us.
pub async fn wrong_sheet(
    db: &Db,
    transfer: &Transfer,
    after: Option<i32>,
    (reason, say): (&str, &(dyn Fn(&Wrong) -> String + Sync)),
) -> anyhow::Result<(Vec<u8>, Option<i32>)> {
    let wrong = wrong_rows(&mut *db.reader().await?, transfer.id, after.unwrap_or(0), BATCH).await?;
    let mut sheet = match after {
        None => {
            let mut sheet = Sheet::begin();
            let names = transfer.header.iter().map(|name| Cell::text(name.as_str()));
            sheet.row(names.chain([Cell::text(reason)]))?;
            sheet
        }
        Some(_) => Sheet::more(),
    };
    for row in &wrong {
        let cell = |n: usize| row.cells.get(n).map_or("", String::as_str);
        let cells = transfer.header.iter().enumerate().map(|(n, name)| as_it_was(name, cell(n)));
        let reasons: Vec<String> = row.wrongs.iter().map(say).collect();
        sheet.row(cells.chain([Cell::text(reasons.join("; "))]))?;
    }
    let full = i64::try_from(wrong.len())? == BATCH;
    let next = wrong.last().filter(|_| full).map(|row| row.line);
    Ok((sheet.bytes()?, next))
}

/// Numbers stay numbers; what is wrong with one may be that it is none.
fn as_it_was<'a>(name: &str, cell: &'a str) -> Cell<'a> {
    let number = Column::called(name).is_some_and(Column::is_number);
    let digits = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if number && digits { Cell::number(cell) } else { Cell::text(cell) }
}

/// The column of a mistake as a header in this language calls it; empty for the row as a whole.
pub fn column_name(wrong: &Wrong, language: Language) -> &'static str {
    let column = wrong.column.as_deref().and_then(Column::called);
    column.map_or("", |column| column.name(language))
}
