//! What the sandbox knows, asked over its JSON doors.

use super::outside::signed;
use super::staff::seconds;
use super::{LOOK, PATIENCE, Shop};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use weipu::sandbox::Settings;

impl Shop {
    /// What stands in people's streams, newest first.
    pub fn statuses(&self) -> anyhow::Result<Vec<Value>> {
        self.asks("/sandbox/api/statuses")
    }

    /// What was paid in the sandbox, oldest first.
    pub fn payments(&self) -> anyhow::Result<Vec<Value>> {
        self.asks("/sandbox/api/payments")
    }

    /// The status with this text, as soon as it is there.
    pub async fn status_saying(&self, text: &str) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.statuses()?.into_iter().find(|status| status["text"] == text) {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "nobody has said {text}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What Weibo's frame says now of somebody who is signed in there, and lets the application act for her.
    pub fn signed_request(&self, uid: &str) -> anyhow::Result<String> {
        let app = Settings::demo(self.sandbox.parse()?, None, None)?;
        let back = self.at("/oauth/weibo/callback");
        let (key, secret) = (app.app_key.as_str(), app.app_secret.as_str());
        let asked = [("client_id", key), ("redirect_uri", &back)];
        let decided = [&asked[..], &[("account", uid), ("decision", "allow")]].concat();
        let led = self.sends("/oauth2/authorize", &decided)?;
        let code = led.split("code=").nth(1).and_then(|rest| rest.split(['&', '\r']).next());
        let code = code.context("Weibo gives a code")?;
        let more = [("client_secret", secret), ("grant_type", "authorization_code"), ("code", code)];
        let answer = self.sends("/oauth2/access_token", &[&asked[..], &more].concat())?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        let token: Value = serde_json::from_str(body)?;
        let payload = json!({
            "user": { "country": "cn", "locale": "zh_CN", "version": 5 },
            "algorithm": "HMAC-SHA256",
            "issued_at": seconds()?,
            "expires": token["expires_in"],
            "oauth_token": token["access_token"],
            "user_id": uid.parse::<u64>()?,
        });
        Ok(signed(&payload, secret))
    }

    /// A fan does something, and Weibo tells the shop.
    pub fn fan_does(&self, uid: i64, what: &Value) -> anyhow::Result<()> {
        let answer =
            self.posts(&format!("/sandbox/api/fans/{uid}"), "application/json", &what.to_string())?;
        ensure!(answer.contains(" 200 "), "{answer}");
        Ok(())
    }

    /// Posts a form; the whole answer.
    fn sends(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.posts(path, "application/x-www-form-urlencoded", &body)
    }

    fn posts(&self, path: &str, kind: &str, body: &str) -> anyhow::Result<String> {
        let address = self.sandbox.trim_start_matches("http://");
        let mut line = TcpStream::connect(address)?;
        let kind = format!("Content-Type: {kind}");
        let length = body.len();
        write!(
            line,
            "POST {path} HTTP/1.0\r\nHost: {address}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn asks(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let address = self.sandbox.trim_start_matches("http://");
        let mut line = TcpStream::connect(address)?;
        // Without pieces and without a connection that stays, all that follows the head is the body.
        write!(line, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok(serde_json::from_str(body)?)
    }
}
