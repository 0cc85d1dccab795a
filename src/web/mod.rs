//! The shop's face: routes, pages, forms, and what a visitor is told when something fails.

mod account;
mod admin;
mod api;
mod assets;
mod bridge;
mod cache;
mod caller;
mod came;
mod cards;
mod changes;
pub mod checks;
mod coupons;
mod error;
mod finish;
mod form;
mod hooks;
mod light;
mod metrics;
pub mod operations;
mod page;
mod partner;
mod robots;
mod routes;
mod sender;
mod session;
mod shop;
mod sitemap;
mod staff;
mod turns;
mod upload;
mod visit;
mod who;
mod words;

pub use cache::Pages;
pub use cards::{keep_books, write_books};
pub use changes::Changes;
pub use error::Error;
pub use finish::finish;
pub use light::LightApp;
pub use routes::routes;
pub use shop::follow::Settings as Follow;

use crate::catalog::demo::Easel;
use crate::catalog::pictures::Darkroom;
use crate::clock::Clock;
use crate::db::Db;
use crate::fans::Herald;
use crate::fans::rules::Rulebook;
use crate::files::Files;
use crate::payments::{Callbacks, OrderText};
use crate::seal::Keyring;
use crate::settings::{Current, Terms};
use crate::sharing::links::Known;
use crate::weibo;
use crate::weibo::agent::Version;
use actix_web::http::StatusCode;
use std::sync::Arc;
use time::Duration;
use url::Url;

/// What every page may use.
#[derive(Clone)]
pub struct Shop {
    pub db: Db,
    /// A small pool of its own, so that buyers can never starve Weibo's notices.
    pub notices: Db,
    /// The same for what fans say, so that they can never starve the notices.
    pub hearing: Db,
    /// What the merchant has set.
    pub current: Current,
    pub clock: Clock,
    pub keys: Keyring,
    pub files: Files,
    pub darkroom: Darkroom,
    pub easel: Easel,
    pub changes: Changes,
    pub pages: Pages,
    pub callbacks: Callbacks,
    /// What the shop says to fans by itself.
    pub rules: Rulebook,
    /// Tells short links of the shop's from guesses.
    pub links: Known,
    /// Tells open desks what fans say.
    pub herald: Herald,
    pub settings: Settings,
}

impl Shop {
    /// On what terms the shop deals now. From memory.
    pub async fn terms(&self) -> Result<Arc<Terms>, Error> {
        Ok(self.current.terms(&self.db).await?)
    }

    /// The connection to Weibo. Without its keys nobody can pay or sign in, and is told so.
    pub async fn weibo(&self) -> Result<weibo::Client, Error> {
        let terms = self.current.terms(&self.notices).await?;
        terms.weibo().cloned().map_err(|_| Error::Refused(StatusCode::CONFLICT, "error-no-weibo"))
    }

    /// What has just been saved holds at once here: other processes follow in the two seconds of `worker`'s
    /// look, and the second for which pages are kept.
    pub async fn settings_changed(&self) {
        if let Err(error) = self.current.look_again(&self.db).await {
            tracing::warn!(error = format!("{error:#}"), "the new settings are followed later");
        }
        self.pages.forget();
    }
}

#[derive(Clone)]
pub struct Settings {
    /// The only base of absolute addresses.
    pub public_url: Url,
    pub trusted_proxies: usize,
    /// Until the merchant sets another.
    pub order_expiry: Duration,
    /// Weibo's adaptive-height script; nothing when it is switched off.
    pub appclient: Option<Url>,
    /// Weibo's mobile.js, through which pages in the client are admitted to its abilities; nothing when it is
    /// switched off.
    pub jsapi: Option<Url>,
    /// The first version of the Weibo client that can pay.
    pub minimum_version: Version,
    /// Where somebody with an older one finds a new one.
    pub update_url: Url,
    /// For apps of the merchant's own.
    pub sdk_order_text: OrderText,
    /// The shop in Weibo's frame; nothing when that is switched off.
    pub light: Option<LightApp>,
    /// The account that buyers are asked to follow.
    pub follow: shop::follow::Settings,
}

impl Settings {
    /// Cookies are `Secure` and bound to the host when the shop is reached by https.
    fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The absolute address of a path of ours.
    fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
