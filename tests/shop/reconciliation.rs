//! Our ledger beside Weibo's books: what nobody told of is found, what is not known is no failure, whoever dies.

use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::pictures::{multipart, post};
use crate::support::{Duration, TestShop, minutes};
use std::time::Duration as Real;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::clock;
use weipu::jobs::Outcome;
use weipu::money::Money;
use weipu::orders::OrderId;
use weipu::payments::refund::Portion;
use weipu::payments::{self, AttemptId};
use weipu::reconciliation::{self, ReconciliationId};
use weipu::sandbox::Fault;

const HERE: &str = "/admin/money/reconciliations";
const TODAY: &str = "2026-11-21";

impl TestShop {
    /// Somebody orders a mug and pays it; the shop is told.
    async fn sells_a_mug(&self) -> Buyer {
        let mut buyer = self.buyer();
        buyer.orders("mug", 1).await;
        buyer.pays().await;
        self.weibo.delivers().await;
        buyer
    }

    async fn begins(&self) -> ReconciliationId {
        let (now, by) = (self.clock.now(), Actor::Staff { id: 1, name: "阿山".into() });
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let id = reconciliation::begin(&mut tx, clock::shop_day(now), &by, now).await;
        tx.commit().await.unwrap();
        id.unwrap().unwrap()
    }

    /// The job's next step, and no other job.
    async fn compares(&self, id: ReconciliationId) -> Outcome {
        let weibo = self.weibo_client().await;
        reconciliation::work(&self.app.worker.db, Some(&weibo), id, &self.clock).await.unwrap()
    }

    /// The rows in their order: subject, difference, whether it is resolved.
    async fn rows(&self) -> Vec<String> {
        let mut conn = self.database.connect().await;
        let sql = "SELECT concat_ws(' ', subject, 'line ' || line, coalesce(difference, 'agrees'),
                CASE WHEN resolved_at IS NOT NULL THEN 'resolved' END)
            FROM reconciliation_rows WHERE compared_at IS NOT NULL ORDER BY line, id";
        sqlx::query_scalar(sql).fetch_all(&mut conn).await.unwrap()
    }

    fn questions(&self) -> usize {
        let traffic = self.weibo.sandbox.traffic();
        traffic.iter().filter(|exchange| exchange.path.ends_with("/merchant/pay/query")).count()
    }
}

#[tokio::test]
async fn a_payment_that_weibo_never_told_of_is_found_and_settled() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.weibo.will(Fault::Silent);
    let mut buyer = shop.sells_a_mug().await;
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    owner.opens(HERE).await;
    let form = owner.page().form("#run").with("reconcile-day", TODAY);
    let page = owner.submits(&form).await;
    assert_eq!(page.attribute("#state", "data-state"), "running", "{}", page.told());
    shop.compares(ReconciliationId(1)).await;
    assert_eq!(shop.rows().await, ["payment found resolved"]);
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    let page = owner.looks_again().await;
    assert!(page.has("tr[data-differs=found] a[href^='/admin/orders/']"), "{}", page.told());
    assert_eq!(page.attribute("#state", "data-state"), "done");
    assert_eq!(page.attribute("#differences", "data-unresolved"), "0");
    assert!(owner.opens(HERE).await.has("#runs tr[data-state=done]"));
    shop.closes().await;
}

#[tokio::test]
async fn what_somebody_settled_and_died_before_writing_it_down_is_still_told_as_found() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.sells_a_mug().await;
    let id = shop.begins().await;
    let weibo = shop.weibo_client().await;
    payments::look_up(&shop.app.worker.db, &weibo, AttemptId(1), &shop.clock).await.unwrap();
    shop.compares(id).await;
    assert_eq!(shop.rows().await, ["payment found resolved"]);
    shop.closes().await;
}

