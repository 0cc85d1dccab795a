//! The first page of the back office: what has to be done, what came in, and where to begin.

use crate::support::buyer::Buyer;
use crate::support::desk::{ALI, ZHOU};
use crate::support::page::Page;
use crate::support::staff::OWNER;
use crate::support::{Duration, TestShop, minutes};
use weipu::sandbox::Fault;
use weipu::staff::Role;

/// Somebody buys and pays, and Weibo says so.
async fn sells(shop: &TestShop, sku: &str, quantity: u32) -> Buyer {
    let mut buyer = shop.desktop();
    buyer.orders(sku, quantity).await;
    buyer.pays().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.weibo.delivers().await;
    shop.work().await;
    buyer
}

async fn runs(shop: &TestShop, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&mut shop.database.connect().await).await.unwrap();
}

/// The card that leads there: its number, and what it says about it.
fn card(page: &Page, leads_to: &str) -> (String, String) {
    let link = format!(".todo a[href^='{leads_to}']");
    (page.text(&format!("{link} b")), page.text(&format!("{link} small")))
}

fn number(page: &Page, nth: usize) -> String {
    let dd = format!(".numbers div:nth-child({nth}) dd");
    format!("{} {}", page.text(&format!("{dd} b")), page.text(&format!("{dd} .than")))
}

#[tokio::test]
async fn a_shop_without_orders_is_told_where_to_begin() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    runs(&shop, "UPDATE products SET on_shelf = false").await;
    let page = owner.opens("/admin").await;
    assert!(page.has(".begin ol") && !page.has(".todo") && !page.has("svg"), "no zeros: {}", page.told());
    assert!(page.has(".begin li.done a[href='/admin/products/new']"));
    assert!(page.has(".begin li:not(.done) a[href='/admin/products']"), "nothing is on the shelf");
    runs(&shop, "UPDATE products SET on_shelf = true").await;
    shop.posts_a_card("mug").await;
    let page = owner.opens("/admin").await;
    assert!(page.has(".begin li.done a[href='/admin/products']"));
    assert!(page.text(".begin li.done:nth-child(4)").contains("已完成"));
    shop.phone().orders("mug", 1).await;
    let page = owner.opens("/admin").await;
    assert!(!page.has(".begin") && page.has(".todo") && page.has("svg"), "somebody has ordered");
    shop.closes().await;
}

#[tokio::test]
async fn what_waits_for_somebody_comes_first() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut buyer = sells(&shop, "longjing-1", 2).await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.later(minutes(19 * 60 + 5));
    shop.signs_in(&mut owner, OWNER).await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/orders?state=to-ship"), ("1".into(), "最早 19 小时前付款".into()));
    assert_eq!(card(page, "/admin/orders?state=confirming").0, "0");
    assert!(!page.has(".todo a[href^='/admin/money']"), "nothing to give back");
    assert_eq!(page.text("h1"), "早上好，今天先做这些");

    // She has paid, and nobody knows but she.
    shop.weibo.always(Fault::Silent);
    shop.weibo.always(Fault::QueryFails);
    let mut waiting = shop.buyer();
    waiting.orders("mug", 1).await;
    waiting.pays().await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/orders?state=confirming"), ("1".into(), "马上向微博查询".into()));
    shop.later(minutes(2));
    shop.work().await;
    let page = owner.opens("/admin").await;
    let (count, asked) = card(page, "/admin/orders?state=confirming");
    assert!(count == "1" && asked.starts_with("已向微博查询"), "{count} {asked}");
    shop.weibo.stops(Fault::QueryFails);
    shop.weibo.stops(Fault::Silent);
    shop.later(minutes(30));
    shop.work().await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/orders?state=confirming").0, "0", "Weibo has answered");
    assert_eq!(card(page, "/admin/orders?state=to-ship").0, "2");
    shop.closes().await;
}

