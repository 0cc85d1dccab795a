//! The line between the shop and Weibo: notes what is asked, counts how much of it is in the air, and can be cut.

use super::settings::{http, port};
use super::{SERVERS, TestShop};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use url::Url;
use weipu::app;

pub struct Line {
    base: Url,
    inside: Data<Inside>,
    server: ServerHandle,
}

struct Inside {
    weibo: Url,
    http: reqwest::Client,
    cut: Mutex<BTreeSet<String>>,
    said: Mutex<BTreeMap<String, String>>,
    held: Mutex<Option<String>>,
    arrived: Semaphore,
    gate: Semaphore,
    calls: Mutex<Vec<String>>,
    flying: AtomicUsize,
    most: AtomicUsize,
}

impl TestShop {
    /// One whose calls to Weibo go over a line that the test has in its hands.
    pub async fn with_line() -> (TestShop, Line) {
        let mut line = None;
        let shop = TestShop::with_weibo(|weibo| {
            let laid = Line::to(&weibo.addresses.api);
            weibo.addresses.api = laid.base.clone();
            weibo.addresses.oauth = laid.base.clone();
            weibo.addresses.messages = laid.base.clone();
            line = Some(laid);
        });
        (shop.await, line.unwrap())
    }
}

impl Line {
    fn to(weibo: &Url) -> Line {
        let (listener, base) = port();
        let inside = Data::new(Inside {
            weibo: weibo.clone(),
            http: http(),
            cut: Mutex::default(),
            said: Mutex::default(),
            held: Mutex::default(),
            arrived: Semaphore::new(0),
            gate: Semaphore::new(0),
            calls: Mutex::default(),
            flying: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let _inside = SERVERS.enter();
        let carried = inside.clone();
        let server = app::plain_server(listener, move |cfg| {
            cfg.app_data(carried.clone()).default_service(web::to(carry));
        });
        let server = server.unwrap();
        let handle = server.handle();
        SERVERS.spawn(server);
        Line { base, inside, server: handle }
    }

    /// Calls to this path are not answered.
    pub fn cut(&self, path: &str) {
        self.inside.cut.lock().unwrap().insert(path.to_owned());
    }

    /// Calls to this path are answered so, and do not reach Weibo.
    pub fn says(&self, path: &str, body: impl Into<String>) {
        self.inside.said.lock().unwrap().insert(path.to_owned(), body.into());
    }

    pub fn mend(&self) {
        self.inside.cut.lock().unwrap().clear();
        self.inside.said.lock().unwrap().clear();
    }

    /// The next call to this path waits on the line until it is let go.
    pub fn holds(&self, path: &str) {
        *self.inside.held.lock().unwrap() = Some(path.to_owned());
    }

    /// Waits until the call that is held has come.
    pub async fn arrives(&self) {
        self.inside.arrived.acquire().await.unwrap().forget();
    }

    pub fn lets_go(&self) {
        self.inside.gate.add_permits(1);
    }

    /// How often this path was called.
    pub fn calls(&self, path: &str) -> usize {
        self.inside.calls.lock().unwrap().iter().filter(|call| *call == path).count()
    }

    /// How many calls were in the air at once, at most.
    pub fn most(&self) -> usize {
        self.inside.most.load(Ordering::SeqCst)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        super::outside(|| async { self.server.stop(false).await });
    }
}

async fn carry(request: HttpRequest, body: Bytes, line: Data<Inside>) -> HttpResponse {
    let path = request.path().to_owned();
    line.calls.lock().unwrap().push(path.clone());
    if line.cut.lock().unwrap().contains(&path) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let said = line.said.lock().unwrap().get(&path).cloned();
    if let Some(body) = said {
        return HttpResponse::Ok().content_type("application/json").body(body);
    }
    let is_held = line.held.lock().unwrap().take_if(|held| *held == path).is_some();
    if is_held {
        line.arrived.add_permits(1);
        line.gate.acquire().await.unwrap().forget();
    }
    line.most.fetch_max(line.flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let to = line.weibo.join(&request.uri().to_string()).unwrap();
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).unwrap();
    let mut asked = line.http.request(method, to).body(body);
    for name in [CONTENT_TYPE, AUTHORIZATION] {
        if let Some(value) = request.headers().get(name.as_str()) {
            asked = asked.header(name, value.to_str().unwrap());
        }
    }
    let answer = asked.send().await.unwrap();
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let body = answer.bytes().await.unwrap();
    line.flying.fetch_sub(1, Ordering::SeqCst);
    HttpResponse::build(status).content_type("application/json").body(body)
}