#[tokio::test]
async fn an_amount_that_differs_is_told_and_changes_nothing() {
    let shop = TestShop::open().await;
    let mut buyer = shop.sells_a_mug().await;
    shop.weibo.will(Fault::QueryOneFen);
    let id = shop.begins().await;
    shop.compares(id).await;
    assert_eq!(shop.rows().await, ["payment amount"]);
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    let mut owner = shop.owner().await;
    let page = owner.opens(&format!("{HERE}/{}", id.0)).await;
    assert!(page.text("tr[data-differs=amount]").contains("¥0.01"), "{}", page.told());
    owner.presses("tr[data-differs=amount] form").await;
    assert_eq!(owner.page().attribute("#differences", "data-unresolved"), "0");
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action = 'resolve-difference'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn paid_here_and_not_at_weibo_is_an_alarm() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    let mut fields = crate::support::weibo::Weibo::notice_of(&shop.weibo.payment());
    fields.insert("status".into(), "PAY_STATUS_SUCCESS".into());
    fields.insert("pay_time".into(), "2026-11-21 12:00:05".into());
    assert_eq!(shop.weibo.tells(fields).await.body, "success");
    let id = shop.begins().await;
    shop.compares(id).await;
    assert_eq!(shop.rows().await, ["payment not-paid-there"]);
    // Then it has it after all, and the next time both agree.
    buyer.presses_pay().await;
    let id = shop.begins().await;
    shop.compares(id).await;
    assert_eq!(shop.rows().await, ["payment not-paid-there", "payment agrees"]);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_not_known_is_asked_again_at_the_end_and_the_next_day_and_is_no_failure() {
    for fault in [Fault::QueryFails, Fault::QueryGarbage, Fault::QueryUnknownCode] {
        let shop = TestShop::open().await;
        shop.sells_a_mug().await;
        shop.weibo.always(fault);
        let id = shop.begins().await;
        let before = shop.questions();
        let Outcome::Retry { at, .. } = shop.compares(id).await else { panic!("{fault:?}") };
        assert_eq!((shop.rows().await, shop.questions() - before), (vec!["payment unknown".into()], 1));
        assert_eq!(at, shop.clock.now() + minutes(5));
        shop.later(minutes(5));
        let Outcome::Retry { at, .. } = shop.compares(id).await else { panic!("{fault:?}") };
        assert_eq!(
            shop.count("SELECT count(*) FROM reconciliations WHERE state = 'done' AND unknown = 1").await,
            1
        );
        assert_eq!(at, shop.clock.now() + Duration::days(1));
        shop.weibo.stops(fault);
        shop.later(Duration::days(1));
        assert_eq!(shop.compares(id).await, Outcome::Done);
        assert_eq!((shop.rows().await, shop.questions() - before), (vec!["payment agrees".into()], 3));
        assert_eq!(shop.count("SELECT count(*) FROM reconciliations WHERE differences = 0").await, 1);
        shop.closes().await;
    }
}

#[tokio::test]
async fn a_payment_that_weibo_still_refuses_to_know_the_next_day_is_an_alarm() {
    let shop = TestShop::open().await;
    shop.sells_a_mug().await;
    shop.weibo.always(Fault::QueryUnknownCode);
    let id = shop.begins().await;
    for wait in [minutes(5), Duration::days(1), Duration::ZERO] {
        shop.compares(id).await;
        shop.later(wait);
    }
    assert_eq!(shop.rows().await, ["payment not-paid-there"]);
    shop.weibo.stops(Fault::QueryUnknownCode);
    shop.closes().await;
}

#[tokio::test]
async fn two_workers_make_one_a_day_and_ask_each_question_once() {
    let shop = TestShop::open().await;
    for _ in 0..4 {
        shop.sells_a_mug().await;
    }
    shop.work().await;
    let db = &shop.app.worker.db;
    shop.later(Duration::days(1));
    let now = shop.clock.now();
    let (one, two) =
        tokio::join!(reconciliation::begin_yesterday(db, now), reconciliation::begin_yesterday(db, now));
    one.and(two).unwrap();
    reconciliation::begin_yesterday(db, now).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM reconciliations").await, 1);
    let (before, id) = (shop.questions(), ReconciliationId(1));
    tokio::join!(shop.compares(id), shop.compares(id));
    shop.compares(id).await;
    assert_eq!(shop.questions() - before, 4);
    assert_eq!(shop.rows().await, ["payment agrees"; 4]);
    assert_eq!(
        shop.count("SELECT count(*) FROM reconciliations WHERE state = 'done' AND ours_fen = theirs_fen")
            .await,
        1
    );
    shop.closes().await;
}

#[tokio::test]
async fn before_the_small_hours_are_over_yesterday_is_left_alone() {
    let shop = TestShop::open().await;
    shop.later(Duration::hours(13));
    reconciliation::begin_yesterday(&shop.app.worker.db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM reconciliations").await, 0, "at one in the night");
    shop.later(Duration::hours(1));
    reconciliation::begin_yesterday(&shop.app.worker.db, shop.clock.now()).await.unwrap();
    shop.closes().await;
    assert_eq!(shop.count("SELECT count(*) FROM reconciliations WHERE state = 'done' AND goal = 0").await, 1);
}

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_is_followed_by_another() {
    let shop = TestShop::open().await;
    for _ in 0..3 {
        shop.sells_a_mug().await;
    }
    let id = shop.begins().await;
    shop.weibo.will(Fault::QueryHangs);
    let died = tokio::time::timeout(Real::from_millis(500), shop.compares(id)).await;
    assert!(died.is_err(), "it waits for Weibo");
    let Outcome::Retry { .. } = shop.compares(id).await else { panic!("one is still claimed") };
    assert_eq!(shop.rows().await, ["payment agrees"; 2]);
    shop.later(minutes(1));
    assert_eq!(shop.compares(id).await, Outcome::Done);
    assert_eq!(shop.rows().await, ["payment agrees"; 3]);
    shop.closes().await;
}

#[tokio::test]
async fn one_reconciliation_asks_at_a_time_and_the_others_wait_for_their_turn() {
    let shop = TestShop::open().await;
    shop.sells_a_mug().await;
    shop.work().await;
    let first = shop.begins().await;
    shop.later(Duration::days(1));
    shop.sells_a_mug().await;
    let second = shop.begins().await;
    assert_ne!(first, second);
    shop.weibo.will(Fault::QueryHangs);
    let died = tokio::time::timeout(Real::from_secs(1), shop.compares(first)).await;
    assert!(died.is_err(), "it waits for Weibo");
    let before = shop.questions();
    let next = shop.clock.now() + Duration::seconds(10);
    let waits = shop.compares(second).await;
    assert!(matches!(&waits, Outcome::Retry { at, .. } if *at == next), "{waits:?}");
    assert_eq!((shop.questions() - before, shop.rows().await.len()), (0, 0), "nobody asks beside it");
    assert_eq!(shop.count("SELECT count(*) FROM reconciliations WHERE state = 'running'").await, 2);
    // The turn of the one that died runs out.
    shop.later(minutes(1));
    assert_eq!(shop.compares(second).await, Outcome::Done);
    assert_eq!(shop.compares(first).await, Outcome::Done);
    assert_eq!((shop.rows().await, shop.questions() - before), (vec!["payment agrees".to_owned(); 2], 2));
    assert_eq!(shop.count("SELECT count(*) FROM reconciliation_turn").await, 0, "nobody's");
    shop.closes().await;
}

#[tokio::test]
async fn a_refund_that_fails_at_weibo_after_its_success_here_is_found() {
    let shop = TestShop::open().await;
    shop.sells_a_mug().await;
    shop.weibo.always(Fault::RefundThenFails);
    let now = shop.clock.now();
    let total = Money::from_fen(shop.count("SELECT total_fen FROM orders").await).unwrap();
    let portion = Portion::Everything { restock: false };
    let ask = payments::Ask { key: Uuid::new_v4(), portion, shown: total, reason: "不要了".into() };
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    payments::refund(&mut tx, OrderId(1), &ask, &Actor::Shop, now).await.unwrap();
    tx.commit().await.unwrap();
    shop.work().await;
    shop.later(Duration::seconds(3));
    shop.weibo.delivers().await;
    assert_eq!(shop.count("SELECT count(*) FROM refunds WHERE state = 'succeeded'").await, 1);
    let id = shop.begins().await;
    shop.later(Duration::seconds(2));
    shop.compares(id).await;
    assert_eq!(shop.rows().await, ["payment agrees", "refund refund resolved"]);
    assert_eq!(shop.count("SELECT count(*) FROM refunds WHERE state = 'failed'").await, 1);
    shop.closes().await;
}

impl Buyer {
    /// She sends a file of the console, as the page's form does.
    async fn sends_of_the_console(&mut self, bytes: impl Into<Vec<u8>>) -> &Page {
        let token = self.opens(HERE).await.form("#console").fields[0].clone();
        let ask = post(
            self.browser.at(&format!("{HERE}/console")),
            multipart(&token.1, &[("账单.csv", bytes.into())]),
        );
        self.asks(ask).await
    }
}

const HEADER: &str = "支付单号,商户单号,订单金额,支付时间,状态,买家";

/// Payments as the console has them: one twice, one with a formula, one without its digits, one of another amount, one
/// that was never paid.
fn console_rows(numbers: &[weipu::sandbox::Payment], yuan: &str) -> [String; 8] {
    let row = |n: usize, amount: &str| {
        let payment = &numbers[n];
        let (weibos, ours) = (&payment.pay_id, &payment.order.out_pay_id);
        format!("{weibos},{ours},{amount},2026/11/21 12:00:05,支付成功,=HYPERLINK()")
    };
    [
        HEADER.to_owned(),
        row(0, yuan),
        row(0, yuan),
        "399999999999999999,=SUM(A1),12.00,2026-11-21 08:00:00,支付成功,林".into(),
        "399999999999999999,,12.00,2026-11-21 08:00:00,支付成功,林".into(),
        "3.00E+17,,12.00,2026-11-21 08:00:00,支付成功,林".into(),
        row(1, "￥1.00"),
        "399999999999999998,,12.00,2026-11-21 08:00:00,待支付,林".into(),
    ]
}

#[tokio::test]
async fn a_file_of_the_console_is_compared_row_by_row() {
    let shop = TestShop::open().await;
    for _ in 0..3 {
        shop.sells_a_mug().await;
    }
    let fen = shop.count("SELECT max(total_fen) FROM orders").await;
    let (yuan, numbers) = (Money::from_fen(fen).unwrap(), shop.weibo.sandbox.payments());
    shop.later(Duration::days(1));
    let mut owner = shop.owner().await;
    let rows = console_rows(&numbers, &yuan.to_string());
    let text = rows.join("\r\n");
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    let page = owner.sends_of_the_console(gbk.into_owned()).await;
    assert_eq!(page.attribute("#state", "data-state"), "mapping", "{}", page.told());
    assert!(page.text("#sample").contains("支付单号") && !page.has("#remembered"), "{}", page.told());
    let incomplete =
        page.form("#columns").with("column-weibo", "0").with("column-ours", "1").with("column-time", "3");
    let page = owner.submits(&incomplete).await;
    assert_eq!((page.status.as_u16(), page.wrong("column-amount")), (422, "这一列必须选".into()));
    let whole = page
        .form("#columns")
        .with("column-amount", "2")
        .with("column-status", "4")
        .with("column-good", "支付成功");
    let page = owner.submits(&whole).await;
    assert_eq!(page.attribute("#state", "data-state"), "running", "{}", page.told());
    shop.work().await;
    let expected = [
        "payment line 2 agrees",
        "payment line 3 twice",
        "line line 4 unreadable",
        "payment line 5 not-here",
        "line line 6 unreadable",
        "payment line 7 amount",
        "payment line 8 agrees",
        "payment not-there",
    ];
    assert_eq!(shop.rows().await, expected);
    let page = owner.looks_again().await;
    assert!(page.has("tr[data-line='6'][data-differs=unreadable]"), "{}", page.told());
    let file = owner.follows("#download").await.body.clone();
    assert!(file.starts_with('\u{feff}') && file.lines().count() == 9, "{file}");
    assert!(file.contains(&format!("\t{}", numbers[0].pay_id)), "its digits stay: {file}");
    assert!(!file.contains("HYPERLINK") && file.contains("文件里没有"), "{file}");
    // The same header again: nobody has to say it twice.
    let page = owner.sends_of_the_console(rows.join("\n")).await;
    assert!(page.has("#remembered"), "{}", page.told());
    assert_eq!(page.form("#columns").encoded().matches("column-amount=2").count(), 1);
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 3, "a file settles nothing");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_no_table_leaves_nothing_behind() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for (bytes, why) in [
        (b"".to_vec(), "空"),
        (b"PK\x03\x04workbook".to_vec(), "工作簿"),
        (b"a,b\n\0\0".to_vec(), "文字表格"),
        (HEADER.as_bytes().to_vec(), "只有表头"),
        (format!("a\n{}", "1\n".repeat(50_001)).into_bytes(), "50,000"),
    ] {
        let page = owner.sends_of_the_console(bytes).await;
        assert_eq!(page.status, 422, "{why}");
        assert!(page.wrong("file").contains(why) || why == "50,000", "{why}: {}", page.wrong("file"));
    }
    for day in ["", "2026-11-22", "2026-08-22", "1999-01-01", "x"] {
        owner.opens(HERE).await;
        let form = owner.page().form("#run").with("reconcile-day", day);
        assert_eq!(owner.submits(&form).await.status, 422, "{day}");
    }
    let left = "SELECT count(*) FROM reconciliations, reconciliation_lines";
    assert_eq!(shop.count("SELECT count(*) FROM reconciliations").await + shop.count(left).await, 0);
    shop.closes().await;
}
