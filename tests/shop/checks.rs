//! Money that does not add up, and what is stuck: found by itself, shown on every page of the back office, measured,
//! and gone when it is mended.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::minutes;
use crate::support::settings::{http, port};
use crate::support::weibo::Weibo;
use actix_web::web::Data;
use sqlx::AssertSqlSafe;
use weipu::app;
use weipu::payments;
use weipu::sandbox::Fault;
use weipu::staff::Role;
use weipu::web::operations;

const CHECKS: &str = "/admin/money/checks";
/// What no program of the shop's can do: one fen more in the ledger than came, and one less.
const SPOIL: &str = "ALTER TABLE ledger DISABLE TRIGGER ledger_stays;
    UPDATE ledger SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM ledger);
    ALTER TABLE ledger ENABLE TRIGGER ledger_stays;";
const MEND: &str = "ALTER TABLE ledger DISABLE TRIGGER ledger_stays;
    UPDATE ledger SET amount_fen = amount_fen - 1 WHERE id = (SELECT min(id) FROM ledger);
    ALTER TABLE ledger ENABLE TRIGGER ledger_stays;";

async fn runs(shop: &TestShop, sql: &'static str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut shop.database.connect().await).await.unwrap();
}

/// A shop with one paid order, and its number.
async fn paid() -> (TestShop, String) {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    shop.work().await;
    (shop, number)
}

/// The rules that the page names as broken; what stands above it says the same.
async fn broken(person: &mut Buyer) -> Vec<String> {
    let page = person.opens(CHECKS).await;
    let rules = page.body.split("data-rule=\"").skip(1);
    let rules: Vec<String> = rules.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(page.has("#breached"), !rules.is_empty(), "{}", page.told());
    rules
}

