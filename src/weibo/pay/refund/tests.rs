//! Refunds: what is not sent and not believed first, then the vector and the ways that work.

use super::super::super::signature::{Params, VerifyingKey, text_to_sign, write_form};
use super::super::super::testing::{MERCHANT_PUBLIC, PLATFORM_KEY, Script, Weibo, http, offline, settings};
use super::super::notice::{Malformed, RefundNotice, Rejected};
use super::*;
use proptest::prelude::*;
use time::macros::datetime;

const OURS: &str = "R20260306000001";
const PAYMENT: &str = "300000000000000001";
const REASON: &str = "少发一件 (1+1) & 致歉";

fn hook() -> Url {
    Url::parse("https://shop.example/hooks/weibo/refund").unwrap()
}

fn request(notify_url: &Url) -> RefundRequest<'_> {
    let amount = Money::from_fen(4900).unwrap();
    RefundRequest { out_refund_id: OURS, pay_id: PAYMENT, amount, reason: REASON, notify_url }
}

async fn applied(weibo: &Weibo) -> Result<RefundAccepted, CallError> {
    weibo.client().apply_refund(&request(&hook())).await
}

async fn asked(data: &str) -> Result<Option<Refund>, CallError> {
    let body = format!(r#"{{"code":"100000","msg":"Success","data":{data}}}"#);
    Weibo::answers(200, &body).await.client().query_refund(OURS).await
}

#[actix_web::test]
async fn a_refund_that_weibo_would_refuse_is_not_sent() {
    let (plain, with_query) = (hook(), Url::parse("https://shop.example/hooks?a=1").unwrap());
    let long = "R".repeat(65);
    let good = request(&plain);
    for bad in [
        RefundRequest { amount: Money::ZERO, ..good.clone() },
        RefundRequest { out_refund_id: "", ..good.clone() },
        RefundRequest { out_refund_id: &long, ..good.clone() },
        RefundRequest { out_refund_id: "R 1", ..good.clone() },
        RefundRequest { pay_id: "", ..good.clone() },
        RefundRequest { pay_id: "3^4", ..good.clone() },
        RefundRequest { notify_url: &with_query, ..good.clone() },
    ] {
        let Err(CallError::Unknown(cause)) = offline().apply_refund(&bad).await else { panic!("{bad:?}") };
        assert!(cause.downcast_ref::<reqwest::Error>().is_none(), "nobody was called: {bad:?}");
    }
}

#[actix_web::test]
async fn an_application_is_that_of_the_vector() {
    let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/pay-vectors.json"));
    let file: serde_json::Value = serde_json::from_str(file).unwrap();
    let vector = &file["vectors"][2];
    let weibo = Weibo::answers(200, r#"{"code":"100000","data":{"is_success":"T"}}"#).await;
    assert_eq!(applied(&weibo).await.unwrap(), RefundAccepted { refund_id: None });
    assert!(weibo.asked().starts_with("POST /api/merchant/pay/refund/apply HTTP/1.1\r\n"));
    let mut form = weibo.form();
    assert!(VerifyingKey::parse(MERCHANT_PUBLIC).unwrap().verifies(&form));
    assert_eq!(form.remove("notify_url").unwrap(), "https://shop.example/hooks/weibo/refund");
    // The vector has no notify_url; all else, and so the signature without it, is the same.
    assert_eq!(text_to_sign(&form), vector["string_to_sign"]);
    let key = settings("http://127.0.0.1:9").merchant_key;
    assert_eq!(key.sign(&form).unwrap(), vector["signature"]["rsa1024"]);
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    assert_eq!(names, ["detail_data", "out_refund_id", "pay_id", "seller_id", "sign", "sign_type"]);
}

#[test]
fn a_reason_cannot_add_a_part_or_a_line() {
    for (reason, sent) in [
        ("", ""),
        ("3^100^all", "3 100 all"),
        ("^", ""),
        ("一\r\n二\0三\u{7f}", "一  二 三"),
        ("  买家 不想要  ", "买家 不想要"),
    ] {
        assert_eq!(words(reason), sent, "{reason:?}");
    }
    assert_eq!(words(&"茶".repeat(5000)).chars().count(), LONGEST_REASON);
}

#[actix_web::test]
async fn only_a_plain_yes_is_an_acceptance() {
    let yes = r#"{"code":100000,"msg":"","data":{"is_success":"T","refund_id":400000000000000001}}"#;
    let accepted = applied(&Weibo::answers(200, yes).await).await.unwrap();
    assert_eq!(accepted.refund_id.as_deref(), Some("400000000000000001"));
    for (body, code) in [
        (r#"{"code":"100000","data":{"is_success":"F","refund_id":""}}"#, "is_success=F"),
        (r#"{"code":"990021","msg":"no"}"#, "990021"),
    ] {
        let answer = applied(&Weibo::answers(200, body).await).await;
        assert!(matches!(&answer, Err(CallError::Refused { code: told, .. }) if told == code), "{answer:?}");
    }
    for script in [
        Script::Bytes(http(500, yes)),
        Script::Bytes(http(404, yes)),
        Script::Bytes(http(200, "<html>")),
        Script::Bytes(http(200, "")),
        Script::Bytes(http(200, r#"{"code":"100000"}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":null}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":{}}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":[{"is_success":"T"}]}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":{"is_success":true}}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":{"is_success":"t"}}"#)),
        Script::Bytes(http(200, r#"{"code":"100000","data":{"is_success":"T","refund_id":"<b>"}}"#)),
        Script::Bytes(http(200, r#"{"data":{"is_success":"T"}}"#)),
        Script::Reset,
    ] {
        let answer = applied(&Weibo::does(script).await).await;
        assert!(matches!(answer, Err(CallError::Unknown(_))), "{answer:?}");
    }
}

const FOUND: &str = r#"{"refund_id":"400000000000000001","out_refund_id":"R20260306000001",
    "pay_id":"300000000000000001","status":"REFUND_STATUS_SUCCESS","sub_status":"x","op_time":"2026-03-06 09:00:00"}"#;

#[actix_web::test]
async fn a_refund_is_found_alone_or_among_others() {
    let expected = Refund {
        refund_id: "400000000000000001".into(),
        out_refund_id: OURS.into(),
        pay_id: PAYMENT.into(),
        status: RefundStatus::Success,
        sub_status: Some("x".into()),
        op_time: Some(datetime!(2026-03-06 01:00 UTC)),
        answer: String::new(),
    };
    let another = FOUND.replace("R20260306000001", "R20260306000002").replace("SUCCESS", "NOBODY_KNOWS");
    let numbers = FOUND
        .replace("\"400000000000000001\"", "400000000000000001")
        .replace("\"300000000000000001\"", "300000000000000001");
    for data in [
        FOUND.to_owned(),
        numbers,
        format!("[{FOUND}]"),
        format!("[{another},{FOUND},{{}}]"),
        format!("[{FOUND},{FOUND}]"),
    ] {
        let found = asked(&data).await.unwrap().unwrap();
        assert!(found.answer.contains("\"code\":\"100000\"") && found.answer.contains("R20260306000001"));
        assert_eq!(Refund { answer: String::new(), ..found }, expected, "{data}");
    }
    for (word, status) in [
        ("PENDING", RefundStatus::Pending),
        ("PROCESSING", RefundStatus::Processing),
        ("FAIL", RefundStatus::Fail),
    ] {
        let bare = FOUND.replace("SUCCESS", word).replace("\"x\"", "null").replace("2026-03-06 09", "soon");
        let refund = asked(&bare).await.unwrap().unwrap();
        assert_eq!((refund.status, refund.sub_status, refund.op_time), (status, None, None));
    }
}

#[actix_web::test]
async fn no_refund_is_an_answer_but_that_of_another_is_none() {
    for nothing in ["[]", "{}", "null", "\"\""] {
        assert_eq!(asked(nothing).await.unwrap(), None, "{nothing}");
    }
    let weibo = Weibo::answers(200, r#"{"code":"100000","msg":"Success"}"#).await;
    assert_eq!(weibo.client().query_refund(OURS).await.unwrap(), None);
    assert!(weibo.asked().starts_with("POST /api/merchant/pay/refund/query HTTP/1.1\r\n"));
    let form = weibo.form();
    assert!(VerifyingKey::parse(MERCHANT_PUBLIC).unwrap().verifies(&form));
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    assert_eq!(names, ["out_refund_id", "seller_id", "sign", "sign_type"]);

    let another = FOUND.replace("R20260306000001", "R20260306000002");
    for data in [
        another.clone(),
        format!("[{another}]"),
        FOUND.replace("\"out_refund_id\"", "\"refund\""),
        format!("[{FOUND},{}]", FOUND.replace("SUCCESS", "FAIL")),
        format!("[{FOUND},1]"),
        "1".into(),
        "\"x\"".into(),
        FOUND.replace("SUCCESS", "DONE"),
        FOUND.replace("\"300000000000000001\"", "\"3^4\""),
        FOUND.replace("\"400000000000000001\"", "\"\""),
    ] {
        let answer = asked(&data).await;
        assert!(matches!(answer, Err(CallError::Unknown(_))), "{data}");
    }
    let refused = Weibo::answers(200, r#"{"code":"990011","msg":"no such refund"}"#).await;
    let answer = refused.client().query_refund(OURS).await;
    assert!(matches!(answer, Err(CallError::Refused { code, .. }) if code == "990011"));
}

fn fields(changes: &[(&str, &str)]) -> Params {
    let fields = [
        ("notify_id", "880000000000000002"),
        ("notify_time", "2026-03-06 09:00:02"),
        ("notify_type", "PAY_REFUND_NOTIFY"),
        ("pay_id", PAYMENT),
        ("refund_id", "400000000000000001"),
        ("out_refund_id", OURS),
        ("is_success", "T"),
        ("error", ""),
        ("refund_time", "2026-03-06 09:00:00"),
        ("sign_type", "RSA"),
    ];
    let all = fields.iter().chain(changes);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// As Weibo would send it.
fn notice(changes: &[(&str, &str)]) -> String {
    let mut params = fields(changes);
    params.insert("sign".into(), PLATFORM_KEY.sign(&params).unwrap());
    write_form(&params)
}

fn read(changes: &[(&str, &str)]) -> Result<RefundNotice, Malformed> {
    offline().verify_notice(notice(changes).as_bytes()).unwrap().refund()
}

#[test]
fn a_forged_or_altered_notice_of_a_refund_is_not_genuine() {
    let genuine = notice(&[]);
    let ours = settings("http://127.0.0.1:9").merchant_key;
    let mut by_us = fields(&[]);
    by_us.insert("sign".into(), ours.sign(&by_us).unwrap());
    for forged in [
        genuine.replace("is_success=T", "is_success=F"),
        genuine.replace(OURS, "R20260306000002"),
        genuine.replace(PAYMENT, "300000000000000002"),
        format!("{genuine}&amount=1"),
        write_form(&fields(&[])),
        write_form(&by_us),
    ] {
        assert_eq!(offline().verify_notice(forged.as_bytes()).err(), Some(Rejected::Forged), "{forged}");
    }
    let twice = format!("{genuine}&is_success=T");
    assert_eq!(offline().verify_notice(twice.as_bytes()).err(), Some(Rejected::Ambiguous));
}

#[test]
fn a_notice_of_a_payment_is_none_of_a_refund_nor_the_other_way_round() {
    let all = [
        ("out_pay_id", "SHOP20260305000001"),
        ("seller_id", "7000000001"),
        ("appkey", "1900000001"),
        ("total_amount", "12900"),
        ("status", "PAY_STATUS_SUCCESS"),
    ];
    let refund = offline().verify_notice(notice(&all).as_bytes()).unwrap();
    assert_eq!(refund.payment(), Err(Malformed("notify_type")));
    assert!(refund.refund().is_ok());
    for kind in ["PAY_STATUS_SUCCESS_B", "", "pay_refund_notify"] {
        let with_kind = [&all[..], &[("notify_type", kind)]].concat();
        assert_eq!(read(&with_kind), Err(Malformed("notify_type")), "{kind}");
    }
}

#[test]
fn a_genuine_notice_of_a_refund_with_a_value_of_the_wrong_kind_is_malformed() {
    for (name, values) in [
        ("notify_id", &["", "1 2"][..]),
        ("pay_id", &["", "0x1", "-1", "3&pay_id=4", "999999999999999999999999999999999"]),
        ("refund_id", &["", "x", " 4"]),
        ("out_refund_id", &["", "R 1", "R1&is_success=T", "R\u{0}"]),
        ("is_success", &["", "t", "F&notify_id=1", "true", "1"]),
        ("error", &["a\u{0}b"]),
        ("refund_time", &["now", "2026-02-30 10:21:05"]),
    ] {
        for value in values {
            assert_eq!(read(&[(name, value)]), Err(Malformed(name)), "{value:?}");
        }
    }
}

#[test]
fn a_notice_says_how_a_refund_ended() {
    let expected = RefundNotice {
        notify_id: "880000000000000002".into(),
        pay_id: PAYMENT.into(),
        refund_id: "400000000000000001".into(),
        out_refund_id: OURS.into(),
        is_success: true,
        error: String::new(),
        refund_time: Some(datetime!(2026-03-06 01:00 UTC)),
    };
    assert_eq!(read(&[("sandbox_备注", "a=1&b=2")]), Ok(expected.clone()));
    assert_eq!(read(&[("refund_time", "")]), Ok(RefundNotice { refund_time: None, ..expected.clone() }));
    let failed = [("is_success", "F"), ("error", "账户\n异常"), ("refund_time", "0000-00-00 00:00:00")];
    let error = "账户异常".into();
    let expected = RefundNotice { is_success: false, error, refund_time: None, ..expected };
    assert_eq!(read(&failed), Ok(expected));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_reason_escapes_its_part(reason in any::<String>()) {
        let sent = words(&reason);
        prop_assert!(!sent.contains('^') && !sent.chars().any(char::is_control));
        prop_assert!(sent.chars().count() <= LONGEST_REASON);
    }

    #[test]
    fn nothing_that_weibo_signs_about_a_refund_makes_reading_it_panic(
        name in prop::sample::select(vec!["pay_id", "refund_time", "is_success", "error", "out_refund_id"]),
        value in any::<String>(),
    ) {
        let _ = read(&[(name, &value)]);
    }
}
