//! Orders being received: the buyer says so, the staff does, or nobody does and their time is over; once in any case.

use crate::buyer_notices::told;
use crate::parcels::{CORRECT, at_the_cashier, audited, history, paid, path, ships, standing};
use crate::refunds_desk::{paid_for, refunds, weibo_gives_back};
use crate::support::buyer::Buyer;
use crate::support::page::{Form, Page};
use crate::support::staff::OWNER;
use crate::support::{Duration, TestShop, minutes};
use futures_util::future::join_all;
use sqlx::Row;
use weipu::staff::Role;

pub const RECEIPT: &str = "form#receipt";
const RECEIVE: &str = "form#receive";
const EVENTS: &str = "SELECT count(*) FROM order_events WHERE kind = 'received'";
const TOLD: &str = "SELECT count(*) FROM buyer_messages WHERE about = 'received'";

/// Somebody whose mug is on its way, its number, and who sent it.
pub async fn on_its_way(shop: &TestShop) -> (Buyer, String, Buyer) {
    let (mut buyer, number) = paid(shop, "mug").await;
    let mut owner = shop.owner().await;
    shop.work().await;
    shop.later(minutes(5));
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    assert_eq!(buyer.looks_again().await.attribute("main", "data-fulfilment"), "shipped");
    (buyer, number, owner)
}

/// Their time passes, and what is due then comes round by itself.
async fn passes(shop: &TestShop, by: Duration) {
    shop.later(by);
    shop.app.worker.receive_orders().await.unwrap();
    shop.work().await;
}

fn fulfilment(page: &Page) -> String {
    page.attribute("main", "data-fulfilment")
}

/// The same form at another address.
fn at(buyer: &Buyer, form: &Form, address: &str) -> Form {
    form.clone().to(buyer.browser.at(address))
}

#[tokio::test]
async fn a_buyer_says_that_she_has_it_and_all_of_the_shop_knows() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let page = buyer.looks_again().await;
    assert!(page.text("#awaited").contains("2026-12-01 12:"), "in ten days: {}", page.told());
    let (form, address) = (page.form(RECEIPT), page.url.clone());
    let offers = |page: &Page| (page.has("#repost"), page.has("#follow"), page.links().len());
    let before = offers(page);
    shop.later(Duration::hours(30));
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), &page.url, page.text("h1").as_str()), (200, &address, "已收货"));
    assert_eq!(
        (fulfilment(page), page.has(RECEIPT), page.has("#awaited")),
        ("received".into(), false, false)
    );
    assert!(page.text("#received").contains("售后") && page.text(".timeline").contains("确认收货"));
    assert_eq!(offers(page), before, "what is offered to her is as it was");
    // The same button again, from a page that was left open.
    shop.later(minutes(1));
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), fulfilment(page)), (200, "received".into()));
    assert_eq!(buyer.opens("/orders").await.text(".tag"), "已收货");
    assert_eq!(buyer.opens("/en/orders").await.text(".tag"), "Received");
    let state = buyer.opens(&format!("/orders/{number}/state")).await;
    assert!(state.body.contains(r#""fulfilment":"received""#), "{}", state.body);
    shop.signs_in(&mut owner, OWNER).await;
    let page = owner.opens(&path(&number)).await;
    assert_eq!(standing(page), ["paid", "received", "open"]);
    assert_eq!(history(page).last().unwrap(), "received");
    assert!(page.text("[data-event=received]").contains("买家") && page.text("h1").contains("已收货"));
    assert!(page.text("#parcel").contains("买家确认") && !page.has(CORRECT) && !page.has(RECEIVE));
    for (tab, finds) in [("received", true), ("shipped", false), ("to-ship", false), ("", true)] {
        let page = owner.opens(&format!("/admin/orders?state={tab}")).await;
        assert_eq!(page.body.contains(&path(&number)), finds, "{tab}");
    }
    passes(&shop, Duration::days(20)).await;
    assert_eq!((shop.count(EVENTS).await, shop.count(TOLD).await), (1, 0), "she knows what she said");
    shop.closes().await;
}

#[tokio::test]
async fn whoever_says_so_first_two_devices_the_desk_and_the_clock_are_one_receipt() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let form = buyer.looks_again().await.form(RECEIPT);
    shop.later(Duration::days(10));
    shop.signs_in(&mut owner, OWNER).await;
    let by_staff = owner.opens(&path(&number)).await.form(RECEIVE);
    let mut hands = Vec::new();
    for (one, form) in
        [(&buyer, &form), (&buyer, &form), (&buyer, &form), (&owner, &by_staff), (&owner, &by_staff)]
    {
        let mut device = shop.desktop();
        device.browser.cookies.clone_from(&one.browser.cookies);
        hands.push(async move { device.submits(form).await.status.as_u16() });
    }
    let worker = &shop.app.worker;
    let (pressed, one, two) = tokio::join!(join_all(hands), worker.receive_orders(), worker.receive_orders());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(pressed, [200; 5]);
    assert_eq!(shop.count(EVENTS).await, 1);
    let one_of_them =
        "SELECT count(*) FROM orders o JOIN order_events e ON e.order_id = o.id AND e.kind = 'received'
        WHERE o.received_by = e.actor AND o.received_at = e.at";
    assert_eq!(shop.count(one_of_them).await, 1);
    let by_the_clock = shop.count("SELECT count(*) FROM orders WHERE received_by = 'shop'").await;
    shop.work().await;
    assert_eq!(shop.count(TOLD).await, by_the_clock);
    shop.closes().await;
}

