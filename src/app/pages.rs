//! What the pages need to know, from the environment.

use crate::config::Config;
use crate::payments::OrderText;
use crate::web;
use crate::weibo::agent::Version;
use anyhow::Context;
use std::path::Path;
use url::Url;

/// What the pages need to know; `script` is the base of Weibo's scripts, or the full address of its appclient.js.
pub fn web_settings(config: &Config, public_url: Url, script: &Url) -> anyhow::Result<web::Settings> {
    let named = Path::new(script.path()).extension().is_some_and(|e| e.eq_ignore_ascii_case("js"));
    let full = if named { script.clone() } else { script.join("/open/thirdpart/js/frame/appclient.js")? };
    let jsapi = match &config.weibo.jsapi_url {
        Some(url) => url.clone(),
        None => script.join("/open/thirdpart/js/jsapi/mobile.js")?,
    };
    let minimum = Version::parse(&config.weibo.minimum_version);
    let order_text = config.weibo.sdk_order_text.as_deref();
    let order_text = order_text.map_or_else(|| Some(OrderText::default()), OrderText::parse);
    Ok(web::Settings {
        public_url,
        trusted_proxies: config.trusted_proxies,
        order_expiry: config.order_expiry,
        appclient: config.weibo.appclient.then_some(full),
        jsapi: config.weibo.jsapi.then_some(jsapi),
        minimum_version: minimum.context("WEIBO_MINIMUM_VERSION: expected a version such as 4.3.0")?,
        update_url: config.weibo.update_url.clone(),
        sdk_order_text: order_text
            .context("WEIPU_SDK_ORDER_TEXT: expected {params} or {params_json} somewhere")?,
        light: config.light.on.then(|| web::LightApp {
            age: config.light.age,
            frames: config.light.frames.clone().unwrap_or_else(web::LightApp::weibos_frames),
            address: config.light.address.clone(),
        }),
        follow: web::Follow::parse(config.weibo.official_uid.as_deref(), config.weibo.follow_link.as_deref())
            .map_err(anyhow::Error::msg)?,
    })
}
