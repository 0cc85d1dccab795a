//! The sandbox over real HTTP, and the smallest merchant that can be told of a payment.

mod fans;
mod jsapi;
mod messages;
mod open;
mod pay;
mod phone;
mod reading;
mod refunds;
mod signing_in;

use super::{Sandbox, Settings, demo_merchant_private_key, demo_platform_public_key};
use crate::clock::Clock;
use crate::weibo::signature::{Params, SigningKey, VerifyingKey, read_form, write_form};
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use time::macros::datetime;
use url::Url;

pub const IN_CLIENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Mobile/15E148 Weibo (iPhone14,3__weibo__11.12.1__iphone__os16.6)";

/// A sandbox that listens, a merchant that listens, a clock that stands.
pub struct Town {
    pub sandbox: Sandbox,
    pub clock: Clock,
    pub base: Url,
    pub merchant: Merchant,
    pub browser: reqwest::Client,
}

/// Keeps what it was told, and answers with what it was given to say.
#[derive(Clone)]
pub struct Merchant {
    pub base: Url,
    pub heard: Arc<Mutex<Vec<Params>>>,
    pub says: Arc<Mutex<&'static str>>,
}

pub fn params<const N: usize>(pairs: [(&str, &str); N]) -> Params {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Signs as the demo's merchant does.
pub fn signed(mut params: Params) -> Params {
    let key = SigningKey::parse(demo_merchant_private_key()).unwrap();
    params.insert("sign_type".into(), "RSA".into());
    params.insert("sign".into(), key.sign(&params).unwrap());
    params
}

/// Whether the sandbox signed these fields.
pub fn is_genuine(fields: &Params) -> bool {
    VerifyingKey::parse(demo_platform_public_key()).unwrap().verifies(fields)
}

/// Listens on a free port for as long as the test runs.
pub fn listen(routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Url {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", socket.local_addr().unwrap())).unwrap();
    let server = HttpServer::new(move || App::new().configure(routes.clone())).workers(1).disable_signals();
    actix_web::rt::spawn(server.listen(socket).unwrap().run());
    base
}

impl Merchant {
    fn open() -> Merchant {
        let heard: Arc<Mutex<Vec<Params>>> = Arc::default();
        let says = Arc::new(Mutex::new("success"));
        let data = Data::new((heard.clone(), says.clone()));
        let base = listen(move |cfg| {
            cfg.app_data(data.clone()).route("/hooks/weibo/{kind}", web::post().to(hear));
        });
        Merchant { base, heard, says }
    }

    pub fn heard(&self) -> Vec<Params> {
        self.heard.lock().unwrap().clone()
    }
}

type Ears = (Arc<Mutex<Vec<Params>>>, Arc<Mutex<&'static str>>);

async fn hear(body: Bytes, ears: Data<Ears>) -> HttpResponse {
    ears.0.lock().unwrap().push(read_form(&body).unwrap());
    let says = *ears.1.lock().unwrap();
    HttpResponse::Ok().body(says)
}

impl Town {
    pub fn open() -> Town {
        let merchant = Merchant::open();
        let clock = Clock::stopped(datetime!(2026-03-05 10:21 +8));
        let anywhere = Url::parse("http://127.0.0.1:8090/").unwrap();
        let settings = Settings::demo(anywhere, Some(merchant.base.clone()), None).unwrap();
        let sandbox = Sandbox::new(settings, clock.clone()).unwrap();
        let routes = sandbox.clone();
        let base = listen(move |cfg| routes.routes(cfg));
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Town { sandbox, clock, base, merchant, browser }
    }

    pub fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// An order of ¥129.00, signed.
    pub fn order(&self, number: &str) -> Params {
        signed(self.unsigned_order(number))
    }

    pub fn unsigned_order(&self, number: &str) -> Params {
        params([
            ("appkey", "1900000001"),
            ("seller_id", "7000000001"),
            ("out_pay_id", number),
            ("notify_url", self.merchant.base.join("hooks/weibo/pay").unwrap().as_str()),
            ("return_url", self.merchant.base.join("return/weibo/pay").unwrap().as_str()),
            ("subject", "春茶 A+B 礼盒 & 茶具"),
            ("body", ""),
            ("total_amount", "12900"),
            ("expire", "1800"),
        ])
    }

    pub async fn open_cashier(&self, order: &Params, agent: &str) -> reqwest::Response {
        let mut url = self.url("/api/merchant/pay/cashier");
        url.set_query(Some(&write_form(order)));
        self.browser.get(url).header("User-Agent", agent).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, form: &Params) -> reqwest::Response {
        self.browser.post(self.url(path)).form(form).send().await.unwrap()
    }

    /// Opens the cashier and pays. Answers with where the shopper is led.
    pub async fn pays(&self, number: &str) -> reqwest::Response {
        let opened = self.open_cashier(&self.order(number), IN_CLIENT).await;
        assert_eq!(opened.status(), 200);
        let pay_id = self.sandbox.payments().last().unwrap().pay_id.clone();
        self.post(&format!("/sandbox/payments/{pay_id}/pay"), &Params::new()).await
    }

    /// The same, and the payment's number.
    pub async fn sells(&self, number: &str) -> String {
        self.pays(number).await;
        self.sandbox.deliver_due().await;
        self.merchant.heard.lock().unwrap().clear();
        self.sandbox.payments().last().unwrap().pay_id.clone()
    }

    pub async fn asks(&self, question: Params) -> serde_json::Value {
        self.post("/api/merchant/pay/query", &signed(question)).await.json().await.unwrap()
    }
}
