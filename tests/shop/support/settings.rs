//! How the tests' shop and its Weibo are set up.

use reqwest::redirect::Policy;
use secrecy::SecretString;
use std::net::TcpListener;
use std::time::Duration as Real;
use time::Duration;
use url::Url;
use weipu::weibo::agent::Version;
use weipu::weibo::signature::{SigningKey, VerifyingKey};
use weipu::weibo::statuses::Reading;
use weipu::weibo::{Addresses, FansKeys, Settings};
use weipu::{sandbox, web};

pub fn port() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    (listener, base.parse().unwrap())
}

pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(Real::from_mins(1)).no_proxy();
    client.build().unwrap()
}

pub fn weibo_settings(demo: &sandbox::Settings) -> Settings {
    let base = || demo.public_url.clone();
    Settings {
        app_key: demo.app_key.clone(),
        app_secret: SecretString::from(demo.app_secret.clone()),
        seller_id: demo.seller_id.clone(),
        merchant_key: SigningKey::parse(sandbox::demo_merchant_private_key()).unwrap(),
        platform_keys: VerifyingKey::parse_all(sandbox::demo_platform_public_key()).unwrap(),
        fans: Some(FansKeys {
            token: SecretString::from(demo.fans_token.clone()),
            secret: SecretString::from(demo.app_secret.clone()),
        }),
        addresses: Addresses {
            pay: base(),
            api: base(),
            oauth: base(),
            oauth_mobile: base(),
            share: base(),
            messages: base(),
            upload: base(),
        },
        reading: Reading::default(),
        require_signed_return: false,
        known_since: None,
        https_only: false,
        timeout: Real::from_secs(10),
    }
}

pub fn web_settings(base: &Url, sandbox: &Url) -> web::Settings {
    web::Settings {
        public_url: base.clone(),
        trusted_proxies: 0,
        order_expiry: Duration::minutes(30),
        appclient: Some(sandbox.join("/open/thirdpart/js/frame/appclient.js").unwrap()),
        jsapi: None,
        minimum_version: Version::parse("4.3.0").unwrap(),
        update_url: "https://weibo.example/update".parse().unwrap(),
        sdk_order_text: weipu::payments::OrderText::default(),
        light: Some(web::LightApp {
            age: Duration::minutes(5),
            frames: web::LightApp::weibos_frames(),
            address: None,
        }),
        follow: web::Follow::default(),
    }
}
