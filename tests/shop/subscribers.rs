//! Weibo's list of subscribers, read page by page; Weibo's groups; invitations.

use crate::broadcasts::{FIRST, bound, fans};
use crate::support::{Duration, TestShop, minutes};
use weipu::sandbox::{FansRules, Fault};

/// So many of the sandbox's own people subscribe at Weibo, and the shop has not heard.
fn subscribe(shop: &TestShop, many: i64) {
    for uid in FIRST..FIRST + many {
        shop.weibo.sandbox.fan_packet(uid, weipu::sandbox::Did::Subscribed { keyword: None });
    }
}

async fn reads(shop: &TestShop) -> i64 {
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/subscribers").await;
    owner.presses("#read").await;
    shop.work().await;
    owner.opens("/admin/fans/subscribers").await.text("#count").parse().unwrap()
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let shop = bound().await;
    shop.weibo.sandbox.set_fans_rules(FansRules { subscribers_page: 3, ..FansRules::default() });
    subscribe(&shop, 8);
    let found = reads(&shop).await;
    assert_eq!(found, shop.count("SELECT count(*) FROM fans WHERE subscribes").await);
    assert!(found >= 8, "{found}");
    assert!(shop.count("SELECT pages::bigint FROM subscriber_lists").await >= 3);
    assert_eq!(shop.count("SELECT count(*) FROM subscriber_lists WHERE state = 'done'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn who_is_not_on_it_any_more_subscribes_no_more() {
    let shop = bound().await;
    fans(&shop, 3).await;
    subscribe(&shop, 1);
    reads(&shop).await;
    let kept = "SELECT count(*) FROM fans WHERE subscribes AND uid >= 8000000001";
    assert_eq!(shop.count(kept).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn whoever_unsubscribes_after_it_was_asked_for_stays_so() {
    let shop = bound().await;
    subscribe(&shop, 1);
    // As a packet that came while the list was on its way.
    shop.runs(
        "INSERT INTO fans (uid, met_at, subscribes, subscribes_as_of)
         VALUES (8000000001, now(), false, '2026-11-21 12:00:01+08')",
    )
    .await;
    reads(&shop).await;
    assert_eq!(shop.count("SELECT count(*) FROM fans WHERE uid = 8000000001 AND subscribes").await, 0);
    // A day later the list is newer than her word.
    shop.later(Duration::days(1));
    shop.app.worker.read_subscribers_when_due().await.unwrap();
    shop.work().await;
    assert_eq!(shop.count("SELECT count(*) FROM fans WHERE uid = 8000000001 AND subscribes").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_reader_that_dies_goes_on_and_a_lost_answer_is_asked_for_again() {
    let shop = bound().await;
    shop.weibo.sandbox.set_fans_rules(FansRules { subscribers_page: 3, ..FansRules::default() });
    subscribe(&shop, 9);
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/subscribers").await;
    owner.presses("#read").await;
    owner.opens("/admin/fans/subscribers").await;
    owner.presses("#read").await;
    assert_eq!(shop.count("SELECT count(*) FROM subscriber_lists").await, 1, "pressed twice");
    assert!(shop.app.worker.work_one().await.unwrap(), "its first page");
    shop.weibo.will(Fault::OverLimit);
    shop.work().await;
    assert_eq!(shop.count("SELECT count(*) FROM subscriber_lists WHERE state = 'reading'").await, 1);
    shop.later(minutes(11));
    shop.work().await;
    assert_eq!(shop.count("SELECT count(*) FROM subscriber_lists WHERE state = 'done'").await, 1);
    assert!(shop.count("SELECT count(*) FROM fans WHERE subscribes").await >= 9);
    shop.closes().await;
}

#[tokio::test]
async fn without_a_token_it_says_so_and_nobody_is_taken_off() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    fans(&shop, 2).await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/subscribers").await;
    owner.presses("#read").await;
    shop.work().await;
    let page = owner.opens("/admin/fans/subscribers").await;
    assert_eq!(page.text("#count"), "2");
    assert!(page.text("#stopped").contains("令牌"), "{}", page.text("#stopped"));
    shop.closes().await;
}

#[tokio::test]
async fn groups_stand_at_weibo_and_a_lost_answer_is_looked_up() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/groups").await;
    let form = owner.page().form("#new").with("name", "老客");
    shop.weibo.will(Fault::AnswerLost);
    let page = owner.submits(&form).await;
    assert_eq!(page.status.as_u16(), 200, "{}", page.told());
    assert!(page.has("[data-group='101']"), "{}", page.told());
    let page = owner.submits(&form).await;
    assert_eq!(page.status.as_u16(), 422, "the same name again");
    let form = page.form("[data-group='101'] .rename").with("name", "常客");
    owner.submits(&form).await;
    assert_eq!(owner.page().text("[data-group='101'] td"), "常客");
    let long = "超".repeat(31);
    let refused = owner.page().form("[data-group='101'] .rename").with("name", &long);
    let page = owner.submits(&refused).await;
    assert_eq!((page.status.as_u16(), page.has("[data-group='101'] #name-101-wrong")), (422, true));
    assert_eq!(page.attribute("#name-101", "value"), long);
    assert_eq!(page.attribute("#name", "value"), "", "the form of a new one is not meant");
    for name in ["", "超".repeat(31).as_str(), "a\0b"] {
        let form = owner.opens("/admin/fans/groups").await.form("#new").with("name", name);
        let status = owner.submits(&form).await.status.as_u16();
        assert!(matches!(status, 400 | 422), "{name:?} {status}");
    }
    shop.weibo.sandbox.fan_packet(FIRST, weipu::sandbox::Did::Followed);
    owner.opens("/admin/fans/groups").await;
    let form = owner.page().form("#move").with("fan", FIRST.to_string()).with("to", "101");
    shop.weibo.will(Fault::AnswerLost);
    assert_eq!(owner.submits(&form).await.status.as_u16(), 200, "{}", owner.page().told());
    assert_eq!(shop.weibo.sandbox.fan(FIRST).group, 101);
    owner.presses("[data-group='101'] .remove").await;
    assert!(!owner.page().has("[data-group='101']"));
    let group = owner.page().url.join("/admin/fans/groups/1/removal").unwrap();
    let mut form = owner.page().form("#new");
    form.action = group;
    assert_eq!(owner.submits(&form).await.status.as_u16(), 404, "the black list is Weibo's own");
    shop.closes().await;
}

#[tokio::test]
async fn somebody_is_invited_within_the_limits() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    let fill = |text: &str| {
        [
            ("uid", FIRST.to_string()),
            ("text", text.to_owned()),
            ("url", "https://a.example/".to_owned()),
            ("logo", "https://a.example/logo.png".to_owned()),
        ]
    };
    for (text, status) in [("来看看", 200), ("", 422), ("长".repeat(301).as_str(), 422)] {
        let form = owner.opens("/admin/fans/subscribers").await.form("#invite");
        let form = fill(text).into_iter().fold(form, |form, (name, value)| form.with(name, value));
        assert_eq!(owner.submits(&form).await.status.as_u16(), status, "{text}");
    }
    let form = owner.opens("/admin/fans/subscribers").await.form("#invite");
    let form = fill("x").into_iter().fold(form, |form, (name, value)| form.with(name, value));
    let page = owner.submits(&form.with("url", "javascript:alert(1)")).await;
    assert_eq!((page.status.as_u16(), page.has("#url-wrong")), (422, true));
    assert_eq!(shop.weibo.sandbox.fan_chat(FIRST).len(), 1);
    let form = owner.opens("/admin/fans/subscribers").await.form("#invite");
    let form = fill("再来").into_iter().fold(form, |form, (name, value)| form.with(name, value));
    for _ in 0..2 {
        assert_eq!(owner.submits(&form).await.status.as_u16(), 200);
    }
    assert_eq!(shop.weibo.sandbox.fan_chat(FIRST).len(), 2, "pressed twice");
    shop.closes().await;
}

#[tokio::test]
async fn a_page_that_asks_anew_by_itself_takes_away_nothing_typed() {
    let shop = bound().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/fans/subscribers").await.form("#invite").with("text", "写了一半");
    assert!(!owner.page().headers.contains_key("refresh"));
    owner.presses("#read").await;
    let page = owner.opens("/admin/fans/subscribers").await;
    assert!(page.headers.contains_key("refresh") && !page.has("#invite"));
    let page = owner.submits(&form).await;
    assert!(page.status.as_u16() == 422 && !page.headers.contains_key("refresh"));
    assert_eq!(page.text("#text"), "写了一半");
    shop.work().await;
    shop.closes().await;
}