#[tokio::test]
async fn nobody_receives_what_is_somebody_elses_or_was_not_sent() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let form = buyer.looks_again().await.form(RECEIPT);
    let own = format!("/orders/{number}/receipt");
    let mut stranger = shop.phone();
    stranger.opens("/").await;
    stranger.orders("longjing-1", 1).await;
    let forged = at(&stranger, &form, &own);
    assert_eq!(stranger.submits(&forged).await.status, 404, "she learns nothing of it");
    // Who only has the link reads how it stands, and that is all.
    let link = shop.order_link(&number);
    let page = stranger.opens(&link).await;
    assert!(!page.has(RECEIPT) && page.has("#awaited"), "{}", page.told());
    let forged = at(&stranger, &form, &link.replace('?', "/receipt?"));
    assert_eq!(stranger.submits(&forged).await.status, 403);
    for nowhere in ["2611-0000-0000", "x", "%00", "..%2f..", "2611-7KQ4-M2X9'--"] {
        let forged = at(&buyer, &form, &format!("/orders/{nowhere}/receipt"));
        assert_eq!(buyer.submits(&forged).await.status, 404, "{nowhere}");
    }
    let got = buyer.opens(&own).await.status.as_u16();
    assert!(got == 404 || got == 405, "nothing changes by GET: {got}");
    assert_eq!(shop.count(EVENTS).await, 0);
    // Unpaid, and paid but not sent: hers or not, and at the desk.
    let (mut unpaid, first) = at_the_cashier(&shop, "longjing-1").await;
    let (mut waiting, second) = paid(&shop, "longjing-1").await;
    let by_staff = owner.opens(&path(&number)).await.form(RECEIVE);
    for (who, number) in [(&mut unpaid, &first), (&mut waiting, &second)] {
        assert!(!who.opens(&format!("/orders/{number}")).await.has(RECEIPT));
        let forged = at(who, &form, &format!("/orders/{number}/receipt"));
        let page = who.submits(&forged).await;
        assert_eq!((page.status.as_u16(), page.text("h1").as_str()), (409, "还不能确认收货"));
        assert!(!owner.opens(&path(number)).await.has(RECEIVE));
        let forged = at(&owner, &by_staff, &format!("{}/receipt", path(number)));
        let page = owner.submits(&forged).await;
        assert_eq!(page.status, 409);
        assert!(page.text("#refused").contains("还没有发货"), "{}", page.told());
    }
    passes(&shop, Duration::days(60)).await;
    let all = "SELECT count(*) FROM orders WHERE fulfilment = 'received'";
    assert_eq!((shop.count(EVENTS).await, shop.count(all).await), (1, 1), "the one that was sent");
    shop.closes().await;
}

