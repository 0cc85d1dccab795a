//! What the shop knows of a buyer: each fact once, whatever is told twice; and the offer to follow, which nobody has
//! to take.

use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use sqlx::AssertSqlSafe;
use weipu::customers::CustomerId;
use weipu::customers::relations::{self, Fact, Kind, Source};
use weipu::sandbox::Fault;

const OFFER: &str = "#follow";

impl TestShop {
    async fn facts(&self, kind: &str) -> i64 {
        let sql = "SELECT count(*) FROM relations WHERE kind = $1";
        sqlx::query_scalar(sql).bind(kind).fetch_one(&mut self.database.connect().await).await.unwrap()
    }

    async fn customer(&self) -> CustomerId {
        CustomerId(self.count("SELECT id FROM customers").await)
    }

    /// A fact of the only customer.
    async fn learns(&self, kind: Kind, by: &str) -> bool {
        let (now, customer) = (self.clock.now(), self.customer().await);
        let fact = Fact { kind, happened_at: now, source: Source::Told(by.into()) };
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let new = relations::learn(&mut tx, customer, &fact, now).await.unwrap();
        tx.commit().await.unwrap();
        new
    }
}

/// Signed in, with an order that waits for its money.
async fn orders_signed_in(shop: &TestShop) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.opens("/oauth/weibo?next=/orders").await;
    buyer.signs_in().await;
    buyer.orders("mug", 1).await;
    buyer
}

/// Signed in, in front of the page of a paid order.
async fn has_bought(shop: &TestShop) -> Buyer {
    let mut buyer = orders_signed_in(shop).await;
    let order = buyer.page().url.clone();
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.visits(order).await;
    buyer
}

#[tokio::test]
async fn a_purchase_is_known_once_however_often_weibo_tells() {
    let shop = TestShop::open().await;
    let mut buyer = orders_signed_in(&shop).await;
    let number = buyer.order();
    shop.weibo.will(Fault::Silent);
    buyer.pays().await;
    assert_eq!(shop.facts("purchase").await, 0, "nobody has told us");
    let notice = Weibo::notice_of(&shop.weibo.payment());
    futures_util::future::join_all((0..8).map(|_| shop.weibo.tells(notice.clone()))).await;
    let mut again = notice.clone();
    again.insert("notify_id".into(), "8000000000000002".into());
    shop.weibo.tells(again).await;
    assert_eq!(shop.facts("purchase").await, 1);
    let (facts, all) = {
        let mut conn = shop.database.connect().await;
        relations::latest(&mut conn, shop.customer().await, 10).await.unwrap()
    };
    assert_eq!(all, 1);
    assert_eq!((facts[0].kind, &facts[0].source), (Kind::Purchase, &Source::Order(number)));
    let paid_at =
        "SELECT count(*) FROM relations JOIN orders ON number = reference AND paid_at = happened_at";
    assert_eq!(shop.count(paid_at).await, 1, "when it was paid");
    shop.closes().await;
}

#[tokio::test]
async fn an_order_is_paid_and_bought_or_neither() {
    let shop = TestShop::open().await;
    let mut buyer = orders_signed_in(&shop).await;
    shop.weibo.will(Fault::Silent);
    buyer.pays().await;
    shop.runs("ALTER TABLE relations ADD CONSTRAINT broken CHECK (kind <> 'purchase')").await;
    let notice = Weibo::notice_of(&shop.weibo.payment());
    shop.weibo.hands.lock().await.expects_failure = true;
    assert_eq!(shop.weibo.tells(notice.clone()).await.status, 500);
    shop.weibo.hands.lock().await.expects_failure = false;
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE payment = 'paid'").await, 0);
    shop.runs("ALTER TABLE relations DROP CONSTRAINT broken").await;
    assert_eq!(shop.weibo.tells(notice).await.body, "success");
    let both = "SELECT count(*) FROM orders JOIN relations ON reference = number WHERE payment = 'paid'";
    assert_eq!(shop.count(both).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_a_guest_bought_is_hers_when_she_signs_in_and_what_she_did_not_pay_is_not() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.orders("mug", 1).await;
    assert_eq!(shop.facts("purchase").await, 0, "of nobody");
    for _ in 0..2 {
        buyer.opens("/oauth/weibo?next=/orders").await;
        buyer.signs_in().await;
    }
    assert_eq!(shop.facts("purchase").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_purchase_stays_a_fact_and_no_fact_is_taken_away() {
    let shop = TestShop::open().await;
    has_bought(&shop).await;
    for attempt in ["DELETE FROM relations", "UPDATE relations SET kind = 'like'", "TRUNCATE relations"] {
        let refused = sqlx::raw_sql(AssertSqlSafe(attempt)).execute(&mut shop.database.connect().await).await;
        assert!(refused.unwrap_err().to_string().contains("only ever added to"), "{attempt}");
    }
    assert!(shop.learns(Kind::Subscribe, "event 1").await);
    assert!(!shop.learns(Kind::Subscribe, "event 1").await, "told twice");
    assert!(shop.learns(Kind::Subscribe, "event 2").await, "another time");
    shop.closes().await;
}

#[tokio::test]
async fn a_repost_is_known_when_weibo_has_it_and_not_before() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::NotPermitted);
    buyer.presses("#repost form").await;
    assert_eq!(shop.facts("repost").await, 0, "refused");
    let form = buyer.page().form("#repost form");
    buyer.submits(&form).await;
    buyer.submits(&form).await;
    assert_eq!(shop.facts("repost").await, 1);
    let known = "SELECT reference::bigint FROM relations WHERE kind = 'repost' AND source = 'status'";
    assert_eq!(shop.count(known).await, i64::try_from(shop.weibo.sandbox.statuses()[0].id).unwrap());
    shop.closes().await;
}

#[tokio::test]
async fn a_repost_without_an_answer_is_no_fact() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::AnswerLost);
    buyer.presses("#repost form").await;
    assert_eq!(shop.facts("repost").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn following_is_offered_to_who_bought_and_to_nobody_else() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    assert!(!buyer.page().has(OFFER), "not before it is paid");
    let order = buyer.page().url.clone();
    buyer.pays().await;
    shop.weibo.delivers().await;
    let page = buyer.visits(order.clone()).await;
    assert_eq!(page.link("#follow a").as_str(), "https://weibo.com/u/7000000001");
    let form = page.form("#follow form");
    // Somebody who only has the order's link is asked nothing, and decides nothing.
    let mut friend = shop.buyer();
    friend.visits(order.clone()).await;
    assert!(!friend.page().has(OFFER), "{}", friend.page().told());
    assert!([403, 404].contains(&friend.submits(&form).await.status.as_u16()));
    assert!(buyer.looks_again().await.has(OFFER));
    shop.closes().await;
}

