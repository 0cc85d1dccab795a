//! Money back over HTTP: what is refused, the notice, the query, and each way in which they go wrong.

use super::{Town, is_genuine, params, signed};
use crate::sandbox::{Fault, Lasting, RefundState};
use crate::weibo::signature::{Params, write_form};
use futures_util::future::join_all;
use serde_json::{Value, json};
use time::Duration;

const APPLY: &str = "/api/merchant/pay/refund/apply";
const QUERY: &str = "/api/merchant/pay/refund/query";
const OUT: &str = "SHOP20260305000001";

impl Town {
    fn application(&self, pay_id: &str, number: &str, fen: i64) -> Params {
        signed(params([
            ("seller_id", "7000000001"),
            ("pay_id", pay_id),
            ("out_refund_id", number),
            ("notify_url", self.merchant.base.join("hooks/weibo/refund").unwrap().as_str()),
            ("detail_data", &format!("{pay_id}^{fen}^少发一件 (1+1) & 致歉")),
        ]))
    }

    async fn applies(&self, pay_id: &str, number: &str, fen: i64) -> Value {
        self.post(APPLY, &self.application(pay_id, number, fen)).await.json().await.unwrap()
    }

    async fn asks_refund(&self, question: Params) -> Value {
        let mut question = question;
        question.insert("seller_id".into(), "7000000001".into());
        self.post(QUERY, &signed(question)).await.json().await.unwrap()
    }

    /// Switches a fault on for once, applies for one fen, lets it end, and gives the notices.
    async fn refunds_with(&self, fault: Fault, number: &str) -> Vec<Params> {
        let pay_id = self.sandbox.payments()[0].pay_id.clone();
        self.merchant.heard.lock().unwrap().clear();
        self.sandbox.set_fault(fault, Some(Lasting::Once));
        assert_eq!(self.applies(&pay_id, number, 1).await["data"]["is_success"], "T", "{fault:?}");
        self.clock.advance(Duration::seconds(3));
        self.sandbox.deliver_due().await;
        self.merchant.heard()
    }

    fn state(&self, number: &str) -> RefundState {
        let refunds = self.sandbox.refunds();
        refunds.into_iter().find(|refund| refund.out_refund_id == number).unwrap().state
    }
}

#[actix_web::test]
async fn a_forged_application_gives_nothing_back() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    let mut forged = town.application(&pay_id, "R1", 100);
    forged.insert("detail_data".into(), format!("{pay_id}^12900^"));
    for (bad, code) in [
        (forged, "990002"),
        (params([("pay_id", &pay_id)]), "990001"),
        (signed(params([("seller_id", "7000000009"), ("pay_id", &pay_id)])), "990003"),
        (signed(params([("seller_id", "7000000001"), ("pay_id", &pay_id)])), "990001"),
    ] {
        let answer: Value = town.post(APPLY, &bad).await.json().await.unwrap();
        assert_eq!(answer["code"], code);
        assert!(answer["msg"].as_str().unwrap().contains("invented by the sandbox"));
    }
    assert!(town.sandbox.refunds().is_empty());
    let unsigned: Value = town
        .post(QUERY, &params([("seller_id", "7000000001"), ("pay_id", &pay_id)]))
        .await
        .json()
        .await
        .unwrap();
    assert_ne!(unsigned["code"], "100000");
}

#[actix_web::test]
async fn a_refund_is_accepted_then_done_and_told() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    let accepted = town.applies(&pay_id, "R1", 4900).await;
    assert_eq!((&accepted["code"], &accepted["data"]["is_success"]), (&json!("100000"), &json!("T")));
    let refund_id = accepted["data"]["refund_id"].as_str().unwrap().to_owned();
    assert!(refund_id.len() == 18 && refund_id.starts_with('4'));
    let by_number = || params([("out_refund_id", "R1")]);
    assert_eq!(town.asks_refund(by_number()).await["data"]["status"], "REFUND_STATUS_PENDING");
    assert!(town.sandbox.deliver_due().await.is_empty());
    town.clock.advance(Duration::seconds(3));
    assert_eq!(town.sandbox.deliver_due().await.len(), 1);
    let heard = town.merchant.heard();
    assert!(heard.len() == 1 && is_genuine(&heard[0]));
    for (name, value) in [
        ("notify_type", "PAY_REFUND_NOTIFY"),
        ("pay_id", pay_id.as_str()),
        ("refund_id", refund_id.as_str()),
        ("out_refund_id", "R1"),
        ("is_success", "T"),
        ("error", ""),
        ("refund_time", "2026-03-05 10:21:03"),
    ] {
        assert_eq!(heard[0][name], value, "{name}");
    }
    let names: Vec<&str> = heard[0].keys().map(String::as_str).collect();
    assert_eq!(names.len(), 11, "{names:?}");
    let found = town.asks_refund(by_number()).await;
    assert_eq!(found["data"]["status"], "REFUND_STATUS_SUCCESS");
    assert_eq!(found["data"]["op_time"], "2026-03-05 10:21:03");
}