/// What the operations address answers at `/metrics`.
async fn measured(shop: &TestShop) -> String {
    let (listener, base) = port();
    let of = Data::new(shop.app.shop.clone());
    let server = app::plain_server(listener, move |cfg| operations::routes(cfg, &of)).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let answer = http().get(base.join("/metrics").unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    handle.stop(false).await;
    text
}

fn has(text: &str, sample: &str) -> bool {
    text.lines().any(|line| line == sample)
}

#[tokio::test]
async fn a_fen_that_is_wrong_is_found_shown_measured_and_gone_when_it_is_mended() {
    let (shop, number) = paid().await;
    let mut owner = shop.owner().await;
    let before = measured(&shop).await;
    assert!(has(&before, "weipu_money_breaches 0") && has(&before, "weipu_last_money_check_seconds +Inf"));
    assert!(owner.opens(CHECKS).await.has("#silent"), "nobody has looked yet");
    shop.app.worker.check_money(false).await.unwrap();
    assert!(broken(&mut owner).await.is_empty());
    assert!(!owner.page().has("#silent"));

    runs(&shop, SPOIL).await;
    shop.later(minutes(1));
    shop.app.worker.check_money(false).await.unwrap();
    assert_eq!(broken(&mut owner).await, ["paid-by-ledger", "payment-in-ledger"]);
    let page = owner.page().clone();
    assert!(page.text("#breaches").contains(&number) && page.text("#breaches").contains("账本不一致"));
    assert_eq!(page.link("#breaches th a").path(), format!("/admin/orders/{number}"));
    let reader = shop.member("小看", Role::ReadOnly).await;
    for mut person in [reader, owner] {
        for path in ["/admin", "/admin/orders", "/admin/products", "/admin/account"] {
            let page = person.opens(path).await;
            assert_eq!(
                (page.link("#breached a").path(), page.attribute("#breached", "role")),
                (CHECKS, "alert".into())
            );
        }
    }
    let text = measured(&shop).await;
    assert!(has(&text, "weipu_money_breaches 2") && has(&text, "weipu_last_money_check_seconds 0"), "{text}");

    // Hours later nobody has touched the order, and it is still known to be wrong.
    shop.later(minutes(180));
    shop.app.worker.check_money(false).await.unwrap();
    let mut owner = shop.desktop();
    shop.signs_in(&mut owner, crate::support::staff::OWNER).await;
    assert_eq!(broken(&mut owner).await.len(), 2);
    runs(&shop, MEND).await;
    assert_eq!(broken(&mut owner).await.len(), 2, "it is gone when somebody has looked");
    shop.later(minutes(1));
    shop.app.worker.check_money(false).await.unwrap();
    assert!(broken(&mut owner).await.is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn what_nobody_has_touched_for_long_is_found_when_everything_is_looked_at() {
    let (shop, number) = paid().await;
    let mut owner = shop.owner().await;
    shop.later(minutes(61));
    runs(&shop, SPOIL).await;
    shop.app.worker.check_money(false).await.unwrap();
    assert!(broken(&mut owner).await.is_empty(), "the look of each minute is at what moved lately");
    let page = owner.presses("#check").await;
    assert!(page.text(".said").contains("已开始检查"));
    shop.work().await;
    assert_eq!(broken(&mut owner).await, ["paid-by-ledger", "payment-in-ledger"]);
    assert!(owner.page().text("#breaches").contains(&number));
    let reader = &mut shop.member("小看", Role::ReadOnly).await;
    assert!(!reader.opens(CHECKS).await.has("#check"), "who may not move money looks only");
    runs(&shop, MEND).await;
    shop.later(minutes(1));
    shop.app.worker.check_money(true).await.unwrap();
    assert_eq!(broken(&mut owner).await.len(), 2, "everything was looked at a minute ago");
    shop.app.worker.check_money(false).await.unwrap();
    assert!(broken(&mut owner).await.is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn of_several_workers_one_looks() {
    let (shop, _) = paid().await;
    let (db, now) = (&shop.app.worker.db, || shop.clock.now());
    for whole in [false, true] {
        let looks = (0..8).map(|_| payments::examine_when_due(db, whole, now()));
        let looks = futures_util::future::join_all(looks).await;
        let looked: Vec<_> = looks.into_iter().filter_map(|look| look.unwrap()).collect();
        assert_eq!(looked.iter().map(|look| look.orders).collect::<Vec<_>>(), [1], "whole {whole}");
    }
    shop.later(minutes(1));
    assert!(payments::examine_when_due(db, false, now()).await.unwrap().is_some(), "a minute later again");
    assert!(payments::examine_when_due(db, true, now()).await.unwrap().is_none(), "once a day");
    shop.later(minutes(24 * 60));
    assert!(payments::examine_when_due(db, true, now()).await.unwrap().is_some());
    // One who died over it is waited for ten minutes, not a day.
    runs(&shop, "UPDATE money_checks SET at = NULL WHERE whole").await;
    shop.later(minutes(9));
    assert!(payments::examine_when_due(db, true, now()).await.unwrap().is_none());
    shop.later(minutes(2));
    assert!(payments::examine_when_due(db, true, now()).await.unwrap().is_some());
    shop.closes().await;
}

#[tokio::test]
async fn an_order_that_says_paid_without_money_is_found_within_the_minute() {
    let (shop, _) = paid().await;
    let mut owner = shop.owner().await;
    let mut other = shop.phone();
    other.orders("longjing-1", 1).await;
    let spoil = "UPDATE orders SET payment = 'paid', paid_at = placed_at WHERE payment = 'none'";
    runs(&shop, spoil).await;
    shop.app.worker.check_money(false).await.unwrap();
    assert_eq!(broken(&mut owner).await, ["paid-by-ledger"]);
    let mend = "ALTER TABLE orders DISABLE TRIGGER USER;
        UPDATE orders SET payment = 'none', paid_at = NULL WHERE id = (SELECT max(id) FROM orders);
        ALTER TABLE orders ENABLE TRIGGER USER;";
    runs(&shop, mend).await;
    shop.later(minutes(1));
    shop.app.worker.check_money(false).await.unwrap();
    assert!(broken(&mut owner).await.is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn payments_of_which_nobody_knows_are_told_after_half_an_hour() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::QueryFails);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    let number = shop.weibo.payment().order.out_pay_id;
    shop.later(minutes(29));
    let mut owner = shop.owner().await;
    assert!(!owner.opens(CHECKS).await.text("#stuck").contains(&number));
    let text = measured(&shop).await;
    assert!(has(&text, "weipu_payments_unknown 1"), "{text}");
    assert!(has(&text, "weipu_oldest_due_job_seconds 1730"), "asked for the first time after 10 s: {text}");
    shop.work().await;
    shop.later(minutes(2));
    let stuck = owner.opens(CHECKS).await.text("#stuck");
    assert!(stuck.contains(&number) && stuck.contains("已查询 1 次"), "{stuck}");
    shop.weibo.stops(Fault::QueryFails);
    shop.closes().await;
    let mut owner = shop.desktop();
    shop.signs_in(&mut owner, crate::support::staff::OWNER).await;
    assert!(!owner.opens(CHECKS).await.text("#stuck").contains(&number), "it is known");
}

#[tokio::test]
async fn a_refund_without_an_end_and_a_job_that_was_given_up_are_told() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    buyer.pays().await;
    for _ in 0..12 {
        shop.work().await;
        shop.later(minutes(10));
    }
    shop.buyer().orders("teapot", 1).await;
    shop.weibo.stops(Fault::QueryUnknownCode);
    let late = Weibo::notice_of(&shop.weibo.sandbox.payments()[0]);
    assert_eq!(shop.weibo.tells(late).await.body, "success");
    shop.later(minutes(25 * 60));
    runs(
        &shop,
        "INSERT INTO jobs (key, job, run_at, trouble, given_up_at)
            VALUES ('transfer 9', '{\"kind\": \"transfer\", \"transfer\": 9}', now(), 'no such file <b>', now())",
    )
    .await;
    let mut owner = shop.owner().await;
    let page = owner.opens(CHECKS).await;
    let stuck = page.text("#stuck");
    assert!(stuck.contains("880.00") && stuck.contains("transfer 9: no such file <b>"), "{stuck}");
    let text = measured(&shop).await;
    for sample in [
        "weipu_refunds{state=\"begun\"} 1",
        "weipu_refunds{state=\"succeeded\"} 0",
        "weipu_jobs_given_up 1",
        "weipu_doubted_notices 0",
    ] {
        assert!(has(&text, sample), "{sample}: {text}");
    }
    for line in text.lines() {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let is_sample = name.starts_with("weipu_") && (value == "+Inf" || value.parse::<i64>().is_ok());
        assert!(line.starts_with("# ") || is_sample, "{line}");
    }
    runs(&shop, "DELETE FROM jobs WHERE key = 'transfer 9'").await;
    shop.work().await;
    shop.later(minutes(1));
    shop.closes().await;
    assert!(has(&measured(&shop).await, "weipu_refunds{state=\"succeeded\"} 1"));
}

#[tokio::test]
async fn without_a_database_nothing_is_measured_and_nothing_told() {
    let shop = TestShop::open().await;
    runs(&shop, "ALTER TABLE money_breaches RENAME TO gone").await;
    let (listener, base) = port();
    let of = Data::new(shop.app.shop.clone());
    let server = app::plain_server(listener, move |cfg| operations::routes(cfg, &of)).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let answer = http().get(base.join("/metrics").unwrap()).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (503, "no database\n"));
    handle.stop(false).await;
    let outside = http().get(shop.base.join("/metrics").unwrap()).send().await.unwrap();
    assert_eq!(outside.status(), 404, "it is not on the shop's own address");
    runs(&shop, "ALTER TABLE gone RENAME TO money_breaches").await;
}