#[tokio::test]
async fn when_nobody_says_so_it_counts_as_received_in_its_time_and_she_is_told_once() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let form = buyer.looks_again().await.form(RECEIPT);
    passes(&shop, Duration::days(10) - minutes(1)).await;
    assert_eq!((shop.count(EVENTS).await, fulfilment(buyer.looks_again().await)), (0, "shipped".into()));
    shop.later(minutes(1));
    assert!(buyer.looks_again().await.text("#awaited").contains("很快"), "{}", buyer.page().told());
    for _ in 0..3 {
        passes(&shop, minutes(1)).await;
    }
    let page = buyer.looks_again().await;
    assert_eq!((fulfilment(page), page.text("h1").as_str()), ("received".into(), "已收货"));
    assert!(page.text(".timeline").contains("自动确认收货") && page.has("#received"));
    // Her button on an old page comes after the clock.
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), fulfilment(page)), (200, "received".into()));
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped sent", "received sent"]);
    let page = owner.opens(&path(&number)).await;
    assert!(
        page.text("[data-event=received]").contains("系统") && page.text("#parcel").contains("到期自动确认")
    );
    let words = shop.weibo.sandbox.messages().pop().unwrap().text;
    assert!(words.contains(&number) && words.contains("自动确认收货") && words.contains("售后"), "{words}");
    assert_eq!(shop.count(EVENTS).await, 1);
    shop.closes().await;
}

/// Sets after how many days orders count as received.
async fn sets_days(shop: &TestShop, owner: &mut Buyer, days: &str) -> Page {
    let form = owner.opens("/admin/settings/delivery").await.form("form[action='/admin/settings/delivery']");
    let page = owner.submits(&form.with("receive_days", days)).await.clone();
    shop.follows_settings().await;
    page
}

#[tokio::test]
async fn a_shorter_time_holds_for_what_is_sent_later_and_a_longer_one_for_all() {
    let shop = TestShop::open().await;
    let (mut buyer, _, mut owner) = on_its_way(&shop).await;
    for bad in ["2", "61", "", "十", "+7", "7.5"] {
        let page = sets_days(&shop, &mut owner, bad).await;
        assert_eq!((page.status.as_u16(), page.wrong("receive_days").is_empty()), (422, false), "{bad}");
    }
    assert!(sets_days(&shop, &mut owner, "3").await.has(".said"));
    assert!(buyer.looks_again().await.text("#awaited").contains("2026-12-01"), "as she was told");
    let (mut later, second) = paid(&shop, "longjing-1").await;
    ships(&mut owner, &second, "sf", "SF1234567890124").await;
    assert!(later.looks_again().await.text("#awaited").contains("2026-11-24"));
    passes(&shop, Duration::days(3)).await;
    assert_eq!(fulfilment(later.looks_again().await), "received");
    assert_eq!(fulfilment(buyer.looks_again().await), "shipped");
    shop.signs_in(&mut owner, OWNER).await;
    assert!(sets_days(&shop, &mut owner, "20").await.has(".said"));
    assert!(buyer.looks_again().await.text("#awaited").contains("2026-12-11"), "{}", buyer.page().told());
    passes(&shop, Duration::days(15)).await;
    assert_eq!(fulfilment(buyer.looks_again().await), "shipped");
    passes(&shop, Duration::days(2)).await;
    assert_eq!(fulfilment(buyer.looks_again().await), "received");
    assert_eq!(audited(&shop, "change-delivery").await, 2);
    shop.closes().await;
}

