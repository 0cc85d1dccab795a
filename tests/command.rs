//! What the binary refuses, and what it says then: one sentence, and the right exit status.

#![expect(clippy::unwrap_used, reason = "a test that cannot run the binary shall fail")]

use sqlx::Connection;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use weipu::weibo::signature::{Params, write_form};

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
    for command in ["demo", "serve", "work", "migrate", "sandbox", "import", "export", "staff", "doctor"] {
        assert!(help_text.contains(command), "--help does not tell of {command}");
    }
}

/// So many ports that nobody listens on.
fn free_ports<const N: usize>() -> [String; N] {
    let taken = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|listener| listener.local_addr().unwrap().to_string())
}

/// A demo that runs, and the settings under which it does.
struct Demo {
    child: std::process::Child,
    settings: Vec<(&'static str, String)>,
    folder: tempfile::TempDir,
}

impl Demo {
    fn run() -> Demo {
        let public = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("weipu-doctor-").permissions(public).tempdir().unwrap();
        let data = folder.path().join("data").to_str().unwrap().to_owned();
        let names = ["WEIPU_BIND", "WEIPU_OPERATIONS_BIND", "WEIPU_SANDBOX_BIND", "WEIPU_PHONE_BIND"];
        let mut settings: Vec<_> = names.into_iter().zip(free_ports::<4>()).collect();
        settings.push(("WEIPU_DATA_DIR", data));
        let mut demo = Command::new(env!("CARGO_BIN_EXE_weipu"));
        demo.arg("demo").env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        demo.envs(settings.iter().map(|(name, value)| (name, value)));
        let mut child = demo.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = said.map_while(Result::ok);
        assert!(said.any(|line| line.contains("Ctrl-C")), "the demo does not begin");
        // Somebody has to read on, or it waits.
        std::thread::spawn(move || said.for_each(drop));
        let demo = Demo { child, settings, folder };
        // The first work in the background may be a moment away.
        let begun = || demo.asks(&["doctor"], &[]).1.contains("ok    Background work");
        assert!((0..50).any(|_| begun()), "nobody works in the background");
        demo
    }

