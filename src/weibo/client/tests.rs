//! Misbehaviour on the wire: whatever comes back, no token shows and nothing is taken for an answer that is none.

use super::super::testing::{Script, Weibo, http, offline, settings, token};
use super::*;

async fn post(weibo: &Weibo) -> Result<Answer, CallError> {
    let form = Params::from([("access_token".to_owned(), "2.00TESTONLYTOKEN".to_owned())]);
    let address = below(&weibo.client().settings().addresses.api, "/2/x.json");
    weibo.client().post(&address, &form).await?.api()
}

/// All that could reach a log of an error.
fn shown(error: &CallError) -> String {
    match error {
        CallError::Unknown(cause) => format!("{error} {error:?} {cause:#} {cause:?}"),
        CallError::Refused { .. } => format!("{error} {error:?}"),
    }
}

#[actix_web::test]
async fn what_cannot_be_trusted_leaves_the_outcome_unknown() {
    let redirect = "HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 2\r\n\r\n{}".into();
    let cut = b"HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\n{\"id\":1".to_vec();
    for script in [
        Script::Bytes(http(500, r#"{"error_code":10001,"error":"system error"}"#)),
        Script::Bytes(http(502, "<html>")),
        Script::Bytes(http(200, "<html><body>access_token=2.00TESTONLYTOKEN</body></html>")),
        Script::Bytes(http(200, "")),
        Script::Bytes(http(200, "[1]")),
        Script::Bytes(http(404, "not found")),
        Script::Bytes(http(403, "{}")),
        Script::Bytes(http(200, &format!("{{\"a\":\"{}\"}}", "x".repeat(10 << 20)))),
        Script::Bytes(b"\x16\x03\x01 garbage".to_vec()),
        Script::Bytes(Vec::new()),
        Script::Bytes(cut),
        Script::Bytes(redirect),
        Script::Reset,
    ] {
        let weibo = Weibo::does(script).await;
        let error = post(&weibo).await.err().unwrap();
        assert!(matches!(error, CallError::Unknown(_)), "{error:?}");
        assert!(!shown(&error).contains("TESTONLY"), "{}", shown(&error));
    }
}

#[actix_web::test]
async fn an_answer_that_never_comes_is_not_waited_for() {
    let weibo = Weibo::does(Script::Silence).await;
    let quick = Settings { timeout: Duration::from_millis(150), ..settings(weibo.address()) };
    let client = Client::new(quick).unwrap();
    let mut address = below(&client.settings().addresses.api, "/2/x.json");
    address.set_query(Some("sign=TESTONLYSIGN"));
    let error = client.get(&address, &token()).await.err().unwrap();
    let CallError::Unknown(cause) = &error else { panic!("{error:?}") };
    assert!(cause.downcast_ref::<reqwest::Error>().unwrap().is_timeout());
    assert!(!shown(&error).contains("TESTONLY"), "{}", shown(&error));
}

#[actix_web::test]
async fn a_closed_port_leaves_the_outcome_unknown() {
    let error =
        offline().get(&Url::parse("http://127.0.0.1:9/?sign=TESTONLY").unwrap(), &token()).await.err();
    assert!(matches!(&error, Some(CallError::Unknown(_))));
    assert!(!shown(&error.unwrap()).contains("TESTONLY"));
}

#[actix_web::test]
async fn a_refusal_is_a_refusal_under_any_status_and_with_any_kind_of_code() {
    for (status, body, expected) in [
        (200, r#"{"request":"/2/x.json","error_code":"10014","error":"no"}"#, ("10014", "no")),
        (403, r#"{"request":"/2/x.json","error_code":10014,"error":"no"}"#, ("10014", "no")),
        (
            400,
            r#"{"error":"invalid_grant","error_code":21325,"error_description":"used"}"#,
            ("21325", "used"),
        ),
        (400, r#"{"error":"invalid_grant"}"#, ("invalid_grant", "invalid_grant")),
        (400, "{\"error_code\":1,\"error\":\"a\\nb\\u0000\"}", ("1", "ab")),
    ] {
        let error = post(&Weibo::answers(status, body).await).await.err().unwrap();
        let CallError::Refused { code, message } = &error else { panic!("{error:?}") };
        assert_eq!((code.as_str(), message.as_str()), expected);
    }
    assert!(post(&Weibo::answers(200, r#"{"error_code":0,"id":1}"#).await).await.is_ok());
}

#[actix_web::test]
async fn a_long_refusal_is_cut() {
    let body = format!(r#"{{"error_code":"{0}","error":"{0}"}}"#, "字".repeat(10_000));
    let error = post(&Weibo::answers(400, &body).await).await.err().unwrap();
    assert!(shown(&error).len() < 4000);
}

#[test]
fn secrets_do_not_show() {
    let shown = format!("{:?}", settings("http://127.0.0.1:9"));
    assert!(!shown.contains("test-only-app-secret"), "{shown}");
    assert!(shown.contains("SigningKey(..)"), "{shown}");
}

#[actix_web::test]
async fn settings_that_cannot_work_are_refused() {
    let good = || settings("http://127.0.0.1:9");
    for bad in [
        Settings { app_key: String::new(), ..good() },
        Settings { app_secret: "".into(), ..good() },
        Settings { seller_id: "shop".into(), ..good() },
        Settings { platform_keys: vec![], ..good() },
        Settings { https_only: true, ..good() },
        Settings {
            addresses: Addresses { pay: Url::parse("ftp://x/").unwrap(), ..Addresses::default() },
            ..good()
        },
    ] {
        assert!(Client::new(bad).is_err());
    }
    assert!(Client::new(Settings { https_only: true, addresses: Addresses::default(), ..good() }).is_ok());
}

#[test]
fn a_base_address_may_have_a_path() {
    let below = |base: &str| below(&Url::parse(base).unwrap(), "/2/x.json").to_string();
    assert_eq!(below("https://api.weibo.com"), "https://api.weibo.com/2/x.json");
    assert_eq!(below("http://127.0.0.1:8090/weibo/?a=1"), "http://127.0.0.1:8090/weibo/2/x.json");
}
