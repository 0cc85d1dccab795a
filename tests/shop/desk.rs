//! The list of the desk: who wants somebody first, which lists there are, and what is found in them.

use crate::support::desk::{ALI, ZHOU, talk};
use crate::support::{Duration, TestShop, minutes};
use weipu::fans::State;
use weipu::staff::Role;

#[tokio::test]
async fn unread_come_first_and_among_them_who_waits_the_longest() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert!(owner.opens("/admin/fans").await.has("#rows .empty"), "nobody wrote yet");
    for fan in [ZHOU, ALI, 7_000_000_009] {
        shop.heard(fan, "在吗").await;
        shop.later(minutes(3));
    }
    // Writing once more does not make her wait less.
    shop.heard(ZHOU, "有人吗").await;
    shop.app.shop.pages.recount_unread();
    let page = owner.opens("/admin/fans").await;
    assert_eq!(page.listed(), [ZHOU, ALI, 7_000_000_009]);
    assert_eq!(page.text(".inbox .unread .count"), "2");
    assert!(!page.has(".inbox .late"), "nine minutes are not too long");
    assert_eq!(page.text(".rail a[href='/admin/fans'] .count"), "3");
    shop.later(minutes(2));
    let page = owner.looks_again().await;
    assert_eq!(page.text(".inbox .late"), "等了 11 分");
    owner.answers(ZHOU, "在的").await;
    let page = owner.opens("/admin/fans").await;
    assert_eq!(page.listed(), [ALI, 7_000_000_009, ZHOU], "who was answered waits no longer");
    assert!(page.text("[data-fan='7000000003'] .last").contains("在的"));
    assert_eq!(page.text(".rail a[href='/admin/fans'] .count"), "2");
    shop.leaves_jobs();
}

#[tokio::test]
async fn each_list_holds_its_own_and_goes_on_behind_its_last_row() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "第一句").await;
    shop.runs(
        "INSERT INTO fans (uid, met_at) SELECT n, now() FROM generate_series(1, 90) n;
         WITH said AS (INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
             SELECT n, 'fan', 'text', '{\"kind\":\"text\"}', 'x', now(), 'heard' FROM generate_series(1, 90) n RETURNING id, fan)
         INSERT INTO conversations (fan, state, staff_id, staff_name, waiting_since, unread, last_at, last_message, snoozed_until)
         SELECT fan, CASE WHEN fan <= 85 THEN 'open' WHEN fan <= 88 THEN 'closed' ELSE 'snoozed' END,
             CASE WHEN fan <= 3 THEN 1 END, CASE WHEN fan <= 3 THEN '阿山' END, CASE WHEN fan <= 2 THEN now() END, fan % 2,
             now() - fan * interval '1 minute', id, CASE WHEN fan > 88 THEN now() + interval '1 year' END FROM said;",
    )
    .await;
    let mut seen = Vec::new();
    owner.opens("/admin/fans").await;
    loop {
        seen.extend(owner.page().listed());
        if !owner.page().has("#rows [rel=next]") {
            break;
        }
        owner.follows("#rows [rel=next]").await;
    }
    let each: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), each.len()), (86, 86), "everybody once");
    // Unread before read, who waits before who does not, then the latest.
    assert_eq!(seen[..4], [ALI, 1, 3, 5]);
    assert_eq!(seen[44..47], [2, 4, 6]);
    for (list, many) in [
        ("mine", 3),
        ("waiting", 3),
        ("snoozed", 2),
        ("closed", 3),
        ("unassigned", 40),
        ("all", 40),
        ("no such", 40),
    ] {
        let page = owner.opens(&format!("/admin/fans?show={list}")).await;
        assert_eq!(page.listed().len(), many, "{list}");
    }
    for nonsense in ["x", "1", "-1-", "9223372036854775807-1", "1-99999999999999999999", "%00"] {
        let page = owner.opens(&format!("/admin/fans?after={nonsense}")).await;
        assert_eq!(page.status, 200, "{nonsense}");
    }
}

