//! Everything that takes part, and what each was told: a durable Postgres, the proxy before it, the sandbox, two apps.

use crate::app::{App, Place};
use crate::dice::Dice;
use crate::ports::free_port;
use crate::proxy::{self, Cuts};
use crate::support::{Folder, folder, start};
use crate::weibo::{self, Acknowledged};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::str::FromStr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Mutex as Turn;
use tokio::time::{Interval, interval};
use url::Url;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::catalog::demo::stock_the_demo;
use weipu::catalog::{Sku, stock};
use weipu::clock::Clock;
use weipu::db::private::Private;
use weipu::db::{self, Db};
use weipu::sandbox::{self, Sandbox};
use weipu::seal::Keyring;

/// All buyers together ask no more often.
const REQUESTS_PER_SECOND: u64 = 50;
/// What everybody can have, and what is soon gone.
const AMPLE: u32 = 100_000;
const SCARCE: u32 = 12;

#[derive(Clone)]
pub struct Scene(Arc<Inside>);

pub struct Inside {
    pub seed: u64,
    pub clock: Clock,
    pub sandbox: Sandbox,
    pub apps: [Arc<App>; 2],
    pub base: Url,
    pub http: reqwest::Client,
    pub pace: Turn<Interval>,
    pub cuts: Arc<Cuts>,
    /// To Postgres as the apps go, and straight.
    pub through_proxy: Db,
    pub straight: PgConnectOptions,
    pub app_deaths: AtomicU64,
    pub postgres_deaths: AtomicU64,
    pub said: Said,
    pub ample: Vec<String>,
    pub scarce: Vec<String>,
    pub at_first: BTreeMap<String, i64>,
    /// Dropped in this order: the server ends before its folder.
    _postgres: Private,
    pub folder: Folder,
}

/// What people and Weibo were told: it must be true in the end.
#[derive(Default)]
pub struct Said {
    pub requests: AtomicU64,
    pub notices_sent: AtomicU64,
    pub notices: Mutex<Vec<Acknowledged>>,
    /// Orders by the form that placed them, and those that a page called paid.
    pub orders: Mutex<BTreeMap<String, BTreeSet<String>>>,
    pub paid: Mutex<BTreeSet<String>>,
    /// Refunds by the form that asked for them.
    pub refunds: Mutex<BTreeMap<Uuid, BTreeSet<String>>>,
}

impl Deref for Scene {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.0
    }
}

impl Scene {
    pub async fn set(seed: u64) -> anyhow::Result<Scene> {
        let folder = folder()?;
        let postgres = start(folder.path()).await?;
        let straight = postgres.options();
        let clock = Clock::system();
        let (ample, scarce) = stocks(&straight, &clock).await?;
        let cuts = Arc::new(Cuts::default());
        let address = opens_the_proxy(&straight, &cuts).await?;
        let (base, weibo) = (loopback(free_port())?, free_port());
        let settings = sandbox::Settings::demo(loopback(weibo)?, Some(base.clone()), None)?;
        let sandbox = Sandbox::new(settings, clock.clone())?;
        // A shop that has just died is told again soon.
        sandbox.set_schedule(vec![0, 1, 2, 3, 5, 8, 15, 30, 60, 180]);
        serves(&sandbox, weibo)?;
        let secret = Keyring::fresh();
        let app = |name, port| {
            let (public, weibo) = (&base, &loopback(weibo)?);
            let place = Place {
                folder: folder.path(),
                name,
                port,
                public,
                weibo,
                database: &address,
                secret: &secret,
            };
            App::keep(&place)
        };
        let apps = [app("front", base.port().unwrap_or_default())?, app("back", free_port())?];
        let at_first = crate::figures::pieces(&mut PgConnection::connect_with(&straight).await?).await?;
        let scene = Scene(Arc::new(Inside {
            seed,
            clock,
            sandbox,
            apps,
            base,
            http: client()?,
            pace: Turn::new(interval(Duration::from_micros(1_000_000 / REQUESTS_PER_SECOND))),
            cuts,
            through_proxy: Db::new(PgConnectOptions::from_str(&address)?, 8),
            straight,
            app_deaths: AtomicU64::new(0),
            postgres_deaths: AtomicU64::new(0),
            said: Said::default(),
            ample,
            scarce,
            at_first,
            _postgres: postgres,
            folder,
        }));
        tokio::spawn(weibo::sends(scene.clone()));
        Ok(scene)
    }

    /// Straight to Postgres, which may be dead at the moment.
    pub async fn looks(&self) -> anyhow::Result<PgConnection> {
        for _ in 0..100 {
            let looks =
                tokio::time::timeout(Duration::from_secs(2), PgConnection::connect_with(&self.straight));
            if let Ok(Ok(conn)) = looks.await {
                return Ok(conn);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        anyhow::bail!("Postgres does not come back")
    }

    pub fn dice(&self, whose: usize) -> Dice {
        Dice::new(self.seed, whose)
    }
}

/// The demo's goods: of some there is plenty, of some nearly nothing.
async fn stocks(straight: &PgConnectOptions, clock: &Clock) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let db = Db::new(straight.clone(), 2);
    db::migrate(&db).await?;
    stock_the_demo(&db, clock.now()).await?;
    let sql = "SELECT sku FROM variants WHERE retired_at IS NULL AND stock > 0 ORDER BY id LIMIT 10";
    let skus: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *db.reader().await?).await?;
    anyhow::ensure!(skus.len() == 10, "too few goods");
    let (ample, scarce) = skus.split_at(6);
    let mut tx = db.begin().await?;
    for (sku, pieces) in ample.iter().map(|sku| (sku, AMPLE)).chain(scarce.iter().map(|sku| (sku, SCARCE))) {
        let sku = Sku::parse(sku)?;
        let level = stock::level(&mut tx, &sku).await?.ok_or_else(|| anyhow::anyhow!("no level"))?;
        if level.stock != pieces {
            let (variant, now) = (level.variant, clock.now());
            let corrected =
                stock::correct(&mut tx, variant, pieces, level.stock, "", &Actor::Shop, now).await;
            corrected.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        }
    }
    tx.commit().await?;
    crate::hours::take_over_the_clock(&mut *db.reader().await?).await?;
    Ok((ample.to_vec(), scarce.to_vec()))
}

/// Returns what leads through it.
async fn opens_the_proxy(straight: &PgConnectOptions, cuts: &Arc<Cuts>) -> anyhow::Result<String> {
    let folder = straight.get_socket().ok_or_else(|| anyhow::anyhow!("Postgres has no socket"))?;
    let socket = folder.join(format!(".s.PGSQL.{}", straight.get_port()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", free_port())).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(proxy::serve(listener, socket, cuts.clone()));
    let (role, database) = (straight.get_username(), straight.get_database().unwrap_or_default());
    Ok(format!("postgres://{role}@127.0.0.1:{port}/{database}?sslmode=disable"))
}

fn serves(sandbox: &Sandbox, port: u16) -> anyhow::Result<()> {
    let pages = sandbox.clone();
    let listener = weipu::app::listen(([127, 0, 0, 1], port).into())?;
    tokio::spawn(weipu::app::plain_server(listener, move |cfg| pages.routes(cfg))?);
    Ok(())
}

fn client() -> anyhow::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_secs(15)).no_proxy().build()?)
}

fn loopback(port: u16) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!("http://127.0.0.1:{port}/"))?)
}
