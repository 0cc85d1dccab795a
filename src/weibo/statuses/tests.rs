//! Reposts and shares over a real connection.

use super::super::testing::{Weibo, offline, token};
use super::*;

const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

#[actix_web::test]
async fn a_repost_says_who_what_and_from_where() {
    let weibo = Weibo::answers(200, r#"{"id":5000000000000001,"text":"x","user":{"id":1}}"#).await;
    let text = "好茶 A+B & #春茶#";
    let posted = weibo.client().repost(&token(), 4_900_000_000_000_001, text, IP).await.unwrap();
    assert_eq!(posted, Posted::Published { id: 5_000_000_000_000_001 });
    let form = weibo.form();
    assert!(weibo.asked().starts_with("POST /2/statuses/repost.json HTTP/1.1\r\n"));
    assert_eq!((form["id"].as_str(), form["status"].as_str()), ("4900000000000001", text));
    assert_eq!((form["rip"].as_str(), form["access_token"].as_str()), ("203.0.113.9", "2.00TESTONLYTOKEN"));
}

#[actix_web::test]
async fn a_repost_without_words_leaves_weibos() {
    let weibo = Weibo::answers(200, r#"{"idstr":"5"}"#).await;
    let mapped = "::ffff:203.0.113.9".parse().unwrap();
    weibo.client().repost(&token(), 4, "", mapped).await.unwrap();
    assert!(!weibo.form().contains_key("status"));
    assert_eq!(weibo.form()["rip"], "203.0.113.9");
}

#[actix_web::test]
async fn accepted_but_delayed_is_a_success() {
    for status in [200, 400] {
        let weibo = Weibo::answers(status, r#"{"error_code":20032,"error":"accepted but delayed"}"#).await;
        let posted = weibo.client().share(&token(), "https://shop.example", IP).await.unwrap();
        assert_eq!(posted, Posted::Accepted);
        assert!(weibo.asked().starts_with("POST /2/statuses/share.json HTTP/1.1\r\n"));
    }
}

#[actix_web::test]
async fn a_share_that_weibo_refuses_is_refused_and_one_without_id_unknown() {
    let weibo = Weibo::answers(400, r#"{"error_code":"20019","error":"repeat content!"}"#).await;
    let error = weibo.client().share(&token(), "https://shop.example", IP).await.unwrap_err();
    let CallError::Refused { code, .. } = error else { panic!("{error:?}") };
    assert_eq!(Trouble::of(&code), Trouble::Repeated);

    let weibo = Weibo::answers(200, r#"{"mid":""}"#).await;
    assert!(matches!(weibo.client().share(&token(), "x", IP).await, Err(CallError::Unknown(_))));
}

#[test]
fn the_share_page_carries_address_words_and_picture() {
    let (url, pic) =
        (Url::parse("https://shop.example/s/a?b=c").unwrap(), Url::parse("https://shop.example/1.jpg"));
    let page = offline().share_page(false, &url, "春茶 & A+B", Some(&pic.unwrap()));
    assert_eq!(page.path(), "/share/share.php");
    let query = super::super::signature::read_form(page.query().unwrap().as_bytes()).unwrap();
    assert_eq!(
        (query["url"].as_str(), query["title"].as_str()),
        ("https://shop.example/s/a?b=c", "春茶 & A+B")
    );
    assert_eq!((query["pic"].as_str(), query["content"].as_str()), ("https://shop.example/1.jpg", "utf-8"));
    assert_eq!(query["appkey"], "1900000001");

    let page = offline().share_page(true, &url, "x", None);
    assert_eq!(page.path(), "/share/mobile.php");
    assert!(page.as_str().contains("source=bookmark") && !page.as_str().contains("pic="));
}
