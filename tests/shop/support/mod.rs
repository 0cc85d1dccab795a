//! A shop, a Weibo and a clock for one test. Nothing runs by itself.

pub mod browser;
pub mod buyer;
pub mod database;
pub mod goods;
mod log;
pub mod page;
mod sound;
pub mod weibo;

use actix_web::dev::ServerHandle;
use browser::Browser;
use buyer::Buyer;
use database::Database;
use reqwest::redirect::Policy;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as Real;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;
use url::Url;
use weibo::Weibo;
use weipu::app::{self, App, Parts};
use weipu::catalog::Slug;
use weipu::clock::Clock;
use weipu::files::Files;
use weipu::sandbox::{self, Card, Sandbox};
use weipu::seal::Keyring;
use weipu::weibo::agent::Version;
use weipu::weibo::signature::SigningKey;
use weipu::weibo::{Addresses, Settings};
use weipu::{catalog, jobs, staff, web};

/// Servers outlive the runtime of the test that asks them.
static SERVERS: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Waits for something in a `drop`, where nothing can be awaited.
pub fn outside<F: Future<Output = ()>>(what: impl FnOnce() -> F + Send) {
    let done = std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime.block_on(what())).join()
    });
    if let Err(panic) = done
        && !std::thread::panicking()
    {
        std::panic::resume_unwind(panic);
    }
}

pub use time::Duration;

pub fn minutes(minutes: i64) -> Duration {
    Duration::minutes(minutes)
}

pub struct TestShop {
    pub weibo: Weibo,
    pub clock: Clock,
    pub base: Url,
    pub app: App,
    pub database: Database,
    pub sandbox_base: Url,
    http: reqwest::Client,
    at_first: std::sync::Mutex<BTreeMap<String, i64>>,
    leaves_jobs: AtomicBool,
    servers: Vec<ServerHandle>,
    listening: std::sync::OnceLock<AbortHandle>,
    _files: TempDir,
}

/// How long the shop waits for Weibo: long enough for a machine that compiles at the same time.
const PATIENCE: Real = Real::from_secs(10);

impl TestShop {
    pub async fn open() -> TestShop {
        TestShop::opened(|_, _| ()).await
    }

    /// One that waits for Weibo only so long.
    pub async fn with_patience(patience: Real) -> TestShop {
        TestShop::opened(|weibo, _| weibo.timeout = patience).await
    }

    /// One with other settings of its connection to Weibo.
    pub async fn with_weibo(change: impl FnOnce(&mut Settings)) -> TestShop {
        TestShop::opened(|weibo, _| change(weibo)).await
    }

    /// One with other settings of its pages.
    pub async fn with_web(change: impl FnOnce(&mut web::Settings)) -> TestShop {
        TestShop::opened(|_, web| change(web)).await
    }

    async fn opened(change: impl FnOnce(&mut Settings, &mut web::Settings)) -> TestShop {
        log::listen();
        let database = Database::stocked().await;
        let (clock, files) = (Clock::stopped(goods::NOON), tempfile::tempdir().unwrap());
        let (shop_port, base) = port();
        let (sandbox_port, sandbox_base) = port();
        let demo = sandbox::Settings::demo(sandbox_base.clone(), Some(base.clone()), None).unwrap();
        let (mut weibo, mut web) = (weibo_settings(&demo), web_settings(&base, &sandbox_base));
        change(&mut weibo, &mut web);
        let parts = Parts {
            database: database.options(),
            postgres: None,
            keys: Keyring::parse(&Keyring::fresh()).unwrap(),
            files: Files::open(files.path()).unwrap(),
            weibo,
            web,
            clock: clock.clone(),
        };
        let app = App::new(parts).unwrap();
        let platform = demo.platform_key.clone();
        let sandbox = Sandbox::new(demo, clock.clone()).unwrap();
        let _inside = SERVERS.enter();
        let pages = sandbox.clone();
        let servers = [
            app::shop_server(&app.shop, shop_port).unwrap(),
            app::plain_server(sandbox_port, move |cfg| pages.routes(cfg)).unwrap(),
        ];
        let handles = servers.iter().map(actix_web::dev::Server::handle).collect();
        for server in servers {
            SERVERS.spawn(server);
        }
        let http = http();
        let hands = tokio::sync::Mutex::new(Browser::new(base.clone(), http.clone(), ""));
        let at_first = sound::stock(&mut database.connect().await).await;
        TestShop {
            weibo: Weibo { sandbox, platform, hands },
            clock,
            base,
            app,
            database,
            sandbox_base,
            http,
            at_first: at_first.into(),
            leaves_jobs: AtomicBool::new(false),
            servers: handles,
            listening: std::sync::OnceLock::new(),
            _files: files,
        }
    }

