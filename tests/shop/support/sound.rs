//! What must hold whatever happened, looked up in the tables (reliability.md I1 to I3, I5, I7, I13, I15, T7).

use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use weipu::sandbox::{RefundState, Sandbox, State};

/// Rows that may not be, each with a name.
const NEVER: [(&str, &str); 13] = [
    (
        "two payments kept",
        "SELECT order_id::text FROM payments WHERE kind = 'pay' GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "paid without money",
        "SELECT number FROM orders o WHERE payment IN ('paid', 'late') AND NOT EXISTS
            (SELECT FROM payments p WHERE p.order_id = o.id AND kind = 'pay' AND amount_fen = o.total_fen)",
    ),
    (
        "money without a paid order",
        "SELECT number FROM orders o JOIN payments p ON p.order_id = o.id
            WHERE o.payment NOT IN ('paid', 'late')",
    ),
    // A refund that failed and was tried again after the parcel was sent, or went through after all, is none that went
    // before.
    (
        "sent although all of its money went back before",
        "SELECT number FROM orders o WHERE shipped_at IS NOT NULL AND total_fen <= (SELECT coalesce(sum(amount_fen), 0)
            FROM refunds r WHERE r.order_id = o.id AND cause = 'staff' AND state <> 'failed' AND begun_at < shipped_at
                AND (sent_at IS NULL OR sent_at < shipped_at) AND NOT (state = 'begun' AND sent_times > 0))
            AND NOT EXISTS (SELECT FROM order_events e WHERE e.order_id = o.id AND kind = 'refund_failed')",
    ),
    (
        "received, and not once in its history",
        "SELECT number FROM orders o WHERE (fulfilment = 'received')::int <> (SELECT count(*) FROM order_events e
            WHERE e.order_id = o.id AND kind = 'received')",
    ),
    (
        "a message beyond what Weibo allows",
        "SELECT why FROM buyer_messages WHERE state = 'refused' AND why ~ '^99002[123] '",
    ),
    (
        "a broadcast whose recipients were counted wrong",
        "SELECT broadcast::text || ' ' || state FROM
            (SELECT broadcast, state, recipients FROM broadcast_tallies WHERE recipients > 0) AS kept
            FULL JOIN (SELECT broadcast, state, count(*) AS recipients FROM broadcast_recipients GROUP BY 1, 2) AS counted
            USING (broadcast, state) WHERE kept.recipients IS DISTINCT FROM counted.recipients",
    ),
    (
        "a code whose scans were counted wrong",
        "SELECT name FROM fan_codes c CROSS JOIN LATERAL (SELECT count(*) AS scans, count(DISTINCT fan) AS fans,
                count(DISTINCT fan) FILTER (WHERE new_follower) AS followers, max(scanned_at) AS last
            FROM fan_code_scans s WHERE s.code = c.id) AS counted
            WHERE (c.scans, c.fans, c.followers, c.last_scan_at) IS DISTINCT FROM
                (counted.scans, counted.fans, counted.followers, counted.last)",
    ),
    (
        "a campaign whose scans were counted wrong",
        "SELECT name FROM fan_campaigns FULL JOIN (SELECT campaign AS name, count(s.fan) AS scans,
                count(DISTINCT s.fan) AS fans, count(DISTINCT s.fan) FILTER (WHERE s.new_follower) AS followers,
                max(s.scanned_at) AS last
            FROM fan_codes c LEFT JOIN fan_code_scans s ON s.code = c.id WHERE campaign <> '' GROUP BY 1) AS counted
            USING (name) WHERE (fan_campaigns.scans, fan_campaigns.fans, fan_campaigns.followers, last_scan_at)
                IS DISTINCT FROM (counted.scans, counted.fans, counted.followers, counted.last)",
    ),
    (
        "a coupon at another order than the one that counts",
        "SELECT g.id::text FROM coupons_given g LEFT JOIN coupon_uses u ON u.given_id = g.id
            LEFT JOIN orders o ON o.id = u.order_id AND o.closed_at IS NULL
            GROUP BY g.id HAVING count(o.id) > 1 OR (count(o.id) = 1) <> (g.state = 'used')
                OR (g.state = 'used' AND max(o.id) IS DISTINCT FROM g.order_id)",
    ),
    (
        "an order brought by who came too early or too late",
        "SELECT number FROM order_origins g JOIN orders o ON o.id = g.order_id
            WHERE came_at > placed_at
                OR first_came_at < placed_at - make_interval(days => window_days)",
    ),
    ("negative stock", "SELECT sku FROM variants WHERE stock < 0"),
    (
        "a job that was given up",
        "SELECT key || ': ' || coalesce(trouble, '') FROM jobs WHERE given_up_at IS NOT NULL",
    ),
];

