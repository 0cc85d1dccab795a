//! Sending orders, putting labels right, writing notes; and what nobody may do, or do twice.

use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::weibo::Weibo;
use crate::support::{TestShop, minutes};
use weipu::sandbox::Fault;
use weipu::staff::Role;

pub const SHIP: &str = "form[action$='/shipment']";
pub const CORRECT: &str = "form[action$='/correction']";
pub const CANCEL: &str = "form[action$='/cancellation']";
pub const NOTE: &str = "form[action$='/notes']";

/// Somebody who has paid for one of these, and her order.
pub async fn paid(shop: &TestShop, sku: &str) -> (Buyer, String) {
    let mut buyer = shop.buyer();
    buyer.orders(sku, 1).await;
    let number = buyer.order();
    let url = buyer.page().url.clone();
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.visits(url).await;
    assert_eq!(buyer.page().payment(), "paid");
    (buyer, number)
}

/// Somebody at the cashier, and her order.
pub async fn at_the_cashier(shop: &TestShop, sku: &str) -> (Buyer, String) {
    let mut buyer = shop.buyer();
    buyer.orders(sku, 1).await;
    let (number, url) = (buyer.order(), buyer.page().url.clone());
    buyer.goes_to_the_cashier().await;
    buyer.visits(url).await;
    (buyer, number)
}

pub fn path(number: &str) -> String {
    format!("/admin/orders/{number}")
}

pub async fn ships(owner: &mut Buyer, number: &str, courier: &str, tracking: &str) -> Page {
    owner.opens(&path(number)).await;
    let form = owner.page().form(SHIP).with("courier", courier).with("tracking", tracking);
    owner.submits(&form).await.clone()
}

pub async fn cancels(owner: &mut Buyer, number: &str) -> Page {
    owner.opens(&path(number)).await;
    let form = owner.page().form(CANCEL).with("cancel_reason", "买家说不要了");
    owner.submits(&form).await.clone()
}

