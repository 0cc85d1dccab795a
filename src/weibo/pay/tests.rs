//! Weibo Pay: forged, altered, ambiguous and half messages first, then the ways that work.

use super::super::signature::{VerifyingKey, read_form};
use super::super::testing::{MERCHANT_PUBLIC, PLATFORM_KEY, Weibo, offline, settings};
use super::*;
use proptest::prelude::*;
use time::macros::datetime;

const OURS: &str = "SHOP20260305000001";

fn vector() -> Params {
    let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/pay-vectors.json"));
    let file: serde_json::Value = serde_json::from_str(file).unwrap();
    serde_json::from_value(file["vectors"][1]["params"].clone()).unwrap()
}

/// As Weibo would send it: the vector's notice with these values in place of its own, signed.
fn notice(changes: &[(&str, &str)]) -> String {
    let mut params = vector();
    for (name, value) in changes {
        params.insert((*name).to_owned(), (*value).to_owned());
    }
    let sign = PLATFORM_KEY.sign(&params).unwrap();
    params.insert("sign".into(), sign);
    write_form(&params)
}

fn payment(changes: &[(&str, &str)]) -> Result<Payment, Malformed> {
    offline().verify_notice(notice(changes).as_bytes()).unwrap().payment()
}

#[test]
fn a_forged_or_altered_notice_is_not_genuine() {
    let client = offline();
    let genuine = notice(&[]);
    let unsigned = write_form(&vector());
    let ours = settings("http://127.0.0.1:9").merchant_key;
    let mut by_us = vector();
    by_us.insert("sign".into(), ours.sign(&by_us).unwrap());
    for forged in [
        genuine.replace("12900", "12901"),
        genuine.replace("SUCCESS&", "CLOSED&"),
        format!("{genuine}&discount=1"),
        genuine.replace("%2B", "+"),
        unsigned.clone(),
        format!("{unsigned}&sign="),
        write_form(&by_us),
        String::new(),
    ] {
        assert_ne!(forged, genuine);
        assert_eq!(client.verify_notice(forged.as_bytes()).err(), Some(Rejected::Forged), "{forged}");
    }
    let not_text = [genuine.as_bytes(), b"&sign_type2=\xff"].concat();
    assert_eq!(client.verify_notice(&not_text).err(), Some(Rejected::Forged));
    assert!(client.verify_notice(genuine.as_bytes()).is_ok());
}

#[test]
fn a_notice_with_a_parameter_twice_is_ambiguous() {
    let twice = format!("{}&total_amount=12900", notice(&[]));
    assert_eq!(offline().verify_notice(twice.as_bytes()).err(), Some(Rejected::Ambiguous));
}

#[test]
fn values_that_pretend_to_be_two_parameters_are_malformed() {
    // The same signed text, cut into parameters in another way.
    let joined = |name: &str, next: &str, params: &mut Params| {
        let value = params.remove(next).unwrap();
        params.entry(name.to_owned()).and_modify(|v| *v = format!("{v}&{next}={value}"));
    };
    for (name, next) in [
        ("subject", "total_amount"),
        ("appkey", "buyer_id"),
        ("out_pay_id", "pay_id"),
        ("notify_time", "notify_type"),
        ("pay_time", "seller_id"),
        ("seller_id", "status"),
        ("status", "subject"),
        ("notify_id", "notify_time"),
        ("pay_id", "pay_time"),
    ] {
        let mut params = read_form(notice(&[]).as_bytes()).unwrap();
        joined(name, next, &mut params);
        let genuine = offline().verify_notice(write_form(&params).as_bytes()).unwrap();
        assert!(genuine.payment().is_err(), "{name} swallowed {next}");
    }
}

#[test]
fn a_genuine_notice_with_a_value_of_the_wrong_kind_is_malformed() {
    for (name, values) in [
        ("notify_type", &["", "PAY_REFUND_NOTIFY", "pay_status_success_b"][..]),
        ("notify_id", &["", "1 2"]),
        ("pay_id", &["", "0x1", "-1", " 1", "1.0", "999999999999999999999999999999999"]),
        ("out_pay_id", &["", "short", "SHOP 2026", "SHOP2026\u{0}"]),
        ("seller_id", &[""]),
        ("appkey", &[""]),
        ("buyer_id", &["x", "-7", "99999999999999999999"]),
        ("total_amount", &["", "129.00", "-12900", "1e4", "９", "99999999999999999999"]),
        ("pay_time", &["now", "2026-03-05T10:21:05", "2026-02-30 10:21:05"]),
        ("status", &["", "PAY_STATUS_SUCCES", "SUCCESS"]),
        ("extra", &["a\u{0}b"]),
    ] {
        for value in values {
            assert_eq!(payment(&[(name, value)]), Err(Malformed(name)), "{value:?}");
        }
    }
}

