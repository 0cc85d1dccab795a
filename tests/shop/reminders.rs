//! What buyers are told of their orders and of goods: each once, by the fans service where she may be written to, else
//! by the payment's own messages, else on her page only.

use crate::broadcasts::bound;
use crate::buyer_notices::{carried, told};
use crate::parcels::ships;
use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::{Duration, minutes};
use weipu::sandbox::SandboxReply;

/// Who has signed in: the sandbox's second person.
const LI: i64 = 7_000_000_002;

async fn signed_in(shop: &TestShop) -> Buyer {
    crate::own_account::signed_in(shop).await
}

/// She has just followed, or wrote: the shop knows her and may write to her for two days.
async fn opens_the_window(shop: &TestShop) {
    let answer = shop.weibo.sandbox.fan_says(LI, "在吗").await;
    assert!(answer.trouble.is_none(), "{answer:?}");
    shop.work().await;
}

async fn pays(shop: &TestShop, buyer: &mut Buyer, sku: &str) -> String {
    buyer.orders(sku, 1).await;
    let (number, url) = (buyer.order(), buyer.page().url.clone());
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.visits(url).await;
    assert_eq!(buyer.page().payment(), "paid");
    number
}

/// What she was said by the shop itself, in words.
fn said(shop: &TestShop) -> Vec<String> {
    let all = shop.weibo.sandbox.said_to(LI).into_iter();
    all.filter_map(|reply| match reply {
        SandboxReply::Text { text } => Some(text),
        _ => None,
    })
    .collect()
}

/// She has paid, and the news of it is handed over to the fans service, and not yet said.
async fn handed_over() -> (TestShop, String) {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    opens_the_window(&shop).await;
    let number = pays(&shop, &mut buyer, "mug").await;
    while shop.count("SELECT count(*) FROM buyer_messages WHERE state = 'handed'").await == 0 {
        assert!(shop.app.worker.work_one().await.unwrap());
    }
    (shop, number)
}

#[tokio::test]
async fn while_she_may_be_written_to_news_of_an_order_goes_as_a_message_to_a_fan() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    opens_the_window(&shop).await;
    let number = pays(&shop, &mut buyer, "mug").await;
    shop.work().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid said"]);
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid said", "shipped said"]);
    let events = "SELECT count(*) FROM order_events WHERE kind = 'told'";
    assert_eq!(shop.count(events).await, 2, "each once in the history");
    let said = said(&shop);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains(&number) && said[0].contains("/q/"), "{said:?}");
    shop.closes().await;
    assert_eq!(carried(&shop), [""; 0], "none of the payment's five was used");
}

#[tokio::test]
async fn when_she_may_not_be_written_to_it_goes_by_the_payment() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    opens_the_window(&shop).await;
    shop.later(Duration::hours(48));
    let number = pays(&shop, &mut buyer, "mug").await;
    shop.work().await;
    assert_eq!(told(&mut shop.owner().await, &number).await, ["paid sent"]);
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (1, 0));
}

#[tokio::test]
async fn the_one_answer_to_a_mention_is_not_spent_on_it() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    shop.weibo.sandbox.fan_mentions(LI, false, "5000000000000001", "@小店 有货吗").await;
    shop.work().await;
    let number = pays(&shop, &mut buyer, "mug").await;
    shop.work().await;
    assert_eq!(told(&mut shop.owner().await, &number).await, ["paid sent"]);
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (1, 0));
}

#[tokio::test]
async fn without_a_token_of_the_fans_service_it_goes_by_the_payment() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    let mut buyer = signed_in(&shop).await;
    shop.runs("INSERT INTO fans (uid, met_at, acted_at) VALUES (7000000002, now(), '2026-11-21 12:00+08')")
        .await;
    let number = pays(&shop, &mut buyer, "mug").await;
    shop.work().await;
    assert_eq!(told(&mut shop.owner().await, &number).await, ["paid sent"]);
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (1, 0));
}

