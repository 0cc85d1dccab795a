//! Sign-in: what we send, and whose token we take.

use super::super::testing::{Weibo, offline, token};
use super::*;
use std::collections::HashMap;

fn redirect() -> Url {
    Url::parse("https://shop.example/oauth/weibo/callback").unwrap()
}

#[test]
fn the_consent_page_is_asked_for_a_code() {
    let address = offline().authorize_url(
        &redirect(),
        "a+b&c",
        Wish { mobile: true, english: true, another: true, follow: true },
    );
    assert_eq!(address.path(), "/oauth2/authorize");
    let query: HashMap<_, _> = address.query_pairs().into_owned().collect();
    for (name, value) in [
        ("client_id", "1900000001"),
        ("redirect_uri", "https://shop.example/oauth/weibo/callback"),
        ("response_type", "code"),
        ("state", "a+b&c"),
        ("display", "mobile"),
        ("language", "en"),
        ("forcelogin", "true"),
        ("scope", "follow_app_official_microblog"),
    ] {
        assert_eq!(query[name], value);
    }
    let desktop = offline().authorize_url(&redirect(), "s", Wish::default());
    let names: Vec<_> = desktop.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "redirect_uri", "response_type", "state"]);
}

#[actix_web::test]
async fn a_code_becomes_a_token_that_does_not_show() {
    let body =
        r#"{"access_token":"2.00TESTONLYTOKEN","expires_in":2592000,"remind_in":"1","uid":"7000000002"}"#;
    let weibo = Weibo::answers(200, body).await;
    let token = weibo.client().exchange_code("c/1", &redirect()).await.unwrap();
    assert_eq!((token.uid, token.expires_in), (7_000_000_002, Duration::from_hours(30 * 24)));
    assert_eq!(token.access_token.expose_secret(), "2.00TESTONLYTOKEN");
    assert!(!format!("{token:?}").contains("TESTONLY"));
    assert!(weibo.asked().starts_with("POST /oauth2/access_token HTTP/1.1\r\n"));
    let form = weibo.form();
    assert_eq!((form["code"].as_str(), form["grant_type"].as_str()), ("c/1", "authorization_code"));
    assert_eq!(form["client_secret"], "test-only-app-secret-0001");
    assert_eq!(form["redirect_uri"], redirect().as_str());
}

#[actix_web::test]
async fn a_life_that_no_token_has_is_cut() {
    let body = r#"{"access_token":"a","expires_in":9223372036854775807,"uid":"7"}"#;
    let token = Weibo::answers(200, body).await.client().exchange_code("c", &redirect()).await.unwrap();
    assert_eq!(token.expires_in, LONGEST);
}

#[actix_web::test]
async fn a_token_answer_that_is_incomplete_is_not_believed() {
    for body in [
        r#"{"expires_in":1,"uid":"7"}"#,
        r#"{"access_token":"","expires_in":1,"uid":"7"}"#,
        r#"{"access_token":"a\r\nb","expires_in":1,"uid":"7"}"#,
        r#"{"access_token":"a","expires_in":1,"uid":"0"}"#,
        r#"{"access_token":"a","expires_in":1}"#,
        r#"{"access_token":"a","expires_in":-1,"uid":"7"}"#,
    ] {
        let answer = Weibo::answers(200, body).await.client().exchange_code("c", &redirect()).await;
        assert!(matches!(answer, Err(CallError::Unknown(_))), "{body}");
    }
}

#[actix_web::test]
async fn only_a_living_token_of_our_own_app_names_its_owner() {
    for (body, expected) in [
        (r#"{"uid":7000000002,"appkey":"1900000001","expire_in":100}"#, Ok((7_000_000_002, 100))),
        (r#"{"uid":"7000000002","appkey":1900000001}"#, Ok((7_000_000_002, 0))),
        (r#"{"uid":7,"appkey":"1900000001","expire_in":"9223372036854775807"}"#, Ok((7, LONGEST.as_secs()))),
        (r#"{"uid":7000000002,"appkey":"1900000002","expire_in":100}"#, Err(ANOTHER_APP)),
        (r#"{"uid":7000000002,"appkey":"1900000001","expire_in":-5}"#, Err(EXPIRED)),
        (r#"{"error":"invalid_access_token","error_code":21332}"#, Err("21332")),
    ] {
        let answer = Weibo::answers(200, body).await.client().token_owner(&token()).await;
        match (answer, expected) {
            (Ok(owner), Ok(expected)) => assert_eq!((owner.uid, owner.rest.as_secs()), expected),
            (Err(CallError::Refused { code, .. }), Err(expected)) => assert_eq!(code, expected),
            (answer, _) => panic!("{body}: {answer:?}"),
        }
    }
    let unnamed = Weibo::answers(200, r#"{"uid":7000000002}"#).await.client().token_owner(&token()).await;
    assert!(matches!(unnamed, Err(CallError::Unknown(_))));
}

#[actix_web::test]
async fn a_token_is_revoked_when_weibo_says_so() {
    for body in [r#"{"result":"true"}"#, r#"{"result":true}"#] {
        assert!(Weibo::answers(200, body).await.client().revoke(&token()).await.is_ok());
    }
    let weibo = Weibo::answers(200, r#"{"result":"false"}"#).await;
    assert!(weibo.client().revoke(&token()).await.is_err());
    assert!(weibo.asked().starts_with("POST /oauth2/revokeoauth2 HTTP/1.1\r\n"));
    assert_eq!(weibo.form()["access_token"], "2.00TESTONLYTOKEN");
}

#[test]
fn how_long_it_lives_is_asked_where_it_was_not_said() {
    let owner = Owner { uid: 7, rest: Duration::from_secs(100) };
    assert_eq!(owner.lives(Duration::ZERO), Duration::from_secs(100));
    assert_eq!(owner.lives(Duration::from_secs(5)), Duration::from_secs(5));
}

#[test]
fn only_a_refusal_of_the_token_says_that_it_is_not_ours() {
    for code in [ANOTHER_APP, EXPIRED, "21310", "21314", "21319", "21332"] {
        assert!(is_not_ours(code), "{code}");
    }
    for code in ["10001", "10002", "10003", "10014", "10022", "10023", "10024", "21331", "token_busy", ""] {
        assert!(!is_not_ours(code), "{code}");
    }
}