#[test]
fn a_genuine_notice_is_kept_verbatim_and_read() {
    let body = notice(&[("coupon_name", "新客"), ("body", "")]);
    let genuine = offline().verify_notice(body.as_bytes()).unwrap();
    assert_eq!(genuine.raw(), body);
    assert_eq!(genuine.notify_id(), Some("880000000000000001"));
    assert_eq!(genuine.digest().len(), 64);
    assert_ne!(genuine.digest(), offline().verify_notice(notice(&[]).as_bytes()).unwrap().digest());
    let expected = Payment {
        pay_id: "300000000000000001".into(),
        out_pay_id: OURS.into(),
        amount: Money::from_fen(12900).unwrap(),
        status: Status::Success,
        buyer_uid: Some(7_000_000_002),
        paid_at: Some(datetime!(2026-03-05 02:21:05 UTC)),
        seller_id: Some("7000000001".into()),
        app_key: Some("1900000001".into()),
        extra: "{\"备注\":\"礼物=是\",\"折扣\":\"10%+2\"}".into(),
        answer: String::new(),
    };
    assert_eq!(genuine.payment(), Ok(expected));
}

#[test]
fn a_notice_may_lack_what_is_only_an_echo() {
    let bare = payment(&[("buyer_id", ""), ("pay_time", ""), ("extra", ""), ("subject", "")]).unwrap();
    assert_eq!((bare.buyer_uid, bare.paid_at, bare.extra.as_str()), (None, None, ""));
    let closed = payment(&[("status", "PAY_STATUS_CLOSED"), ("pay_time", "0000-00-00 00:00:00")]).unwrap();
    assert_eq!((closed.status, closed.paid_at), (Status::Closed, None));
}

#[test]
fn only_a_payment_to_this_seller_and_app_is_ours() {
    let client = offline();
    assert!(client.is_ours(&payment(&[]).unwrap()));
    assert!(!client.is_ours(&payment(&[("seller_id", "7000000009")]).unwrap()));
    assert!(!client.is_ours(&payment(&[("appkey", "1900000009")]).unwrap()));
    let untold = Payment { seller_id: None, app_key: None, ..payment(&[]).unwrap() };
    assert!(client.is_ours(&untold));
}

#[test]
fn an_old_and_a_new_platform_key_both_count() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.platform_keys.insert(0, VerifyingKey::parse(MERCHANT_PUBLIC).unwrap());
    let client = Client::new(settings).unwrap();
    assert!(client.verify_notice(notice(&[]).as_bytes()).is_ok());
}

#[test]
fn a_return_with_a_wrong_signature_is_forged_and_one_without_only_when_asked_for() {
    let (client, strict) = (offline(), {
        let settings = settings("http://127.0.0.1:9");
        Client::new(super::super::Settings { require_signed_return: true, ..settings }).unwrap()
    });
    let (signed, unsigned) = (notice(&[]), write_form(&vector()));
    for client in [&client, &strict] {
        let altered = signed.replace("PAY_STATUS_SUCCESS&", "PAY_STATUS_CLOSED&");
        assert_eq!(client.read_return(altered.as_bytes()), Err(Rejected::Forged));
        assert_eq!(client.read_return(b"status=a&status=b"), Err(Rejected::Ambiguous));
        let returned = client.read_return(signed.as_bytes()).unwrap();
        assert!(returned.signed);
        assert_eq!((returned.out_pay_id.as_deref(), returned.status), (Some(OURS), Some(Status::Success)));
    }
    assert_eq!(strict.read_return(unsigned.as_bytes()), Err(Rejected::Forged));
    assert!(!client.read_return(unsigned.as_bytes()).unwrap().signed);
    let nothing = client.read_return(b"out_pay_id=%00&status=PAID&sign=").unwrap();
    assert_eq!((nothing.out_pay_id, nothing.status, nothing.signed), (None, None, false));
}

fn bill<'a>(notify: &'a Url, back: &'a Url) -> Bill<'a> {
    Bill {
        out_pay_id: OURS,
        subject: "春茶 A+B 礼盒 & 茶具",
        amount: Money::from_fen(12900).unwrap(),
        expire: time::Duration::minutes(30),
        notify_url: notify,
        return_url: back,
        extra: "",
    }
}

fn urls() -> (Url, Url) {
    let url = |text| Url::parse(text).unwrap();
    (url("https://shop.example/weibo/pay/notify"), url("https://shop.example/pay/return"))
}

#[test]
fn the_cashier_address_is_that_of_the_vector() {
    let (notify, back) = urls();
    let address = offline().cashier_url(&bill(&notify, &back)).unwrap();
    assert_eq!(address.path(), "/api/merchant/pay/cashier");
    let params = read_form(address.query().unwrap().as_bytes()).unwrap();
    assert!(VerifyingKey::parse(MERCHANT_PUBLIC).unwrap().verifies(&params));
    assert!(params["sign"].starts_with("ncjp2e0zTo/t8Ng1I5tSm9Y9OS1xZgBlXcxZ6HQzZ6i2pURHYFW+ERKbt0qmHEAO8"));
    assert_eq!(params["sign_type"], "RSA");
    assert!(params.values().all(|value| !value.is_empty()), "{params:?}");
}