#[tokio::test]
async fn a_longer_time_that_is_taken_back_keeps_what_was_told() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let (mut has_it, of_hers) = paid(&shop, "longjing-1").await;
    ships(&mut owner, &of_hers, "sf", "SF1234567890124").await;
    let receipt = has_it.looks_again().await.form(RECEIPT);
    has_it.submits(&receipt).await;
    assert!(sets_days(&shop, &mut owner, "60").await.has(".said"));
    let told = "2027-01-20";
    assert!(buyer.looks_again().await.text("#awaited").contains(told), "{}", buyer.page().told());
    assert!(sets_days(&shop, &mut owner, "10").await.has(".said"));
    assert!(buyer.looks_again().await.text("#awaited").contains(told), "as she was told");
    assert!(owner.opens(&path(&number)).await.text("#parcel").contains(told), "and as the desk reads");
    let of_hers = "SELECT receive_days::bigint FROM orders WHERE fulfilment = 'received'";
    assert_eq!(shop.count(of_hers).await, 10, "what was received stays as it is");
    let (mut later, second) = paid(&shop, "longjing-1").await;
    ships(&mut owner, &second, "sf", "SF1234567890125").await;
    assert!(later.looks_again().await.text("#awaited").contains("2026-12-01"));
    passes(&shop, Duration::days(60) - minutes(30)).await;
    let by_the_clock = "SELECT count(*) FROM orders WHERE received_by = 'shop'";
    let waiting = "SELECT receive_days::bigint FROM orders WHERE fulfilment = 'shipped'";
    assert_eq!((shop.count(waiting).await, shop.count(by_the_clock).await), (60, 1));
    passes(&shop, minutes(30)).await;
    assert_eq!(shop.count(by_the_clock).await, 2);
    shop.closes().await;
}

#[tokio::test]
async fn what_a_refund_held_back_is_told_all_the_same() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid_for(&shop, "longjing-1", 3).await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    shop.later(Duration::days(9));
    shop.signs_in(&mut owner, OWNER).await;
    refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "1")]).await;
    shop.later(Duration::days(6));
    shop.app.worker.receive_orders().await.unwrap();
    assert_eq!(shop.count(EVENTS).await, 0, "it goes back since six days");
    weibo_gives_back(&shop).await;
    passes(&shop, minutes(1)).await;
    assert_eq!(fulfilment(buyer.looks_again().await), "received");
    assert_eq!((shop.count(EVENTS).await, shop.count(TOLD).await), (1, 1), "five days after it was due");
    shop.closes().await;
}

#[tokio::test]
async fn a_refund_that_is_carried_out_holds_it_back_until_it_has_ended() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid_for(&shop, "longjing-1", 3).await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    shop.later(Duration::days(10) - minutes(1));
    shop.signs_in(&mut owner, OWNER).await;
    refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "1")]).await;
    shop.later(minutes(2));
    shop.app.worker.receive_orders().await.unwrap();
    let page = buyer.looks_again().await;
    assert_eq!((fulfilment(page), shop.count(EVENTS).await), ("shipped".into(), 0));
    assert!(page.text("#awaited").contains("退款") && page.has(RECEIPT), "she may say so: {}", page.told());
    weibo_gives_back(&shop).await;
    shop.app.worker.receive_orders().await.unwrap();
    assert_eq!((fulfilment(buyer.looks_again().await), shop.count(EVENTS).await), ("received".into(), 1));
    // What was received may go back all the same.
    refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "2")]).await;
    weibo_gives_back(&shop).await;
    assert_eq!(standing(owner.opens(&path(&number)).await), ["paid", "received", "open"]);
    assert_eq!(buyer.looks_again().await.payment(), "refunded");
    shop.closes().await;
}