#[tokio::test]
async fn fans_who_wait_for_a_person_are_seen_by_who_answers_them_and_so_is_a_token_that_ended() {
    let shop = TestShop::open().await;
    sells(&shop, "mug", 1).await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/fans"), ("0".into(), "都回复了".into()));
    assert!(!page.has("#fans-trouble"));
    shop.heard(ALI, "在吗").await;
    shop.later(minutes(61));
    shop.heard(ZHOU, "你好").await;
    shop.later(minutes(1));
    // She waits for nobody: she is answered.
    shop.runs(
        "INSERT INTO fans (uid, met_at) VALUES (7000000009, now());
         INSERT INTO conversations (fan, state, last_at, last_message) SELECT 7000000009, 'open', now(), max(id) FROM fan_messages",
    )
    .await;
    shop.signs_in(&mut owner, OWNER).await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/fans?show=waiting"), ("2".into(), "最久的等了 1 小时".into()));
    let link = page.link(".todo a[href^='/admin/fans']");
    assert_eq!(owner.opens(&format!("{}?{}", link.path(), link.query().unwrap())).await.listed().len(), 2);

    shop.runs("UPDATE fans_service SET trouble = 'token', trouble_at = now()").await;
    let page = owner.opens("/admin").await;
    assert_eq!(page.link("#fans-trouble a").path(), "/admin/settings/fans");
    for (name, role, talks) in [("小雨", Role::Service, true), ("小账", Role::Finance, false)] {
        let mut member = shop.member(name, role).await;
        let page = member.opens("/admin").await;
        assert_eq!(
            (page.has(".todo a[href^='/admin/fans']"), page.has("#fans-trouble")),
            (talks, talks),
            "{name}"
        );
        assert!(!page.has("#fans-trouble a"), "she holds no keys");
    }
    shop.runs("INSERT INTO fans (uid, met_at) SELECT 7100000000 + n, now() FROM generate_series(1, 1200) n;
         INSERT INTO conversations (fan, state, last_at, last_message, waiting_since)
         SELECT 7100000000 + n, 'open', now(), (SELECT max(id) FROM fan_messages), now() FROM generate_series(1, 1200) n")
        .await;
    assert_eq!(card(owner.opens("/admin").await, "/admin/fans").0, "999+");
    shop.closes().await;
}

#[tokio::test]
async fn money_to_give_back_and_notices_that_do_not_match_are_seen() {
    let shop = TestShop::open().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.runs("UPDATE shop SET refund_itself_fen = 0").await;
    let mut desktop = shop.desktop();
    let link = desktop.orders("longjing-1", 1).await.attribute("#link", "value").parse().unwrap();
    let mut phone = shop.buyer();
    phone.visits(link).await;
    desktop.pays().await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    shop.weibo.will(Fault::OneFen);
    sells(&shop, "mug", 1).await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin").await;
    assert_eq!(card(page, "/admin/money#owed"), ("1".into(), "共 ¥128.00".into()));
    assert_eq!(page.link("[role=alert] a").path(), "/admin/money/notices");
    shop.closes().await;
}

#[tokio::test]
async fn figures_are_those_of_the_span_that_is_asked_for() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    sells(&shop, "longjing-1", 1).await;
    shop.later(Duration::days(1));
    sells(&shop, "longjing-1", 2).await;
    shop.phone().orders("socks-1", 1).await;
    shop.signs_in(&mut owner, OWNER).await;
    for folded in [false, true] {
        let page = owner.opens("/admin").await;
        assert_eq!(page.text(".spans [aria-current=page]"), "今日");
        assert_eq!(number(page, 1), "¥256.00 ▲ 比昨日全天多 100%", "folded: {folded}");
        assert_eq!(number(page, 2), "2 ▲ 比昨日全天多 100%");
        assert_eq!(number(page, 3), "1 与昨日全天持平");
        assert_eq!(number(page, 4), "¥256.00 ▲ 比昨日全天多 100%");
        assert_eq!(page.text(".best tbody tr td.money"), "2");
        let page = owner.opens("/admin?days=7").await;
        assert_eq!(
            (page.text(".spans [aria-current=page]"), number(page, 1)),
            ("7 天".into(), "¥384.00 前 7 天没有".into())
        );
        assert_eq!(page.text(".best tbody tr td.money"), "3");
        shop.app.worker.fold_figures().await.unwrap();
    }
    shop.later(Duration::days(1));
    shop.signs_in(&mut owner, OWNER).await;
    let page = owner.opens("/admin").await;
    assert_eq!(number(page, 1), "¥0.00 ▼ 比昨日全天少 100%");
    assert!(page.text(".best").contains("还没有卖出"));
    shop.closes().await;
}

