//! When it was looked whether the money adds up, what did not, and what is stuck.

use super::checking::{Breach, Look};
use crate::db::Tx;
use crate::money::Money;
use crate::orders::OrderNumber;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// At most so many of a kind are named.
const NAMED: i64 = 50;

/// The last look of one kind that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCheck {
    /// At all orders; else at those whose money moved lately.
    pub whole: bool,
    pub at: OffsetDateTime,
    pub orders: i64,
}

/// Something that may never be, and is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBreach {
    pub breach: Breach,
    pub found_at: OffsetDateTime,
}

/// Makes it the caller's turn to look, unless one came to its end after `before.0` or was begun after `before.1`.
pub async fn begin(
    tx: &mut Tx,
    whole: bool,
    before: (OffsetDateTime, OffsetDateTime),
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO money_checks (whole, begun_at) VALUES ($1, $4)
         ON CONFLICT (whole) DO UPDATE SET begun_at = excluded.begun_at
         WHERE (money_checks.at IS NULL OR money_checks.at <= $2) AND money_checks.begun_at <= $3",
        whole,
        before.0,
        before.1,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A look at everything takes longer than a page may. Looking and keeping see one picture of the database: what
/// another worker finds meanwhile was not looked at, and is not taken for gone.
pub async fn prepare(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut **tx).await?;
    sqlx::query!("SET LOCAL statement_timeout = '5min'").execute(&mut **tx).await?;
    Ok(())
}

/// Waits until nobody else looks at everything, and fails soon when somebody goes on doing so; until the transaction
/// ends nobody else does.
pub async fn alone(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!("SELECT FROM pg_advisory_xact_lock(hashtext('weipu: all money is checked'))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps what a look that began at `began` found, and returns what of it is new. What it did not find any more is
/// gone; unless it found so much that it did not tell all.
pub async fn keep(tx: &mut Tx, whole: bool, look: &Look, began: OffsetDateTime) -> sqlx::Result<Vec<Breach>> {
    sqlx::query!(
        "INSERT INTO money_checks (whole, begun_at, at, orders) VALUES ($1, $2, $2, $3)
         ON CONFLICT (whole) DO UPDATE SET at = excluded.at, orders = excluded.orders
         WHERE money_checks.at IS NULL OR money_checks.at <= excluded.at",
        whole,
        began,
        look.orders
    )
    .execute(&mut **tx)
    .await?;
    let column = |of: fn(&Breach) -> &String| look.breaches.iter().map(|b| of(b).clone()).collect::<Vec<_>>();
    let (orders, rules, details) = (column(|b| &b.order), column(|b| &b.rule), column(|b| &b.detail));
    let fresh = sqlx::query!(
        r#"INSERT INTO money_breaches (order_number, rule, detail, found_at, seen_at)
         SELECT *, $4::timestamptz, $4 FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT (order_number, rule, detail)
             DO UPDATE SET seen_at = excluded.seen_at
         RETURNING order_number AS "order", rule, detail, xmax = 0 AS "is_new!""#,
        &orders,
        &rules,
        &details,
        began
    )
    .fetch_all(&mut **tx)
    .await?;
    if look.is_all {
        sqlx::query!(
            "DELETE FROM money_breaches WHERE (order_number, rule, detail) NOT IN
                 (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))",
            &orders,
            &rules,
            &details
        )
        .execute(&mut **tx)
        .await?;
    }
    let fresh = fresh.into_iter().filter(|row| row.is_new);
    Ok(fresh.map(|row| Breach { rule: row.rule, order: row.order, detail: row.detail }).collect())
}

/// The last look of each kind, if there was one; that at everything first.
pub async fn last_checks(conn: &mut PgConnection) -> sqlx::Result<Vec<LastCheck>> {
    sqlx::query_as!(
        LastCheck,
        r#"SELECT whole, at AS "at!", orders FROM money_checks WHERE at IS NOT NULL ORDER BY whole DESC"#
    )
    .fetch_all(conn)
    .await
}

/// What is wrong now, as far as anybody looked.
pub async fn open_breaches(conn: &mut PgConnection) -> sqlx::Result<Vec<OpenBreach>> {
    let rows = sqlx::query!(
        "SELECT rule, order_number, detail, found_at FROM money_breaches ORDER BY found_at, order_number, rule LIMIT $1",
        NAMED
    )
    .fetch_all(conn)
    .await?;
    let breach = |rule, order, detail| Breach { rule, order, detail };
    Ok(rows
        .into_iter()
        .map(|r| OpenBreach { breach: breach(r.rule, r.order_number, r.detail), found_at: r.found_at })
        .collect())
}

/// Money whose fate nobody has told for longer than it should take; the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Stuck {
    pub refunds: Vec<StuckRefund>,
    pub attempts: Vec<StuckAttempt>,
}

