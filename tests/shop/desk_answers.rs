//! People answer at the desk: once, within the window, not past each other, and nothing that was typed is lost.

use crate::support::browser::Ask;
use crate::support::desk::{ALI, talk};
use crate::support::{Duration, TestShop, minutes};
use weipu::staff::Role;

#[tokio::test]
async fn a_press_too_many_sends_nothing_twice() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    let form = owner.types(ALI, "在的，请说").await;
    let mut elsewhere = shop.desktop();
    elsewhere.browser.cookies = owner.browser.cookies.clone();
    tokio::join!(owner.asks(Ask::form(&form)), elsewhere.asks(Ask::form(&form)));
    let page = owner.submits(&form).await;
    assert!(page.status.is_success() && page.body.contains("在的，请说"), "{}", page.told());
    assert_eq!(shop.said_to(ALI).await, [("在的，请说".to_owned(), "waiting".to_owned())]);
    assert_eq!(shop.jobs().await.len(), 1);
    let conversation = shop.conversation(ALI).await;
    assert_eq!(conversation.assigned.map(|(_, name)| name).as_deref(), Some("阿山"), "who answered has it");
    assert_eq!((conversation.unread, conversation.waiting_since), (0, None));
    // Another form says the same again, and means it.
    owner.answers(ALI, "在的，请说").await;
    assert_eq!(shop.said_to(ALI).await.len(), 2);
    shop.leaves_jobs();
}

#[tokio::test]
async fn who_was_overtaken_is_told_and_sends_when_she_still_wants_to() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut service = shop.member("小服", Role::Service).await;
    shop.heard(ALI, "多少钱").await;
    let form = owner.types(ALI, "88 元").await;
    service.answers(ALI, "88 元一盒").await;
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 409);
    assert!(page.text("#refused").contains("小服"), "{}", page.told());
    assert!(page.body.contains("88 元一盒"), "what she said stands there now");
    assert_eq!(page.value_of("#answer", "text"), "88 元");
    assert_eq!(shop.said_to(ALI).await.len(), 1);
    owner.presses("#answer").await;
    assert_eq!(shop.said_to(ALI).await.len(), 2);
    // What she herself, a rule or the fan says meanwhile stands in nobody's way.
    let form = owner.types(ALI, "还要别的吗").await;
    shop.heard(ALI, "好").await;
    owner.submits(&form).await;
    assert_eq!(shop.said_to(ALI).await.len(), 3);
    shop.leaves_jobs();
}

#[tokio::test]
async fn of_two_who_take_it_one_has_it() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut service = shop.member("小服", Role::Service).await;
    shop.member("小财", Role::Finance).await;
    shop.heard(ALI, "在吗").await;
    owner.opens(&talk(ALI)).await;
    service.opens(&talk(ALI)).await;
    let (a, b) = (owner.page().form("#take"), service.page().form("#take"));
    tokio::join!(owner.asks(Ask::form(&a)), service.asks(Ask::form(&b)));
    let (mut one, mut two) = (owner.page().status.as_u16(), service.page().status.as_u16());
    if one > two {
        (one, two) = (two, one);
    }
    assert_eq!((one, two), (200, 409));
    // Given to whoever answers fans, and to nobody else.
    let page = owner.opens(&talk(ALI)).await;
    assert_eq!(page.all("#to option", "value"), ["", "1", "2"], "no bookkeeper");
    let form = page.form("form[action$='/assignment']");
    assert_eq!(owner.submits(&form.clone().with("to", "3")).await.status, 404);
    owner.submits(&form.with("to", "2")).await;
    assert_eq!(shop.conversation(ALI).await.assigned, Some((2, "小服".into())));
    let form = owner.opens(&talk(ALI)).await.form("form[action$='/assignment']").with("to", "");
    owner.submits(&form).await;
    let conversation = shop.conversation(ALI).await;
    assert_eq!((conversation.assigned, conversation.human_at), (None, None), "the rules speak again");
}

