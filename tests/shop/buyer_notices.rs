//! What buyers are told by Weibo's private messages: each thing once at most, whatever breaks, and never more or
//! sooner than Weibo allows.

use crate::parcels::{CORRECT, history, paid, path, ships};
use crate::support::buyer::Buyer;
use crate::support::settings::weibo_settings;
use crate::support::staff::OWNER;
use crate::support::{TestShop, minutes};
use std::net::TcpListener;
use time::Duration;
use tokio::io::AsyncReadExt;
use url::Url;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::money::Money;
use weipu::payments::refund::Portion;
use weipu::payments::telling::{self, MessageId};
use weipu::payments::{self, Ask};
use weipu::sandbox::{self, Fault};
use weipu::settings::Current;
use weipu::settings::keys::Given;
use weipu::weibo;
use weipu::worker::Worker;

/// What the desk says of the messages of this order, the first first: of what, and what became of each.
pub async fn told(owner: &mut Buyer, number: &str) -> Vec<String> {
    let page = owner.opens(&path(number)).await;
    let each = page.body.split("data-message=\"").skip(1).map(|rest| {
        let (about, rest) = rest.split_once("\" data-state=\"").unwrap();
        format!("{about} {}", rest.split('"').next().unwrap())
    });
    let mut all: Vec<String> = each.collect();
    all.reverse();
    all
}

/// The words that Weibo has carried.
pub fn carried(shop: &TestShop) -> Vec<String> {
    shop.weibo.sandbox.messages().into_iter().map(|message| message.text).collect()
}

/// Sends so much of an order back, and Weibo says that it is back.
pub async fn gives_back(shop: &TestShop, number: &str, fen: i64) {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let order = weipu::orders::find(&mut tx, &number.parse().unwrap()).await.unwrap().unwrap();
    let amount = Money::from_fen(fen).unwrap();
    let ask =
        Ask { key: Uuid::new_v4(), portion: Portion::Amount(amount), shown: amount, reason: String::new() };
    payments::refund(&mut tx, order.id, &ask, &Actor::Shop, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    shop.work().await;
    shop.later(Duration::seconds(3));
    shop.weibo.delivers().await;
}

/// Two minutes, and what was due in them is done.
async fn two_minutes(shop: &TestShop) {
    for _ in 0..4 {
        shop.later(Duration::seconds(30));
        shop.work().await;
    }
}

/// The only message there is.
async fn the_message(shop: &TestShop) -> MessageId {
    MessageId(shop.count("SELECT id FROM buyer_messages").await)
}

fn settings(shop: &TestShop) -> weibo::Settings {
    weibo_settings(
        &sandbox::Settings::demo(shop.sandbox_base.clone(), Some(shop.base.clone()), None).unwrap(),
    )
}

/// A connection to a Weibo Pay at another address.
fn at(shop: &TestShop, pay: Url) -> weibo::Client {
    let mut settings = settings(shop);
    settings.addresses.pay = pay;
    weibo::Client::new(settings).unwrap()
}

async fn tells(
    shop: &TestShop,
    weibo: &weibo::Client,
    id: MessageId,
) -> anyhow::Result<weipu::jobs::Outcome> {
    let worker = &shop.app.worker;
    telling::tell(&worker.db, weibo, &worker.callbacks, id, &worker.clock).await
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_never_goes_again() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::MessageAnswerLost);
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid unknown"]);
    assert!(!history(owner.page()).contains(&"told".to_owned()), "nobody knows");
    assert!(owner.page().text("#messages").contains("不再重发"));
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn a_message_that_weibo_refuses_is_not_sent_again_and_the_desk_reads_why() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::MessageRefused);
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid refused"]);
    assert!(owner.page().text("#messages").contains("990024"), "{}", owner.page().text("#messages"));
    shop.closes().await;
    assert_eq!(carried(&shop), [""; 0]);
}

#[tokio::test]
async fn who_dies_while_sending_sends_nothing_again() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let message = the_message(&shop).await;
    // A Weibo that listens and never answers: in the middle of the call the process dies.
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = at(&shop, format!("http://{}/", deaf.local_addr().unwrap()).parse().unwrap());
    tokio::select! {
        done = tells(&shop, &client, message) => panic!("nobody answered: {done:?}"),
        () = async {
            let (mut line, _) = deaf.accept().await.unwrap();
            assert!(line.read_u8().await.is_ok(), "something of it was sent");
        } => {}
    }
    assert_eq!(shop.count("SELECT count(*) FROM buyer_messages WHERE state = 'sending'").await, 1);
    shop.later(minutes(3));
    shop.work().await;
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid unknown"]);
    shop.closes().await;
    assert_eq!(carried(&shop), [""; 0], "it may be with her");
}

