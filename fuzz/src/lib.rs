//! The shop's own files that read what strangers write, and the merchant of the tests.

#![allow(dead_code, reason = "of these files only what reads is fed")]

#[path = "../../src/clock.rs"]
pub mod clock;
#[path = "../../src/money.rs"]
pub mod money;
pub mod reader;
#[path = "../../src/weibo/mod.rs"]
pub mod weibo;

use secrecy::SecretString;
use std::sync::LazyLock;
use std::time::Duration;
use url::Url;
use weibo::signature::{SigningKey, VerifyingKey};
use weibo::{Addresses, Client, Settings};

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/weibo/keys/test-only-", $name))
    };
}

/// Weibo's own key, to sign notices with.
pub static PLATFORM_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::parse(key!("rsa2048.pkcs8.pem")).expect("a key of the tests"));

/// A client that calls nobody.
pub static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let nobody = || Url::parse("http://127.0.0.1:9").expect("a constant address");
    let settings = Settings {
        app_key: "1900000001".into(),
        app_secret: SecretString::from("test-only-app-secret-0001"),
        seller_id: "7000000001".into(),
        merchant_key: SigningKey::parse(key!("rsa1024.pkcs8.pem")).expect("a key of the tests"),
        platform_keys: vec![VerifyingKey::parse(key!("rsa2048.spki.pub.pem")).expect("a key of the tests")],
        addresses: Addresses {
            pay: nobody(),
            api: nobody(),
            oauth: nobody(),
            oauth_mobile: nobody(),
            share: nobody(),
            messages: nobody(),
            upload: nobody(),
        },
        reading: weibo::statuses::Reading::default(),
        fans: None,
        require_signed_return: false,
        known_since: None,
        https_only: false,
        timeout: Duration::from_secs(1),
    };
    Client::new(settings).expect("settings of the tests")
});