/// Everything that can be changed about the ledgers, and must not be.
const REFUSED: [(&str, [&str; 3]); 5] = [
    (
        "payments",
        [
            "UPDATE payments SET amount_fen = amount_fen + 1",
            "DELETE FROM payments",
            "TRUNCATE payments CASCADE",
        ],
    ),
    (
        "ledger",
        ["UPDATE ledger SET amount_fen = amount_fen", "DELETE FROM ledger", "TRUNCATE ledger CASCADE"],
    ),
    (
        "stock_movements",
        [
            "UPDATE stock_movements SET delta = delta",
            "DELETE FROM stock_movements",
            "TRUNCATE stock_movements CASCADE",
        ],
    ),
    (
        "order_origins",
        [
            "UPDATE order_origins SET came_at = came_at",
            "DELETE FROM order_origins",
            "TRUNCATE order_origins CASCADE",
        ],
    ),
    (
        "relations",
        [
            "UPDATE relations SET learned_at = learned_at",
            "DELETE FROM relations",
            "TRUNCATE relations CASCADE",
        ],
    ),
];

pub async fn no_row_that_may_not_be(conn: &mut PgConnection) {
    for (name, sql) in NEVER {
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *conn).await.unwrap();
        assert!(rows.is_empty(), "{name}: {rows:?}");
    }
    let panicked = "SELECT trouble FROM jobs WHERE trouble LIKE '%panic%'";
    let panicked: Vec<String> = sqlx::query_scalar(panicked).fetch_all(&mut *conn).await.unwrap();
    assert!(panicked.is_empty(), "a job panicked: {panicked:?}");
}

/// What is in stock, by SKU.
pub async fn stock(conn: &mut PgConnection) -> BTreeMap<String, i64> {
    let sql = "SELECT sku, stock::bigint FROM variants WHERE retired_at IS NULL";
    sqlx::query_as(sql).fetch_all(conn).await.unwrap().into_iter().collect()
}

/// What is there or in an order that lives, by SKU. What came back with a refund is there.
pub async fn pieces(conn: &mut PgConnection) -> BTreeMap<String, i64> {
    let sql = "SELECT v.sku, v.stock + coalesce((SELECT sum(l.quantity) FROM order_lines l
            JOIN orders o ON o.id = l.order_id AND o.closed_at IS NULL WHERE l.variant_id = v.id), 0)::bigint
            - coalesce((SELECT sum(delta) FROM stock_movements m WHERE m.variant_id = v.id AND refund_id IS NOT NULL), 0)::bigint
        FROM variants v WHERE v.retired_at IS NULL";
    sqlx::query_as(sql).fetch_all(conn).await.unwrap().into_iter().collect()
}

/// What was there is there, or in an order that lives.
pub async fn no_piece_lost(conn: &mut PgConnection, at_first: &BTreeMap<String, i64>) {
    assert_eq!(&pieces(conn).await, at_first, "stock and live orders together");
}

/// The ledger holds what Weibo took and gave back and nothing else; when everything has been `settled`, all of it (I1).
pub async fn the_ledger_is_weibos_book(conn: &mut PgConnection, sandbox: &Sandbox, settled: bool) {
    let came = "SELECT p.pay_id, l.amount_fen FROM ledger l JOIN payments p ON p.id = l.payment_id
        WHERE l.refund_id IS NULL";
    let book = sandbox.payments();
    let taken = book.iter().filter(|payment| matches!(payment.state, State::Paid { .. }));
    let taken: BTreeMap<_, _> = taken.map(|p| (p.pay_id.clone(), p.order.total_fen)).collect();
    is_in_the_book(conn, came, &taken, settled).await;
    let went = "SELECT r.out_refund_id, -sum(l.amount_fen)::bigint FROM ledger l JOIN refunds r ON r.id = l.refund_id
        GROUP BY 1 HAVING sum(l.amount_fen) <> 0";
    let given = sandbox.refunds().into_iter().filter(|refund| refund.state == RefundState::Success);
    let given: BTreeMap<_, _> = given.map(|refund| (refund.out_refund_id, refund.fen)).collect();
    is_in_the_book(conn, went, &given, settled).await;
}