#[actix_web::test]
async fn many_clicks_at_once_are_one_refund_and_never_more_than_was_paid() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    let same = town.application(&pay_id, "R1", 9000);
    join_all((0..8).map(|_| town.post(APPLY, &same))).await;
    assert_eq!(town.sandbox.refunds().len(), 1);
    let numbers: Vec<String> = (0..8).map(|number| format!("S{number}")).collect();
    let answers = join_all(numbers.iter().map(|number| town.applies(&pay_id, number, 1000))).await;
    let taken = answers.iter().filter(|answer| answer["code"] == "100000").count();
    let too_much = answers.iter().filter(|answer| answer["code"] == "990013").count();
    assert_eq!((taken, too_much), (3, 5));
    assert_eq!(town.applies(&pay_id, "R1", 1).await["code"], "990012");
    assert_eq!(town.sandbox.book().refunding_fen, 12000);
}

#[actix_web::test]
async fn the_query_knows_its_numbers_and_tells_one_or_a_list() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    assert_eq!(town.asks_refund(params([("out_refund_id", "R1")])).await["code"], "990011");
    assert_eq!(town.asks_refund(Params::new()).await["code"], "990001");
    town.applies(&pay_id, "R1", 1).await;
    town.clock.advance(Duration::seconds(3));
    let second = town.applies(&pay_id, "R2", 2).await["data"]["refund_id"].clone();
    let both = town.asks_refund(params([("pay_id", &pay_id)])).await;
    assert_eq!(both["data"].as_array().unwrap().len(), 2);
    let pending = params([("pay_id", pay_id.as_str()), ("status", "REFUND_STATUS_PENDING")]);
    assert_eq!(town.asks_refund(pending).await["data"]["out_refund_id"], "R2");
    let failed = params([("pay_id", pay_id.as_str()), ("status", "REFUND_STATUS_FAIL")]);
    assert_eq!(town.asks_refund(failed).await["data"], json!([]));
    let all = params([("refund_id", second.as_str().unwrap()), ("out_refund_id", "R1"), ("pay_id", "3")]);
    assert_eq!(town.asks_refund(all).await["data"]["out_refund_id"], "R2");
    let list = params([("out_refund_id", "R1")]);
    town.sandbox.set_fault(Fault::RefundQueryList, Some(Lasting::Once));
    let list = town.asks_refund(list).await;
    assert_eq!(
        (&list["data"][0]["out_refund_id"], &list["data"][1]["out_refund_id"]),
        (&json!("SOMEBODY-ELSE-1"), &json!("R1"))
    );
}

#[actix_web::test]
async fn an_application_by_get_is_taken_too() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    let mut url = town.url(APPLY);
    url.set_query(Some(&write_form(&town.application(&pay_id, "R1", 1))));
    let answer: Value = town.browser.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["is_success"], "T");
}

#[actix_web::test]
async fn an_application_that_goes_wrong_does_so_as_told() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    for (fault, holds) in [
        (Fault::RefundRefused, "\"990014\""),
        (Fault::RefundNotAccepted, "\"is_success\":\"F\""),
        (Fault::RefundGarbage, "<!doctype html>"),
    ] {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        let answer = town.post(APPLY, &town.application(&pay_id, "R1", 1)).await;
        assert!(answer.status() == 200 && answer.text().await.unwrap().contains(holds), "{fault:?}");
    }
    town.sandbox.set_fault(Fault::RefundHangs, Some(Lasting::Once));
    let application = town.application(&pay_id, "R1", 1);
    let patience = std::time::Duration::from_millis(300);
    let hanging = town.browser.post(town.url(APPLY)).form(&application).timeout(patience).send().await;
    assert!(hanging.unwrap_err().is_timeout());
    assert!(town.sandbox.refunds().is_empty(), "none of them was taken");

    town.sandbox.set_fault(Fault::RefundAnswerLost, Some(Lasting::Once));
    let lost = town.browser.post(town.url(APPLY)).form(&application).send().await;
    assert!(match lost {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(town.sandbox.refunds().len(), 1, "that one was");
    assert_eq!(town.applies(&pay_id, "R1", 1).await["data"]["is_success"], "T");
    assert_eq!(town.sandbox.refunds().len(), 1);
}

#[actix_web::test]
async fn each_fault_of_a_refunds_notice_does_what_it_says_once() {
    let town = Town::open();
    town.sells(OUT).await;
    let twice = town.refunds_with(Fault::RefundNoticeTwice, "R1").await;
    assert!(twice.len() == 2 && twice[0] == twice[1]);
    assert!(!is_genuine(&town.refunds_with(Fault::RefundNoticeForged, "R2").await[0]));
    let altered = town.refunds_with(Fault::RefundNoticeAltered, "R3").await;
    assert!(altered[0]["pay_id"] != town.sandbox.payments()[0].pay_id && is_genuine(&altered[0]));
    assert!(town.refunds_with(Fault::RefundSilent, "R4").await.is_empty());
    assert_eq!(town.state("R4"), RefundState::Success);
    let failed = town.refunds_with(Fault::RefundFailsLater, "R5").await;
    assert_eq!((failed[0]["is_success"].as_str(), failed[0]["error"].is_empty()), ("F", false));
    assert_eq!(
        town.asks_refund(params([("out_refund_id", "R5")])).await["data"]["status"],
        "REFUND_STATUS_FAIL"
    );
    assert_eq!(town.refunds_with(Fault::RefundThenFails, "R6").await[0]["is_success"], "T");
    assert_eq!(town.state("R6"), RefundState::Success);
    town.clock.advance(Duration::seconds(1));
    town.sandbox.deliver_due().await;
    assert_eq!(town.merchant.heard()[1]["is_success"], "F");
    assert_eq!(town.state("R6"), RefundState::Failed);
    assert_eq!(town.refunds_with(Fault::Twice, "R7").await.len(), 1, "a payment's fault is not a refund's");
}

#[actix_web::test]
async fn a_late_notice_comes_after_that_of_a_later_refund() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    town.sandbox.set_late_minutes(3);
    assert!(town.refunds_with(Fault::RefundNoticeLate, "R1").await.is_empty());
    town.applies(&pay_id, "R2", 1).await;
    town.clock.advance(Duration::minutes(3));
    town.sandbox.deliver_due().await;
    let order: Vec<_> =
        town.merchant.heard().into_iter().map(|notice| notice["out_refund_id"].clone()).collect();
    assert_eq!(order, ["R2", "R1"]);
}

