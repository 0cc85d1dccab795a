//! Statuses as an application reads them: the person's own, and nobody else's.

use super::{Town, params};
use crate::sandbox::world::limits::Limits;
use crate::sandbox::{Fault, Lasting};
use serde_json::Value;

const BUYER: &str = "7000000002";
const SHOP: &str = "7000000001";
const ONE: &str = "/2/statuses/show.json";
const OWN: &str = "/2/statuses/user_timeline.json";

impl Town {
    async fn reads(&self, path: &str, token: &str, id: Option<u64>) -> Value {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        self.get(path, &params([("access_token", token), ("id", &id)])).await.json().await.unwrap()
    }
}

#[actix_web::test]
async fn one_reads_ones_own_until_it_is_deleted() {
    let town = Town::open();
    let token = town.token().await;
    let card = town.sandbox.say(SHOP, "新到", None).unwrap().id;
    let form = params([
        ("access_token", &token),
        ("id", &card.to_string()),
        ("status", "好看"),
        ("rip", "203.0.113.9"),
    ]);
    let id = town.calls("/2/statuses/repost.json", form).await["id"].as_u64().unwrap();
    let seen = town.reads(ONE, &token, Some(id)).await;
    assert_eq!((seen["id"].as_u64(), seen["retweeted_status"]["id"].as_u64()), (Some(id), Some(card)));
    assert_eq!((seen["text"].as_str(), seen["user"]["idstr"].as_str()), (Some("好看"), Some(BUYER)));
    let own = town.reads(OWN, &token, None).await;
    assert_eq!((own["total_number"].as_u64(), own["statuses"][0]["id"].as_u64()), (Some(1), Some(id)));
    assert_eq!(town.reads(ONE, &token, Some(card)).await["error_code"], 20112, "the shop's");
    assert_eq!(town.reads(ONE, &token, Some(1)).await["error_code"], 20101);
    assert_eq!(town.reads(ONE, &token, None).await["error_code"], 10016);
    town.sandbox.delete_status(id).unwrap();
    assert_eq!(town.reads(ONE, &token, Some(id)).await["error_code"], 20101);
    assert_eq!(town.reads(OWN, &token, None).await["statuses"].as_array().unwrap().len(), 0);
}

#[actix_web::test]
async fn a_page_holds_the_latest_twenty() {
    let town = Town::open();
    let token = town.token().await;
    for number in 0..25 {
        town.sandbox.say(BUYER, &format!("第 {number}"), None).unwrap();
    }
    let own = town.reads(OWN, &token, None).await;
    assert_eq!((own["total_number"].as_u64(), own["statuses"].as_array().unwrap().len()), (Some(25), 20));
    assert_eq!(own["statuses"][0]["text"], "第 24");
}

#[actix_web::test]
async fn reading_has_its_refusals_and_is_counted() {
    let town = Town::open();
    let token = town.token().await;
    for (fault, code) in
        [(Fault::ReadForbidden, 10014), (Fault::TokenExpired, 21327), (Fault::OverLimit, 10023)]
    {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        assert_eq!(town.reads(OWN, &token, None).await["error_code"], code);
    }
    town.sandbox.set_fault(Fault::ReadFails, Some(Lasting::Once));
    assert_eq!(town.get(OWN, &params([("access_token", &token)])).await.status(), 500);
    assert_eq!(town.reads(OWN, "2.00nobody", None).await["error_code"], 21332);
    assert_eq!(town.post(OWN, &params([("access_token", &token)])).await.status(), 405);
    town.sandbox.set_limits(Limits { user_per_day: Some(0), ..Limits::default() });
    assert_eq!(town.reads(OWN, &token, None).await["error_code"], 10023);
}

#[actix_web::test]
async fn what_is_posted_can_come_to_nothing_or_late() {
    let town = Town::open();
    let token = town.token().await;
    let card = town.sandbox.say(SHOP, "新到", None).unwrap().id;
    let form = |text: &str| {
        params([
            ("access_token", &token),
            ("id", &card.to_string()),
            ("status", text),
            ("rip", "203.0.113.9"),
        ])
    };
    let path = "/2/statuses/repost.json";
    town.sandbox.set_fault(Fault::PostCaptcha, Some(Lasting::Once));
    assert_eq!(town.calls(path, form("一")).await["error_code"], 20031);
    town.sandbox.set_fault(Fault::PostDropped, Some(Lasting::Once));
    let dropped = town.browser.post(town.url(path)).form(&form("一")).send().await;
    assert!(match dropped {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(town.sandbox.statuses().len(), 1, "only the shop's");
    town.sandbox.set_fault(Fault::PostDelayed, Some(Lasting::Once));
    assert_eq!(town.calls(path, form("一")).await["error_code"], 20032);
    assert_eq!(town.sandbox.statuses().len(), 2);
}

#[actix_web::test]
async fn on_the_phone_one_takes_down_ones_own_only() {
    let town = Town::open();
    let (hers, shops) =
        (town.sandbox.say(BUYER, "好茶", None).unwrap().id, town.sandbox.say(SHOP, "新到", None).unwrap().id);
    let presses = async |id: u64, what: &str| {
        town.post(&format!("/sandbox/statuses/{id}/{what}"), &params([])).await.status().as_u16()
    };
    assert_eq!(presses(shops, "removal").await, 404);
    assert_eq!((presses(shops, "comment").await, presses(hers, "comment").await), (303, 303));
    assert_eq!(town.sandbox.statuses()[0].comment_count, 1);
    let drawn = town.get("/sandbox/stream", &params([])).await.text().await.unwrap();
    assert!(drawn.contains(&format!("/sandbox/statuses/{hers}/removal")));
    assert!(!drawn.contains(&format!("/sandbox/statuses/{shops}/removal")));
    assert_eq!((presses(hers, "removal").await, presses(hers, "removal").await), (303, 404));
}
