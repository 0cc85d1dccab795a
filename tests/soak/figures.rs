//! What came of it: Weibo's book against the ledger, what was acknowledged against what is there, and what the rooms
//! themselves find wrong.

use crate::scene::Scene;
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use weipu::sandbox::Book;

/// What stands in the table: figures, and gaps that must be nothing.
pub struct Panel {
    figures: Vec<(&'static str, String)>,
    gaps: Vec<(&'static str, i64)>,
    /// What there is to say of the gaps.
    notes: Vec<String>,
    /// Whether enough happened for all this to mean anything.
    idle: bool,
}

impl Panel {
    pub fn is_sound(&self) -> bool {
        !self.idle && self.gaps.iter().all(|(_, gap)| *gap == 0)
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n### Soak\n\n| what happened | |\n| --- | ---: |")?;
        for (name, figure) in &self.figures {
            writeln!(f, "| {name} | {figure} |")?;
        }
        writeln!(f, "\n| must be nothing | |\n| --- | ---: |")?;
        for (name, gap) in &self.gaps {
            writeln!(f, "| {name} | {} |", if *gap == 0 { "0".into() } else { format!("**{gap}**") })?;
        }
        for note in &self.notes {
            writeln!(f, "\n{note}")?;
        }
        if self.idle {
            writeln!(f, "\nToo little happened for this to prove anything.")?;
        }
        Ok(())
    }
}

pub async fn count(scene: &Scene, settled_in: Option<u64>) -> anyhow::Result<Panel> {
    let mut conn = scene.looks().await?;
    let book = scene.sandbox.book();
    let mut notes = Vec::new();
    let waiting = waiting(scene).await?;
    let unsound = unsound(&mut conn, &mut notes).await?;
    notes.extend(waiting.iter().map(|one| format!("waits: {one}")));
    let gaps = vec![
        ("acknowledged but lost", lost(scene, &mut conn, &mut notes).await?),
        (
            "orders placed twice by one form",
            doubled(scene.said.orders.lock().unwrap().values().map(|s| s.len())),
        ),
        ("orders paid twice", number(&mut conn, PAID_TWICE).await?),
        ("refunded twice", refunded_twice(scene, &mut conn, &book).await?),
        ("money gap, fen", money_gap(&mut conn, &book, &mut notes).await?),
        ("oversold or lost, pieces", pieces_gap(scene, &mut conn).await?),
        ("stuck", i64::try_from(waiting.len())?),
        ("broken rules of money, stock and figures", unsound),
        ("panics", panics(scene, &mut notes)?),
    ];
    let paid = number(&mut conn, "SELECT count(*) FROM orders WHERE payment IN ('paid', 'late')").await?;
    let refunded = number(&mut conn, "SELECT count(*) FROM refunds WHERE state = 'succeeded'").await?;
    let (killed, postgres) = (load(&scene.app_deaths), load(&scene.postgres_deaths));
    let cut = [load(&scene.cuts.before), load(&scene.cuts.after)];
    let idle = paid == 0 || refunded == 0 || killed < 3 || postgres == 0 || cut.contains(&0);
    let (orders, refunds) = (
        number(&mut conn, "SELECT count(*) FROM orders").await?,
        number(&mut conn, "SELECT count(*) FROM refunds").await?,
    );
    let surplus = number(&mut conn, "SELECT count(*) FROM payments WHERE kind = 'surplus'").await?;
    let yuan = |fen: i64| format!("¥{}.{:02}", fen / 100, fen % 100);
    let figures = vec![
        ("requests of buyers", load(&scene.said.requests).to_string()),
        ("orders", orders.to_string()),
        ("paid", format!("{paid}, and {surplus} once more")),
        ("Weibo took", yuan(book.paid_fen)),
        ("refunds", format!("{refunds}, of which {refunded} done")),
        ("Weibo gave back", yuan(book.refunded_fen)),
        (
            "notices sent",
            format!(
                "{}, {} acknowledged",
                load(&scene.said.notices_sent),
                scene.said.notices.lock().unwrap().len()
            ),
        ),
        ("kills of an app", killed.to_string()),
        ("kills of Postgres", postgres.to_string()),
        ("cuts at COMMIT", format!("{} before, {} after", cut[0], cut[1])),
        (
            "settled after",
            settled_in.map_or("never".into(), |minutes| format!("{minutes} minutes of the shop's time")),
        ),
        ("seed", scene.seed.to_string()),
    ];
    Ok(Panel { figures, gaps, notes, idle })
}

const PAID_TWICE: &str = "SELECT count(*) FROM (SELECT order_id FROM payments WHERE kind = 'pay' GROUP BY 1
    HAVING count(*) > 1 UNION SELECT l.order_id FROM ledger l JOIN payments p ON p.id = l.payment_id AND p.kind = 'pay'
    JOIN orders o ON o.id = l.order_id WHERE l.refund_id IS NULL GROUP BY 1 HAVING sum(l.amount_fen) <> max(o.total_fen)) d";

fn load(number: &AtomicU64) -> u64 {
    number.load(Relaxed)
}

async fn number(conn: &mut PgConnection, sql: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}

async fn by_name(conn: &mut PgConnection, sql: &'static str) -> anyhow::Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}

/// What was said to be so and is not: notices answered `success`, orders shown, refunds decided, orders called paid.
async fn lost(scene: &Scene, conn: &mut PgConnection, notes: &mut Vec<String>) -> anyhow::Result<i64> {
    let mut lost = Vec::new();
    {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body FROM notices WHERE outcome <> 'refused' AND source = 'notice'")
                .fetch_all(&mut *conn)
                .await?;
        let kept: std::collections::BTreeSet<String> = bodies
            .iter()
            .filter_map(|body| weipu::weibo::signature::read_form(body.as_bytes()).ok()?.remove("notify_id"))
            .collect();
        let paid = by_name(conn, "SELECT pay_id, amount_fen FROM payments").await?;
        for told in scene.said.notices.lock().unwrap().iter() {
            if !kept.contains(&told.notify_id) {
                lost.push(format!("notice {}", told.notify_id));
            }
            if let Some(pay_id) = told.paid.as_ref().filter(|pay_id| !paid.contains_key(*pay_id)) {
                lost.push(format!("payment {pay_id}"));
            }
        }
    }
    let orders =
        by_name(conn, "SELECT number, CASE payment WHEN 'paid' THEN 1 ELSE 0 END::bigint FROM orders")
            .await?;
    let of = |number: &String| orders.get(number).copied();
    let shown: Vec<String> = scene.said.orders.lock().unwrap().values().flatten().cloned().collect();
    lost.extend(shown.iter().filter(|number| of(number).is_none()).map(|number| format!("order {number}")));
    let paid: Vec<String> = scene.said.paid.lock().unwrap().iter().cloned().collect();
    lost.extend(
        paid.iter().filter(|number| of(number) != Some(1)).map(|number| format!("paid order {number}")),
    );
    let refunds = by_name(conn, "SELECT out_refund_id, amount_fen FROM refunds").await?;
    let decided: Vec<String> = scene.said.refunds.lock().unwrap().values().flatten().cloned().collect();
    lost.extend(decided.iter().filter(|id| !refunds.contains_key(*id)).map(|id| format!("refund {id}")));
    notes.extend(lost.iter().take(10).map(|what| format!("acknowledged but lost: {what}")));
    Ok(i64::try_from(lost.len())?)
}

fn doubled(numbers: impl Iterator<Item = usize>) -> i64 {
    i64::try_from(numbers.filter(|count| *count > 1).count()).unwrap_or(i64::MAX)
}

/// Forms that became two refunds, and payments of which Weibo gave back more than was decided.
async fn refunded_twice(scene: &Scene, conn: &mut PgConnection, book: &Book) -> anyhow::Result<i64> {
    let forms = doubled(scene.said.refunds.lock().unwrap().values().map(|numbers| numbers.len()));
    let decided = by_name(conn, "SELECT pay_id, back_fen FROM payments").await?;
    let too_much = book.payments.iter().filter(|account| {
        let back = account.refunded_fen + account.refunding_fen;
        back > account.paid_fen || back > decided.get(&account.pay_id).copied().unwrap_or(0)
    });
    Ok(forms + i64::try_from(too_much.count())?)
}

/// Fen that are in one book and not in the other, payment by payment.
async fn money_gap(conn: &mut PgConnection, book: &Book, notes: &mut Vec<String>) -> anyhow::Result<i64> {
    let came =
        "SELECT p.pay_id, sum(l.amount_fen)::bigint FROM ledger l JOIN payments p ON p.id = l.payment_id
        WHERE l.refund_id IS NULL GROUP BY 1";
    let went =
        "SELECT p.pay_id, -sum(l.amount_fen)::bigint FROM ledger l JOIN payments p ON p.id = l.payment_id
        WHERE l.refund_id IS NOT NULL GROUP BY 1";
    let (mut came, mut went) = (by_name(conn, came).await?, by_name(conn, went).await?);
    let mut gap = 0;
    for account in &book.payments {
        let ours = [&mut came, &mut went].map(|ledger| ledger.remove(&account.pay_id).unwrap_or(0));
        let theirs = [account.paid_fen, account.refunded_fen];
        if ours != theirs {
            gap += (ours[0] - theirs[0]).abs() + (ours[1] - theirs[1]).abs();
            let refunds: Vec<_> =
                account.refunds.iter().map(|r| (&r.out_refund_id, r.fen, &r.state)).collect();
            let told = format!("payment {}: Weibo has {theirs:?}, the ledger {ours:?}", account.pay_id);
            notes.push(format!("{told}; Weibo's refunds: {refunds:?}"));
            notes.extend(story(conn, &account.pay_id).await?);
        }
    }
    // What Weibo has never heard of.
    Ok(gap + came.values().sum::<i64>() + went.values().map(|fen| fen.abs()).sum::<i64>())
}

/// What Weibo told of the refunds of a payment, in the order in which it was heard.
async fn story(conn: &mut PgConnection, pay_id: &str) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT to_char(received_at, 'HH24:MI:SS.MS ') || source || ' ' || outcome || ': ' || body FROM notices
        WHERE position($1 IN body) > 0 AND position('refund' IN body) > 0 ORDER BY received_at";
    Ok(sqlx::query_scalar(sql).bind(pay_id).fetch_all(conn).await?)
}

/// What is there or in an order that lives, by SKU. What came back with a refund is there.
pub async fn pieces(conn: &mut PgConnection) -> anyhow::Result<BTreeMap<String, i64>> {
    let sql = "SELECT v.sku, v.stock + coalesce((SELECT sum(l.quantity) FROM order_lines l
            JOIN orders o ON o.id = l.order_id AND o.closed_at IS NULL WHERE l.variant_id = v.id), 0)::bigint
            - coalesce((SELECT sum(delta) FROM stock_movements m WHERE m.variant_id = v.id AND reason = 'refund'), 0)::bigint
        FROM variants v WHERE v.retired_at IS NULL";
    by_name(conn, sql).await
}