#[tokio::test]
async fn conversations_are_found_by_uid_nickname_and_words() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "四枚盒还能今天发吗？100% 要").await;
    shop.heard(ZHOU, "Do you ship to Shanghai").await;
    shop.runs("UPDATE fans SET nickname = '阿梨的茶桌' WHERE uid = 7000000002").await;
    owner.answers(ZHOU, "上海可以发顺丰").await;
    for (words, found) in [
        ("四枚盒", vec![ALI]),
        ("今天发", vec![ALI]),
        ("盒今天", vec![]),
        ("SHANGHAI", vec![ZHOU]),
        ("顺丰", vec![ZHOU]),
        ("茶桌", vec![ALI]),
        ("7000000003", vec![ZHOU]),
        ("70000", vec![]),
        ("0%", vec![ALI]),
        ("%", vec![]),
        ("_", vec![]),
        ("茶", vec![]),
        ("还能今天发", vec![ALI]),
        ("'); DROP TABLE fans; --", vec![]),
        ("{}\\", vec![]),
    ] {
        let q: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let page = owner.opens(&format!("/admin/fans?q={q}")).await;
        assert_eq!((page.listed(), page.value_of("form.look", "q").as_str()), (found, words));
    }
    let page = owner.opens("/admin/fans?q=%00%00").await;
    assert_eq!(page.status, 200);
    let long = format!("/admin/fans?q={}", "%E8%8C%B6".repeat(1500));
    assert!(owner.opens(&long).await.listed().is_empty());
    // A closed conversation is found too, and a list narrows what is found.
    owner.opens(&talk(ALI)).await;
    owner.presses("#close").await;
    assert_eq!(owner.opens("/admin/fans?q=%E5%9B%9B%E6%9E%9A").await.listed(), [ALI]);
    assert!(owner.opens("/admin/fans?q=%E5%9B%9B%E6%9E%9A&show=mine").await.listed().is_empty());
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_is_put_off_comes_back_when_its_time_has_come() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "明天补货吗").await;
    owner.opens(&talk(ALI)).await;
    let form = owner.page().form("#snooze");
    for (until, day) in
        [("day", ""), ("day", "2020-01-01"), ("day", "9999-01-01"), ("", ""), ("tomorrow\0", "")]
    {
        let page = owner.submits(&form.clone().with("until", until).with("day", day)).await;
        assert_eq!((page.status.as_u16(), page.has("#refused")), (409, true), "{until} {day}");
    }
    owner.submits(&form.clone().with("until", "tomorrow")).await;
    assert!(owner.page().has(".said"), "{}", owner.page().told());
    assert!(owner.opens("/admin/fans").await.listed().is_empty());
    assert_eq!(owner.opens("/admin/fans?show=snoozed").await.listed(), [ALI]);
    // Put off anew, for less: the earlier of two times does not count twice.
    owner.opens(&talk(ALI)).await;
    owner.submits(&form.with("until", "hours")).await;
    shop.later(minutes(179));
    shop.work().await;
    assert!(owner.opens("/admin/fans").await.listed().is_empty());
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(owner.opens("/admin/fans").await.listed(), [ALI]);
    let conversation = shop.conversation(ALI).await;
    assert_eq!((conversation.state, conversation.unread), (State::Open, 1));
    shop.closes().await;
}

#[tokio::test]
async fn put_off_for_longer_it_does_not_wake_early() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.heard(ALI, "在吗").await;
    for until in ["hours", "tomorrow"] {
        let form = owner.opens(&talk(ALI)).await.form("#snooze").with("until", until);
        owner.submits(&form).await;
    }
    shop.later(Duration::hours(4));
    shop.work().await;
    assert!(matches!(shop.conversation(ALI).await.state, State::Snoozed { .. }));
    shop.later(Duration::hours(24));
    shop.work().await;
    assert_eq!(shop.conversation(ALI).await.state, State::Open);
    shop.closes().await;
}