#[tokio::test]
async fn what_goes_back_as_a_whole_is_never_received() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    let form = buyer.looks_again().await.form(RECEIPT);
    let by_staff = owner.opens(&path(&number)).await.form(RECEIVE);
    refunds(&mut owner, &number, &[]).await;
    for _ in 0..2 {
        assert!(!buyer.looks_again().await.has(RECEIPT) && !buyer.page().has("#awaited"));
        let page = buyer.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.text("h1").as_str()), (409, "不用确认收货"));
        buyer.opens(&format!("/orders/{number}")).await;
        assert_eq!(owner.submits(&by_staff).await.status, 409);
        weibo_gives_back(&shop).await;
    }
    passes(&shop, Duration::days(60)).await;
    let still = "SELECT count(*) FROM orders WHERE fulfilment = 'shipped'";
    assert_eq!((shop.count(EVENTS).await, shop.count(still).await), (0, 1));
    shop.closes().await;
}

#[tokio::test]
async fn the_staff_may_say_so_and_it_is_written_down_who() {
    let shop = TestShop::open().await;
    let (mut buyer, number, _owner) = on_its_way(&shop).await;
    let correction = {
        let mut service = shop.member("阿水", Role::Service).await;
        let page = service.opens(&path(&number)).await;
        assert!(page.text("#parcel").contains("2026-12-01"), "when it would by itself: {}", page.told());
        let (form, correction) = (page.form(RECEIVE), page.form(CORRECT));
        assert!(service.submits(&form).await.text(".said").contains("已收货"));
        assert_eq!(service.submits(&form).await.status, 200, "the same button twice");
        let page = service.opens(&path(&number)).await;
        assert!(
            page.text("[data-event=received]").contains("阿水") && page.text("#parcel").contains("店员标记")
        );
        let page = service.submits(&correction.with("tracking", "SF9999999999999")).await;
        assert_eq!(page.status, 409);
        page.text("#refused")
    };
    assert!(correction.contains("不能再改"), "{correction}");
    assert_eq!((audited(&shop, "receive-order").await, shop.count(EVENTS).await), (1, 1));
    let page = buyer.looks_again().await;
    assert!(page.text(".timeline").contains("店家标记为已收货") && !page.body.contains("阿水"));
    assert_eq!(page.text("#tracking"), "SF1234567890123");
    passes(&shop, Duration::days(11)).await;
    assert_eq!(shop.count(TOLD).await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn what_came_true_long_ago_is_received_quietly() {
    let shop = TestShop::open().await;
    let _sent = on_its_way(&shop).await;
    passes(&shop, Duration::days(10) - minutes(1)).await;
    assert_eq!(shop.count(EVENTS).await, 0);
    // The shop was away.
    passes(&shop, Duration::days(4)).await;
    assert_eq!((shop.count(EVENTS).await, shop.count(TOLD).await), (1, 0));
    shop.closes().await;
}

#[tokio::test]
async fn one_that_cannot_be_received_keeps_no_other_from_it() {
    let shop = TestShop::open().await;
    let (mut broken, ..) = on_its_way(&shop).await;
    shop.runs(
        "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;
         CREATE TRIGGER breaks BEFORE INSERT ON order_events FOR EACH ROW
             WHEN (NEW.kind = 'received' AND NEW.order_id = 1) EXECUTE FUNCTION breaks()",
    )
    .await;
    assert_eq!(shop.count("SELECT id FROM orders").await, 1);
    let (mut buyer, number) = paid(&shop, "longjing-1").await;
    let mut member = shop.member("阿水", Role::Service).await;
    shop.later(minutes(1));
    ships(&mut member, &number, "sf", "SF1234567890124").await;
    shop.later(Duration::days(10));
    shop.app.worker.receive_orders().await.unwrap_err();
    assert_eq!(fulfilment(buyer.looks_again().await), "received");
    assert_eq!(fulfilment(broken.looks_again().await), "shipped", "nothing by halves");
    shop.runs("DROP TRIGGER breaks ON order_events").await;
    shop.app.worker.receive_orders().await.unwrap();
    assert_eq!(fulfilment(broken.looks_again().await), "received");
    shop.closes().await;
}

#[tokio::test]
async fn the_sweep_reads_what_is_due_and_nothing_else() {
    let shop = TestShop::open().await;
    let mut conn = shop.database.connect().await;
    let source = include_str!("../../src/orders/store/receipts.rs");
    let (_, query) = source.split_once("SELECT id AS").unwrap();
    let query = query.split("\"#").next().unwrap().replace("$1", "now()").replace("$2", "1000");
    let explain = format!("SET enable_seqscan = off; SET enable_sort = off; EXPLAIN SELECT id AS{query}");
    let plan = sqlx::raw_sql(sqlx::AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    let by_time = plan.contains("orders_to_receive") && plan.contains("Index Cond");
    assert!(by_time && !plan.contains("Filter") && !plan.contains("Sort"), "{plan}");
    shop.closes().await;
}

#[tokio::test]
async fn the_tables_themselves_hold_what_was_received() {
    let shop = TestShop::open().await;
    let (_buyer, _, _owner) = on_its_way(&shop).await;
    let (_, unsent) = paid(&shop, "longjing-1").await;
    assert!(!unsent.is_empty());
    let mut conn = shop.database.connect().await;
    let received = "fulfilment = 'received', received_at = now(), received_by = 'buyer'";
    let cases = [
        (
            format!("UPDATE orders SET {received}, shipped_at = now() WHERE fulfilment = 'none'"),
            "orders_received_was_sent",
        ),
        ("UPDATE orders SET receive_days = 3 WHERE fulfilment = 'shipped'".into(), "orders_shipped_once"),
        ("UPDATE orders SET receive_days = 11 WHERE fulfilment = 'shipped'".into(), ""),
        (
            "UPDATE orders SET receive_days = 61 WHERE fulfilment = 'none'".into(),
            "orders_receive_days_within",
        ),
        ("UPDATE orders SET received_at = now() WHERE fulfilment = 'shipped'".into(), "orders_received_at"),
        (
            "UPDATE orders SET fulfilment = 'received', received_at = now() WHERE fulfilment = 'shipped'"
                .into(),
            "orders_received_by",
        ),
        (
            format!("UPDATE orders SET {received}, received_by = 'weibo' WHERE fulfilment = 'shipped'")
                .replace("received_by = 'buyer', ", ""),
            "orders_received_by_known",
        ),
        (
            format!("UPDATE orders SET {received}, back_fen = total_fen WHERE fulfilment = 'shipped'"),
            "orders_received_is_kept",
        ),
        (format!("UPDATE orders SET {received} WHERE fulfilment = 'shipped'"), ""),
        ("UPDATE orders SET receive_days = 60 WHERE fulfilment = 'received'".into(), "orders_received_once"),
        (
            "UPDATE orders SET received_by = 'shop' WHERE fulfilment = 'received'".into(),
            "orders_received_once",
        ),
        (
            "UPDATE orders SET fulfilment = 'shipped', received_at = NULL, received_by = NULL
             WHERE fulfilment = 'received'"
                .into(),
            "orders_received_once",
        ),
        (
            "UPDATE orders SET fulfilment = 'none', shipped_at = NULL WHERE fulfilment = 'received'".into(),
            "orders_shipped_once",
        ),
    ];
    for (sql, constraint) in cases {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut conn).await;
        let broken = done.err().and_then(|error| Some(error.as_database_error()?.constraint()?.to_owned()));
        assert_eq!(broken.unwrap_or_default(), constraint, "{sql}");
    }
    shop.runs(
        "INSERT INTO order_events (order_id, at, kind, actor)
         SELECT id, received_at, 'received', 'buyer' FROM orders WHERE fulfilment = 'received'",
    )
    .await;
    shop.closes().await;
}