#[test]
fn a_bill_that_weibo_would_refuse_is_not_sent() {
    let (notify, back) = urls();
    let with_query = Url::parse("https://shop.example/return?order=1").unwrap();
    let good = bill(&notify, &back);
    for bad in [
        Bill { amount: Money::ZERO, ..good.clone() },
        Bill { subject: "", ..good.clone() },
        Bill { out_pay_id: "12345", ..good.clone() },
        Bill { out_pay_id: "SHOP 2026", ..good.clone() },
        Bill { return_url: &with_query, ..good.clone() },
        Bill { notify_url: &with_query, ..good.clone() },
    ] {
        assert!(offline().cashier_url(&bad).is_err(), "{bad:?}");
    }
    for (expire, sent) in
        [(time::Duration::ZERO, "1"), (time::Duration::seconds(-9), "1"), (good.expire, "1800")]
    {
        let address = offline().cashier_url(&Bill { expire, ..good.clone() }).unwrap();
        assert_eq!(read_form(address.query().unwrap().as_bytes()).unwrap()["expire"], sent);
    }
}

fn found(data: &str) -> String {
    format!(r#"{{"code":"100000","msg":"Success","data":{data}}}"#)
}

#[actix_web::test]
async fn a_query_is_signed_and_its_answer_read_with_numbers_of_either_kind() {
    for data in [
        r#"{"pay_id":"300000000000000001","out_pay_id":"SHOP20260305000001","seller_id":"7000000001",
            "buyer_id":"7000000002","total_amount":"12900","status":"PAY_STATUS_SUCCESS",
            "pay_time":"2026-03-05 10:21:05"}"#,
        r#"{"pay_id":300000000000000001,"out_pay_id":"SHOP20260305000001","seller_id":7000000001,
            "buyer_id":7000000002,"total_amount":12900,"status":"PAY_STATUS_SUCCESS",
            "pay_time":"2026-03-05 10:21:05","appkey":1900000001,"news":[]}"#,
    ] {
        let weibo = Weibo::answers(200, &found(data).replace("\"100000\"", "100000")).await;
        let payment = weibo.client().query_payment(OURS).await.unwrap();
        assert_eq!(payment.pay_id, "300000000000000001");
        assert_eq!((payment.amount.fen(), payment.status), (12900, Status::Success));
        assert_eq!(payment.paid_at, Some(datetime!(2026-03-05 02:21:05 UTC)));
        let form = weibo.form();
        assert!(VerifyingKey::parse(MERCHANT_PUBLIC).unwrap().verifies(&form));
        assert_eq!((form["out_pay_id"].as_str(), form["seller_id"].as_str()), (OURS, "7000000001"));
        assert!(weibo.asked().starts_with("POST /api/merchant/pay/query HTTP/1.1\r\n"));
    }
}

#[actix_web::test]
async fn an_answer_about_another_payment_or_without_its_facts_leaves_it_unknown() {
    let good = r#"{"pay_id":"3","out_pay_id":"SHOP20260305000001","total_amount":"12900","status":"PAY_STATUS_PENDING"}"#;
    for body in [
        found(&good.replace("0001", "0002")),
        found(&good.replace('}', r#","seller_id":"7000000009"}"#)),
        found(&good.replace("12900", "129.00")),
        found(&good.replace("\"12900\"", "12900.0")),
        found(&good.replace("PENDING", "PAID")),
        found("{}"),
        found("[]"),
        found("null"),
        r#"{"code":"100000"}"#.to_owned(),
        r#"{"msg":"Success"}"#.to_owned(),
    ] {
        let answer = Weibo::answers(200, &body).await.client().query_payment(OURS).await;
        assert!(matches!(answer, Err(CallError::Unknown(_))), "{body}");
    }
    let pending = Weibo::answers(200, &found(good)).await.client().query_payment(OURS).await.unwrap();
    assert_eq!(pending.status, Status::Pending);
    let refused = Weibo::answers(200, r#"{"code":200404,"msg":"no such order"}"#)
        .await
        .client()
        .query_payment(OURS)
        .await;
    assert!(matches!(refused, Err(CallError::Refused { code, .. }) if code == "200404"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_that_weibo_signs_makes_reading_it_panic(
        name in prop::sample::select(vec!["pay_id", "pay_time", "total_amount", "buyer_id", "extra", "status"]),
        value in any::<String>(),
    ) {
        let _ = payment(&[(name, &value)]);
    }
}
