//! What was compared, as a table for the accountant.

use super::run::{ReconciliationId, Row, RowId};
use super::store::rows;
use crate::db::Db;
use crate::money::Money;
use crate::transfers::dialect::{Cell, Sheet};

/// So many rows at once.
const BATCH: i64 = 500;

/// How the table is worded: its first row, and the words of the cells that are no numbers.
pub struct Words<'a> {
    pub header: Vec<String>,
    /// The kind, our state, Weibo's state, the result, the advice, whether it is seen to, when it was compared.
    pub of: &'a (dyn Fn(&Row) -> [String; 7] + Sync),
}

/// The next part of the table, which begins behind the row `after`; the first part, of `None`, has the header. Also
/// where the next part begins; nothing behind the last.
pub async fn part(
    db: &Db,
    id: ReconciliationId,
    after: Option<RowId>,
    words: &Words<'_>,
) -> anyhow::Result<(Vec<u8>, Option<RowId>)> {
    let rows = rows::compared(&mut *db.reader().await?, id, after, BATCH).await?;
    let mut sheet = if after.is_none() { Sheet::begin() } else { Sheet::more() };
    if after.is_none() {
        sheet.row(words.header.iter().map(|name| Cell::text(name.as_str())))?;
    }
    for row in &rows {
        let [kind, ours, theirs, result, advice, seen, when] = (words.of)(row);
        let amount = |amount: Option<Money>| amount.map_or(Cell::Empty, Cell::number);
        sheet.row([
            Cell::text(row.order_number.as_str()),
            Cell::text(kind),
            Cell::text(row.our_number.as_str()),
            Cell::text(row.weibo_number.as_str()),
            amount(row.ours),
            amount(row.theirs),
            Cell::text(ours),
            Cell::text(theirs),
            Cell::text(result),
            Cell::text(advice),
            Cell::text(seen),
            Cell::Number(when),
            row.line.map_or(Cell::Empty, Cell::number),
        ])?;
    }
    let full = i64::try_from(rows.len())? == BATCH;
    let next = rows.last().filter(|_| full).map(|row| row.id);
    Ok((sheet.bytes()?, next))
}
