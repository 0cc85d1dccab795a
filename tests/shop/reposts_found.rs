//! Reposts of which no answer came: looked for among her own statuses, and never sent twice.

use crate::any_order::{presses, shown_on_the_form};
use crate::reposts::{has_bought, said, says};
use crate::support::buyer::Buyer;
use crate::support::desk::ZHOU;
use crate::support::settings::weibo_settings;
use crate::support::{Duration, TestShop, minutes};
use secrecy::SecretString;
use uuid::Uuid;
use weipu::customers;
use weipu::money::Money;
use weipu::orders::{self, OrderId};
use weipu::payments::Ask;
use weipu::payments::refund::Portion;
use weipu::sandbox::{self, Fault};
use weipu::sharing::{self, RepostError, Wish};
use weipu::weibo::Client;
use weipu::weibo::statuses::Reading;

async fn state(shop: &TestShop) -> String {
    let sql = "SELECT state || coalesce(' ' || status_id, '') FROM reposts ORDER BY order_id DESC LIMIT 1";
    sqlx::query_scalar(sql).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

fn newest(shop: &TestShop) -> u64 {
    shop.weibo.sandbox.statuses()[0].id
}

/// Somebody whose repost had no answer; nothing of it is on Weibo.
async fn has_lost(shop: &TestShop) -> Buyer {
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(shop).await;
    shop.weibo.will(Fault::PostDropped);
    let page = says(&mut buyer, "一").await;
    assert!(page.text("#repost").contains("没有等到"), "{}", page.told());
    buyer
}

#[tokio::test]
async fn what_stands_is_found_by_itself() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::AnswerLost);
    says(&mut buyer, "一").await;
    assert_eq!(state(&shop).await, "sending");
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(state(&shop).await, format!("done {}", newest(&shop)));
    let page = buyer.looks_again().await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    assert!(page.has(&format!("#repost a[href$='/status/{}']", newest(&shop))));
    assert_eq!(
        shop.count("SELECT count(*) FROM relations WHERE kind = 'repost' AND source = 'status'").await,
        1
    );
    assert_eq!(said(&shop), ["一"]);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_not_there_after_some_minutes_may_be_sent_again() {
    let shop = TestShop::open().await;
    let mut buyer = has_lost(&shop).await;
    let page = buyer.presses("#look").await;
    assert!(page.has("#look"), "it may come still: {}", page.told());
    shop.later(minutes(9));
    shop.work().await;
    assert_eq!(state(&shop).await, "sending", "it may come still");
    shop.later(minutes(9));
    shop.work().await;
    let page = buyer.looks_again().await;
    assert!(page.text("#repost").contains("没有找到"), "{}", page.told());
    assert_eq!(said(&shop), Vec::<String>::new());
    says(&mut buyer, "二").await;
    assert_eq!((said(&shop), state(&shop).await), (vec!["二".to_owned()], format!("done {}", newest(&shop))));
    shop.closes().await;
}

#[tokio::test]
async fn a_press_that_looks_sends_nothing_and_one_that_sends_looks_first() {
    let shop = TestShop::open().await;
    let mut buyer = has_lost(&shop).await;
    shop.later(minutes(11));
    let page = buyer.presses("#look").await;
    assert_eq!((page.status.as_u16(), said(&shop).len()), (409, 0), "{}", page.told());
    assert!(page.text("#repost .why").contains("没有找到") && page.has("#repost textarea"));
    // It comes after all, late.
    shop.weibo.sandbox.say("7000000002", "别的", None).unwrap();
    let card = shop.weibo.sandbox.statuses().into_iter().find(|status| status.card.is_some()).unwrap().id;
    let token = "SELECT 1::bigint FROM customers WHERE token_expires_at IS NOT NULL";
    assert_eq!(shop.count(token).await, 1);
    let mut tab = shop.buyer();
    tab.browser.cookies = buyer.browser.cookies.clone();
    let form = buyer.page().form("#repost form").with("text", "三");
    let (a, b) = (buyer.submits(&form), tab.submits(&form));
    tokio::join!(a, b);
    let reposts =
        shop.weibo.sandbox.statuses().into_iter().filter(|status| status.reposts == Some(card)).count();
    assert_eq!(reposts, 1, "two at once are one");
    shop.closes().await;
}

