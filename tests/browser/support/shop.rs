//! The shop under test: `weipu demo` on free ports, one for all who buy and one for all who work in it.

use super::kept::{self, Kept, Wanted};
use fantoccini::cookies::Cookie;
use std::net::TcpListener;
use std::path::Path;
use std::sync::OnceLock;
use tokio::sync::OnceCell;

/// Where the running shop and its sandbox are, without a slash at the end.
pub struct Shop {
    pub address: String,
    pub sandbox: String,
    /// The link with which the first owner makes her account; it works once.
    pub welcome: String,
    /// The session of the owner, once somebody has made her account.
    pub owner: OnceCell<Cookie<'static>>,
    _running: Kept,
}

/// The one shop. The first test that asks waits for it.
pub fn shop() -> anyhow::Result<&'static Shop> {
    static SHOP: OnceLock<Result<Shop, String>> = OnceLock::new();
    let shop = SHOP.get_or_init(|| Shop::another().map_err(|error| format!("{error:#}")));
    shop.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

/// A second one, whose goods the tests of the back office change as they like.
pub fn office() -> anyhow::Result<&'static Shop> {
    static SHOP: OnceLock<Result<Shop, String>> = OnceLock::new();
    let shop = SHOP.get_or_init(|| Shop::another().map_err(|error| format!("{error:#}")));
    shop.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

impl Shop {
    /// One of one's own, which closes when it is dropped.
    pub fn another() -> anyhow::Result<Shop> {
        Shop::with(&[])
    }

    /// The same with settings of its own.
    pub fn with(more: &[(&'static str, String)]) -> anyhow::Result<Shop> {
        let [shop, operations, sandbox, phone] = free_addresses()?;
        let folder = kept::folder()?;
        let settings = [
            ("WEIPU_BIND", shop.clone()),
            ("WEIPU_OPERATIONS_BIND", operations),
            ("WEIPU_SANDBOX_BIND", sandbox.clone()),
            ("WEIPU_PHONE_BIND", phone),
            ("WEIPU_DATA_DIR", folder.join("data").display().to_string()),
        ];
        let settings = [&settings[..], more].concat();
        let wanted = Wanted {
            program: Path::new(env!("CARGO_BIN_EXE_weipu")),
            arguments: &["demo"],
            settings: &settings,
            signal: "INT",
        };
        let mut link = String::new();
        let (running, welcome) = kept::start(&folder, &wanted, move |line| {
            if let Some(found) = line.split_whitespace().find(|word| word.contains("/admin/welcome/")) {
                found.clone_into(&mut link);
            }
            line.contains("Ctrl-C").then(|| link.clone())
        })?;
        Ok(Shop {
            address: format!("http://{shop}"),
            sandbox: format!("http://{sandbox}"),
            welcome,
            owner: OnceCell::new(),
            _running: running,
        })
    }

    /// The address of a path of the shop.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

/// Held open together, so that they differ; nobody else takes them between here and the shop's start.
fn free_addresses() -> anyhow::Result<[String; 4]> {
    let held: Vec<TcpListener> =
        (0..4).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    let mut addresses = [const { String::new() }; 4];
    for (address, listener) in addresses.iter_mut().zip(&held) {
        *address = listener.local_addr()?.to_string();
    }
    Ok(addresses)
}