async fn is_in_the_book(
    conn: &mut PgConnection,
    ledger: &'static str,
    book: &BTreeMap<String, i64>,
    settled: bool,
) {
    let ledger: BTreeMap<String, i64> =
        sqlx::query_as(ledger).fetch_all(conn).await.unwrap().into_iter().collect();
    for (number, fen) in &ledger {
        assert_eq!(book.get(number), Some(fen), "{number} is in our ledger, not in Weibo's book");
    }
    assert!(!settled || ledger == *book, "Weibo has {book:?}, the ledger has {ledger:?}");
}

/// Orders, payments, refunds and the ledger say the same.
pub async fn the_money_adds_up(conn: &mut PgConnection) {
    let breaches = weipu::payments::check(conn, None).await.unwrap();
    assert!(breaches.is_empty(), "money: {breaches:#?}");
}

/// What was answered `success` is kept (I3).
pub async fn every_acknowledged_notice_is_kept(conn: &mut PgConnection, numbers: &[String]) {
    for number in numbers {
        let sql = "SELECT count(*) FROM notices WHERE position($1 IN body) > 0 AND outcome <> 'refused'";
        let kept: i64 = sqlx::query_scalar(sql).bind(number).fetch_one(&mut *conn).await.unwrap();
        assert!(kept > 0, "notice {number} was answered success and is not there");
    }
}

/// Every piece that is there has come by the ledger, and every one that is gone has left by it (T7).
pub async fn the_stock_ledger_adds_up(conn: &mut PgConnection) {
    let differences = weipu::catalog::stock::check(&mut *conn).await.unwrap();
    assert!(differences.is_empty(), "the stock ledger and the stock: {differences:?}");
    let broken = "SELECT id FROM (SELECT id, balance, delta, coalesce(lag(balance) OVER
            (PARTITION BY variant_id ORDER BY id), 0) AS before FROM stock_movements) AS m
        WHERE balance <> before + delta";
    let broken: Vec<i64> = sqlx::query_scalar(broken).fetch_all(conn).await.unwrap();
    assert!(broken.is_empty(), "movements that do not begin where the one before ended: {broken:?}");
}

/// Nothing in the ledgers can be changed or taken away.
pub async fn the_ledgers_stay(conn: &mut PgConnection) {
    for (table, changes) in REFUSED {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *conn).await.unwrap();
        let constraint = format!("{table}_append_only");
        for sql in changes {
            let tried = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await;
            let by_row = !sql.starts_with("TRUNCATE");
            let refused =
                tried.err().and_then(|error| Some(error.as_database_error()?.constraint()?.to_owned()));
            assert!((by_row && rows == 0) || refused.as_deref() == Some(&*constraint), "{sql}");
        }
    }
}

/// Who is known to have bought is who has paid in time, whatever went back since.
pub async fn what_was_paid_was_bought(conn: &mut PgConnection) {
    let differences = "SELECT coalesce(o.number, r.reference) FROM
            (SELECT number, customer_id, paid_at FROM orders WHERE payment = 'paid' AND customer_id IS NOT NULL) AS o
        FULL JOIN (SELECT reference, customer_id, happened_at FROM relations WHERE kind = 'purchase') AS r
            ON r.reference = o.number AND r.customer_id = o.customer_id AND r.happened_at = o.paid_at
        WHERE o.number IS NULL OR r.reference IS NULL";
    let differences: Vec<String> = sqlx::query_scalar(differences).fetch_all(conn).await.unwrap();
    assert!(differences.is_empty(), "paid and not bought, or the other way round: {differences:?}");
}

/// The figures by day are what orders and ledger say, folded or not.
pub async fn the_figures_are_right(conn: &mut PgConnection) {
    let differences = weipu::figures::check(conn).await.unwrap();
    assert!(differences.is_empty(), "figures: {differences:#?}");
}