#[tokio::test]
async fn the_chart_has_a_point_for_each_day_and_a_table_that_says_the_same() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    sells(&shop, "gold", 1).await;
    for (days, points) in [("", 7), ("?days=7", 7), ("?days=30", 30)] {
        let page = owner.opens(&format!("/admin{days}")).await;
        for line in [".chart polyline.money", ".chart polyline.count"] {
            assert_eq!(page.attribute(line, "points").split(' ').count(), points, "{days}");
        }
        assert_eq!(page.body.matches("<rect class=\"hit\"").count(), points);
        assert!(page.text(".chart > desc").contains("10,000,000,000.00"));
        assert_eq!(page.attribute(".chart", "role"), "img");
        let today = format!("details tbody tr:nth-child({points})");
        assert_eq!(page.text(&format!("{today} th")), "11 月 21 日");
        assert_eq!(page.text(&format!("{today} td")), "¥10,000,000,000.00");
        assert_eq!(page.text("details tbody tr:first-child td"), "¥0.00");
    }
    shop.closes().await;
}

#[tokio::test]
async fn whatever_span_is_asked_for_the_page_is_there() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.phone().orders("mug", 1).await;
    for asked in
        ["?days=0", "?days=-1", "?days=99999999999999999999", "?days=", "?days=%00", "?days=<b>", "?other=1"]
    {
        let page = owner.opens(&format!("/admin{asked}")).await;
        assert_eq!(
            (page.status.as_u16(), page.text(".spans [aria-current]")),
            (200, "今日".into()),
            "{asked}"
        );
    }
    assert_eq!(owner.opens("/admin?days=7&days=30").await.status, 400);
    shop.closes().await;
}

#[tokio::test]
async fn she_is_greeted_by_the_hour_and_in_her_language() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.phone().orders("mug", 1).await;
    for (hours, greeting) in [(0, "中午好"), (3, "下午好"), (5, "晚上好"), (4, "夜深了"), (6, "早上好")]
    {
        shop.later(Duration::hours(hours));
        shop.signs_in(&mut owner, OWNER).await;
        let page = owner.opens("/admin").await;
        assert!(page.text("h1").starts_with(greeting), "{}", page.text("h1"));
    }
    assert_eq!(owner.page().text(".greeting p"), "11 月 22 日 星期日");
    runs(&shop, "UPDATE staff SET language = 'en'").await;
    let page = owner.opens("/admin?days=30").await;
    assert!(
        page.text("h1").starts_with("Good morning. ") && page.text(".greeting p") == "November 22, Sunday"
    );
    assert!(number(page, 1).ends_with("As the 30 days before"), "{}", number(page, 1));
    shop.closes().await;
}

#[tokio::test]
async fn the_newest_orders_are_listed_without_who_lives_where() {
    let shop = TestShop::open().await;
    let mut numbers = Vec::new();
    for _ in 0..9 {
        let mut buyer = shop.phone();
        buyer.orders("longjing-1", 1).await;
        numbers.push(buyer.order());
        shop.later(minutes(1));
    }
    sells(&shop, "socks-1", 3).await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin").await;
    let rows = |nth: usize| page.text(&format!(".stack tbody tr:nth-child({nth})"));
    assert!(rows(1).contains("羊毛袜 × 3") && rows(1).contains("待发货"), "{}", rows(1));
    assert!(rows(2).contains(&numbers[8]) && rows(2).contains("待付款"));
    assert!(!page.body.contains(&numbers[1]), "eight are enough");
    for secret in ["13800138000", "林阿梨", "龙井路 1 号"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn everybody_of_the_staff_sees_it_and_nobody_else() {
    let shop = TestShop::open().await;
    shop.owner().await;
    for (name, role) in
        [("阿水", Role::Operator), ("阿火", Role::Service), ("阿金", Role::Finance), ("阿木", Role::ReadOnly)]
    {
        let mut member = shop.member(name, role).await;
        let page = member.opens("/admin?days=7").await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin"), "{role}");
    }
    let mut visitor = shop.desktop();
    assert_eq!(visitor.opens("/admin?days=7").await.url.path(), "/admin/sign-in");
    shop.closes().await;
}
