//! The rows of reconciliations: what is to be asked about, and what came of it.

use crate::db::Tx;
use crate::money::Money;
use crate::payments::{AttemptId, RefundId, Snapshot};
use crate::reconciliation::comparing::Compared;
use crate::reconciliation::run::{Difference, ReconciliationId, Row, RowId};
use anyhow::Context;
use sqlx::PgConnection;
use std::collections::HashSet;
use time::OffsetDateTime;

/// Writes down what is to be asked about.
pub async fn prepare(tx: &mut Tx, id: ReconciliationId, moved: &Snapshot) -> sqlx::Result<()> {
    let (attempts, refunds) = (&moved.attempts, &moved.refunds);
    sqlx::query!(
        "INSERT INTO reconciliation_rows (reconciliation_id, subject, round, attempt_id, order_number, our_number, ours_state)
         SELECT $1, 'payment', 1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])",
        id.0,
        &attempts.iter().map(|moved| moved.id.0).collect::<Vec<_>>(),
        &attempts.iter().map(|moved| moved.order.to_string()).collect::<Vec<_>>(),
        &attempts.iter().map(|moved| moved.number.clone()).collect::<Vec<_>>(),
        &attempts.iter().map(|moved| moved.state.clone()).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO reconciliation_rows (reconciliation_id, subject, round, refund_id, order_number, our_number, ours_state)
         SELECT $1, 'refund', 1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])",
        id.0,
        &refunds.iter().map(|moved| moved.id.0).collect::<Vec<_>>(),
        &refunds.iter().map(|moved| moved.order.to_string()).collect::<Vec<_>>(),
        &refunds.iter().map(|moved| moved.number.clone()).collect::<Vec<_>>(),
        &refunds.iter().map(|moved| moved.state.clone()).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a question is about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    Attempt(AttemptId),
    Refund(RefundId),
}

/// A row that nobody else asks about for a while.
#[derive(Debug)]
pub struct Claimed {
    pub id: RowId,
    pub about: About,
    pub round: i16,
    /// How it stood here before it was asked about.
    pub was: String,
    /// When the reconciliation began.
    pub begun_at: OffsetDateTime,
}

/// The next row to ask about. The next day's questions wait until the run is over, by their time.
pub async fn claim(
    conn: &mut PgConnection,
    id: ReconciliationId,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> anyhow::Result<Option<Claimed>> {
    let row = sqlx::query!(
        r#"UPDATE reconciliation_rows r SET not_before = $3 FROM reconciliations c
         WHERE c.id = r.reconciliation_id AND r.id = (
             SELECT id FROM reconciliation_rows
             WHERE reconciliation_id = $1 AND round IS NOT NULL AND (not_before IS NULL OR not_before <= $2)
             ORDER BY round, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING r.id AS "id: RowId", r.attempt_id AS "attempt: AttemptId", r.refund_id AS "refund: RefundId",
             r.round AS "round!", r.ours_state, c.begun_at"#,
        id.0,
        now,
        until
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let about = match (row.attempt, row.refund) {
            (Some(attempt), None) => About::Attempt(attempt),
            (None, Some(refund)) => About::Refund(refund),
            _ => anyhow::bail!("row {:?} is about nothing", row.id),
        };
        Ok(Claimed { id: row.id, about, round: row.round, was: row.ours_state, begun_at: row.begun_at })
    })
    .transpose()
}

/// Writes down what came of a question, and in which round and when to ask again. Whoever was slower than its claim
/// changes nothing.
pub async fn write(
    conn: &mut PgConnection,
    claimed: &Claimed,
    compared: &Compared,
    again: Option<(i16, OffsetDateTime)>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reconciliation_rows SET weibo_number = $3, ours_fen = $4, theirs_fen = $5, ours_state = $6,
             theirs_state = $7, difference = $8::text, round = $9, not_before = $10, compared_at = $11::timestamptz,
             resolved_at = CASE WHEN $12::boolean THEN $11::timestamptz WHEN $8::text IS NULL THEN NULL ELSE resolved_at END
         WHERE id = $1 AND round = $2",
        claimed.id.0,
        claimed.round,
        compared.weibo_number,
        compared.ours.map(Money::fen),
        compared.theirs.map(Money::fen),
        compared.ours_state,
        compared.theirs_state,
        compared.difference.map(Difference::name),
        again.map(|(round, _)| round),
        again.map(|(_, at)| at),
        now,
        compared.resolved
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is still to be asked about.
pub struct Left {
    /// Some of it before the run is over.
    pub in_this_run: bool,
    /// When the next question may be asked; nothing when there is none.
    pub next: Option<OffsetDateTime>,
}

pub async fn left(tx: &mut Tx, id: ReconciliationId) -> sqlx::Result<Left> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE round < 3) AS "before_the_end!",
             min(coalesce(not_before, '2000-01-01T00:00:00Z')) AS next
         FROM reconciliation_rows WHERE reconciliation_id = $1 AND round IS NOT NULL"#,
        id.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Left { in_this_run: row.before_the_end > 0, next: row.next })
}