#[tokio::test]
async fn reading_is_for_all_and_only_of_what_was_seen() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut service = shop.member("小服", Role::Service).await;
    shop.heard(ALI, "第一句").await;
    let form = service.opens(&talk(ALI)).await.form("#read");
    assert_eq!(shop.conversation(ALI).await.unread, 1, "looking changes nothing");
    shop.heard(ALI, "她没看到的").await;
    service.submits(&form).await;
    assert_eq!(shop.conversation(ALI).await.unread, 1, "what came after is unread");
    let seen = form.fields.iter().find(|(name, _)| name == "seen").unwrap().1.clone();
    let late = owner.opens(&talk(ALI)).await.form("#read").with("seen", seen);
    owner.submits(&late).await;
    assert!(owner.page().text("#read-by").contains("小服"), "who reads nothing new has not read it");
    let page = service.presses("#read").await;
    assert!(!page.has("#read") && page.text("#read-by").contains("小服"), "{}", page.told());
    let page = owner.opens(&talk(ALI)).await;
    assert!(!page.has("#read") && page.text("#read-by").contains("小服"));
    let page = owner.presses("#unread").await;
    assert_eq!((page.url.path(), page.has(".inbox .unread")), ("/admin/fans", true));
    assert!(shop.conversation(ALI).await.waiting_since.is_some(), "read is not answered");
}

#[tokio::test]
async fn nothing_that_a_fan_says_becomes_part_of_the_page() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let evil = r#""><script>alert(1)</script><img src=x onerror=alert(1)>'"#;
    shop.heard(ALI, evil).await;
    shop.heard_as(
        ALI,
        "event",
        r#"{"kind":"event","event":{"subtype":"view","url":"javascript:alert(1)"}}"#,
        "x",
    )
    .await;
    shop.heard_as(ALI, "unknown", r#"{"kind":"unknown","name":"<script>x</script>"}"#, "<b>").await;
    let place = r#"{"kind":"position","longitude":"1\"><script>","latitude":"2"}"#;
    shop.heard_as(ALI, "position", place, evil).await;
    let mut conn = shop.database.connect().await;
    let named = sqlx::query("UPDATE fans SET nickname = $1, place = $1").bind(evil);
    named.execute(&mut conn).await.unwrap();
    for path in
        [talk(ALI), "/admin/fans".into(), format!("/admin/fans/{ALI}/cards?product=%22%3E%3Cscript%3E")]
    {
        let page = owner.opens(&path).await;
        assert!(
            !page.body.contains("<script>") && !page.body.contains("onerror=alert(1)>"),
            "{}",
            page.told()
        );
        assert!(!page.has("a[href^=javascript]"));
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
    }
    let page = owner.opens(&talk(ALI)).await;
    assert_eq!(page.text(".message .bubble bdi"), evil, "and yet it is told as she said it");
}

#[tokio::test]
async fn a_place_leads_to_a_map_only_where_the_merchant_has_set_one() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let place = r#"{"kind":"position","longitude":"120.1551","latitude":"30.2741"}"#;
    shop.heard_as(ALI, "position", place, "发送了一个位置").await;
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.body.contains("30.2741, 120.1551") && !page.has(".bubble a"), "{}", page.told());
    let form = owner.opens("/admin/fans/settings").await.form("#manners").with("red_minutes", "0");
    let page = owner.submits(&form.with("map", "javascript:alert(1)")).await;
    assert_eq!(page.status, 422);
    assert!(page.wrong("red_minutes").contains("1440"));
    let form = page.form("#manners").with("red_minutes", "2");
    owner.submits(&form.with("map", "https://map.example/?at={longitude},{latitude}")).await;
    let page = owner.opens(&talk(ALI)).await;
    assert_eq!(page.attribute(".bubble a", "href"), "https://map.example/?at=120.1551,30.2741");
    let mut service = shop.member("小服", Role::Service).await;
    assert_eq!(service.opens("/admin/fans/settings").await.status, 403);
}

#[tokio::test]
async fn older_words_are_there_on_demand() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for number in 1..=60 {
        shop.heard(ALI, &format!("第{number}句")).await;
        shop.later(minutes(10));
    }
    let page = owner.opens(&talk(ALI)).await;
    assert_eq!(page.all("[data-message]", "data-message").len(), 50);
    assert!(page.body.contains("第60句") && !page.body.contains("第10句"));
    assert!(page.all(".day time", "datetime").is_empty() && page.has(".day"));
    assert!(page.has("#read"));
    let page = owner.follows(".earlier a").await;
    assert!(!page.has("#read"), "the latest stand elsewhere");
    assert!(page.body.contains("第1句") && page.body.contains("第10句") && !page.body.contains("第11句"));
    assert_eq!(owner.opens("/admin/fans/1").await.status, 404);
    assert_eq!(owner.opens("/admin/fans/x").await.status, 404);
}