#[tokio::test]
async fn what_cannot_be_asked_stays_unknown() {
    let shop = TestShop::open().await;
    let mut buyer = has_lost(&shop).await;
    for fault in [Fault::ReadFails, Fault::ReadForbidden] {
        shop.weibo.always(fault);
        shop.later(minutes(30));
        shop.work().await;
        assert_eq!(state(&shop).await, "sending", "{fault:?}");
        let page = buyer.presses("#look").await;
        assert_eq!(page.status, 409);
        assert!(page.text("#repost .why").contains("不能向微博核对"), "{}", page.told());
        assert!(page.has("#repost a[href*='/share/']"), "another way is offered");
        shop.weibo.stops(fault);
    }
    assert_eq!(said(&shop), Vec::<String>::new());
    shop.later(Duration::hours(2));
    shop.work().await;
    assert_eq!(state(&shop).await, "absent");
    shop.closes().await;
}

#[tokio::test]
async fn switched_off_it_stays_unknown() {
    let shop = TestShop::with_weibo(|weibo| weibo.reading = Reading { one: None, own: None }).await;
    let mut buyer = has_lost(&shop).await;
    shop.later(Duration::hours(1));
    shop.work().await;
    assert_eq!(buyer.presses("#look").await.status, 409);
    assert_eq!((state(&shop).await.as_str(), said(&shop).len()), ("sending", 0));
    shop.closes().await;
}

#[tokio::test]
async fn a_token_that_is_over_leads_to_signing_in_before_it_can_be_looked_for() {
    let shop = TestShop::open().await;
    let mut buyer = has_lost(&shop).await;
    shop.weibo.will(Fault::TokenExpired);
    shop.later(minutes(1));
    shop.work().await;
    let page = buyer.looks_again().await;
    assert!(!page.has("#look"), "{}", page.told());
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    shop.weibo.will(Fault::TokenExpired);
    let page = buyer.presses("#look").await;
    assert!(page.text("#repost .why").contains("重新登录"), "{}", page.told());
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    shop.later(minutes(20));
    shop.work().await;
    assert_eq!((state(&shop).await.as_str(), said(&shop).len()), ("absent", 0));
    shop.closes().await;
}

