//! Messages to buyers: what is not sent, what is not believed, and the way that works.

use super::super::super::signature::VerifyingKey;
use super::super::super::testing::{MERCHANT_PUBLIC, Weibo, offline};
use super::*;

const PAYMENT: &str = "300000000000000001";

#[actix_web::test]
async fn a_message_without_words_or_payment_is_not_sent() {
    for (pay_id, text) in [(PAYMENT, ""), (PAYMENT, " \n"), (PAYMENT, "a\0"), ("", "茶"), ("3 or 4", "茶")]
    {
        let Err(CallError::Unknown(cause)) = offline().send_message(pay_id, text).await else { panic!() };
        assert!(cause.downcast_ref::<reqwest::Error>().is_none(), "nobody was called");
    }
}

#[actix_web::test]
async fn a_message_is_signed_and_a_bare_yes_is_enough() {
    for body in [
        r#"{"code":"100000","msg":"Success"}"#,
        r#"{"code":100000,"msg":"","data":null}"#,
        r#"{"code":"100000","data":[]}"#,
    ] {
        let weibo = Weibo::answers(200, body).await;
        weibo.client().send_message(PAYMENT, "已发货：顺丰 SF1+1 & 谢谢\n山间小铺").await.unwrap();
        assert!(weibo.asked().starts_with("POST /api/merchant/message/send HTTP/1.1\r\n"));
        let form = weibo.form();
        assert!(VerifyingKey::parse(MERCHANT_PUBLIC).unwrap().verifies(&form));
        let names: Vec<&str> = form.keys().map(String::as_str).collect();
        assert_eq!(names, ["data", "pay_id", "seller_id", "sign", "sign_type"]);
        assert_eq!(form["data"], "已发货：顺丰 SF1+1 & 谢谢\n山间小铺");
    }
}

#[actix_web::test]
async fn a_no_is_a_refusal_and_anything_else_leaves_it_unknown() {
    let refused = Weibo::answers(200, r#"{"code":"990031","msg":"too often"}"#).await;
    let answer = refused.client().send_message(PAYMENT, "茶").await;
    assert!(matches!(answer, Err(CallError::Refused { code, .. }) if code == "990031"));
    for (status, body) in [(500, "{}"), (200, "<html>"), (200, "{}"), (404, r#"{"code":"100000"}"#)] {
        let answer = Weibo::answers(status, body).await.client().send_message(PAYMENT, "茶").await;
        assert!(matches!(answer, Err(CallError::Unknown(_))), "{status} {body}");
    }
}
