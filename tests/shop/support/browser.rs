//! A browser: cookies by host, redirects followed, no patience for a 5xx.

use super::page::{Form, Page};
use reqwest::header::{
    CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN, SET_COOKIE,
};
use reqwest::{Method, StatusCode};
use std::collections::BTreeMap;
use url::Url;

pub const CLIENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Mobile/15E148 Weibo (iPhone14,3__weibo__13.7.0__iphone__os16.6)";
pub const TOO_OLD: &str = "Mozilla/5.0 (Linux; U; Android 4.3; zh-cn; HTC One Build/JSS15J) AppleWebKit/534.30 \
     (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30 Weibo (HTC-HTC One__weibo__4.2.5__android__android4.3)";
pub const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/140.0.0.0 Safari/537.36";
pub const MOBILE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1";

pub struct Browser {
    pub base: Url,
    pub agent: &'static str,
    http: reqwest::Client,
    /// All of this machine's: a browser does not tell ports apart.
    pub cookies: BTreeMap<String, String>,
    /// Every `Set-Cookie` of the shop, as it was written.
    pub set_cookies: Vec<String>,
    /// Whether an answer of 500 and above is what the test wants to see.
    pub expects_failure: bool,
}

/// What is sent.
pub struct Ask {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub cookies: bool,
}

impl Ask {
    pub fn get(url: Url) -> Ask {
        Ask { method: Method::GET, url, headers: HeaderMap::new(), body: Vec::new(), cookies: true }
    }

    pub fn post(url: Url, form: impl Into<Vec<u8>>) -> Ask {
        let ask = Ask { method: Method::POST, body: form.into(), ..Ask::get(url) };
        ask.with(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    pub fn form(form: &Form) -> Ask {
        if form.post {
            let origin = form.action.origin().ascii_serialization();
            return Ask::post(form.action.clone(), form.encoded()).with(ORIGIN, &origin);
        }
        let mut url = form.action.clone();
        url.set_query(Some(&form.encoded()));
        Ask::get(url)
    }

    pub fn with(mut self, name: HeaderName, value: &str) -> Ask {
        self.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    /// As from a page of another site: cookies that are Lax stay away.
    pub fn of_another_site(self) -> Ask {
        let site = HeaderName::from_static("sec-fetch-site");
        let ask = self.with(ORIGIN, "https://evil.example").with(site, "cross-site");
        Ask { cookies: false, ..ask }
    }
}

impl Browser {
    pub fn new(base: Url, http: reqwest::Client, agent: &'static str) -> Browser {
        let (cookies, set_cookies) = (BTreeMap::new(), Vec::new());
        Browser { base, agent, http, cookies, set_cookies, expects_failure: false }
    }

    pub fn at(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// One request and its answer; of a line that stays open only the head.
    pub async fn send(&mut self, ask: Ask) -> Page {
        let mut request = self.http.request(ask.method.clone(), ask.url.clone()).headers(ask.headers);
        if !self.agent.is_empty() {
            request = request.header("User-Agent", self.agent);
        }
        if ask.cookies && !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookie_header());
        }
        let sent = request.body(ask.body).send().await;
        let answer = sent.unwrap_or_else(|error| panic!("{} {}: no answer: {error:?}", ask.method, ask.url));
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.keep_cookies(&headers);
        // A line that stays open has no end to wait for.
        let is_line = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if is_line { "".into() } else { answer.bytes().await.unwrap() };
        let (length, body) = (body.len(), String::from_utf8_lossy(&body).into_owned());
        let page = Page { url: ask.url, status, headers, body, length };
        assert!(self.expects_failure || !status.is_server_error(), "{} {}", ask.method, page.told());
        page
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().to_owned();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            self.set_cookies.push(cookie);
        }
    }

    /// Follows redirects, to the end.
    pub async fn go(&mut self, ask: Ask) -> Page {
        let mut page = self.send(ask).await;
        for _ in 0..10 {
            if !page.status.is_redirection() || page.status == StatusCode::NOT_MODIFIED {
                return page;
            }
            let next = page.url.join(page.headers[LOCATION].to_str().unwrap()).unwrap();
            page = self.send(Ask::get(next)).await;
        }
        panic!("led in a circle: {}", page.url);
    }
}

/// An open line on which the shop tells what happens.
pub struct Events(reqwest::Response);

impl Browser {
    async fn begins(&self, path: &str) -> reqwest::Response {
        let request = self.http.get(self.at(path)).header("User-Agent", self.agent);
        request.header(COOKIE, self.cookie_header()).send().await.unwrap()
    }

    pub async fn listens(&self, path: &str) -> Events {
        let answer = self.begins(path).await;
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/event-stream");
        Events(answer)
    }

    /// For an answer that may never end.
    pub async fn status_only(&self, path: &str) -> u16 {
        self.begins(path).await.status().as_u16()
    }

    fn cookie_header(&self) -> String {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }
}

impl Events {
    /// What is told next.
    pub async fn next(&mut self) -> String {
        let chunk = self.0.chunk().await.unwrap().expect("the line is open");
        String::from_utf8(chunk.to_vec()).unwrap()
    }

    /// All that is still told until the line is closed.
    pub async fn rest(mut self) -> String {
        let mut rest = String::new();
        while let Ok(Some(chunk)) = self.0.chunk().await {
            rest += str::from_utf8(&chunk).unwrap();
        }
        rest
    }

    /// Waits for this word; false when something else is told ten times.
    pub async fn until(&mut self, word: &str) -> bool {
        for _ in 0..10 {
            if self.next().await.contains(word) {
                return true;
            }
        }
        false
    }
}