    /// What another program of the same settings says, and how it ends.
    fn asks(&self, arguments: &[&str], more: &[(&'static str, &str)]) -> (Option<i32>, String) {
        let settings = self.settings.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<_> = settings.chain(more.iter().copied()).collect();
        let output = weipu(arguments, &settings);
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        (output.status.code(), said)
    }

    /// Runs SQL in its database, as nothing of the shop's can.
    fn spoils(&self, sql: &'static str) {
        let mut hold = Command::new(env!("CARGO_BIN_EXE_weipu"));
        hold.args(["migrate", "--hold"]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        hold.envs(self.settings.iter().map(|(name, value)| (name, value)));
        let mut hold = hold.stdout(Stdio::piped()).spawn().unwrap();
        let address = BufReader::new(hold.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let spoilt = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let mut conn = sqlx::postgres::PgConnection::connect(&address).await?;
            sqlx::raw_sql(sql).execute(&mut conn).await?;
            conn.close().await
        });
        // Also when it failed: nothing is left running.
        end(&mut hold);
        spoilt.unwrap();
    }
}

fn end(child: &mut std::process::Child) {
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    child.wait().unwrap();
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.child);
        // Postgres leaves a moment after its last user.
        for _ in 0..300 {
            if std::fs::remove_dir_all(self.folder.path().join("data")).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

/// The lines that the doctor calls wrong.
fn wrong(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("WRONG")).collect()
}

#[test]
fn the_doctor_finds_a_running_demo_well_and_whatever_is_broken_in_it() {
    let demo = Demo::run();
    let (code, said) = demo.asks(&["doctor"], &[]);
    assert_eq!((code, wrong(&said)), (Some(0), vec![]), "{said}");
    let looked_at = ["Secret key", "Clock", "Durability", "Migrations", "Background work", "Our private key"];
    for what in
        looked_at.into_iter().chain(["Weibo Pay's address", "Where payment notices go", "Callback addresses"])
    {
        assert!(said.contains(&format!("ok    {what}: ")), "{what}: {said}");
    }
    let (code, said) = demo.asks(&["doctor", "money"], &[]);
    assert_eq!((code, said.lines().count()), (Some(0), 3), "{said}");

    // A notice that Weibo signed, as it was captured; with another amount; and to another shop.
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/weibo/pay-vectors.json")).unwrap();
    let notice = &vectors["vectors"][1];
    let mut fields: Params = serde_json::from_value(notice["params"].clone()).unwrap();
    fields.insert("sign".into(), notice["signature"]["rsa2048"].as_str().unwrap().into());
    let captured = &*write_form(&fields);
    let (code, said) = demo.asks(&["doctor"], &[("WEIBO_PAY_VECTOR", captured)]);
    assert!(code == Some(0) && said.contains("ok    Captured notice: a payment's to this shop"), "{said}");
    let altered = captured.replace("12900", "12901");
    for (settings, why) in [
        (&[("WEIBO_PAY_VECTOR", altered.as_str())][..], "WEIBO_PAY_PUBLIC_KEY is not Weibo's key"),
        (
            &[("WEIBO_PAY_VECTOR", captured), ("WEIBO_PAY_SELLER_ID", "7000000009")],
            "compare WEIBO_PAY_SELLER_ID",
        ),
        (&[("WEIBO_PAY_VECTOR", &format!("{captured}&body=x"))], "twice"),
    ] {
        let (code, said) = demo.asks(&["doctor"], settings);
        assert_eq!((code, wrong(&said).len()), (Some(1), 1), "{said}");
        assert!(
            wrong(&said)[0].contains(why) && said.ends_with("weipu: one thing is wrong, see above\n"),
            "{said}"
        );
    }
    let (code, said) = demo.asks(&["doctor"], &[("WEIBO_PAY_URL", "http://127.0.0.1:1")]);
    assert!(code == Some(1) && wrong(&said)[0].contains("Weibo Pay's address"), "{said}");

    // An order that says it is paid, and no money came for it.
    demo.spoils(
        "INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, language, recipient, phone,
             province, city, district, street, note, total_fen, placed_at, pay_until, payment, paid_at,
             pieces_left)
         VALUES ('2611-7KQ4-M2X9', '00000000-0000-4000-8000-000000000001', '\\x01', '0123456789012345678901',
             '00000000-0000-4000-8000-000000000002', 'zh-CN', '林阿梨', '13800138000', '浙江省', '杭州市', '',
             '龙井路', '', 12800, now(), now(), 'paid', now(), 0)",
    );
    let (code, said) = demo.asks(&["doctor", "money"], &[]);
    assert_eq!((code, wrong(&said).len()), (Some(1), 1), "{said}");
    assert!(
        wrong(&said)[0].starts_with("WRONG Order 2611-7KQ4-M2X9: ") && !said.contains("13800138000"),
        "{said}"
    );

    let key = demo.folder.path().join("data/secret-key");
    std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let (code, said) = demo.asks(&["doctor"], &[]);
    assert!(code == Some(1) && wrong(&said)[0].contains("chmod 600"), "{said}");
}

#[test]
fn the_doctor_tells_a_shop_for_real_what_it_lacks_and_no_secret() {
    let secret = weipu::seal::Keyring::fresh();
    let (private, public) = own_keys();
    let sandbox = key("test-only-rsa2048.spki.pub.pem");
    let whole = [
        ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/none"),
        ("WEIPU_PUBLIC_URL", "https://shop.example"),
        ("WEIPU_SECRET_KEY", &secret),
        ("WEIBO_PAY_PRIVATE_KEY", &private),
        ("WEIBO_PAY_PUBLIC_KEY", &public),
    ];
    for (changed, why) in [
        (("X", ""), "WRONG Database: it does not answer"),
        (("WEIPU_SECRET_KEY", ""), "WRONG Secret key: WEIPU_SECRET_KEY is not set"),
        (("WEIPU_PUBLIC_URL", "http://shop.example"), "WRONG Settings: WEIPU_PUBLIC_URL: "),
        (("WEIBO_PAY_PUBLIC_KEY", &*sandbox), "WRONG Settings: WEIBO_PAY_PUBLIC_KEY: "),
        (("WEIBO_PAY_URL", "https://localhost"), "WRONG Settings: WEIBO_PAY_URL: "),
        (("WEIPU_SDK_ORDER_TEXT", "none"), "WRONG Settings: WEIPU_SDK_ORDER_TEXT: "),
        (("WEIPU_LIGHT_APP_FRAMES", "*"), "WEIPU_LIGHT_APP_FRAMES: "),
        (("WEIPU_FOLLOW_LINK", "sinaweibo://me"), "WRONG Settings: WEIPU_FOLLOW_LINK: "),
    ] {
        let settings: Vec<_> = whole.into_iter().chain([changed]).collect();
        let output = weipu(&["doctor"], &settings);
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        assert!(output.status.code() == Some(1) && said.contains(why), "{why}: {said}");
        assert!(!said.contains("hunter2") && !said.contains(&secret) && !said.contains("BEGIN"), "{said}");
    }
    assert_eq!(weipu(&["doctor", "nonsense"], &[]).status.code(), Some(2));
    let help = String::from_utf8(weipu(&["doctor", "--help"], &[]).stdout).unwrap();
    assert!(help.contains("money"), "{help}");
}
