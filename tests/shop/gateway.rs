//! Money back and messages between the typed client and the sandbox, without a shop: whatever the gateway does
//! wrong, the client believes neither too much nor too little.

use crate::support::settings::{http, port, weibo_settings};
use std::time::Duration as Real;
use time::Duration;
use time::macros::datetime;
use url::Url;
use weipu::app;
use weipu::clock::Clock;
use weipu::money::Money;
use weipu::sandbox::{self, Fault, Lasting, Outcome, Sandbox};
use weipu::weibo::pay::{Bill, RefundAccepted, RefundNotice, RefundRequest, RefundStatus, Rejected};
use weipu::weibo::signature::write_form;
use weipu::weibo::{CallError, Client, Settings};

struct Counter {
    sandbox: Sandbox,
    clock: Clock,
    client: Client,
    base: Url,
    hook: Url,
}

impl Counter {
    fn open() -> Counter {
        let (listener, base) = port();
        let demo = sandbox::Settings::demo(base.clone(), None, None).unwrap();
        // Longer than an answer takes here, shorter than the sandbox hangs.
        let client = Client::new(Settings { timeout: Real::from_secs(2), ..weibo_settings(&demo) }).unwrap();
        let clock = Clock::stopped(datetime!(2026-11-21 12:00 +8));
        let sandbox = Sandbox::new(demo, clock.clone()).unwrap();
        sandbox.set_schedule(vec![0]);
        let routes = sandbox.clone();
        tokio::spawn(app::plain_server(listener, move |cfg| routes.routes(cfg)).unwrap());
        // Nobody hears notices: the tests read what was sent.
        let hook = base.join("/hooks/weibo/refund").unwrap();
        Counter { sandbox, clock, client, base, hook }
    }

    /// A payment of ¥129.00; its number at Weibo.
    async fn sells(&self) -> String {
        let bill = Bill {
            out_pay_id: "SHOP20261121000001",
            subject: "春茶 A+B 礼盒 & 茶具",
            amount: Money::from_fen(12900).unwrap(),
            expire: Duration::minutes(30),
            notify_url: &self.hook,
            return_url: &self.hook,
            extra: "",
        };
        http().get(self.client.cashier_url(&bill).unwrap()).send().await.unwrap();
        let pay_id = self.sandbox.payments()[0].pay_id.clone();
        let pay = self.base.join(&format!("/sandbox/payments/{pay_id}/pay")).unwrap();
        http().post(pay).body("").send().await.unwrap();
        self.sandbox.deliver_due().await;
        pay_id
    }

    fn will(&self, fault: Fault) {
        self.sandbox.set_fault(fault, Some(Lasting::Once));
    }

    async fn applies(&self, pay_id: &str, number: &str, fen: i64) -> Result<RefundAccepted, CallError> {
        let request = RefundRequest {
            out_refund_id: number,
            pay_id,
            amount: Money::from_fen(fen).unwrap(),
            reason: "少发一件 ^ (1+1) & 致歉",
            notify_url: &self.hook,
        };
        self.client.apply_refund(&request).await
    }

    async fn status(&self, number: &str) -> Option<RefundStatus> {
        self.client.query_refund(number).await.unwrap().map(|refund| refund.status)
    }

    /// What the sandbox sends when the refunds that wait are through, as the client reads it.
    async fn hears(&self) -> Vec<Result<RefundNotice, Rejected>> {
        self.clock.advance(Duration::seconds(3));
        let sent = self.sandbox.deliver_due().await;
        let read = |sent: sandbox::Delivery| {
            assert!(matches!(sent.outcome, Outcome::Refused { status: 404, .. }), "{sent:?}");
            let genuine = self.client.verify_notice(write_form(&sent.fields).as_bytes())?;
            assert!(genuine.payment().is_err(), "no payment is settled by it");
            Ok(genuine.refund().unwrap())
        };
        sent.into_iter().map(read).collect()
    }
}

fn is_refused<T>(answer: &Result<T, CallError>) -> bool {
    matches!(answer, Err(CallError::Refused { .. }))
}

fn is_unknown<T>(answer: &Result<T, CallError>) -> bool {
    matches!(answer, Err(CallError::Unknown(_)))
}