#[tokio::test]
async fn the_rules_are_silent_while_a_person_has_it_and_the_page_says_until_when() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    assert!(!owner.opens(&talk(ALI)).await.has("#silence"));
    let page = owner.presses("#take").await;
    assert!(page.has("#silence"), "{}", page.told());
    shop.later(minutes(29));
    assert!(owner.looks_again().await.has("#silence"));
    shop.later(minutes(1));
    assert!(!owner.looks_again().await.has("#silence"));
    owner.answers(ALI, "来了").await;
    assert!(owner.page().has("#silence"));
    let page = owner.presses("#close").await;
    assert!(!page.has("#silence") && page.has("#reopen"));
    shop.leaves_jobs();
}

#[tokio::test]
async fn a_window_that_closes_while_somebody_types_keeps_her_words() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    shop.runs("UPDATE fans SET acted_at = acted_at - interval '47 hours'").await;
    let form = owner.types(ALI, "很抱歉回复晚了").await;
    assert_eq!(owner.page().text("[data-window] time"), "1 小时 0 分");
    shop.later(Duration::hours(1));
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.value_of("#answer", "text").as_str()), (409, "很抱歉回复晚了"));
    assert!(page.text("#shut").contains("48 小时") && page.has("#refused"), "{}", page.told());
    shop.heard(ALI, "还在吗").await;
    shop.runs("UPDATE fans SET unfollowed_at = acted_at").await;
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 409);
    assert!(page.text("#refused").contains("取消关注"), "{}", page.told());
    assert!(shop.said_to(ALI).await.is_empty() && shop.jobs().await.is_empty());
    // She writes again: the same form goes.
    shop.later(minutes(1));
    shop.heard(ALI, "我又回来了").await;
    assert_eq!(owner.submits(&form).await.status, 200);
    assert_eq!(shop.said_to(ALI).await.len(), 1);
    shop.leaves_jobs();
}

#[tokio::test]
async fn a_mention_is_answered_once_however_often_it_is_pressed() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mention = r#"{"kind":"mention","in":"status","key":"5000000000000001"}"#;
    shop.heard_as(ALI, "mention", mention, "@小店 这款还有吗").await;
    shop.runs("UPDATE fans SET mentioned_at = acted_at, acted_at = NULL").await;
    let form = owner.types(ALI, "有的").await;
    assert!(owner.page().text(".window").contains("只能回复一条"));
    let another = owner.types(ALI, "真的有").await;
    for _ in 0..2 {
        assert_eq!(owner.submits(&form).await.status, 200);
    }
    let page = owner.submits(&another).await;
    assert_eq!(page.status, 409);
    assert!(page.text("#refused").contains("一条"), "{}", page.told());
    assert_eq!(shop.said_to(ALI).await.len(), 1);
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_weibo_would_not_take_is_not_sent_and_not_lost() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    for bad in [
        "好".repeat(5000),
        "好".repeat(300),
        String::new(),
        " \n ".into(),
        "a\u{0}b".into(),
        "a\u{7}b".into(),
    ] {
        let page = owner.answers(ALI, &bad).await;
        assert_eq!((page.status.as_u16(), page.has("#text-wrong")), (422, true), "{bad:.10}");
        // A browser writes no NUL, and a page of ours neither.
        let kept = page.value_of("#answer", "text");
        assert!(kept.replace('\u{fffd}', "\u{0}") == bad || bad.trim().is_empty(), "{kept:.10}");
    }
    let form = owner.types(ALI, "x").await;
    for key in ["", "x", "00000000-0000-0000-0000-00000000000z"] {
        assert_eq!(owner.submits(&form.clone().with("form", key)).await.status, 422, "{key}");
    }
    assert_eq!(owner.submits(&form.clone().with("token", "forged")).await.status, 403);
    assert!(shop.said_to(ALI).await.is_empty());
    assert_eq!(owner.answers(ALI, &"好".repeat(299)).await.status, 200);
    assert_eq!(shop.said_to(ALI).await.len(), 1);
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_did_not_arrive_says_why_and_can_be_taken_up_again() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    owner.answers(ALI, "在的").await;
    shop.runs("UPDATE fan_messages SET state = 'refused', why = '20019 重复的内容', ended_at = now(), begun_at = now() WHERE author = 'staff'")
        .await;
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.text("[data-delivery=refused]").contains("20019 重复的内容"), "{}", page.told());
    let page = owner.follows("[data-delivery=refused] a").await;
    assert_eq!(page.value_of("#answer", "text"), "在的");
    // Nobody's words but her own conversation's.
    shop.heard(7_000_000_009, "别人").await;
    let page = owner.opens("/admin/fans/7000000009?again=2").await;
    assert_eq!(page.value_of("#answer", "text"), "");
    shop.runs("UPDATE fan_messages SET state = 'dropped', why = 'unfollowed' WHERE author = 'staff'").await;
    assert!(owner.opens(&talk(ALI)).await.text("[data-delivery=dropped]").contains("取消关注"));
    shop.runs("UPDATE fan_messages SET state = 'unknown' WHERE author = 'staff'").await;
    let page = owner.looks_again().await;
    assert!(page.has("[data-delivery=unknown]") && !page.has("[data-delivery=unknown] a"), "she may have it");
    shop.leaves_jobs();
}