#[derive(Debug, Clone)]
pub struct StuckRefund {
    pub order: OrderNumber,
    pub out_refund_id: String,
    pub amount: Money,
    pub begun_at: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub struct StuckAttempt {
    pub order: OrderNumber,
    pub out_pay_id: String,
    pub amount: Money,
    pub begun_at: OffsetDateTime,
    /// How often Weibo was asked.
    pub asked: i32,
}

/// Refunds under way that were begun before `refunds`, and attempts begun before `attempts` of which nothing is known.
pub async fn stuck(
    conn: &mut PgConnection,
    refunds: OffsetDateTime,
    attempts: OffsetDateTime,
) -> sqlx::Result<Stuck> {
    let refunds = sqlx::query_as!(
        StuckRefund,
        r#"SELECT o.number AS "order: OrderNumber", r.out_refund_id, r.amount_fen AS "amount: Money", r.begun_at
         FROM refunds r JOIN orders o ON o.id = r.order_id
         WHERE r.state IN ('begun', 'unknown', 'accepted') AND r.begun_at < $1 ORDER BY r.id LIMIT $2"#,
        refunds,
        NAMED
    )
    .fetch_all(&mut *conn)
    .await?;
    let attempts = sqlx::query_as!(
        StuckAttempt,
        r#"SELECT o.number AS "order: OrderNumber", a.out_pay_id, a.amount_fen AS "amount: Money", a.begun_at,
             a.asked_times AS asked
         FROM attempts a JOIN orders o ON o.id = a.order_id
         WHERE a.state = 'open' AND (a.answer IS NULL OR a.answer = 'unknown') AND a.begun_at < $1
         ORDER BY a.begun_at LIMIT $2"#,
        attempts,
        NAMED
    )
    .fetch_all(conn)
    .await?;
    Ok(Stuck { refunds, attempts })
}

/// What a machine may watch: how much of everything, nothing of anybody.
#[derive(Debug, Clone)]
pub struct Figures {
    pub breaches: i64,
    /// Attempts that are open and of which nothing is known.
    pub unknown: i64,
    /// Messages that are not believed and that nobody has seen to.
    pub doubted: i64,
    /// When the last look of either kind began.
    pub checked_at: Option<OffsetDateTime>,
    /// By state; a state without refunds is left out.
    pub refunds: Vec<(String, i64)>,
}

pub async fn figures(conn: &mut PgConnection) -> sqlx::Result<Figures> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM money_breaches) AS "breaches!",
             (SELECT count(*) FROM attempts WHERE state = 'open' AND (answer IS NULL OR answer = 'unknown')) AS "unknown!",
             (SELECT count(*) FROM notices WHERE outcome = 'refused' AND seen_at IS NULL) AS "doubted!",
             (SELECT max(at) FROM money_checks) AS checked_at"#
    )
    .fetch_one(&mut *conn)
    .await?;
    let refunds =
        sqlx::query!(r#"SELECT state, count(*) AS "count!" FROM refunds GROUP BY state ORDER BY state"#)
            .fetch_all(conn)
            .await?;
    Ok(Figures {
        breaches: row.breaches,
        unknown: row.unknown,
        doubted: row.doubted,
        checked_at: row.checked_at,
        refunds: refunds.into_iter().map(|row| (row.state, row.count)).collect(),
    })
}

/// Whether anything is wrong, as far as anybody looked.
pub async fn has_breaches(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM money_breaches) AS "has!""#).fetch_one(conn).await
}