#[tokio::test]
async fn an_application_that_went_wrong_is_refused_or_unknown_and_the_query_tells() {
    let counter = Counter::open();
    let pay_id = counter.sells().await;
    for fault in [Fault::RefundRefused, Fault::RefundNotAccepted] {
        counter.will(fault);
        assert!(is_refused(&counter.applies(&pay_id, "R1", 4900).await), "{fault:?}");
    }
    for fault in [Fault::RefundGarbage, Fault::RefundHangs] {
        counter.will(fault);
        assert!(is_unknown(&counter.applies(&pay_id, "R1", 4900).await), "{fault:?}");
        assert!(is_refused(&counter.client.query_refund("R1").await), "it was not taken");
    }
    counter.will(Fault::RefundAnswerLost);
    assert!(is_unknown(&counter.applies(&pay_id, "R1", 4900).await));
    assert_eq!(counter.status("R1").await, Some(RefundStatus::Pending), "it was taken");
    assert!(counter.applies(&pay_id, "R1", 4900).await.unwrap().refund_id.is_some());
    assert!(is_refused(&counter.applies(&pay_id, "R1", 4901).await));
    assert!(is_refused(&counter.applies(&pay_id, "R2", 8001).await), "more than is left");
    let book = counter.sandbox.book();
    assert_eq!((book.paid_fen, book.refunded_fen, book.refunding_fen), (12900, 0, 4900));
}

#[tokio::test]
async fn notices_of_refunds_say_what_the_query_says() {
    let counter = Counter::open();
    let pay_id = counter.sells().await;
    for (number, fault) in
        [("R1", None), ("R2", Some(Fault::RefundNoticeTwice)), ("R3", Some(Fault::RefundFailsLater))]
    {
        if let Some(fault) = fault {
            counter.will(fault);
        }
        let refund_id = counter.applies(&pay_id, number, 1000).await.unwrap().refund_id;
        let told = counter.hears().await;
        assert_eq!(told.len(), if number == "R2" { 2 } else { 1 });
        let notice = told[0].clone().unwrap();
        assert!(told.iter().all(|again| *again == told[0]));
        assert_eq!((&notice.pay_id, notice.out_refund_id.as_str()), (&pay_id, number));
        assert_eq!(Some(notice.refund_id), refund_id);
        let found = counter.client.query_refund(number).await.unwrap().unwrap();
        assert_eq!(found.status == RefundStatus::Success, notice.is_success);
        assert_eq!((found.pay_id.as_str(), found.op_time), (pay_id.as_str(), Some(counter.clock.now())));
        assert_eq!(notice.refund_time, found.op_time.filter(|_| notice.is_success));
        assert_eq!(notice.error.is_empty(), notice.is_success);
    }
    counter.will(Fault::RefundNoticeForged);
    counter.applies(&pay_id, "R4", 1000).await.unwrap();
    assert_eq!(counter.hears().await, [Err(Rejected::Forged)]);
    counter.will(Fault::RefundNoticeAltered);
    counter.applies(&pay_id, "R5", 1000).await.unwrap();
    assert_ne!(counter.hears().await[0].as_ref().unwrap().pay_id, pay_id, "genuine, and not about ours");
}

#[tokio::test]
async fn a_query_about_a_refund_believes_neither_a_failure_nor_somebody_elses() {
    let counter = Counter::open();
    let pay_id = counter.sells().await;
    counter.applies(&pay_id, "R1", 1000).await.unwrap();
    counter.will(Fault::RefundQueryFails);
    assert!(is_unknown(&counter.client.query_refund("R1").await));
    counter.will(Fault::RefundQueryEmpty);
    assert_eq!(counter.status("R1").await, None);
    counter.will(Fault::RefundQueryList);
    assert_eq!(counter.status("R1").await, Some(RefundStatus::Pending));
}

#[tokio::test]
async fn a_message_arrives_or_not_and_only_a_lost_answer_leaves_it_open() {
    let counter = Counter::open();
    let pay_id = counter.sells().await;
    counter.client.send_message(&pay_id, "已发货：SF1+1 & 谢谢").await.unwrap();
    assert!(is_refused(&counter.client.send_message(&pay_id, "太快").await));
    counter.clock.advance(Duration::minutes(1));
    counter.will(Fault::MessageRefused);
    assert!(is_refused(&counter.client.send_message(&pay_id, "被拒").await));
    counter.will(Fault::MessageAnswerLost);
    assert!(is_unknown(&counter.client.send_message(&pay_id, "送到").await));
    let texts: Vec<String> = counter.sandbox.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["已发货：SF1+1 & 谢谢", "送到"]);
    assert!(is_refused(&counter.client.send_message("300000000000000000", "谁").await));
}
