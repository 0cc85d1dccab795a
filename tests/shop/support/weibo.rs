//! Weibo, played by the sandbox: it misbehaves as it is told, and sends when it is told.

use super::browser::{Ask, Browser};
use super::page::Page;
use std::sync::Mutex;
use url::Url;
use weipu::sandbox::{Fault, Lasting, Outcome, Payment, Sandbox};
use weipu::weibo::signature::{Params, SigningKey, read_form, write_form};

pub struct Weibo {
    pub sandbox: Sandbox,
    pub platform: SigningKey,
    pub hands: tokio::sync::Mutex<Browser>,
    /// The numbers of the notices that were answered `success`.
    pub acknowledged: Mutex<Vec<String>>,
}

impl Weibo {
    /// Misbehaves once.
    pub fn will(&self, fault: Fault) {
        self.sandbox.set_fault(fault, Some(Lasting::Once));
    }

    /// Misbehaves until it [`stops`](Weibo::stops).
    pub fn always(&self, fault: Fault) {
        self.sandbox.set_fault(fault, Some(Lasting::UntilOff));
    }

    pub fn stops(&self, fault: Fault) {
        self.sandbox.set_fault(fault, None);
    }

    /// Sends what is due, and says how it was taken.
    pub async fn delivers(&self) -> Vec<Outcome> {
        let sent = self.sandbox.deliver_due().await;
        for delivery in &sent {
            match &delivery.outcome {
                Outcome::Taken => self.heard_success(&delivery.fields),
                Outcome::Refused { status, body } => assert!(*status < 500, "{status} {body}"),
                Outcome::NoAnswer | Outcome::NotHere => panic!("a notice without an answer"),
            }
        }
        sent.into_iter().map(|delivery| delivery.outcome).collect()
    }

    /// The payment that was opened last.
    pub fn payment(&self) -> Payment {
        self.sandbox.payments().pop().unwrap()
    }

    /// The fields of a genuine notice of this payment, not yet signed.
    pub fn notice_of(payment: &Payment) -> Params {
        let mut fields = payment.fields();
        let more = [
            ("notify_id", "8000000000000001"),
            ("notify_time", "2026-11-21 12:00:05"),
            ("notify_type", "PAY_STATUS_SUCCESS_B"),
        ];
        fields.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        fields
    }

    /// The same with Weibo's own signature.
    pub fn signed(&self, mut fields: Params) -> Params {
        let sign = self.platform.sign(&fields).unwrap();
        fields.insert("sign_type".into(), "RSA".into());
        fields.insert("sign".into(), sign);
        fields
    }

    /// Sends a notice that Weibo really signed, whatever it says.
    pub async fn tells(&self, fields: Params) -> Page {
        self.posts(write_form(&self.signed(fields))).await
    }

    /// The same of a refund.
    pub async fn tells_of_refund(&self, fields: Params) -> Page {
        self.posts_refund(&self.signed(fields)).await
    }

    /// Sends anything to where notices of refunds go.
    pub async fn posts_refund(&self, fields: &Params) -> Page {
        let to = self.hands.lock().await.at("/hooks/weibo/refund");
        self.posts_to(to, write_form(fields)).await
    }

    /// Sends anything to where notices go.
    pub async fn posts(&self, body: impl Into<Vec<u8>>) -> Page {
        let to = self.hands.lock().await.at("/hooks/weibo/pay");
        self.posts_to(to, body).await
    }

    /// Sends anything to anywhere.
    pub async fn posts_to(&self, to: Url, body: impl Into<Vec<u8>>) -> Page {
        let body = body.into();
        let mut hands = self.hands.lock().await;
        let answer = hands.send(Ask::post(to, body.clone())).await;
        if answer.body == "success" {
            self.heard_success(&read_form(&body).unwrap());
        }
        answer
    }

    fn heard_success(&self, notice: &Params) {
        self.acknowledged.lock().unwrap().push(notice["notify_id"].clone());
    }
}
