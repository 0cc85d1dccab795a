//! The vectors of jsapi.md §3, and that a Weibo which gives no ticket is asked once and then left alone.

use super::super::testing::{Script, Weibo, http};
use super::*;
use time::macros::datetime;

const TICKET: &str = "TESTONLY-js-ticket-0123456789abcdefghijklmnopqrstuvwxyz_A-b";
const NOW: OffsetDateTime = datetime!(2026-03-05 02:20:30 UTC);
const GOOD: &str = r#"{"result":true,"js_ticket":"TESTONLY-ticket","expire_time":7199}"#;

#[test]
fn the_published_vectors_fit() {
    for (noncestr, timestamp, page, expected) in [
        (
            "Qw3rTyUi0p",
            1_772_677_230,
            "https://shop.example/h5/item?id=42&from=weibo%20card#top",
            "e9ae860eb804d5717f1e9731b900764af165c104",
        ),
        ("n", 1_772_677_231, "https://shop.example/", "a1121f32d98183a6b7ae56dca20875431c406596"),
    ] {
        assert_eq!(signature(TICKET, noncestr, timestamp, page), expected);
    }
}

#[test]
fn every_part_counts_but_the_fragment() {
    let page = "https://shop.example/p/茶?a=%20&b=+";
    let good = signature("t", "n", 1, page);
    assert_eq!(signature("t", "n", 1, &format!("{page}#x#y")), good);
    let decoded = page.replace("%20", " ");
    let others = [
        signature("T", "n", 1, page),
        signature("t", "N", 1, page),
        signature("t", "n", 2, page),
        signature("t", "n", 1, &decoded),
        signature("t", "n", 1, &format!("{page}/")),
    ];
    assert!(!others.contains(&good), "{good} {others:?}");
}

#[actix_web::test]
async fn a_page_is_signed_with_a_ticket_that_does_not_show() {
    let weibo = Weibo::answers(200, GOOD).await;
    let client = weibo.client();
    let page = "https://shop.example/p/mug";
    let signed = client.sign_page(page, NOW).await.unwrap();
    assert_eq!((signed.appkey.as_str(), signed.timestamp), ("1900000001", NOW.unix_timestamp()));
    let expected = signature("TESTONLY-ticket", &signed.noncestr, signed.timestamp, page);
    assert_eq!(signed.signature, expected);
    assert!(!serde_json::to_string(&signed).unwrap().contains("TESTONLY"));
    let again = client.sign_page(page, NOW + Duration::seconds(6999)).await.unwrap();
    assert_ne!(again.noncestr, signed.noncestr);
    // Asked once, as documented; the secret in the body only.
    assert!(weibo.asked().starts_with("POST /oauth2/js_ticket/generate HTTP/1.1\r\n"));
    let asked = weibo.form();
    assert_eq!((asked["client_id"].as_str(), asked.len()), ("1900000001", 2));
    assert_eq!(asked["client_secret"], "test-only-app-secret-0001");
}

#[actix_web::test]
async fn what_is_no_ticket_is_told_once_and_not_asked_for_again_at_once() {
    for script in [
        Script::Bytes(http(200, "{}")),
        Script::Bytes(http(200, r#"{"js_ticket":"","expire_time":7199}"#)),
        Script::Bytes(http(200, r#"{"js_ticket":"t"}"#)),
        Script::Bytes(http(200, r#"{"js_ticket":"t","expire_time":0}"#)),
        Script::Bytes(http(200, r#"{"js_ticket":"t","expire_time":-9223372036854775808}"#)),
        Script::Bytes(http(400, r#"{"error":"invalid_client","error_code":21324}"#)),
        Script::Bytes(http(500, GOOD)),
        Script::Reset,
    ] {
        let weibo = Weibo::does(script).await;
        let client = weibo.client();
        for _ in 0..3 {
            assert_eq!(client.sign_page("https://shop.example/", NOW).await, Err(NoTicket));
        }
        weibo.asked();
    }
}

#[actix_web::test]
async fn a_ticket_is_used_neither_longer_than_it_lives_nor_longer_than_7000_seconds() {
    for (lives, used) in [(7199, 7000), (7200, 7000), (i64::MAX, 7000), (600, 540), (61, 1)] {
        let body = format!(r#"{{"result":true,"js_ticket":"t","expire_time":{lives}}}"#);
        let client = Weibo::answers(200, &body).await.client();
        client.sign_page("https://shop.example/", NOW).await.unwrap();
        let kept = client.kept_ticket().lock().await;
        assert!(kept.at(NOW + Duration::seconds(used - 1)).is_some(), "{lives}");
        assert!(kept.at(NOW + Duration::seconds(used)).is_none(), "{lives}");
    }
}