#[actix_web::test]
async fn a_notice_can_be_there_before_the_answer_and_is_repeated_until_taken() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    *town.merchant.says.lock().unwrap() = "fail";
    town.sandbox.set_fault(Fault::RefundNoticeFirst, Some(Lasting::Once));
    town.applies(&pay_id, "R1", 1).await;
    assert_eq!(town.merchant.heard().len(), 1);
    *town.merchant.says.lock().unwrap() = "success";
    town.clock.advance(Duration::seconds(15));
    assert_eq!(town.sandbox.deliver_due().await[0].attempt, 2);
    let heard = town.merchant.heard();
    assert_eq!(heard[0], heard[1]);
    assert!(town.sandbox.waiting_notices().is_empty());
}

#[actix_web::test]
async fn a_refund_query_that_misbehaves_does_so_as_told() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    town.applies(&pay_id, "R1", 1).await;
    let ask = signed(params([("seller_id", "7000000001"), ("out_refund_id", "R1")]));
    town.sandbox.set_fault(Fault::RefundQueryFails, Some(Lasting::Once));
    assert_eq!(town.post(QUERY, &ask).await.status(), 500);
    town.sandbox.set_fault(Fault::RefundQueryEmpty, Some(Lasting::Once));
    let empty: Value = town.post(QUERY, &ask).await.json().await.unwrap();
    assert_eq!(empty, json!({ "code": "100000", "msg": "Success" }));
    let well: Value = town.post(QUERY, &ask).await.json().await.unwrap();
    assert_eq!(well["data"]["out_refund_id"], "R1");
}

#[actix_web::test]
async fn the_book_adds_up_for_those_outside() {
    let town = Town::open();
    let pay_id = town.sells(OUT).await;
    town.sells("SHOP20260305000002").await;
    let get = async |path| -> Value {
        town.browser.get(town.url(path)).send().await.unwrap().json().await.unwrap()
    };
    town.applies(&pay_id, "R1", 4900).await;
    town.clock.advance(Duration::seconds(3));
    let set =
        town.browser.post(town.url("/sandbox/api/refunds")).body("{\"seconds\":60}").send().await.unwrap();
    assert_eq!(set.json::<Value>().await.unwrap()["seconds"], 60);
    town.applies(&pay_id, "R2", 100).await;
    let book = get("/sandbox/api/book").await;
    assert_eq!(
        (&book["paid_fen"], &book["refunded_fen"], &book["refunding_fen"]),
        (&json!(25800), &json!(4900), &json!(100))
    );
    let first = &book["payments"][0];
    assert_eq!((&first["out_pay_id"], &first["status"]), (&json!(OUT), &json!("PAY_STATUS_SUCCESS")));
    assert_eq!((&first["paid_fen"], &first["refunded_fen"]), (&json!(12900), &json!(4900)));
    assert_eq!(first["refunds"][0]["state"]["status"], "success");
    assert_eq!(first["refunds"][1]["state"]["status"], "pending");
    assert_eq!(get("/sandbox/api/refunds").await["refunds"].as_array().unwrap().len(), 2);
    for bad in ["", "{}", "{\"seconds\":-1}", "{\"second\":1}"] {
        let refused = town.browser.post(town.url("/sandbox/api/refunds")).body(bad).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{bad}");
    }
}
