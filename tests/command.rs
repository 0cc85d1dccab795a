//! What the binary refuses, and what it says then: one sentence, and the right exit status.

#![expect(clippy::unwrap_used, reason = "a test that cannot run the binary shall fail")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs `weipu` with these settings and no others; it must end by itself.
fn weipu(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_weipu"))
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("WEIPU_DATA_DIR", folder.path().join("data"))
        .env("WEIPU_BIND", "127.0.0.1:0")
        .env("WEIPU_OPERATIONS_BIND", "127.0.0.1:0")
        .env("WEIPU_SANDBOX_BIND", "127.0.0.1:0")
        .env("WEIPU_PHONE_BIND", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

/// The one sentence on standard error.
fn refusal(arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let output = weipu(arguments, settings);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "not one sentence: {said}");
    said
}

fn key(name: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weibo/keys").join(name);
    std::fs::read_to_string(file).unwrap()
}

/// Keys that nobody else has.
fn own_keys() -> (String, String) {
    let private = openssl::rsa::Rsa::generate(2048).unwrap();
    let public = private.public_key_to_pem().unwrap();
    (String::from_utf8(private.private_key_to_pem().unwrap()).unwrap(), String::from_utf8(public).unwrap())
}

#[test]
fn a_shop_that_takes_money_refuses_whatever_is_missing_or_the_sandboxs() {
    let secret = weipu::seal::Keyring::fresh();
    let (private, public) = own_keys();
    let (sandbox_private, sandbox_public) =
        (key("test-only-rsa1024.pkcs1.pem"), key("test-only-rsa2048.spki.pub.pem"));
    // A database that is not there: it must never be reached.
    let whole = [
        ("DATABASE_URL", "postgres://127.0.0.1:1/none"),
        ("WEIPU_PUBLIC_URL", "https://shop.example"),
        ("WEIPU_SECRET_KEY", &secret),
        ("WEIBO_PAY_PRIVATE_KEY", &private),
        ("WEIBO_PAY_PUBLIC_KEY", &public),
        ("WEIBO_APP_KEY", "1234567890"),
        ("WEIBO_APP_SECRET", "hunter2-hunter2"),
        ("WEIBO_PAY_SELLER_ID", "7000000001"),
    ];
    let with = |changed: &[(&'static str, &str)]| {
        let mut settings: Vec<(&str, String)> = whole.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        settings.extend(changed.iter().map(|(n, v)| (*n, (*v).to_owned())));
        let settings: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let said = ["serve", "work"].map(|command| refusal(&[command], &settings));
        assert_eq!(said[0], said[1], "serve and work refuse alike");
        assert!(!said[0].contains("hunter2") && !said[0].contains(&secret), "a secret was told: {}", said[0]);
        said[0].clone()
    };
    for name in ["WEIPU_PUBLIC_URL", "WEIPU_SECRET_KEY"] {
        assert!(with(&[(name, "")]).contains(name), "{name} is missing and nobody says so");
    }
    // Weibo's keys the merchant may enter later: without them it gets as far as the database. Wrong ones are
    // refused.
    let keys = [
        ("WEIBO_APP_KEY", "not a key"),
        ("WEIBO_PAY_SELLER_ID", "seller"),
        ("WEIBO_PAY_PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----"),
        ("WEIBO_PAY_PUBLIC_KEY", &private),
    ];
    for (name, wrong) in keys {
        assert!(with(&[(name, wrong)]).contains(name), "a wrong {name} was taken");
    }
    let mut none = keys.map(|(name, _)| (name, "")).to_vec();
    none.push(("WEIBO_APP_SECRET", ""));
    assert!(!with(&none).contains("WEI"));
    assert!(with(&[("WEIPU_PUBLIC_URL", "http://shop.example")]).contains("https"));
    assert!(with(&[("WEIBO_PAY_PRIVATE_KEY", &sandbox_private)]).contains("sandbox"));
    assert!(with(&[("WEIBO_PAY_PUBLIC_KEY", &sandbox_public)]).contains("sandbox"));
    let old_and_sandbox = format!("{public}{sandbox_public}");
    assert!(with(&[("WEIBO_PAY_PUBLIC_KEY", &old_and_sandbox)]).contains("sandbox"));
    for name in ["WEIBO_PAY_URL", "WEIBO_API_URL", "WEIBO_OAUTH_URL", "WEIBO_SHARE_URL", "WEIBO_SCRIPT_URL"] {
        for address in
            ["http://127.0.0.1:8090", "https://localhost", "http://[::1]:8090", "http://pay.example"]
        {
            assert!(with(&[(name, address)]).contains(name), "{name}={address} was taken");
        }
    }
    assert!(with(&[("WEIPU_ORDER_EXPIRY", "soon")]).contains("WEIPU_ORDER_EXPIRY"));
    // With nothing to refuse it gets as far as the database.
    assert!(!with(&[]).contains("WEI"));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for name in ["WEIPU_BIND", "WEIPU_OPERATIONS_BIND", "WEIPU_SANDBOX_BIND", "WEIPU_PHONE_BIND"] {
        let said = refusal(&["demo"], &[(name, &address)]);
        assert!(said.contains(&address) && said.contains("in use") && said.contains("WEIPU_BIND"), "{said}");
    }
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    assert_eq!(weipu(&["nonsense"], &[]).status.code(), Some(2));
    assert_eq!(weipu(&[], &[]).status.code(), Some(2));
    assert_eq!(weipu(&["staff", "reset"], &[]).status.code(), Some(2), "whose?");
    let help = weipu(&["--help"], &[]);
    let help_text = String::from_utf8(help.stdout).unwrap();
    assert_eq!(help.status.code(), Some(0));
    for command in ["demo", "serve", "work", "migrate", "sandbox", "staff"] {
        assert!(help_text.contains(command), "--help does not tell of {command}");
    }
}