#[tokio::test]
async fn canned_answers_are_put_behind_what_was_typed() {
    let shop = TestShop::open().await;
    let mut service = shop.owner().await;
    let form = service.opens("/admin/fans/canned").await.form("#canned");
    let canned = form
        .clone()
        .with("title", "发货")
        .with("category", "物流")
        .with("text", "{name}您好，{order} 今天发");
    service.submits(&canned).await;
    let page = service.submits(&canned).await;
    assert_eq!((page.status.as_u16(), page.wrong("title").is_empty()), (409, false), "one of this title");
    let page = service.submits(&form.clone().with("title", "x").with("text", "好".repeat(300))).await;
    assert_eq!((page.status.as_u16(), page.has("#text-wrong")), (422, true));
    shop.heard(ALI, "发了吗").await;
    shop.runs("UPDATE fans SET nickname = '阿梨'").await;
    let typed = service.types(ALI, "稍等").await.with("canned", "1").with("insert", "1");
    let page = service.submits(&typed).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.value_of("#answer", "text"), "稍等\n阿梨您好，{order} 今天发");
    assert!(shop.said_to(ALI).await.is_empty(), "nothing is sent by it");
    let page = service.submits(&typed.with("canned", "99")).await;
    assert_eq!((page.status.as_u16(), page.value_of("#answer", "text").as_str()), (422, "稍等"));
    let form = service.opens("/admin/fans/canned?edit=1").await.form("#canned");
    service.submits(&form.with("text", "好的")).await;
    assert_eq!(service.page().text("[data-canned='1'] .lines"), "好的");
    service.presses("form[action='/admin/fans/canned/1/removal']").await;
    assert!(!service.page().has("[data-canned]"));
    assert_eq!(service.opens("/admin/fans/canned?edit=1").await.status, 404);
}

#[tokio::test]
async fn how_long_fans_waited_is_told_by_day_and_by_person() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert!(!owner.opens("/admin/fans/figures").await.has("[data-first-response]"));
    for (fan, wait) in [(ALI, 2), (7_000_000_009, 4), (7_000_000_010, 60)] {
        shop.heard(fan, "在吗").await;
        shop.later(minutes(wait));
        owner.answers(fan, "在的").await;
        // Nobody waits for what is said beyond the answer.
        owner.answers(fan, "请说").await;
    }
    shop.later(minutes(10));
    owner.opens(&talk(7_000_000_010)).await;
    owner.presses("#close").await;
    let page = owner.opens("/admin/fans/figures").await;
    assert!(
        page.text("[data-first-response]").starts_with("4 分 · 九成在 1 小时 0 分 以内 · 3 次"),
        "{}",
        page.told()
    );
    assert!(page.text("[data-resolution]").starts_with("1 小时 10 分"), "{}", page.told());
    assert_eq!((page.text("[data-open]").as_str(), page.text("[data-waiting]").as_str()), ("2", "0"));
    assert!(page.body.contains("阿山"));
    // Closed again without a word of hers, it is not counted twice.
    owner.opens(&talk(7_000_000_010)).await;
    owner.presses("#reopen").await;
    owner.presses("#close").await;
    assert_eq!(shop.count("SELECT count(*) FROM desk_turns WHERE kind = 'resolution'").await, 1);
    shop.leaves_jobs();
}
