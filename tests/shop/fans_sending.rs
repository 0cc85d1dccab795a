//! What is sent to a fan: once, in order, not past what Weibo allows, and with the truth about what became of it.

use crate::support::TestShop;
use crate::support::fans::{ACCOUNT, LI};
use crate::support::line::Line;
use time::Duration;
use weipu::fans::{self, Author, Closed, Delivery, MessageId, SayError, State};
use weipu::jobs::Job;
use weipu::sandbox::SandboxReply;
use weipu::weibo::messages::Reply;

const REPLY: &str = "/2/messages/reply.json";

/// A shop to which a fan has just written, and the line on which it answers.
async fn talking() -> (TestShop, Line) {
    let (shop, line) = TestShop::with_line().await;
    line.says(REPLY, r#"{"result":true}"#);
    hears(&shop, "text", "{}", "11:59:00").await;
    (shop, line)
}

async fn hears(shop: &TestShop, kind: &str, data: &str, at: &str) {
    let body = format!(
        r#"{{"type":"{kind}","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 21 {at} +0800 2026","text":"你好","data":{data}}}"#
    );
    assert_eq!(shop.hears(body).await.status.as_u16(), 200);
}

async fn say(shop: &TestShop, text: &str) -> Result<MessageId, SayError> {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let author = Author::Staff { id: 1, name: "阿山".into() };
    let said = fans::say(&mut tx, LI, &Reply::Text { text: text.into() }, &author, shop.clock.now()).await;
    tx.commit().await.unwrap();
    said
}

async fn became(shop: &TestShop, id: MessageId) -> Delivery {
    let mut conn = shop.database.connect().await;
    fans::message(&mut conn, id).await.unwrap().unwrap().delivery
}

#[tokio::test]
async fn what_a_person_says_goes_out_once_and_in_order() {
    let (shop, line) = talking().await;
    let mut ids = Vec::new();
    for text in ["一", "二", "三"] {
        ids.push(say(&shop, text).await.unwrap());
    }
    shop.work().await;
    for id in &ids {
        assert!(matches!(became(&shop, *id).await, Delivery::Sent { .. }));
    }
    // Taken once more, as by a worker that did not live to say that it was done.
    for id in &ids {
        let weibo = shop.weibo_client().await;
        fans::send(&shop.app.worker.db, Some(&weibo), *id, &shop.clock).await.unwrap();
    }
    assert_eq!(line.calls(REPLY), 3);
    let begun =
        "SELECT count(*) FROM (SELECT begun_at, lag(begun_at) OVER (ORDER BY id) AS before FROM fan_messages
        WHERE author = 'staff') m WHERE begun_at < before";
    assert_eq!(shop.count(begun).await, 0);
}

#[tokio::test]
async fn the_earlier_of_two_goes_first_whoever_takes_them() {
    let (shop, line) = talking().await;
    let (first, second) = (say(&shop, "一").await.unwrap(), say(&shop, "二").await.unwrap());
    let weibo = shop.weibo_client().await;
    fans::send(&shop.app.worker.db, Some(&weibo), second, &shop.clock).await.unwrap();
    assert_eq!((became(&shop, second).await, line.calls(REPLY)), (Delivery::Waiting, 0));
    fans::send(&shop.app.worker.db, Some(&weibo), first, &shop.clock).await.unwrap();
    assert_eq!(line.calls(REPLY), 1);
    shop.work().await;
    assert_eq!(line.calls(REPLY), 2);
}

