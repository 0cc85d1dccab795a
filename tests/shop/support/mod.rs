//! A shop, a Weibo and a clock for one test. Nothing runs by itself.

pub mod browser;
pub mod bucket;
pub mod buyer;
pub mod coupons;
pub mod database;
pub mod desk;
pub mod desk_files;
pub mod dice;
pub mod fans;
pub mod goods;
pub mod line;
mod log;
mod looking;
pub mod page;
pub mod pictures;
pub mod settings;
mod sound;
pub mod staff;
pub mod weibo;

use actix_web::dev::ServerHandle;
use browser::Browser;
use buyer::Buyer;
use database::Database;
use settings::{http, port, web_settings, weibo_settings};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock};
use std::time::Duration as Real;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;
use url::Url;
use weibo::Weibo;
use weipu::actor::Actor;
use weipu::app::{self, App, Parts};
use weipu::catalog::{Sku, Slug, stock};
use weipu::clock::Clock;
use weipu::files::Files;
use weipu::sandbox::{self, Card, Sandbox};
use weipu::seal::Keyring;
use weipu::settings::keys::Given;
use weipu::weibo::Settings;
use weipu::{catalog, jobs, web};

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
    at_first: Mutex<BTreeMap<String, i64>>,
    leaves_jobs: AtomicBool,
    factors: staff::Factors,
    servers: Vec<ServerHandle>,
    listening: OnceLock<AbortHandle>,
    pub folder: TempDir,
}

impl TestShop {
    pub async fn open() -> TestShop {
        TestShop::opened(|_, _| (), |given| given).await
    }

    /// One whose environment gives no key of Weibo's: the merchant enters them.
    pub async fn without_keys(change: impl FnOnce(&mut Given)) -> TestShop {
        let none = |given: Given| Given {
            app_key: None,
            app_secret: None,
            seller_id: None,
            merchant_key: None,
            platform_keys: Vec::new(),
            fans_token: None,
            fans_secret: None,
            ..given
        };
        let changed = |given| {
            let mut given = none(given);
            change(&mut given);
            given
        };
        TestShop::opened(|_, _| (), changed).await
    }

    /// The shop's connection to Weibo.
    pub async fn weibo_client(&self) -> weipu::weibo::Client {
        self.app.shop.current.terms(&self.app.shop.db).await.unwrap().weibo().unwrap().clone()
    }

    /// What another process has saved is followed, as it is every other second.
    pub async fn follows_settings(&self) {
        self.app.shop.current.look_again(&self.app.shop.db).await.unwrap();
        self.app.shop.pages.forget();
    }

    /// One that keeps its pictures elsewhere.
    pub async fn with_files(files: Files) -> TestShop {
        TestShop::built(|_, _| (), |given| given, Some(files)).await
    }

    /// One that waits for Weibo only so long.
    pub async fn with_patience(patience: Real) -> TestShop {
        TestShop::opened(|weibo, _| weibo.timeout = patience, |given| given).await
    }

    /// One with other settings of its connection to Weibo.
    pub async fn with_weibo(change: impl FnOnce(&mut Settings)) -> TestShop {
        TestShop::opened(|weibo, _| change(weibo), |given| given).await
    }

    /// One with other settings of its pages.
    pub async fn with_web(change: impl FnOnce(&mut web::Settings)) -> TestShop {
        TestShop::opened(|_, web| change(web), |given| given).await
    }

    async fn opened(
        change: impl FnOnce(&mut Settings, &mut web::Settings),
        give: impl FnOnce(Given) -> Given,
    ) -> TestShop {
        TestShop::built(change, give, None).await
    }

    async fn built(
        change: impl FnOnce(&mut Settings, &mut web::Settings),
        give: impl FnOnce(Given) -> Given,
        elsewhere: Option<Files>,
    ) -> TestShop {
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
            files: elsewhere.unwrap_or_else(|| Files::open(files.path()).unwrap()),
            weibo: give(weibo.into()),
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
            weibo: Weibo { sandbox, platform, hands, acknowledged: Mutex::default() },
            clock,
            base,
            app,
            database,
            sandbox_base,
            http,
            at_first: at_first.into(),
            leaves_jobs: AtomicBool::new(false),
            factors: staff::Factors::default(),
            servers: handles,
            listening: OnceLock::new(),
            folder: files,
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
        sound::the_ledger_is_weibos_book(&mut conn, &self.weibo.sandbox, settled).await;
        sound::the_money_adds_up(&mut conn).await;
        let acknowledged = self.weibo.acknowledged.lock().unwrap().clone();
        sound::every_acknowledged_notice_is_kept(&mut conn, &acknowledged).await;
        sound::the_stock_ledger_adds_up(&mut conn).await;
        sound::the_ledgers_stay(&mut conn).await;
        sound::what_was_paid_was_bought(&mut conn).await;
        sound::the_figures_are_right(&mut conn).await;
        database::close(conn).await;
    }

    pub async fn stock(&self, sku: &str) -> i64 {
        sound::stock(&mut self.database.connect().await).await[sku]
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

    /// The merchant counts anew.
    pub async fn restocks(&self, sku: &str, pieces: u32) {
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let level = stock::level(&mut tx, &Sku::parse(sku).unwrap()).await.unwrap().unwrap();
        let (variant, now) = (level.variant, self.clock.now());
        stock::correct(&mut tx, variant, pieces, level.stock, "", &Actor::Shop, now).await.unwrap();
        tx.commit().await.unwrap();
        self.counts_again(sku, i64::from(pieces) - i64::from(level.stock));
        self.app.shop.pages.forget();
    }

    /// So many pieces more are the shop's: what a test has corrected is not missed at its end.
    pub fn counts_again(&self, sku: &str, more: i64) {
        *self.at_first.lock().unwrap().entry(sku.to_owned()).or_default() += more;
    }

    /// The same for all there is: the test has changed what is sold. The ledger is held to it all the same.
    pub async fn counts_all_again(&self) {
        let pieces = sound::pieces(&mut self.database.connect().await).await;
        *self.at_first.lock().unwrap() = pieces;
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