#[tokio::test]
async fn accepted_with_a_delay_is_done_and_its_status_is_found() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form").with("text", "一");
    shop.weibo.will(Fault::PostDelayed);
    let page = buyer.submits(&form).await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    buyer.submits(&form).await;
    assert_eq!((state(&shop).await.as_str(), said(&shop).len()), ("done", 1));
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(state(&shop).await, format!("done {}", newest(&shop)));
    assert_eq!(shop.count("SELECT count(*) FROM relations WHERE kind = 'repost'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_share_is_known_by_its_words_whatever_weibo_made_of_the_address() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let text = buyer.page().text("#repost textarea");
    let words = text.split("http").next().unwrap().trim().to_owned();
    // The same words, said before: that is another one.
    shop.weibo.sandbox.say("7000000002", &format!("{words} http://t.cn/A1"), None).unwrap();
    shop.later(minutes(5));
    shop.weibo.will(Fault::PostDropped);
    buyer.presses("#repost form").await;
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(state(&shop).await, "sending", "the one before does not count");
    let late = shop.weibo.sandbox.say("7000000002", &format!("{words}http://t.cn/A2"), None).unwrap();
    // Nor does a repost with these words.
    let card = shop.posts_a_card("mug").await;
    assert_ne!(card, late.id);
    shop.later(minutes(2));
    shop.work().await;
    assert_eq!(state(&shop).await, format!("done {}", late.id));
    shop.closes().await;
}

#[tokio::test]
async fn one_status_counts_for_one_order() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::AnswerLost);
    says(&mut buyer, "一").await;
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.looks_again().await;
    shop.weibo.will(Fault::PostDropped);
    says(&mut buyer, "一").await;
    shop.later(minutes(1));
    shop.work().await;
    let known = "SELECT count(*) FROM reposts WHERE status_id IS NOT NULL";
    assert_eq!(shop.count(known).await, 1);
    shop.later(minutes(15));
    shop.work().await;
    assert_eq!(shop.count("SELECT count(*) FROM reposts WHERE state = 'absent'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn she_reposts_what_brought_her() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let page = buyer.presses("#repost form").await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    let first = newest(&shop);
    let text = said(&shop).remove(0);
    let link = text.split_whitespace().last().unwrap().to_owned();
    let mut friend = shop.signed_in_as(ZHOU).await;
    friend.visits(link.parse().unwrap()).await;
    friend.orders("mug", 1).await;
    friend.pays().await;
    shop.weibo.delivers().await;
    let page = friend.looks_again().await;
    let words = text.split("http").next().unwrap().trim();
    let shown = page.text("#of-another");
    assert!(shown.contains(words) && shown.contains('@'), "what goes out under hers is shown: {shown}");
    assert!(page.has(&format!("#of-another a[href$='/status/{first}']")));
    shop.weibo.will(Fault::AnswerLost);
    says(&mut friend, "我也买了").await;
    shop.later(minutes(1));
    shop.work().await;
    let second = shop.weibo.sandbox.statuses().remove(0);
    assert_eq!((second.reposts, second.text.as_str()), (Some(first), "我也买了"));
    assert_eq!(state(&shop).await, format!("done {}", second.id));
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/sharing/reposts").await;
    assert!(page.text("#tally").contains("1 笔订单"), "{}", page.told());
    shop.closes().await;
}

/// Somebody who came by what another has told, and bought one too.
async fn has_come_by(shop: &TestShop, text: &str) -> Buyer {
    let link = text.split_whitespace().last().unwrap();
    let mut friend = shop.signed_in_as(ZHOU).await;
    friend.visits(link.parse().unwrap()).await;
    friend.orders("mug", 1).await;
    friend.pays().await;
    shop.weibo.delivers().await;
    friend.looks_again().await;
    friend
}

#[tokio::test]
async fn her_repost_of_a_card_brings_a_friend() {
    let shop = TestShop::open().await;
    let card = shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    buyer.presses("#repost form").await;
    let told = shop.weibo.sandbox.statuses().remove(0);
    assert_eq!(told.reposts, Some(card));
    has_come_by(&shop, &told.text).await;
    let brought =
        "SELECT count(*) FROM order_origins g JOIN short_links l ON l.code = g.code AND l.source = 'repost'
        WHERE l.source_id = (SELECT min(id) FROM orders) AND g.order_id = (SELECT max(id) FROM orders)
            AND g.order_id <> l.source_id";
    assert_eq!(shop.count(brought).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_does_not_let_her_repost_is_not_tried_again() {
    let shop = TestShop::open().await;
    let card = shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    buyer.presses("#repost form").await;
    let told = shop.weibo.sandbox.statuses().remove(0);
    let mut friend = has_come_by(&shop, &told.text).await;
    for gone in [told.id, card] {
        shop.weibo.sandbox.delete_status(gone).unwrap();
    }
    for _ in 0..2 {
        let page = friend.presses("#repost form").await;
        assert_eq!(page.status, 409);
        assert!(page.text("#repost .why").contains("再按一次"), "{}", page.told());
    }
    let page = friend.presses("#repost form").await;
    assert!(page.text("#repost").contains("已经转发"), "shared at last: {}", page.told());
    let newest = shop.weibo.sandbox.statuses().remove(0);
    assert_eq!((newest.reposts, state(&shop).await), (None, format!("done {}", newest.id)));
    let source =
        "SELECT count(*) FROM reposts WHERE state = 'deleted' AND order_id = (SELECT min(id) FROM orders)";
    assert_eq!(shop.count(source).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn where_the_card_is_a_repost_itself_a_lost_one_is_never_sent_again() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let mut other = has_come_by(&shop, shop.base.join("/p/mug").unwrap().as_ref()).await;
    says(&mut other, "新到一批").await;
    // What the shop has is a repost, and of what nobody knows.
    let card = "UPDATE products SET weibo_status_id = (SELECT status_id FROM reposts) WHERE weibo_status_id IS NOT NULL";
    shop.runs(card).await;
    shop.runs("DELETE FROM reposts").await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.will(Fault::AnswerLost);
    says(&mut buyer, "一").await;
    for _ in 0..4 {
        shop.later(minutes(30));
        shop.work().await;
        assert_eq!(state(&shop).await, "sending");
        let page = buyer.presses("#look").await;
        assert!(page.text("#repost .why").contains("没有再发"), "{}", page.told());
    }
    assert_eq!(said(&shop).iter().filter(|text| *text == "一").count(), 1);
    shop.closes().await;
}

#[tokio::test]
async fn who_only_has_the_orders_link_makes_no_link() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    let links = "SELECT count(*) FROM short_links";
    shop.runs("DELETE FROM short_links WHERE source = 'repost'").await;
    let link = shop.order_link(&buyer.order());
    let mut stranger = shop.desktop();
    let page = stranger.opens(&link).await;
    assert!(page.has("#share[href*='%2Fp%2Fmug']"), "{}", page.told());
    assert_eq!(shop.count(links).await, 0);
    buyer.looks_again().await;
    buyer.looks_again().await;
    assert_eq!(shop.count(links).await, 1);
    assert!(!stranger.opens(&link).await.has("#share[href*='%2Fp%2Fmug']"), "what there is can be told");
    shop.closes().await;
}

#[tokio::test]
async fn where_weibo_is_not_reached_nothing_was_sent_and_it_may_be_tried_again() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let demo = sandbox::Settings::demo(shop.sandbox_base.clone(), None, None).unwrap();
    let mut settings = weibo_settings(&demo);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    settings.addresses.api = format!("http://{nobody}/").parse().unwrap();
    let weibo = Client::new(settings).unwrap();
    let (db, now) = (&shop.app.shop.db, shop.clock.now());
    let mut conn = db.reader().await.unwrap();
    let order = orders::find(&mut conn, &buyer.order().parse().unwrap()).await.unwrap().unwrap();
    let customer = customers::find_by_weibo(&mut conn, 7_000_000_002).await.unwrap().unwrap();
    drop(conn);
    let (token, ip) = (SecretString::from("2.00x"), [203, 0, 113, 9].into());
    let wish = Wish { customer, token: &token, text: "x", status_id: None, ip, gift: None };
    let sent = sharing::repost(db, &weibo, &order, &wish, now).await;
    assert!(matches!(sent, Err(RepostError::Unreached)), "{sent:?}");
    assert_eq!(state(&shop).await, "refused");
    buyer.looks_again().await;
    says(&mut buyer, &format!("好看 {}", shop.base)).await;
    assert_eq!((state(&shop).await, said(&shop).len()), (format!("done {}", newest(&shop)), 1));
    shop.closes().await;
}

#[tokio::test]
async fn who_has_her_money_back_reposts_nothing() {
    let shop = TestShop::open().await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form");
    let portion = Portion::Everything { restock: true };
    let mut ask = Ask { key: Uuid::new_v4(), portion, shown: Money::ZERO, reason: "不想要了".into() };
    let id = OrderId(shop.count("SELECT id FROM orders").await);
    ask.shown = shown_on_the_form(&shop, id, &ask).await;
    presses(&shop, id, ask).await.unwrap();
    let page = buyer.submits(&form).await;
    assert_eq!(page.status, 409, "{}", page.told());
    assert_eq!(said(&shop), Vec::<String>::new());
    shop.closes().await;
}