#[tokio::test]
async fn a_token_that_expires_before_the_call_leaves_it_to_the_payment_at_once() {
    let (shop, number) = Box::pin(handed_over()).await;
    shop.weibo.will(weipu::sandbox::Fault::TokenExpired);
    shop.work().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent"]);
    // As long as nobody has seen to it, the next goes the same way.
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.later(minutes(2));
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped sent"]);
    shop.later(minutes(30));
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (2, 0), "and never twice");
}

#[tokio::test]
async fn when_the_window_closes_before_the_call_the_payment_has_its_turn() {
    let (shop, number) = Box::pin(handed_over()).await;
    assert_eq!(said(&shop).len(), 0, "not said yet");
    shop.weibo.sandbox.fan_unfollows(LI).await;
    shop.work().await;
    assert_eq!(told(&mut shop.owner().await, &number).await, ["paid sent"]);
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (1, 0));
}

#[tokio::test]
async fn a_message_to_a_fan_whose_answer_is_lost_is_not_said_again_by_the_payment() {
    let (shop, number) = Box::pin(handed_over()).await;
    shop.weibo.will(weipu::sandbox::Fault::AnswerLost);
    shop.work().await;
    assert_eq!(told(&mut shop.owner().await, &number).await, ["paid handed"]);
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (0, 1), "she may have it");
}

#[tokio::test]
async fn two_workers_tell_it_once() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    opens_the_window(&shop).await;
    pays(&shop, &mut buyer, "mug").await;
    let worker = &shop.app.worker;
    for _ in 0..6 {
        let all = tokio::join!(worker.work_one(), worker.work_one(), worker.work_one());
        assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok(), "{all:?}");
    }
    shop.closes().await;
    assert_eq!((carried(&shop).len(), said(&shop).len()), (0, 1));
}

/// On the product's page: tell me when this one is back.
async fn waits_for(buyer: &mut Buyer, product: &str, sku: &str) {
    let form = buyer.opens(&format!("/p/{product}")).await.form("#restock").with("variant", sku);
    buyer.submits(&form).await;
}

#[tokio::test]
async fn whoever_waits_for_goods_is_told_once_when_they_are_back() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    waits_for(&mut buyer, "longjing", "longjing-2").await;
    waits_for(&mut buyer, "longjing", "longjing-2").await;
    assert_eq!(shop.count("SELECT count(*) FROM reminders").await, 1, "pressed twice");
    assert!(buyer.page().has("[data-reminder='restock'][data-told='false']"), "{}", buyer.page().told());
    opens_the_window(&shop).await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert_eq!(said(&shop).len(), 0, "not back yet");
    shop.restocks("longjing-2", 3).await;
    tokio::join!(shop.app.worker.tell_reminders(), shop.app.worker.tell_reminders()).0.unwrap();
    shop.work().await;
    let words = said(&shop);
    assert!(words.len() == 1 && words[0].contains("大罐") && words[0].contains("/p/longjing"), "{words:?}");
    shop.restocks("longjing-2", 0).await;
    shop.restocks("longjing-2", 3).await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.closes().await;
    assert_eq!(said(&shop).len(), 1, "one for each press");
    assert_eq!(shop.count("SELECT count(*) FROM reminder_wakes").await, 0);
}

#[tokio::test]
async fn who_may_not_be_written_to_reads_it_on_her_page() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    waits_for(&mut buyer, "longjing", "longjing-2").await;
    shop.restocks("longjing-2", 3).await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert!(buyer.opens("/account").await.has("[data-reminder='restock'][data-told='true']"));
    assert_eq!(said(&shop).len(), 0);
    shop.later(Duration::days(31));
    assert!(!buyer.opens("/account").await.has("[data-reminder]"));
    shop.closes().await;
}

#[tokio::test]
async fn a_lower_price_than_when_she_asked_is_told_and_a_higher_one_is_not() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    buyer.opens("/p/mug").await;
    buyer.presses("#price-drop").await;
    opens_the_window(&shop).await;
    for (fen, times) in [(4_500, 0), (4_200, 0), (3_990, 0), (3_500, 1), (3_000, 1)] {
        let sql = format!("UPDATE variants SET price_fen = {fen} WHERE sku = 'mug'");
        let mut conn = shop.database.connect().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
        shop.app.worker.tell_reminders().await.unwrap();
        shop.work().await;
        assert_eq!(said(&shop).len(), times, "at {fen}: {:?}", said(&shop));
    }
    assert!(said(&shop)[0].contains("¥39.90 → ¥35.00"), "{:?}", said(&shop));
    shop.closes().await;
}

