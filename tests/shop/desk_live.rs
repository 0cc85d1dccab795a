//! An open desk hears of what happens, and stops hearing with her session or her right.

use crate::support::browser::Ask;
use crate::support::desk::{ALI, ZHOU, talk};
use crate::support::fans::ACCOUNT;
use crate::support::{TestShop, minutes};
use weipu::staff::Role;

const EVENTS: &str = "/admin/fans/events";

#[tokio::test]
async fn an_open_desk_hears_whose_conversation_changes_and_nothing_of_what_was_said() {
    let shop = TestShop::open().await;
    shop.hears_of_changes();
    let owner = shop.owner().await;
    let mut service = shop.member("小服", Role::Service).await;
    let mut events = owner.browser.listens(EVENTS).await;
    assert_eq!(events.next().await, ":\n\n", "the line is open");
    // The listener may not have begun to listen.
    loop {
        shop.heard(ALI, "很私密的话").await;
        let heard = events.next().await;
        assert!(!heard.contains("私密"), "{heard}");
        if heard.contains("[\"7000000002\"]") {
            break;
        }
    }
    service.answers(ALI, "收到").await;
    assert!(events.until("\"7000000002\"").await, "an answer");
    shop.heard(ZHOU, "在吗").await;
    assert!(events.until("\"7000000003\"").await);
    service.opens(&talk(ZHOU)).await;
    service.presses("#read").await;
    assert!(events.until("\"7000000003\"").await, "that it was read");
    shop.runs("UPDATE fan_messages SET state = 'sending', begun_at = now() WHERE author = 'staff'").await;
    assert!(events.until("\"7000000002\"").await, "that it is being sent");
    drop(events);
    shop.leaves_jobs();
}

#[tokio::test]
async fn an_open_desk_hears_of_each_push_and_of_one_that_comes_again() {
    let shop = TestShop::open().await;
    shop.hears_of_changes();
    let owner = shop.owner().await;
    let mut events = owner.browser.listens(EVENTS).await;
    assert_eq!(events.next().await, ":\n\n", "the line is open");
    // The listener may not have begun to listen.
    loop {
        shop.heard(7_000_000_009, "在吗").await;
        if events.next().await.contains("7000000009") {
            break;
        }
    }
    let push = |fan: i64, words: &str| {
        format!(
            r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{fan},
                "created_at":"Thu Mar 05 10:20:30 +0800 2026","text":"{words}","data":{{}}}}"#
        )
    };
    let (ali, zhou) = (push(ALI, "有龙井吗"), push(ZHOU, "几天能到"));
    assert_eq!(shop.hears(ali.clone()).await.status, 200);
    assert_eq!(shop.hears(zhou).await.status, 200);
    assert!(events.until("\"7000000002\"").await);
    assert_eq!(shop.hears(ali).await.status, 200);
    assert!(events.until("\"7000000002\"").await, "who took it may have died before she told");
    drop(events);
    shop.leaves_jobs();
}

#[tokio::test]
async fn who_has_left_or_lost_her_right_hears_nothing_more() {
    let shop = TestShop::open().await;
    shop.hears_of_changes();
    let mut owner = shop.owner().await;
    let service = shop.member("小服", Role::Service).await;
    let mut hers = service.browser.listens(EVENTS).await;
    let mut owners = owner.browser.listens(EVENTS).await;
    for events in [&mut hers, &mut owners] {
        assert_eq!(events.next().await, ":\n\n");
    }
    // Both hear: then one may not any more.
    while !owners.next().await.contains("7000000002") {
        shop.heard(ALI, "在吗").await;
    }
    shop.runs("UPDATE staff SET role = 'finance' WHERE name = '小服'").await;
    shop.heard(ZHOU, "只给客服看").await;
    assert!(owners.until("7000000003").await);
    let rest = hers.rest().await;
    assert!(!rest.contains("7000000003"), "{rest}");
    owner.opens("/admin/account").await;
    owner.presses("form[action='/admin/sign-out']").await;
    shop.heard(7_000_000_009, "在吗").await;
    let rest = owners.rest().await;
    assert!(!rest.contains("7000000009"), "{rest}");
}

#[tokio::test]
async fn a_desk_that_looks_by_itself_keeps_nobody_signed_in() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    let page = owner.opens(&talk(ALI)).await;
    let (live, form) = (page.attribute("[data-live]", "data-live"), page.form("#read"));
    shop.later(minutes(11 * 60));
    for at in ["/admin/fans?live=1", &live, &format!("{}?live=1", talk(ALI))] {
        let url = owner.browser.at(at);
        assert_eq!(owner.browser.send(Ask::get(url)).await.status, 200, "{at}");
    }
    let mut scripted = form.action.clone();
    scripted.set_query(Some("live=1"));
    assert_eq!(owner.browser.send(Ask::form(&form.to(scripted))).await.status, 303);
    assert_eq!(shop.conversation(ALI).await.unread, 0);
    shop.later(minutes(60));
    assert_eq!(owner.opens("/admin/fans").await.url.path(), "/admin/sign-in", "twelve hours of nothing");
}
