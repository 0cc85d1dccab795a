//! What is signed for one call is good for no other, and fans keep nobody else waiting.

use crate::support::TestShop;
use crate::support::fans::{ACCOUNT, HOOK, LI};
use crate::support::weibo::Weibo;
use reqwest::StatusCode;
use weipu::sandbox::Fault;

fn text(fan: i64, words: &str, at: &str) -> String {
    format!(
        r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{fan},"created_at":"Sat Nov 21 {at} +0800 2026","text":"{words}","data":{{}}}}"#
    )
}

#[tokio::test]
async fn what_was_signed_to_bind_carries_no_body_and_the_other_way_round() {
    let shop = TestShop::open().await;
    let mut line = shop.phone();
    let query = shop.signed_now();
    for _ in 0..2 {
        let bound = line.opens(&format!("{HOOK}?{query}&echostr=echo")).await;
        assert_eq!((bound.status, bound.body.as_str()), (StatusCode::OK, "echo"), "Weibo may ask twice");
    }
    for body in [text(LI, "你好", "11:59:00"), String::new(), "echo".into()] {
        assert_eq!(shop.pushes(&query, body).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(shop.count("SELECT count(*) FROM fan_messages").await, 0);
    let pushed = shop.signed_now();
    assert_eq!(shop.pushes(&pushed, text(LI, "你好", "11:59:00")).await.status, StatusCode::OK);
    let status = line.opens(&format!("{HOOK}?{pushed}&echostr=echo")).await.status;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn fans_who_wait_for_one_another_keep_no_payment_waiting() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    let mut buyer = shop.buyer();
    buyer.orders("longjing-1", 1).await;
    buyer.pays().await;
    let crowd: Vec<i64> = (LI..LI + 8).collect();
    for fan in &crowd {
        shop.hears(text(*fan, "一", "11:58:00")).await;
    }
    let db = shop.database.db();
    let mut held = db.begin().await.unwrap();
    sqlx::query("SELECT uid FROM fans FOR UPDATE").execute(&mut *held).await.unwrap();
    let press = |fan: &i64| {
        let body = text(*fan, "二", "11:59:00");
        let shop = &shop;
        async move { shop.hears(body).await.status }
    };
    let fans = futures_util::future::join_all(crowd.iter().map(press));
    let payment = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..500 {
            if shop.count(waiting).await >= 4 {
                break;
            }
        }
        let told = shop.weibo.tells(Weibo::notice_of(&shop.weibo.payment())).await;
        held.rollback().await.unwrap();
        told
    };
    let (_, told) = tokio::join!(fans, payment);
    assert_eq!(told.body, "success");
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}