#[tokio::test]
async fn killed_between_the_commit_and_the_call_nobody_knows_and_nothing_is_sent_twice() {
    let (shop, line) = TestShop::with_line().await;
    shop.binds().await;
    shop.weibo.sandbox.fan_says(LI, "你好").await;
    let (first, second) = (say(&shop, "一").await.unwrap(), say(&shop, "二").await.unwrap());
    line.holds(REPLY);
    let weibo = shop.weibo_client().await;
    let (db, clock) = (shop.app.worker.db.clone(), shop.clock.clone());
    let killed = tokio::spawn(async move { fans::send(&db, Some(&weibo), first, &clock).await });
    line.arrives().await;
    killed.abort();
    assert!(matches!(became(&shop, first).await, Delivery::Sending { .. }));
    line.lets_go();
    shop.later(Duration::minutes(3));
    shop.work().await;
    assert!(matches!(became(&shop, first).await, Delivery::Unknown { .. }));
    assert!(matches!(became(&shop, second).await, Delivery::Sent { .. }));
    assert_eq!(line.calls(REPLY), 2, "each once");
    let said: Vec<_> = shop.weibo.sandbox.said_to(LI).iter().map(SandboxReply::words).collect();
    assert_eq!(said, ["一", "二"], "the first was on its way");
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_it_unknown() {
    let (shop, line) = talking().await;
    line.cut(REPLY);
    let id = say(&shop, "一").await.unwrap();
    shop.work().await;
    assert!(matches!(became(&shop, id).await, Delivery::Unknown { .. }));
    shop.later(Duration::hours(1));
    shop.work().await;
    assert_eq!(line.calls(REPLY), 1);
}

#[tokio::test]
async fn weibo_is_given_time_when_it_asks_for_it_and_not_for_ever() {
    let (shop, line) = talking().await;
    line.says(REPLY, r#"{"error_code":10023,"error":"User requests out of rate limit!"}"#);
    let id = say(&shop, "一").await.unwrap();
    for _ in 0..12 {
        shop.work().await;
        shop.later(Duration::minutes(90));
        hears(&shop, "text", "{}", &format!("{:02}:00:00", shop.clock.now().hour())).await;
    }
    let Delivery::Refused { why, .. } = became(&shop, id).await else { panic!("it is tried for ever") };
    assert!(why.starts_with("10023"), "{why}");
    assert_eq!(line.calls(REPLY), 9);
    line.says(REPLY, r#"{"error_code":"20019","error":"repeat content"}"#);
    let id = say(&shop, "二").await.unwrap();
    shop.work().await;
    assert!(matches!(became(&shop, id).await, Delivery::Refused { .. }));
    assert_eq!(line.calls(REPLY), 10, "a no about what it says is final");
}

#[tokio::test]
async fn a_dead_token_is_told_and_the_message_waits_for_a_living_one() {
    let (shop, line) = talking().await;
    line.says(REPLY, r#"{"error_code":21327,"error":"expired_token"}"#);
    let id = say(&shop, "一").await.unwrap();
    shop.work().await;
    assert_eq!(became(&shop, id).await, Delivery::Waiting);
    let troubles = "SELECT count(*) FROM fans_service WHERE trouble = 'token'";
    assert_eq!(shop.count(troubles).await, 1);
    line.says(REPLY, r#"{"result":true}"#);
    shop.later(Duration::minutes(10));
    shop.work().await;
    assert!(matches!(became(&shop, id).await, Delivery::Sent { .. }));
    assert_eq!(shop.count(troubles).await, 0);
}

#[tokio::test]
async fn when_she_leaves_or_two_days_pass_it_is_dropped_and_says_why() {
    let (shop, line) = talking().await;
    line.says(REPLY, r#"{"error_code":21327,"error":"expired_token"}"#);
    let waits = say(&shop, "一").await.unwrap();
    let behind = say(&shop, "二").await.unwrap();
    shop.work().await;
    hears(&shop, "event", r#"{"subtype":"unfollow"}"#, "12:00:00").await;
    assert!(matches!(say(&shop, "三").await, Err(SayError::Closed(Closed::Unfollowed))));
    shop.later(Duration::hours(1));
    shop.work().await;
    for id in [waits, behind] {
        let Delivery::Dropped { why, .. } = became(&shop, id).await else { panic!("not dropped") };
        assert_eq!(why, "unfollowed");
    }
    shop.later(Duration::hours(1));
    hears(&shop, "text", "{}", "13:59:00").await;
    let late = say(&shop, "四").await.unwrap();
    shop.later(Duration::hours(49));
    shop.work().await;
    assert!(matches!(became(&shop, late).await, Delivery::Dropped { why, .. } if why == "silent"));
    assert_eq!(line.calls(REPLY), 1, "only before she left");
}

#[tokio::test]
async fn a_mention_is_answered_once_and_that_one_goes_out() {
    let (shop, line) = TestShop::with_line().await;
    line.says(REPLY, r#"{"result":true}"#);
    hears(&shop, "mention", r#"{"subtype":"status","key":"1"}"#, "11:59:00").await;
    let only = say(&shop, "一").await.unwrap();
    assert!(matches!(say(&shop, "二").await, Err(SayError::Closed(Closed::Answered))));
    shop.work().await;
    assert!(matches!(became(&shop, only).await, Delivery::Sent { .. }));
    assert_eq!(line.calls(REPLY), 1);
}

#[tokio::test]
async fn a_mention_whose_answer_weibo_refused_may_be_answered_again() {
    let (shop, line) = TestShop::with_line().await;
    line.says(REPLY, r#"{"error_code":"20019","error":"repeat content"}"#);
    hears(&shop, "mention", r#"{"subtype":"status","key":"1"}"#, "11:59:00").await;
    let first = say(&shop, "一").await.unwrap();
    shop.work().await;
    assert!(matches!(became(&shop, first).await, Delivery::Refused { .. }));
    line.says(REPLY, r#"{"result":true}"#);
    let second = say(&shop, "二").await.unwrap();
    shop.work().await;
    assert!(matches!(became(&shop, second).await, Delivery::Sent { .. }));
    assert!(matches!(say(&shop, "三").await, Err(SayError::Closed(Closed::Answered))));
    // The answer to an earlier mention gives nothing back of a later one.
    hears(&shop, "mention", r#"{"subtype":"status","key":"2"}"#, "11:59:30").await;
    line.says(REPLY, r#"{"error_code":21327,"error":"expired_token"}"#);
    let third = say(&shop, "三").await.unwrap();
    shop.work().await;
    assert_eq!(became(&shop, third).await, Delivery::Waiting);
    hears(&shop, "mention", r#"{"subtype":"status","key":"3"}"#, "11:59:40").await;
    shop.runs("UPDATE fans SET mention_answered = true").await;
    shop.later(Duration::minutes(10));
    shop.work().await;
    assert!(matches!(became(&shop, third).await, Delivery::Dropped { why, .. } if why == "answered"));
    assert!(shop.fan(LI).await.mention_answered);
}

#[tokio::test]
async fn what_a_person_wrote_and_she_may_not_have_got_is_shown_to_somebody() {
    let (shop, line) = talking().await;
    let read = "UPDATE conversations SET unread = 0, waiting_since = NULL, state = 'closed'";
    let seen = async || {
        let conversation = shop.conversation(LI).await;
        (conversation.unread, conversation.waiting_since, conversation.state)
    };
    say(&shop, "一").await.unwrap();
    shop.runs(read).await;
    shop.work().await;
    assert_eq!(seen().await, (0, None, State::Closed), "it was sent");
    line.says(REPLY, r#"{"error_code":"20019","error":"repeat content"}"#);
    say(&shop, "二").await.unwrap();
    shop.work().await;
    let shown = (1, Some(shop.clock.now()), State::Open);
    assert_eq!(seen().await, shown, "it was refused");
    shop.runs(read).await;
    line.cut(REPLY);
    say(&shop, "三").await.unwrap();
    shop.work().await;
    assert_eq!(seen().await, shown, "nobody knows");
    shop.runs(read).await;
    say(&shop, "四").await.unwrap();
    hears(&shop, "event", r#"{"subtype":"unfollow"}"#, "12:00:00").await;
    shop.work().await;
    assert_eq!(seen().await, shown, "it was dropped");
    shop.runs(read).await;
    shop.later(Duration::seconds(2));
    hears(&shop, "event", r#"{"subtype":"follow"}"#, "12:00:01").await;
    line.says(REPLY, r#"{"error_code":"20019","error":"repeat content"}"#);
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let reply = Reply::Text { text: "五".into() };
    fans::say(&mut tx, LI, &reply, &Author::Shop, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    shop.work().await;
    assert_eq!(seen().await, (0, None, State::Closed), "no person wrote it");
}

#[tokio::test]
async fn without_weibos_keys_it_waits_until_she_may_not_be_written_to_any_more() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    fans::meet(&mut tx, LI, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    shop.runs("UPDATE fans SET acted_at = '2026-11-21 12:00+08'").await;
    let id = say(&shop, "一").await.unwrap();
    shop.work().await;
    assert_eq!(became(&shop, id).await, Delivery::Waiting);
    assert_eq!(shop.count("SELECT count(*) FROM fans_service WHERE trouble = 'no_token'").await, 1);
    shop.later(Duration::hours(49));
    shop.work().await;
    assert!(matches!(became(&shop, id).await, Delivery::Dropped { why, .. } if why == "silent"));
}

#[tokio::test]
async fn without_a_token_it_waits_and_the_shop_says_so() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    hears(&shop, "text", "{}", "11:59:00").await;
    let id = say(&shop, "一").await.unwrap();
    shop.work().await;
    assert_eq!(became(&shop, id).await, Delivery::Waiting);
    assert_eq!(shop.count("SELECT count(*) FROM fans_service WHERE trouble = 'no_token'").await, 1);
    assert_eq!(shop.jobs().await[0].0, Job::SayToFan { message: id.0 });
    shop.leaves_jobs();
}
