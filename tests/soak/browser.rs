//! A browser of somebody who does not give up: what fails is tried again, to the letter.

use crate::page::{Form, Page};
use crate::scene::Scene;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use url::Url;

pub const CLIENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Mobile/15E148 Weibo (iPhone14,3__weibo__13.7.0__iphone__os16.6)";
pub const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/140.0.0.0 Safari/537.36";

/// So often the same is tried, a quarter of a second apart.
const PATIENCE: u32 = 120;

#[derive(Clone)]
pub struct Browser {
    scene: Scene,
    pub agent: &'static str,
    cookies: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct Ask {
    method: Method,
    url: Url,
    body: String,
}

impl Ask {
    pub fn get(url: Url) -> Ask {
        Ask { method: Method::GET, url, body: String::new() }
    }

    pub fn form(form: &Form) -> Ask {
        if form.post {
            return Ask { method: Method::POST, url: form.action.clone(), body: form.encoded() };
        }
        let mut url = form.action.clone();
        url.set_query(Some(&form.encoded()));
        Ask::get(url)
    }
}

impl Browser {
    pub fn new(scene: Scene, agent: &'static str) -> Browser {
        Browser { scene, agent, cookies: BTreeMap::new() }
    }

    pub async fn opens(&mut self, path: &str) -> anyhow::Result<Page> {
        let url = self.scene.base.join(path)?;
        self.goes(Ask::get(url)).await
    }

    pub async fn submits(&mut self, form: &Form) -> anyhow::Result<Page> {
        self.goes(Ask::form(form)).await
    }

    /// Follows redirects, to the end, and tries each step until it is answered.
    pub async fn goes(&mut self, ask: Ask) -> anyhow::Result<Page> {
        let mut page = self.insists(&ask).await?;
        for _ in 0..10 {
            if !page.status.is_redirection() {
                return Ok(page);
            }
            let next = page.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
            page = self.insists(&Ask::get(page.url.join(next)?)).await?;
        }
        anyhow::bail!("led in a circle: {}", page.url)
    }

    async fn insists(&mut self, ask: &Ask) -> anyhow::Result<Page> {
        for _ in 0..PATIENCE {
            match self.sends(ask).await {
                Ok(page) if !page.status.is_server_error() => return Ok(page),
                _ => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
        anyhow::bail!("{} {}: no answer", ask.method, ask.url)
    }

    /// Once; no answer is an error.
    async fn sends(&mut self, ask: &Ask) -> anyhow::Result<Page> {
        self.scene.pace.lock().await.tick().await;
        self.scene.said.requests.fetch_add(1, Relaxed);
        let mut request = self.scene.http.request(ask.method.clone(), ask.url.clone());
        request = request.header("User-Agent", self.agent);
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        if ask.method == Method::POST {
            let form = "application/x-www-form-urlencoded";
            request =
                request.header(ORIGIN, ask.url.origin().ascii_serialization()).header(CONTENT_TYPE, form);
        }
        let answer = request.body(ask.body.clone()).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = cookie.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = answer.bytes().await?;
        let (length, body) = (body.len(), String::from_utf8_lossy(&body).into_owned());
        Ok(Page { url: ask.url.clone(), status, headers, body, length })
    }
}