    /// Somebody in the Weibo client.
    pub fn buyer(&self) -> Buyer {
        self.visitor(browser::CLIENT)
    }

    pub fn desktop(&self) -> Buyer {
        self.visitor(browser::DESKTOP)
    }

    /// Somebody on a phone, not in the Weibo client.
    pub fn phone(&self) -> Buyer {
        self.visitor(browser::MOBILE)
    }

    pub fn visitor(&self, agent: &'static str) -> Buyer {
        Buyer::new(Browser::new(self.base.clone(), self.http.clone(), agent))
    }

    /// Time passes.
    pub fn later(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Pages that wait are told of changes, as in the product.
    pub fn hears_of_changes(&self) {
        let listen = self.app.shop.changes.clone().listen(self.app.worker.db.clone());
        let _ = self.listening.set(SERVERS.spawn(listen).abort_handle());
    }

    /// Runs the jobs that are due until none is.
    pub async fn work(&self) {
        for _ in 0..1000 {
            if !self.app.worker.work_one().await.unwrap() {
                return;
            }
        }
        panic!("work without end: {:?}", self.jobs().await);
    }

    /// The jobs that wait, and when they are due.
    pub async fn jobs(&self) -> Vec<(jobs::Job, time::OffsetDateTime)> {
        jobs::waiting(&self.app.worker.db).await.unwrap()
    }

    /// The end of a test: hours pass until nothing waits any more, then everything must be sound.
    pub async fn closes(&self) {
        for round in 0..60 {
            self.weibo.delivers().await;
            self.work().await;
            if self.jobs().await.is_empty() && self.weibo.sandbox.waiting_notices().is_empty() {
                return self.is_sound(true).await;
            }
            // Orders close within the first hours; what Weibo never ends is asked about for a week.
            self.later(if round < 12 { Duration::minutes(10) } else { Duration::hours(4) });
        }
        panic!("it never ends: {:?} {:?}", self.jobs().await, self.weibo.sandbox.waiting_notices());
    }

    /// The test ends while something still waits, and that is right.
    pub fn leaves_jobs(&self) {
        self.leaves_jobs.store(true, Ordering::Relaxed);
    }

    /// All invariants; `settled` when nothing waits any more.
    pub async fn is_sound(&self, settled: bool) {
        let mut conn = self.database.connect().await;
        sound::no_row_that_may_not_be(&mut conn).await;
        let at_first = self.at_first.lock().unwrap().clone();
        sound::no_piece_lost(&mut conn, &at_first).await;
        sound::the_ledger_is_weibos_book(&mut conn, &self.weibo.sandbox.payments(), settled).await;
        sound::the_ledger_stays(&mut conn).await;
        database::close(conn).await;
    }

    pub async fn stock(&self, sku: &str) -> i64 {
        sound::stock(&mut self.database.connect().await).await[sku]
    }

    /// Sends these very bytes, with our address for HOST, and reads until the line is closed.
    pub async fn raw(&self, request: &[u8]) -> String {
        let host = self.base.authority().as_bytes();
        let request = match request.windows(4).position(|four| four == b"HOST") {
            Some(at) => [&request[..at], host, &request[at + 4..]].concat(),
            None => request.to_vec(),
        };
        let mut line = TcpStream::connect(self.base.authority()).await.unwrap();
        // A server may close before it has read everything.
        let _ = line.write_all(&request).await;
        let mut answer = Vec::new();
        let _ = line.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The link that opens an order on any device, as the shop gives it.
    pub fn order_link(&self, number: &str) -> String {
        format!("/orders/{number}?t={}", self.app.shop.keys.tag("order link", number))
    }

    /// Every row of every table, as text.
    pub async fn everything_stored(&self) -> String {
        let mut conn = self.database.connect().await;
        let sql = "SELECT string_agg(query_to_xml(format('SELECT t::text FROM %I t', table_name),
                true, true, '')::text, ' ') FROM information_schema.tables WHERE table_schema = 'public'";
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }

    /// Everything that this program has logged so far.
    pub fn logged(&self) -> String {
        assert!(log::lines().contains(self.base.authority()) || !log::lines().is_empty(), "the log is heard");
        log::lines()
    }

    /// The merchant posts the product's card.
    pub async fn posts_a_card(&self, slug: &str) -> u64 {
        let card = Card {
            url: self.base.join(&format!("/p/{slug}")).unwrap().into(),
            title: slug.into(),
            image: String::new(),
            price: "¥39.90".into(),
            stock: "余 5 件".into(),
        };
        let status = self.weibo.sandbox.say("7000000001", "新到", Some(card)).unwrap();
        let slug = Slug::parse(slug).unwrap();
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let product = catalog::find_product(&mut tx, &slug).await.unwrap().unwrap();
        catalog::mark_status(&mut tx, product.id, status.id.cast_signed()).await.unwrap();
        tx.commit().await.unwrap();
        status.id
    }

    /// The owner, who has just made her account: 阿山, with the password 沙箱里的老板没有真钱.
    pub async fn owner(&self) -> Buyer {
        let link = staff::first_owner_link(&self.app.shop.db, self.clock.now()).await.unwrap().unwrap();
        let mut owner = self.desktop();
        owner.opens(&format!("/admin/welcome/{link}")).await;
        let form = owner.page().form("form").with("name", "阿山").with("password", "沙箱里的老板没有真钱");
        assert_eq!(owner.submits(&form).await.url.path(), "/admin");
        owner
    }

    /// The merchant counts anew.
    pub async fn restocks(&self, sku: &str, pieces: i32) {
        let sql = "UPDATE variants v SET stock = $2 FROM variants old WHERE v.id = old.id AND v.sku = $1
            RETURNING (v.stock - old.stock)::bigint";
        let mut conn = self.database.connect().await;
        let more: i64 = sqlx::query_scalar(sql).bind(sku).bind(pieces).fetch_one(&mut conn).await.unwrap();
        *self.at_first.lock().unwrap().get_mut(sku).unwrap() += more;
        self.app.shop.pages.forget();
    }

    /// One number that SQL can tell.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut conn = self.database.connect().await;
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }
}

impl Drop for TestShop {
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        if let Some(listening) = self.listening.get() {
            listening.abort();
        }
        outside(|| async {
            // At once: a sandbox that was told to hang would be waited for.
            for server in &self.servers {
                server.stop(false).await;
            }
            if failed {
                return;
            }
            let mut conn = self.database.connect().await;
            let jobs = "SELECT key || ' at ' || run_at FROM jobs";
            let jobs: Vec<String> = sqlx::query_scalar(jobs).fetch_all(&mut conn).await.unwrap();
            let notices = self.weibo.sandbox.waiting_notices();
            let waived = self.leaves_jobs.load(Ordering::Relaxed);
            assert!(waived || (jobs.is_empty() && notices.is_empty()), "left over: {jobs:?} {notices:?}");
            database::close(conn).await;
            self.is_sound(false).await;
        });
    }
}

fn port() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    (listener, base.parse().unwrap())
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(Real::from_mins(1)).no_proxy();
    client.build().unwrap()
}

fn weibo_settings(demo: &sandbox::Settings) -> Settings {
    let base = || demo.public_url.clone();
    Settings {
        app_key: demo.app_key.clone(),
        app_secret: SecretString::from(demo.app_secret.clone()),
        seller_id: demo.seller_id.clone(),
        merchant_key: SigningKey::parse(sandbox::demo_merchant_private_key()).unwrap(),
        platform_keys: app::parse_keys(sandbox::demo_platform_public_key()).unwrap(),
        addresses: Addresses { pay: base(), api: base(), oauth: base(), oauth_mobile: base(), share: base() },
        require_signed_return: false,
        https_only: false,
        timeout: PATIENCE,
    }
}

fn web_settings(base: &Url, sandbox: &Url) -> web::Settings {
    web::Settings {
        public_url: base.clone(),
        trusted_proxies: 0,
        order_expiry: Duration::minutes(30),
        appclient: Some(sandbox.join("/open/thirdpart/js/frame/appclient.js").unwrap()),
        minimum_version: Version::parse("4.3.0").unwrap(),
        update_url: "https://weibo.example/update".parse().unwrap(),
    }
}
