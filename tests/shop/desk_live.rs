//! An open desk hears of what happens, and stops hearing with her session or her right.

use crate::support::TestShop;
use crate::support::desk::{ALI, ZHOU, talk};
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