/// What happened, the first first.
pub fn history(page: &Page) -> Vec<String> {
    let mut kinds: Vec<String> = page
        .body
        .split("data-event=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

pub fn standing(page: &Page) -> [String; 3] {
    ["data-payment", "data-fulfilment", "data-closure"].map(|name| page.attribute(".head", name))
}

pub async fn audited(shop: &TestShop, action: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM audit WHERE action = '{action}'");
    shop.count(sql.leak()).await
}

#[tokio::test]
async fn a_paid_order_is_sent_and_the_buyer_reads_where_it_is() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "longjing-1").await;
    let mut owner = shop.owner().await;
    shop.later(minutes(10));
    let page = ships(&mut owner, &number, "sf", " sf1234 5678 90123\t").await;
    assert_eq!(standing(&page), ["paid", "shipped", "open"], "{}", page.told());
    assert!(page.text("#parcel").contains("SF1234567890123") && page.text("#parcel").contains("阿山"));
    assert_eq!(history(&page), ["placed", "cashier", "paid", "shipped"]);
    assert!(
        page.text("[data-event=shipped]").contains("阿山") && page.text("[data-event=paid]").contains("微博")
    );
    let page = buyer.looks_again().await;
    assert_eq!(page.attribute("main", "data-fulfilment"), "shipped");
    assert_eq!(page.text("h1"), "已发货");
    assert_eq!(page.text("#tracking"), "SF1234567890123");
    assert!(page.attribute("a[href*=kuaidi100]", "rel").contains("noreferrer"));
    assert!(page.text(".timeline").contains("店家已发货") && page.text(".timeline").contains("提交订单"));
    assert!(buyer.opens("/orders").await.text(".tag").contains("已发货"));
    assert_eq!(audited(&shop, "ship-order").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn who_only_has_the_link_learns_nothing_of_where_the_parcel_goes() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    let mut friend = shop.phone();
    let page = friend.opens(&shop.order_link(&number)).await;
    assert_eq!((page.status.as_u16(), page.text("#tracking")), (200, "****0123".into()));
    assert!(!page.body.contains("SF1234567890123") && !page.body.contains("kuaidi100"));
    shop.closes().await;
}

#[tokio::test]
async fn only_what_is_paid_open_and_here_is_sent() {
    let shop = TestShop::open().await;
    let (_paid, sent) = paid(&shop, "longjing-1").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&sent)).await;
    let form = owner.page().form(SHIP).with("courier", "zto").with("tracking", "78123456789012");
    let (_, unpaid) = at_the_cashier(&shop, "mug").await;
    let (_, cancelled) = at_the_cashier(&shop, "mug").await;
    assert_eq!(standing(&cancels(&mut owner, &cancelled).await)[2], "cancelled");
    for (number, payment, closure) in [(&unpaid, "pending", "open"), (&cancelled, "pending", "cancelled")] {
        let page = owner.opens(&path(number)).await;
        assert!(!page.has(SHIP), "no such form is offered");
        let mut forged = form.clone();
        forged.action.set_path(&format!("{}/shipment", path(number)));
        let page = owner.submits(&forged).await;
        assert_eq!(page.status, 409, "{}", page.told());
        assert!(!page.text("#refused").is_empty());
        assert_eq!(standing(page), [payment, "none", closure]);
        let mut forged = form.clone();
        forged.action.set_path(&format!("{}/shipment/correction", path(number)));
        assert_eq!(owner.submits(&forged).await.status, 409, "nothing to correct");
    }
    assert_eq!(shop.count("SELECT count(*) FROM shipments").await, 0);
    owner.submits(&form).await;
    // The same button twice is one parcel; another number is not a second one.
    let page = owner.submits(&form).await;
    assert_eq!(
        (page.status.as_u16(), history(page).iter().filter(|kind| *kind == "shipped").count()),
        (200, 1)
    );
    let page = owner.submits(&form.clone().with("tracking", "78999999999999")).await;
    assert_eq!(page.status, 409);
    assert!(page.text("#refused").contains("阿山") && page.text("#refused").contains("78123456789012"));
    assert_eq!(
        (shop.count("SELECT count(*) FROM shipments").await, audited(&shop, "ship-order").await),
        (1, 1)
    );
    for nowhere in ["2611-0000-0000", "x", "%00", "..%2f..", "2611-7KQ4-M2X9'--"] {
        let mut forged = form.clone();
        forged.action = owner.browser.at(&format!("/admin/orders/{nowhere}/shipment"));
        assert_eq!(owner.submits(&forged).await.status, 404, "{nowhere}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn two_who_send_it_at_once_are_one_parcel_and_the_other_is_told() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "longjing-1").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&number)).await;
    let form = owner.page().form(SHIP).with("courier", "zto");
    let forms = (0..6).map(|n| form.clone().with("tracking", format!("7812345678901{n}")));
    let cookies = owner.browser.cookies.clone();
    let answers = futures_util::future::join_all(forms.map(|form| {
        let mut member = shop.desktop();
        member.browser.cookies.clone_from(&cookies);
        async move { member.submits(&form).await.clone() }
    }))
    .await;
    let won: Vec<_> = answers.iter().filter(|page| page.status == 200).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    let tracking = won[0].text("#parcel code");
    for lost in answers.iter().filter(|page| page.status != 200) {
        assert_eq!(lost.status, 409);
        assert!(lost.text("#refused").contains(&tracking) && lost.text("#refused").contains("阿山"));
    }
    assert_eq!(shop.count("SELECT count(*) FROM order_events WHERE kind = 'shipped'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_mistyped_is_told_and_kept() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    for (courier, name, tracking, wrong) in [
        ("sf", "", "", "tracking"),
        ("sf", "", "12345", "tracking"),
        ("sf", "", "SF12\u{1}3456", "tracking"),
        ("sf", "", "<b>1234567</b>", "tracking"),
        ("other", " ", "ABC123456", "courier_name"),
        ("other", "名名名名名名名名名名名名名名名名名名名名名", "ABC123456", "courier_name"),
    ] {
        owner.opens(&path(&number)).await;
        let form = owner.page().form(SHIP).with("courier", courier).with("courier_name", name);
        let page = owner.submits(&form.with("tracking", tracking)).await;
        assert_eq!((page.status.as_u16(), page.wrong(wrong).is_empty()), (422, false), "{tracking:?}");
        assert_eq!(page.attribute("#tracking", "value"), tracking, "kept as it was typed");
        assert!(page.has(&format!("option[value={courier}][selected]")));
    }
    owner.opens(&path(&number)).await;
    let form = owner.page().form(SHIP).with("courier", "pigeon").with("tracking", "SF1234567890123");
    assert!(owner.submits(&form).await.text("#courier-wrong").contains("快递公司"));
    // A number of another courier's is asked about once.
    let form = owner.page().form(SHIP).with("courier", "sf").with("tracking", "YT1234567890123");
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 422);
    assert!(page.wrong("tracking").contains("圆通"), "{}", page.told());
    let sure = page.form(SHIP).with("sure", "1").with("courier", "sf");
    let page = owner.submits(&sure).await;
    assert_eq!((page.status.as_u16(), standing(page)[1].as_str()), (200, "shipped"));
    shop.closes().await;
}

#[tokio::test]
async fn a_courier_without_a_name_of_ours_keeps_its_own() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "mug").await;
    let (_other, next) = paid(&shop, "longjing-1").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&number)).await;
    let form = owner.page().form(SHIP).with("courier", "other").with("courier_name", "<b>马帮</b>");
    let page = owner.submits(&form.with("tracking", "AB123456")).await;
    assert!(page.text("#parcel").contains("<b>马帮</b>") && !page.has("#parcel a[href*=kuaidi100]"));
    assert!(buyer.looks_again().await.text("section.pay").contains("<b>马帮</b>"));
    let page = owner.opens(&path(&next)).await;
    assert!(page.has("option[value=other][selected]"), "most shops send all with one");
    assert_eq!(page.attribute("#courier_name", "value"), "<b>马帮</b>");
    shop.closes().await;
}

