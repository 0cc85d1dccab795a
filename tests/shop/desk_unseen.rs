//! What a fan wrote while a page stood open is neither answered, closed nor put off by it, and a form sends one thing.

use crate::support::desk::{ALI, ZHOU, talk};
use crate::support::{TestShop, minutes};
use weipu::fans::State;
use weipu::staff::Role;

#[tokio::test]
async fn what_she_wrote_after_the_page_was_drawn_is_not_answered_by_it() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    let form = owner.types(ALI, "在的").await;
    shop.later(minutes(1));
    shop.heard(ALI, "我要退货").await;
    let asked_at = shop.clock.now();
    shop.later(minutes(1));
    assert_eq!(owner.submits(&form).await.status, 200);
    let conversation = shop.conversation(ALI).await;
    assert_eq!((conversation.unread, conversation.waiting_since), (1, Some(asked_at)));
    let turns = "SELECT count(*) FROM desk_turns WHERE kind = 'answer'";
    assert_eq!(shop.count(turns).await, 1, "the first was answered");
    // A card and what was seen by then.
    owner.opens(&talk(ALI)).await;
    let path = owner.page().attribute("#answer a[href*='/cards']", "href");
    shop.later(minutes(1));
    shop.heard(ALI, "还有一个问题").await;
    let card = owner.opens(&format!("{path}&product=mug")).await.form(".cards form").with("product", "mug");
    owner.submits(&card).await;
    let conversation = shop.conversation(ALI).await;
    assert_eq!((conversation.unread, conversation.waiting_since), (1, Some(shop.clock.now())));
    owner.answers(ALI, "请说").await;
    let conversation = shop.conversation(ALI).await;
    assert_eq!((conversation.unread, conversation.waiting_since), (0, None));
    shop.leaves_jobs();
}

#[tokio::test]
async fn nobody_is_closed_or_put_off_with_words_that_were_not_seen() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "谢谢").await;
    for (css, pressed) in [("#close", State::Closed), ("#snooze", State::Open)] {
        let form = owner.opens(&talk(ALI)).await.form(css).with("until", "hours");
        shop.heard(ALI, "等一下").await;
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.has("#refused")), (409, true), "{css}");
        assert!(page.body.contains("等一下"), "{}", page.told());
        let unchanged = shop.conversation(ALI).await;
        assert!(unchanged.state == State::Open && unchanged.unread > 0 && unchanged.waiting_since.is_some());
        // She looked, and means it.
        let form = owner.page().form(css).with("until", "hours");
        assert_eq!(owner.submits(&form).await.status, 200, "{css}");
        let state = shop.conversation(ALI).await.state;
        assert!(state == pressed || matches!(state, State::Snoozed { .. }), "{state:?}");
    }
    // A colleague has read it, and she still waits for an answer.
    let mut service = shop.member("小服", Role::Service).await;
    let form = owner.opens(&talk(ALI)).await.form("#snooze").with("until", "tomorrow");
    shop.heard(ALI, "在吗").await;
    service.opens(&talk(ALI)).await;
    service.presses("#read").await;
    assert_eq!(owner.submits(&form).await.status, 409);
    shop.leaves_jobs();
}

#[tokio::test]
async fn a_form_that_has_sent_something_sends_nothing_else_and_keeps_the_words() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for fan in [ALI, ZHOU] {
        shop.heard(fan, "在吗").await;
    }
    let form = owner.types(ALI, "在的").await;
    owner.submits(&form).await;
    let others = owner.opens(&talk(ZHOU)).await.form("#answer").action;
    for another in [form.clone().with("text", "改过的话"), form.clone().to(others)] {
        let page = owner.submits(&another).await;
        assert_eq!((page.status.as_u16(), page.has("#refused")), (409, true), "{}", page.told());
        let kept = page.form("#answer");
        let field =
            |of: &[(String, String)], name: &str| of.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(field(&kept.fields, "text"), field(&another.fields, "text"));
        assert_ne!(field(&kept.fields, "form"), field(&another.fields, "form"), "a fresh one");
    }
    assert_eq!((shop.said_to(ALI).await.len(), shop.said_to(ZHOU).await.len()), (1, 0));
    owner.presses("#answer").await;
    assert_eq!(shop.said_to(ZHOU).await.len(), 1, "and that goes");
    // Each card has a form of its own.
    let page = owner.opens(&format!("{}/cards?product=mug", talk(ALI))).await;
    let mut keys = page.all(".cards form [name=form]", "value");
    let many = keys.len();
    keys.sort();
    keys.dedup();
    assert!(many > 0 && keys.len() == many, "{}", page.told());
    shop.leaves_jobs();
}
