//! What a buyer is told when her order counts as received: once, by the fans service, else by the payment, else on her
//! page only.

use crate::broadcasts::bound;
use crate::buyer_notices::{carried, gives_back, told};
use crate::parcels::{paid, ships};
use crate::receiving::{RECEIPT, on_its_way};
use crate::refunds_desk::refunds;
use crate::support::staff::OWNER;
use crate::support::{Duration, TestShop, minutes};
use weipu::sandbox::SandboxReply;

/// Who has signed in: the sandbox's second person.
const LI: i64 = 7_000_000_002;

/// It has been on its way for so long, and that is seen to by several at once.
async fn comes_round(shop: &TestShop, after: Duration) {
    shop.later(after);
    let worker = &shop.app.worker;
    let (one, two) = tokio::join!(worker.receive_orders(), worker.receive_orders());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    shop.work().await;
    worker.receive_orders().await.unwrap();
    shop.work().await;
}

#[tokio::test]
async fn while_she_may_be_written_to_it_goes_as_a_message_to_a_fan() {
    let shop = bound().await;
    let mut buyer = crate::own_account::signed_in(&shop).await;
    buyer.orders("mug", 1).await;
    let (number, url) = (buyer.order(), buyer.page().url.clone());
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.visits(url).await.payment(), "paid");
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.later(minutes(3));
    shop.work().await;
    let by_payment = carried(&shop).len();
    shop.later(Duration::days(10) - minutes(10));
    let answer = shop.weibo.sandbox.fan_says(LI, "在吗").await;
    assert!(answer.trouble.is_none(), "{answer:?}");
    shop.work().await;
    comes_round(&shop, minutes(10)).await;
    let mut said = shop.weibo.sandbox.said_to(LI).into_iter().filter_map(|reply| match reply {
        SandboxReply::Text { text } if text.contains("自动确认收货") => Some(text),
        _ => None,
    });
    let (text, none) = (said.next().unwrap(), said.next());
    assert!(text.contains(&number) && text.contains("/q/") && none.is_none(), "{text} {none:?}");
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await.last().unwrap(), "received said");
    shop.closes().await;
    assert_eq!(carried(&shop).len(), by_payment, "none of the payment's five was used");
}

#[tokio::test]
async fn when_the_payments_messages_are_used_up_it_stands_on_her_page_only() {
    let shop = TestShop::open().await;
    let (mut buyer, number, mut owner) = on_its_way(&shop).await;
    for _ in 0..2 {
        gives_back(&shop, &number, 100).await;
        shop.later(minutes(2));
        shop.work().await;
    }
    assert_eq!(carried(&shop).len(), 4, "{:?}", carried(&shop));
    comes_round(&shop, Duration::days(10)).await;
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await.last().unwrap(), "received dropped");
    assert!(owner.page().text("#messages").contains("条数已用完"));
    assert!(buyer.looks_again().await.text("h1").contains("已收货"));
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 4);
}

#[tokio::test]
async fn what_the_merchant_switches_off_is_not_told() {
    let shop = TestShop::open().await;
    let (_buyer, number, mut owner) = on_its_way(&shop).await;
    let page = owner.opens("/admin/settings/messages").await;
    assert!(page.text("#tell_received-words").contains("售后"), "{}", page.told());
    assert!(page.text("#tell_received-words").contains("counts as received"), "{}", page.told());
    let form = page.form("form[action='/admin/settings/messages']").without("tell_received");
    assert!(owner.submits(&form).await.has(".said"));
    comes_round(&shop, Duration::days(10)).await;
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped sent", "received dropped"]);
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 2);
}

#[tokio::test]
async fn that_it_is_sent_is_no_news_to_who_has_it() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped waiting"]);
    buyer.looks_again().await;
    buyer.presses(RECEIPT).await;
    shop.later(minutes(2));
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped dropped"]);
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn news_that_all_goes_back_overtakes_it() {
    let shop = TestShop::open().await;
    let (_buyer, number, mut owner) = on_its_way(&shop).await;
    shop.later(Duration::days(10));
    shop.app.worker.receive_orders().await.unwrap();
    while shop.count("SELECT count(*) FROM buyer_messages WHERE about = 'received'").await == 0 {
        assert!(shop.app.worker.work_one().await.unwrap(), "it shall be told");
    }
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await.last().unwrap(), "received waiting");
    refunds(&mut owner, &number, &[]).await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await[2], "received dropped");
    shop.closes().await;
}