/// A row of a file, compared.
pub struct NewRow {
    pub subject: &'static str,
    /// Empty where it was named before, or names nothing.
    pub key: String,
    pub order_number: String,
    pub our_number: String,
    pub weibo_number: String,
    pub ours: Option<Money>,
    pub theirs: Option<Money>,
    pub ours_state: &'static str,
    pub theirs_state: &'static str,
    pub difference: Option<Difference>,
    pub line: Option<i32>,
    pub why: &'static str,
}

pub async fn add(
    tx: &mut Tx,
    id: ReconciliationId,
    rows: &[NewRow],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    fn all<T>(rows: &[NewRow], of: impl Fn(&NewRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    sqlx::query!(
        "INSERT INTO reconciliation_rows (reconciliation_id, compared_at, subject, key, order_number, our_number,
             weibo_number, ours_fen, theirs_fen, ours_state, theirs_state, difference, line, why)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
             $10::text[], $11::text[], $12::text[], $13::integer[], $14::text[])",
        id.0,
        now,
        &all(rows, |row| row.subject.to_owned()),
        &all(rows, |row| row.key.clone()),
        &all(rows, |row| row.order_number.clone()),
        &all(rows, |row| row.our_number.clone()),
        &all(rows, |row| row.weibo_number.clone()),
        &all(rows, |row| row.ours.map(Money::fen)) as &[Option<i64>],
        &all(rows, |row| row.theirs.map(Money::fen)) as &[Option<i64>],
        &all(rows, |row| row.ours_state.to_owned()),
        &all(rows, |row| row.theirs_state.to_owned()),
        &all(rows, |row| row.difference.map(|d| d.name().to_owned())) as &[Option<String>],
        &all(rows, |row| row.line) as &[Option<i32>],
        &all(rows, |row| row.why.to_owned())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which of these keys the reconciliation has rows of.
pub async fn known_keys(
    conn: &mut PgConnection,
    id: ReconciliationId,
    keys: &[String],
) -> sqlx::Result<HashSet<String>> {
    let known = sqlx::query_scalar!(
        "SELECT key FROM reconciliation_rows WHERE reconciliation_id = $1 AND key <> '' AND key = ANY($2)",
        id.0,
        keys
    );
    Ok(known.fetch_all(conn).await?.into_iter().collect())
}

/// At most `most` rows behind `after` that were compared; `only_differing`: that differ.
async fn read(
    conn: &mut PgConnection,
    id: ReconciliationId,
    only_differing: bool,
    (after, most): (i64, i64),
) -> anyhow::Result<Vec<Row>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: RowId", subject, order_number, our_number, weibo_number, ours_fen AS "ours: Money",
             theirs_fen AS "theirs: Money", ours_state, theirs_state, difference, line, why, compared_at, resolved_at,
             resolved_by
         FROM reconciliation_rows
         WHERE reconciliation_id = $1 AND id > $3 AND compared_at IS NOT NULL AND (NOT $2 OR difference IS NOT NULL)
         ORDER BY id LIMIT $4"#,
        id.0,
        only_differing,
        after,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let difference =
                row.difference.as_deref().map(|name| Difference::parse(name).context("no known difference"));
            Ok(Row {
                id: row.id,
                subject: row.subject,
                order_number: row.order_number,
                our_number: row.our_number,
                weibo_number: row.weibo_number,
                ours: row.ours,
                theirs: row.theirs,
                ours_state: row.ours_state,
                theirs_state: row.theirs_state,
                difference: difference.transpose()?,
                line: row.line,
                why: row.why,
                compared_at: row.compared_at,
                resolved_at: row.resolved_at,
                resolved_by: row.resolved_by,
            })
        })
        .collect()
}

/// At most `most` rows behind `after` that differ or are not known.
pub async fn differing(
    conn: &mut PgConnection,
    id: ReconciliationId,
    after: Option<RowId>,
    most: i64,
) -> anyhow::Result<Vec<Row>> {
    read(conn, id, true, (after.map_or(0, |row| row.0), most)).await
}

/// At most `most` rows behind `after` that were compared.
pub async fn compared(
    conn: &mut PgConnection,
    id: ReconciliationId,
    after: Option<RowId>,
    most: i64,
) -> anyhow::Result<Vec<Row>> {
    read(conn, id, false, (after.map_or(0, |row| row.0), most)).await
}

/// Somebody has seen to a row that differs. False when there is none, or somebody had before.
pub async fn resolve(
    tx: &mut Tx,
    id: ReconciliationId,
    row: RowId,
    by: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE reconciliation_rows SET resolved_at = $3, resolved_by = $4
         WHERE id = $2 AND reconciliation_id = $1 AND difference IS NOT NULL AND resolved_at IS NULL",
        id.0,
        row.0,
        now,
        by
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 {
        super::tally(tx, id).await?;
    }
    Ok(done.rows_affected() == 1)
}