async fn pieces_gap(scene: &Scene, conn: &mut PgConnection) -> anyhow::Result<i64> {
    let now = pieces(conn).await?;
    let gap: i64 =
        scene.at_first.iter().map(|(sku, before)| (now.get(sku).unwrap_or(&0) - before).abs()).sum();
    Ok(gap + number(conn, "SELECT count(*) FROM variants WHERE stock < 0").await?)
}

/// What has no end yet. Questions about what nobody paid go on for a week, and are no trouble.
pub async fn waiting(scene: &Scene) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT 'refund ' || out_refund_id || ' ' || state FROM refunds WHERE state NOT IN ('succeeded', 'failed')
        UNION ALL SELECT 'order ' || number || ' ' || payment FROM orders
            WHERE closed_at IS NULL AND payment NOT IN ('paid', 'late')
        UNION ALL SELECT 'job ' || key || ' ' || coalesce(trouble, '') FROM jobs
            WHERE given_up_at IS NOT NULL OR (key NOT LIKE 'ask%' AND key NOT LIKE 'reconcile%')";
    let mut conn: PgConnection = scene.looks().await?;
    let mut waiting: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
    let known = by_name(&mut conn, "SELECT pay_id, amount_fen FROM payments").await?;
    let book = scene.sandbox.book();
    let unheard = book.payments.iter().filter(|p| p.paid_fen > 0 && !known.contains_key(&p.pay_id));
    waiting.extend(unheard.map(|payment| format!("payment {}", payment.pay_id)));
    let notices = scene.sandbox.waiting_notices();
    waiting.extend(notices.iter().map(|notice| format!("notice of {}", notice.pay_id)));
    conn.close().await?;
    Ok(waiting)
}

/// What the rooms' own checks find.
async fn unsound(conn: &mut PgConnection, notes: &mut Vec<String>) -> anyhow::Result<i64> {
    let mut wrong = Vec::new();
    wrong.extend(weipu::payments::check(conn, None).await?.into_iter().map(|one| format!("{one:?}")));
    wrong.extend(weipu::catalog::stock::check(conn).await?.into_iter().map(|one| format!("{one:?}")));
    wrong.extend(weipu::figures::check(conn).await?.into_iter().map(|one| format!("{one:?}")));
    notes.extend(wrong.iter().take(20).map(|one| format!("broken: {one}")));
    Ok(i64::try_from(wrong.len())?)
}

fn panics(scene: &Scene, notes: &mut Vec<String>) -> anyhow::Result<i64> {
    let mut panics = 0;
    for app in &scene.apps {
        let log = std::fs::read_to_string(&app.log)?;
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("panicked at")).collect();
        notes.extend(lines.iter().map(|line| (*line).to_owned()));
        panics += lines.len();
    }
    Ok(i64::try_from(panics)?)
}