#[tokio::test]
async fn a_label_is_corrected_within_two_days_and_both_stand_in_the_history() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.later(minutes(47 * 60));
    let mut owner = shop.member("阿水", Role::Service).await;
    owner.opens(&path(&number)).await;
    let empty = owner.page().form(NOTE);
    assert!(!owner.submits(&empty).await.has("#parcel details[open]"), "her note is wrong, not the label");
    let form = owner.page().form(CORRECT).with("courier", "yto").with("tracking", "YT9999999999999");
    let wrong = form.clone().with("tracking", "1");
    assert!(owner.submits(&wrong).await.has("#parcel details[open]"));
    let page = owner.submits(&form).await;
    assert_eq!(history(page).last().unwrap(), "corrected");
    let told = page.text("[data-event=corrected]");
    assert!(told.contains("SF1234567890123") && told.contains("YT9999999999999"), "{told}");
    owner.submits(&form).await;
    assert_eq!(audited(&shop, "correct-shipment").await, 1, "the same again is nothing");
    assert_eq!(buyer.looks_again().await.text("#tracking"), "YT9999999999999");
    shop.later(minutes(61));
    let mut owner = shop.member("阿云", Role::Service).await;
    assert!(!owner.opens(&path(&number)).await.has(CORRECT));
    let token = owner.page().attribute("[name=token]", "value");
    let late = form.with("tracking", "YT8888888888888").with("token", token);
    let page = owner.submits(&late).await;
    assert_eq!(page.status, 409);
    assert_eq!(buyer.looks_again().await.text("#tracking"), "YT9999999999999");
    shop.closes().await;
}

#[tokio::test]
async fn after_one_is_sent_comes_the_one_that_has_waited_longest_behind_it() {
    let shop = TestShop::open().await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(paid(&shop, "longjing-1").await.1);
        shop.later(minutes(1));
    }
    let mut owner = shop.owner().await;
    assert!(owner.opens("/admin/orders").await.text(".tabs").contains("待发货 3"));
    let waiting = weipu::orders::to_ship(&mut shop.app.shop.db.begin().await.unwrap()).await.unwrap();
    assert_eq!((waiting.count, waiting.oldest), (3, Some(shop.clock.now() - minutes(3))));
    for (at, to, path) in [
        (1, "SF1234567890001", path(&numbers[2])),
        (2, "SF1234567890002", path(&numbers[0])),
        (0, "SF1234567890003", "/admin/orders".into()),
    ] {
        owner.opens(&self::path(&numbers[at])).await;
        let form = owner.page().form(SHIP).with("courier", "sf").with("tracking", to).with("next", "1");
        let page = owner.submits(&form).await;
        assert_eq!(page.url.path(), path, "{}", page.told());
        assert!(page.text(".said").contains("已发货"));
    }
    shop.closes().await;
}

