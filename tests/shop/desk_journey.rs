//! The whole way, with Weibo between: a fan writes, a rule answers, a person takes over and answers, the rule is silent
//! while she has it and speaks again afterwards.

use crate::support::desk::{ALI, talk};
use crate::support::fans::contains;
use crate::support::{TestShop, minutes};
use weipu::sandbox::SandboxReply;

/// What she got by itself, and not with an answer to what she did.
fn texts(replies: Vec<SandboxReply>) -> Vec<String> {
    let text = |reply| match reply {
        SandboxReply::Text { text } => text,
        other => format!("{other:?}"),
    };
    replies.into_iter().map(text).collect()
}

#[tokio::test]
async fn a_person_takes_over_from_a_rule_and_gives_back() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    shop.says_when(contains("月饼"), "四枚盒 88 元").await;
    let weibo = &shop.weibo.sandbox;
    assert!(weibo.fan_says(ALI, "有月饼吗").await.reply.is_some(), "the rule");
    let page = owner.opens("/admin/fans?show=all").await;
    assert_eq!(page.listed(), [ALI]);
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.body.contains("有月饼吗") && page.has("[data-delivery=given]"), "{}", page.told());
    owner.presses("#take").await;
    shop.later(minutes(1));
    assert!(weibo.fan_says(ALI, "月饼今天能发吗").await.reply.is_none(), "a person has it");
    let page = owner.opens("/admin/fans").await;
    assert!(page.has(".inbox .unread .amber"), "she waits: {}", page.told());
    owner.answers(ALI, "能，16:00 前付款今天就发").await;
    assert!(owner.page().has("[data-delivery=waiting]"));
    shop.work().await;
    assert!(owner.opens(&talk(ALI)).await.has("[data-delivery=sent]"), "{}", owner.page().told());
    assert!(texts(weibo.said_to(ALI)).contains(&"能，16:00 前付款今天就发".to_owned()));
    shop.later(minutes(31));
    assert!(weibo.fan_says(ALI, "再问下月饼").await.reply.is_some(), "nobody wrote for a while");
    shop.later(minutes(1));
    weibo.fan_unfollows(ALI).await;
    let page = owner.answers(ALI, "还在吗").await;
    assert_eq!((page.status.as_u16(), page.value_of("#answer", "text").as_str()), (409, "还在吗"));
    assert!(page.text("#shut").contains("取消关注"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn what_a_fan_does_opens_what_was_closed_or_put_off() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    let weibo = &shop.weibo.sandbox;
    weibo.fan_says(ALI, "在吗").await;
    for put_away in ["#close", "#snooze"] {
        owner.opens(&talk(ALI)).await;
        let form = owner.page().form(put_away).with("until", "tomorrow");
        owner.submits(&form).await;
        assert!(owner.opens("/admin/fans").await.listed().is_empty(), "{put_away}");
        shop.later(minutes(1));
        weibo.fan_says(ALI, "还有一句").await;
        assert_eq!(owner.opens("/admin/fans").await.listed(), [ALI], "{put_away}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn her_picture_and_her_voice_come_from_weibo_by_way_of_the_shop() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    shop.weibo.sandbox.fan_sends_picture(ALI).await;
    shop.later(minutes(1));
    shop.weibo.sandbox.fan_sends_voice(ALI).await;
    let page = owner.opens(&talk(ALI)).await;
    let (picture, voice) = (page.attribute(".bubble img", "src"), page.attribute(".bubble audio", "src"));
    assert!(owner.opens(&picture).await.header("content-type").starts_with("image/"));
    let page = owner.opens(&voice).await;
    assert!(page.header("content-type").starts_with("audio/"), "{}", page.header("content-type"));
    shop.closes().await;
}