#[tokio::test]
async fn a_reminder_is_hers_alone_and_ends_when_she_says_so() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    buyer.opens("/p/mug").await;
    buyer.presses("#price-drop").await;
    let form = buyer.page().form("[data-reminder] form");
    let mut stranger = shop.phone();
    stranger.opens("/account").await;
    assert_eq!(stranger.submits(&form).await.status.as_u16(), 403);
    assert_eq!(shop.count("SELECT count(*) FROM reminders WHERE state = 'waiting'").await, 1);
    assert!(!buyer.submits(&form).await.has("[data-reminder]"), "{}", buyer.page().told());
    // Whoever has not signed in does so first.
    stranger.opens("/p/mug").await;
    let before = stranger.page().form("#price-drop");
    let page = stranger.submits(&before).await;
    assert!(page.url.path().contains("authorize") || page.url.path().contains("sign-in"), "{}", page.told());
    // What is there, or never was, is waited for by nobody.
    let form = buyer.opens("/p/longjing").await.form("#restock");
    for (sku, status) in [("longjing-1", 409), ("mug", 404), ("x", 404), ("\0", 404)] {
        let got = buyer.submits(&form.clone().with("variant", sku)).await.status.as_u16();
        assert!(got == status || got == 400, "{sku}: {got}");
    }
    shop.later(minutes(1));
    shop.closes().await;
}

#[tokio::test]
async fn what_the_merchant_switches_off_stands_on_her_page_only() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    waits_for(&mut buyer, "longjing", "longjing-2").await;
    opens_the_window(&shop).await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/settings/messages").await.form("form[action='/admin/settings/messages']");
    owner.submits(&form.without("tell_restock")).await;
    shop.restocks("longjing-2", 3).await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert_eq!(said(&shop).len(), 0);
    assert!(buyer.opens("/account").await.has("[data-told='true']"));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_sold_out_costs_nothing_less() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    opens_the_window(&shop).await;
    buyer.opens("/p/longjing").await;
    buyer.presses("#price-drop").await;
    let asked = shop.count("SELECT price_fen FROM reminders").await;
    let there = "SELECT min(price_fen) FROM variants WHERE sku LIKE 'longjing-%' AND stock > 0";
    assert_eq!(shop.count(there).await, asked, "what she can buy");
    shop.runs("UPDATE variants SET price_fen = 100 WHERE sku = 'longjing-2'").await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert_eq!(said(&shop).len(), 0, "nobody can buy it at that");
    shop.restocks("longjing-2", 1).await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert_eq!(said(&shop).len(), 1);
    shop.closes().await;
}

#[tokio::test]
async fn goods_of_which_nobody_can_be_told_do_not_keep_the_others_waiting() {
    let shop = bound().await;
    let mut buyer = signed_in(&shop).await;
    buyer.opens("/p/mug").await;
    buyer.presses("#price-drop").await;
    waits_for(&mut buyer, "longjing", "longjing-2").await;
    opens_the_window(&shop).await;
    shop.runs(
        "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;
         CREATE TRIGGER breaks BEFORE UPDATE ON reminders FOR EACH ROW WHEN (NEW.about = 'price') EXECUTE FUNCTION breaks();
         UPDATE variants SET price_fen = 100 WHERE sku = 'mug'",
    )
    .await;
    shop.restocks("longjing-2", 3).await;
    shop.app.worker.tell_reminders().await.unwrap_err();
    shop.work().await;
    assert_eq!(said(&shop).len(), 1, "of the other goods");
    shop.runs("DROP TRIGGER breaks ON reminders").await;
    shop.app.worker.tell_reminders().await.unwrap();
    shop.work().await;
    assert_eq!(said(&shop).len(), 2);
    assert_eq!(shop.count("SELECT count(*) FROM reminder_wakes").await, 0);
    shop.closes().await;
}