#[tokio::test]
async fn whoever_declines_is_not_asked_again_on_this_browser_or_another() {
    let shop = TestShop::open().await;
    let mut guest = shop.buyer();
    for turn in ["first", "second"] {
        guest.orders("mug", 1).await;
        let order = guest.page().url.clone();
        guest.pays().await;
        shop.weibo.delivers().await;
        guest.visits(order).await;
        assert_eq!(guest.page().has(OFFER), turn == "first", "{turn}");
        if turn == "first" {
            let page = guest.presses("#follow form").await;
            assert_eq!((page.status.as_u16(), page.has(OFFER)), (200, false), "{}", page.told());
        }
    }
    let mut buyer = has_bought(&shop).await;
    let order = buyer.page().url.clone();
    buyer.presses("#follow form").await;
    let mut desktop = shop.desktop();
    desktop.opens("/oauth/weibo?next=/orders").await;
    desktop.signs_in().await;
    let page = desktop.visits(order).await;
    assert_eq!((page.status.as_u16(), page.has("#repost"), page.has(OFFER)), (200, true, false));
    shop.closes().await;
}

#[tokio::test]
async fn a_press_on_another_site_declines_nothing() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let (order, form) = (buyer.page().url.clone(), buyer.page().form("#follow form"));
    let forged = Ask::form(&form).of_another_site();
    assert_eq!(buyer.asks(forged).await.status, 403);
    assert!(buyer.visits(order).await.has(OFFER));
    shop.closes().await;
}

#[tokio::test]
async fn who_follows_is_not_asked_and_who_left_may_be() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    assert!(buyer.page().has(OFFER));
    shop.learns(Kind::Follow, "event 1").await;
    assert!(!buyer.looks_again().await.has(OFFER));
    shop.later(crate::support::minutes(1));
    shop.learns(Kind::Unfollow, "event 2").await;
    assert!(buyer.looks_again().await.has(OFFER));
    shop.closes().await;
}

#[tokio::test]
async fn another_account_can_be_set_and_what_opens_it_in_the_client() {
    let own = weipu::web::Follow::parse(Some("42"), Some("sinaweibo://userinfo?uid={uid}")).unwrap();
    let shop = TestShop::with_web(|web| web.follow = own).await;
    let buyer = has_bought(&shop).await;
    assert_eq!(buyer.page().link("#follow a").as_str(), "sinaweibo://userinfo?uid=42");
    let order = buyer.page().url.clone();
    let mut desktop = shop.desktop();
    desktop.opens("/oauth/weibo?next=/orders").await;
    desktop.signs_in().await;
    let page = desktop.visits(order).await;
    assert_eq!(page.link("#follow a").as_str(), "https://weibo.com/u/42");
    shop.closes().await;
}

#[tokio::test]
async fn the_desk_sees_her_relations_beside_the_order() {
    let shop = TestShop::open().await;
    let buyer = has_bought(&shop).await;
    let number = buyer.order();
    for n in 0..9 {
        shop.later(crate::support::minutes(1));
        shop.learns(Kind::Like, &format!("event {n}")).await;
    }
    let mut owner = shop.owner().await;
    let page = owner.opens(&format!("/admin/orders/{number}")).await;
    assert_eq!(page.body.matches("data-relation=\"like\"").count(), 8, "{}", page.told());
    assert!(page.text("#relations").contains("更早还有 2 条"), "{}", page.text("#relations"));
    shop.closes().await;
}
