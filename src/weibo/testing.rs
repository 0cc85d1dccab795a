//! A Weibo for tests: a real listener on a free port that gives one scripted answer to every request.

use super::signature::{SigningKey, VerifyingKey};
use super::{Addresses, Client, FansKeys, Settings};
use secrecy::SecretString;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/keys/test-only-", $name))
    };
}

pub const MERCHANT_PUBLIC: &str = key!("rsa1024.spki.pub.pem");

/// Weibo's own key, to sign notices with.
pub static PLATFORM_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::parse(key!("rsa2048.pkcs8.pem")).unwrap());

pub fn token() -> SecretString {
    SecretString::from("2.00TESTONLYTOKEN")
}

/// The merchant of the vectors, with all of Weibo at one address.
pub fn settings(weibo: &str) -> Settings {
    let weibo = Url::parse(weibo).unwrap();
    Settings {
        app_key: "1900000001".into(),
        app_secret: "test-only-app-secret-0001".into(),
        seller_id: "7000000001".into(),
        merchant_key: SigningKey::parse(key!("rsa1024.pkcs8.pem")).unwrap(),
        platform_keys: vec![VerifyingKey::parse(key!("rsa2048.spki.pub.pem")).unwrap()],
        addresses: Addresses {
            pay: weibo.clone(),
            api: weibo.clone(),
            oauth: weibo.clone(),
            oauth_mobile: weibo.clone(),
            share: weibo.clone(),
            messages: weibo.clone(),
            upload: weibo,
        },
        reading: super::statuses::Reading::default(),
        fans: Some(FansKeys { token: token(), secret: "test-only-app-secret-0001".into() }),
        require_signed_return: false,
        known_since: None,
        https_only: false,
        timeout: Duration::from_secs(5),
    }
}

/// A client that calls nobody. Shared, as reading the machine's certificates takes a while.
pub fn offline() -> Client {
    static OFFLINE: LazyLock<Client> = LazyLock::new(|| Client::new(settings("http://127.0.0.1:9")).unwrap());
    OFFLINE.clone()
}

/// What the listener does with a request.
pub enum Script {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Breaks the connection off.
    Reset,
    /// Keeps the connection and says nothing.
    Silence,
}

pub struct Weibo {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Weibo {
    pub async fn answers(status: u16, body: &str) -> Weibo {
        Weibo::does(Script::Bytes(http(status, body))).await
    }

    pub async fn does(script: Script) -> Weibo {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = request(&mut stream).await;
                heard.lock().unwrap().push(request);
                match &script {
                    // A peer that has read enough goes away in the middle of a large answer.
                    Script::Bytes(bytes) => drop(stream.write_all(bytes).await),
                    Script::Reset => stream.set_zero_linger().unwrap(),
                    Script::Silence => silent.push(stream),
                }
            }
        });
        Weibo { address, asked }
    }

    pub fn client(&self) -> Client {
        Client::new(settings(&self.address)).unwrap()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The only request so far: head and body.
    pub fn asked(&self) -> String {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }

    pub fn was_asked(&self) -> bool {
        !self.asked.lock().unwrap().is_empty()
    }

    /// The body of the only request so far.
    pub fn form(&self) -> super::signature::Params {
        let asked = self.asked();
        super::signature::read_form(asked.split_once("\r\n\r\n").unwrap().1.as_bytes()).unwrap()
    }
}

pub fn http(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text.into_owned();
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return String::new();
        }
    }
}