#[tokio::test]
async fn nothing_that_weibo_says_late_or_twice_moves_an_order_that_was_sent() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    let (buyer, number) = at_the_cashier(&shop, "mug").await;
    let mut buyer = buyer;
    buyer.pays().await;
    let notice = Weibo::notice_of(&shop.weibo.payment());
    assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    let before = shop.count("SELECT count(*) FROM order_events WHERE kind <> 'told'").await;
    let mut again = notice.clone();
    again.insert("notify_id".into(), "8000000000000077".into());
    let mut pending = again.clone();
    pending.insert("pay_status".into(), "PAY_STATUS_PENDING".into());
    pending.insert("notify_id".into(), "8000000000000078".into());
    for notice in [notice, again, pending] {
        shop.weibo.tells(notice).await;
        assert_eq!(standing(owner.looks_again().await), ["paid", "shipped", "open"]);
    }
    for _ in 0..10 {
        shop.later(minutes(30));
        shop.work().await;
    }
    assert_eq!(standing(owner.looks_again().await), ["paid", "shipped", "open"]);
    assert_eq!(shop.count("SELECT count(*) FROM order_events WHERE kind <> 'told'").await, before);
    shop.closes().await;
}

#[tokio::test]
async fn the_tables_themselves_refuse_what_cannot_be() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    let (_, unpaid) = at_the_cashier(&shop, "longjing-1").await;
    cancels(&mut owner, &unpaid).await;
    let mut conn = shop.database.connect().await;
    for (sql, constraint) in [
        (
            "UPDATE orders SET fulfilment = 'none', shipped_at = NULL WHERE payment = 'paid'",
            "orders_shipped_once",
        ),
        ("UPDATE orders SET shipped_at = now() WHERE payment = 'paid'", "orders_shipped_once"),
        (
            "UPDATE orders SET fulfilment = 'shipped', shipped_at = now() WHERE payment <> 'paid'",
            "orders_shipped_is_paid",
        ),
        ("UPDATE orders SET closed_because = 'expired' WHERE closed_at IS NOT NULL", "orders_closed_once"),
        (
            "UPDATE orders SET closed_at = NULL, closed_because = NULL WHERE closed_at IS NOT NULL",
            "orders_reopen_paid",
        ),
        (
            "INSERT INTO shipments (order_id, courier, tracking, shipped_at, actor) SELECT order_id, 'zto', 'ZTO123456', now(), 'shop' FROM shipments",
            "shipments_one_per_order",
        ),
        ("UPDATE order_events SET at = at", "order_events_append_only"),
        ("DELETE FROM order_events", "order_events_append_only"),
        ("TRUNCATE order_events", "order_events_append_only"),
    ] {
        let error = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap_err();
        let broken = error.as_database_error().and_then(|e| e.constraint()).map(str::to_owned);
        assert_eq!(broken.as_deref(), Some(constraint), "{sql}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_note_is_read_by_the_staff_and_never_by_the_buyer() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&number)).await;
    let form = owner.page().form(NOTE).with("memo", "要<b>礼盒</b>\n周五前发");
    let page = owner.submits(&form).await;
    let note = page.text("[data-event=noted]");
    assert!(note.contains("要<b>礼盒</b>") && note.contains("阿山"), "{note}");
    for bad in ["", "  ", "a\0b", &"长".repeat(1001)] {
        let form = owner.page().form(NOTE).with("memo", bad);
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.text("#memo-wrong").is_empty()), (422, false), "{bad:?}");
    }
    for address in ["", "/state"] {
        let url = format!("/orders/{number}{address}");
        assert!(!buyer.opens(&url).await.body.contains("礼盒"));
    }
    assert!(!shop.logged().contains("礼盒"));
    assert_eq!(audited(&shop, "note-order").await, 1);
    assert_eq!(
        shop.count("SELECT count(*) FROM audit WHERE before::text || after::text LIKE '%礼盒%'").await,
        0
    );
    shop.closes().await;
}
