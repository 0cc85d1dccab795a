//! The words that buyers are sent, where they lead, and the merchant's switches.

use crate::buyer_notices::{carried, told};
use crate::calling_off::{Crossed, crossed};
use crate::parcels::{audited, paid};
use crate::support::buyer::Buyer;
use crate::support::staff::OWNER;
use crate::support::{TestShop, minutes};
use reqwest::StatusCode;
use url::Url;

const SWITCHES: &str = "form[action='/admin/settings/messages']";

/// The link at the end of a message.
fn link(words: &str) -> Url {
    Url::parse(&words[words.find("http").unwrap()..]).unwrap()
}

#[tokio::test]
async fn money_that_came_too_late_is_told_of_and_then_that_it_is_back() {
    let shop = TestShop::open().await;
    let Crossed { mut owner, number, notice, .. } = crossed(&shop).await;
    shop.buyer().orders("teapot", 1).await;
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
        shop.work().await;
    }
    shop.closes().await;
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await, ["late sent", "refunded sent"]);
    let words = carried(&shop);
    assert!(
        words[0].contains("¥880.00 到账时订单已关闭") && words[1].contains("¥880.00 已原路退回"),
        "{words:?}"
    );
}

#[tokio::test]
async fn what_was_paid_twice_is_told_when_it_is_back() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    let cashier = buyer.page().link("#pc");
    buyer.visits(cashier.clone()).await;
    let mut stranger = shop.buyer();
    stranger.visits(cashier).await;
    for payer in [&mut buyer, &mut stranger] {
        payer.presses_pay().await;
    }
    shop.weibo.delivers().await;
    shop.closes().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "refunded sent"]);
    let messages = shop.weibo.sandbox.messages();
    assert_ne!(messages[0].pay_id, messages[1].pay_id, "each to whoever paid it");
    assert!(messages[1].text.contains("多付的"), "{messages:?}");
}

#[tokio::test]
async fn an_english_buyer_reads_english_and_the_link_opens_her_order_and_nobody_elses_eyes() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders_in_english("mug").await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    shop.work().await;
    let words = carried(&shop).remove(0);
    assert!(words.contains(&format!("Order {number} is paid")), "{words}");
    let link = link(&words);
    assert!(link.path().starts_with("/en/q/") && link.query().is_none(), "{link}");
    let own = buyer.visits(link.clone()).await;
    assert_eq!((own.url.path(), own.payment()), (&*format!("/en/orders/{number}"), "paid".to_owned()));
    for mut other in [shop.phone(), shop.desktop(), shop.buyer()] {
        let page = other.visits(link.clone()).await;
        assert_eq!((page.status, page.payment()), (StatusCode::OK, "paid".into()));
        for personal in ["林阿梨", "杭州", "13800138000", "138****", "Mug"] {
            assert!(!page.body.contains(personal), "{personal}: {}", page.told());
        }
    }
    shop.closes().await;
}

/// Sets the switches: what is named is told.
async fn switches(owner: &mut Buyer, on: &[&str]) -> StatusCode {
    let form = owner.opens("/admin/settings/messages").await.form(SWITCHES);
    let names = ["tell_paid", "tell_late", "tell_shipped", "tell_refunded"];
    let form = names.iter().fold(form, |form, name| form.without(name));
    let form = on.iter().fold(form, |form, name| form.with(name, "1"));
    owner.submits(&form).await.status
}

#[tokio::test]
async fn what_the_merchant_switches_off_is_not_told() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/settings/messages").await;
    assert!(page.text("#tell_paid-words").contains("已付款 ¥39.90，我们会尽快发货"), "{}", page.told());
    assert!(page.text("#tell_shipped-words").contains("is on its way: SF Express"), "{}", page.told());
    assert_eq!(switches(&mut owner, &["tell_late", "tell_shipped"]).await, StatusCode::OK);
    assert_eq!(audited(&shop, "change-messages").await, 1);
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid dropped"]);
    assert!(owner.page().text("#messages").contains("关闭了这类通知"));
    // Whoever asks for the same again changes nothing.
    assert_eq!(switches(&mut owner, &["tell_late", "tell_shipped"]).await, StatusCode::OK);
    assert_eq!(audited(&shop, "change-messages").await, 1);
    shop.closes().await;
    assert_eq!(carried(&shop), [""; 0]);
}

#[tokio::test]
async fn of_two_who_set_the_switches_at_once_the_second_sees_what_the_first_has_saved() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let old = owner.opens("/admin/settings/messages").await.form(SWITCHES);
    assert_eq!(switches(&mut owner, &[]).await, StatusCode::OK);
    let page = owner.submits(&old).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text(".field.wrong .why").contains("关闭"), "{}", page.told());
    assert_eq!(audited(&shop, "change-messages").await, 1);
    let again = owner.page().form(SWITCHES);
    assert_eq!(owner.submits(&again).await.status, StatusCode::OK);
    assert_eq!(audited(&shop, "change-messages").await, 2);
    let forged = again.with("version", "no number");
    assert_eq!(owner.submits(&forged).await.status, StatusCode::CONFLICT);
    shop.later(minutes(1));
    shop.closes().await;
}
