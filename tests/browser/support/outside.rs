//! A page of another site, such as the one into whose frame Weibo puts a light app.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

/// Where the page is. The shop is at `127.0.0.1`, so that a browser takes `localhost` for another site.
pub struct Outside {
    pub origin: String,
    listener: TcpListener,
}

impl Outside {
    pub fn open() -> anyhow::Result<Outside> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        Ok(Outside { origin: format!("http://localhost:{}", listener.local_addr()?.port()), listener })
    }

    /// From now on there is a page for each path, to the end of this process.
    fn serves(self, page: impl Fn(&str) -> String + Send + 'static) -> String {
        let Outside { origin, listener } = self;
        std::thread::spawn(move || {
            for mut line in listener.incoming().flatten() {
                let mut asked = [0; 4096];
                let read = line.read(&mut asked).unwrap_or(0);
                let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
                let html = page(asked.split(' ').nth(1).unwrap_or_default());
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close";
                // Whoever goes away early is not missed.
                let _ = write!(line, "{head}\r\nContent-Length: {}\r\n\r\n{html}", html.len());
            }
        });
        origin
    }

    pub fn shows(self, html: String) -> String {
        self.serves(move |_| html.clone())
    }

    /// Each path has a page that frames the same path of `shop`.
    pub fn frames_what_is_asked(self, shop: &str) -> String {
        let shop = shop.to_owned();
        self.serves(move |path| {
            format!(r#"<!doctype html><iframe src="{shop}{path}" width="940" height="700"></iframe>"#)
        })
    }

    /// The page frames `address`.
    pub fn frames(self, address: &str) -> String {
        self.shows(format!(r#"<!doctype html><iframe src="{address}" width="940" height="700"></iframe>"#))
    }

    /// The page posts into its frame who looks, as Weibo's does.
    pub fn posts(self, address: &str, signed_request: &str) -> String {
        self.shows(format!(
            r#"<!doctype html><iframe name="light" width="940" height="700"></iframe>
<form method="post" target="light" action="{address}"><input type="hidden" name="signed_request" value="{signed_request}"></form>
<script>document.forms[0].submit()</script>"#
        ))
    }
}

/// What Weibo signs with the application's secret.
pub fn signed(payload: &Value, secret: &str) -> String {
    let part = BASE64URL_NOPAD.encode(payload.to_string().as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{}.{part}", BASE64URL_NOPAD.encode(hmac::sign(&key, part.as_bytes()).as_ref()))
}