#[tokio::test]
async fn a_message_that_never_left_goes_when_weibo_can_be_reached() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let message = the_message(&shop).await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = at(&shop, format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap());
    drop(nobody);
    tells(&shop, &client, message).await.unwrap_err();
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid waiting"]);
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent"]);
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn without_weibos_keys_a_message_waits_for_them() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let keyless = Given { merchant_key: None, ..settings(&shop).into() };
    let current = Current::new(keyless, shop.app.shop.keys.clone(), minutes(30));
    let worker = Worker { current, ..shop.app.worker.clone() };
    while worker.work_one().await.unwrap() {}
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid waiting"]);
    shop.closes().await;
    shop.signs_in(&mut owner, OWNER).await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent"]);
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn many_hands_at_once_send_one_message() {
    let shop = TestShop::open().await;
    let (_buyer, _) = paid(&shop, "mug").await;
    let (message, client) = (the_message(&shop).await, shop.weibo_client().await);
    let tell = || tells(&shop, &client, message);
    let (a, b, c, ()) = tokio::join!(tell(), tell(), tell(), shop.work());
    for outcome in [a, b, c] {
        outcome.unwrap();
    }
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn a_payment_that_weibo_tells_of_twice_is_told_once() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Twice);
    let (mut buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    buyer.looks_again().await;
    shop.closes().await;
    let words = carried(&shop);
    assert_eq!(words.len(), 1);
    assert!(words[0].contains(&number) && words[0].contains("已付款"), "{words:?}");
    for personal in ["林阿梨", "13800138000", "龙井路"] {
        assert!(!words[0].contains(personal), "{words:?}");
    }
    let mut owner = shop.owner().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent"]);
    assert!(history(owner.page()).contains(&"told".to_owned()));
}

#[tokio::test]
async fn a_parcel_is_told_once_and_a_minute_after_the_payment() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped waiting"]);
    shop.later(Duration::seconds(74));
    shop.work().await;
    assert_eq!(carried(&shop).len(), 1, "Weibo's clock is not ours");
    shop.later(Duration::seconds(1));
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped sent"]);
    let form = owner.page().form(CORRECT).with("tracking", "SF1234567890999");
    owner.submits(&form).await;
    shop.closes().await;
    let words = carried(&shop);
    assert_eq!(words.len(), 2);
    assert!(words[1].contains("顺丰速运 ****0123") && !words[1].contains("SF1234"), "{words:?}");
}

#[tokio::test]
async fn news_that_is_overtaken_is_not_told() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    let paid = the_message(&shop).await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    // The parcel's job is there first.
    let parcel = shop.count("SELECT id FROM shipments").await;
    telling::tell_of_parcel(&shop.app.worker.db, parcel, &shop.clock).await.unwrap();
    tells(&shop, &shop.weibo_client().await, paid).await.unwrap();
    assert_eq!(told(&mut owner, &number).await, ["paid waiting", "shipped waiting"], "the parcel first");
    shop.closes().await;
    assert_eq!(told(&mut owner, &number).await, ["paid dropped", "shipped sent"]);
    assert_eq!(carried(&shop).len(), 1);
}

#[tokio::test]
async fn when_the_five_are_used_up_the_rest_stands_on_the_page_and_the_last_is_a_refunds() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "longjing-1").await;
    shop.work().await;
    for _ in 0..3 {
        two_minutes(&shop).await;
        gives_back(&shop, &number, 100).await;
    }
    two_minutes(&shop).await;
    assert_eq!(carried(&shop).len(), 4);
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    two_minutes(&shop).await;
    for _ in 0..2 {
        gives_back(&shop, &number, 100).await;
        two_minutes(&shop).await;
    }
    let all = told(&mut owner, &number).await;
    assert_eq!(all[4..], ["shipped dropped", "refunded sent", "refunded dropped"], "{all:?}");
    assert!(owner.page().text("#messages").contains("条数已用完"));
    shop.closes().await;
    let words = carried(&shop);
    assert_eq!(words.len(), 5);
    assert!(words[4].contains("的退款 ¥1.00 已原路退回"), "{words:?}");
}

#[tokio::test]
async fn after_ninety_days_nobody_is_told() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.work().await;
    shop.later(Duration::days(90));
    let mut owner = shop.owner().await;
    ships(&mut owner, &number, "sf", "SF1234567890123").await;
    shop.work().await;
    assert_eq!(told(&mut owner, &number).await, ["paid sent", "shipped dropped"]);
    assert!(owner.page().text("#messages").contains("90 天"));
    shop.closes().await;
    assert_eq!(carried(&shop).len(), 1);
}
