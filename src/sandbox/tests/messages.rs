//! Private messages over HTTP: what is refused, Weibo's limits, and what the buyer finds.

use super::{IN_CLIENT, Town, params, signed};
use crate::sandbox::{Fault, Lasting};
use crate::weibo::signature::{Params, write_form};
use serde_json::Value;
use time::Duration;

const SEND: &str = "/api/merchant/message/send";

fn message(pay_id: &str, text: &str) -> Params {
    params([("seller_id", "7000000001"), ("pay_id", pay_id), ("data", text)])
}

async fn says(town: &Town, pay_id: &str, text: &str) -> Value {
    town.post(SEND, &signed(message(pay_id, text))).await.json::<Value>().await.unwrap()["code"].take()
}

#[actix_web::test]
async fn a_message_that_is_forged_empty_or_about_nothing_paid_is_refused() {
    let town = Town::open();
    town.open_cashier(&town.order("SHOP20260305000001"), IN_CLIENT).await;
    let pay_id = town.sandbox.payments()[0].pay_id.clone();
    let mut forged = signed(message(&pay_id, "茶"));
    forged.insert("data".into(), "水".into());
    let answer: Value = town.post(SEND, &forged).await.json().await.unwrap();
    assert_eq!(answer["code"], "990002");
    assert_eq!(says(&town, &pay_id, "").await, "990001");
    assert_eq!(says(&town, "", "茶").await, "990001");
    assert_eq!(says(&town, "3", "茶").await, "990005");
    assert_eq!(says(&town, &pay_id, "还没付").await, "990008");
    assert!(town.sandbox.messages().is_empty());
}

#[actix_web::test]
async fn one_a_minute_five_in_all_within_ninety_days() {
    let town = Town::open();
    let pay_id = town.sells("SHOP20260305000001").await;
    for number in 0..5 {
        assert_eq!(says(&town, &pay_id, &format!("第 {number} 条")).await, "100000");
        town.clock.advance(Duration::seconds(59));
        assert_eq!(says(&town, &pay_id, "太快").await, if number < 4 { "990022" } else { "990021" });
        town.clock.advance(Duration::seconds(1));
    }
    assert_eq!(says(&town, &pay_id, "第六条").await, "990021");
    let other = town.sells("SHOP20260305000002").await;
    town.clock.advance(Duration::days(90));
    assert_eq!(says(&town, &other, "刚好").await, "100000");
    town.clock.advance(Duration::minutes(1));
    assert_eq!(says(&town, &other, "晚了").await, "990023");
    assert_eq!(town.sandbox.messages().len(), 6);
}

#[actix_web::test]
async fn the_buyer_finds_her_messages_on_her_phone_and_nobody_elses() {
    let town = Town::open();
    let pay_id = town.sells("SHOP20260305000001").await;
    let mut url = town.url(SEND);
    url.set_query(Some(&write_form(&signed(message(&pay_id, "已发货 <b>SF1+1</b>")))));
    let by_get: Value = town.browser.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(by_get["code"], "100000");
    let phone = async |account: &str| {
        let page = town.browser.get(town.url("/sandbox/messages"));
        let page = page.header("Cookie", format!("sandbox_account={account}")).send().await.unwrap();
        page.text().await.unwrap()
    };
    assert!(phone("7000000002").await.contains("已发货 &#60;b&#62;SF1+1&#60;/b&#62;"));
    assert!(!phone("7000000003").await.contains("已发货"));
    let all: Value =
        town.browser.get(town.url("/sandbox/api/messages")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&all[0]["buyer_id"], &all[0]["pay_id"]), (&"7000000002".into(), &pay_id.as_str().into()));
}

#[actix_web::test]
async fn a_message_can_be_refused_or_arrive_without_an_answer() {
    let town = Town::open();
    let pay_id = town.sells("SHOP20260305000001").await;
    town.sandbox.set_fault(Fault::MessageRefused, Some(Lasting::Once));
    assert_eq!(says(&town, &pay_id, "茶").await, "990024");
    assert!(town.sandbox.messages().is_empty());
    town.sandbox.set_fault(Fault::MessageAnswerLost, Some(Lasting::Once));
    let lost = town.browser.post(town.url(SEND)).form(&signed(message(&pay_id, "茶"))).send().await;
    assert!(match lost {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(town.sandbox.messages().len(), 1);
}
