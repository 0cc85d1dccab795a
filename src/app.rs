//! Builds what all share, refuses what would endanger money, and starts servers.

mod pages;

pub use pages::web_settings;

use crate::catalog::demo::Easel;
use crate::catalog::pictures::Darkroom;
use crate::clock::Clock;
use crate::config::{Config, WeiboConfig};
use crate::db::private::{self, Private, Wanted};
use crate::db::{self, Db};
use crate::fans::Herald;
use crate::fans::rules::Rulebook;
use crate::files::{Files, Place};
use crate::payments::Callbacks;
use crate::sandbox::KNOWN_FINGERPRINTS;
use crate::seal::Keyring;
use crate::settings::Current;
use crate::settings::keys::Given;
use crate::sharing::links::Known;
use crate::web::{self, Changes, Shop};
use crate::weibo;
use crate::weibo::signature::{SigningKey, VerifyingKey};
use crate::weibo::statuses::Reading;
use crate::worker::Worker;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpMessage, HttpServer, middleware};
use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use std::net::{SocketAddr, TcpListener};
use std::str::FromStr;
use std::time::Duration;
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};
use url::Url;

/// Nobody holds a connection for ever, and a stop lets those in flight finish.
macro_rules! bounded {
    ($server:expr) => {
        $server
            .client_request_timeout(Duration::from_secs(8))
            .keep_alive(Duration::from_mins(1))
            .shutdown_timeout(10)
            .disable_signals()
    };
}

/// Connections: most for pages, a few kept for notices, for what fans say and for background work.
const PAGES: u32 = 24;
const NOTICES: u32 = 4;
const HEARING: u32 = 8;
const WORK: u32 = 8;

/// All parts of one shop.
pub struct App {
    pub shop: Shop,
    pub worker: Worker,
    /// Held for life: the private server stops after its last user.
    pub postgres: Option<Private>,
}

/// What an [`App`] is made of.
pub struct Parts {
    pub database: PgConnectOptions,
    pub postgres: Option<Private>,
    pub keys: Keyring,
    pub files: Files,
    pub weibo: Given,
    pub web: web::Settings,
    pub clock: Clock,
}

impl App {
    pub fn new(parts: Parts) -> anyhow::Result<App> {
        let db = Db::new(parts.database.clone(), PAGES);
        let current = Current::new(parts.weibo, parts.keys.clone(), parts.web.order_expiry);
        let worker_db = Db::new(parts.database.clone(), WORK);
        let (clock, files) = (parts.clock.clone(), parts.files.clone());
        let callbacks = Callbacks::under(&parts.web.public_url)?;
        let worker = Worker {
            db: worker_db,
            current: current.clone(),
            clock,
            keys: parts.keys.clone(),
            files,
            callbacks: callbacks.clone(),
        };
        // Weibo gives up after five seconds and asks again. Desks are told beside (migration 0034).
        let told = parts.database.clone().options([("weipu.tells", "beside")]);
        let hearing = Db::impatient(told, HEARING, "2s");
        let shop = Shop {
            notices: Db::new(parts.database, NOTICES),
            herald: Herald::new(db.clone()),
            hearing,
            db,
            current,
            clock: parts.clock,
            keys: parts.keys,
            files: parts.files,
            darkroom: Darkroom::default(),
            easel: Easel::default(),
            changes: Changes::default(),
            pages: web::Pages::default(),
            callbacks,
            rules: Rulebook::default(),
            links: Known::default(),
            settings: parts.web,
        };
        Ok(App { shop, worker, postgres: parts.postgres })
    }

    /// A shop that takes real money: nothing may be left to chance, and nothing be the sandbox's.
    pub async fn production(config: Config) -> anyhow::Result<App> {
        let app = App::assembled(config).await?;
        app.prepare().await?;
        Ok(app)
    }

    /// The same, its database looked at by nobody yet.
    pub async fn assembled(config: Config) -> anyhow::Result<App> {
        let public_url = config.public_url.clone().context("WEIPU_PUBLIC_URL: set the shop's own address")?;
        ensure!(public_url.scheme() == "https", "WEIPU_PUBLIC_URL: a shop that takes money needs https");
        let keys = config.keys.clone();
        let keys =
            keys.context("WEIPU_SECRET_KEY: set 32 random bytes as base64 (openssl rand -base64 32)")?;
        let weibo = production_weibo(&config)?;
        let script = config.weibo.script_url.clone();
        let script = match script {
            Some(url) => url,
            None => Url::parse("https://tjs.sjs.sinajs.cn")?,
        };
        let web = web_settings(&config, public_url, &script)?;
        let (database, postgres) = connect(&config).await?;
        App::new(Parts {
            database,
            postgres,
            keys,
            files: Files::at(&files(&config))?,
            weibo,
            web,
            clock: Clock::system(),
        })
    }

    /// The schema is brought up to date, and a database that may forget is refused.
    pub async fn prepare(&self) -> anyhow::Result<()> {
        db::migrate(&self.worker.db).await?;
        db::refuse_forgetful(&self.worker.db).await?;
        self.shop.clock.agree_with(db::time(&self.worker.db).await?);
        if let Err(lack) = self.shop.current.look_again(&self.worker.db).await?.weibo() {
            tracing::warn!(missing = ?lack.missing, "no payments yet: enter Weibo's keys at /admin/settings/weibo");
        }
        Ok(())
    }
}

/// How to reach the database: the configured one, or the private one, started when needed.
pub async fn connect(config: &Config) -> anyhow::Result<(PgConnectOptions, Option<Private>)> {
    if let Some(url) = &config.database_url {
        let options = PgConnectOptions::from_str(url.expose_secret());
        return Ok((options.map_err(|_| anyhow::anyhow!("DATABASE_URL: not a Postgres address"))?, None));
    }
    let keeper = std::env::current_exe().context("finding this program's own file")?;
    let wanted = Wanted {
        data_dir: &config.data_dir,
        keeper: &keeper,
        durable: true,
        bin: config.postgres_bin.as_deref(),
    };
    let private = private::start(wanted).await?;
    Ok((private.options(), Some(private)))
}

/// A small pool of its own, for commands that only change the database.
pub async fn database(config: &Config) -> anyhow::Result<(Db, Option<Private>)> {
    let (options, postgres) = connect(config).await?;
    Ok((Db::new(options, 2), postgres))
}

/// Where pictures are kept.
pub fn files(config: &Config) -> Place {
    config.files.clone().unwrap_or_else(|| Place::Folder(config.data_dir.join("files")))
}

/// The environment's part of the connection. What it leaves out the merchant enters on the page of keys.
fn production_weibo(config: &Config) -> anyhow::Result<Given> {
    let set = &config.weibo;
    let merchant_key = set.private_key.as_ref().map(|key| SigningKey::parse(key.expose_secret()));
    let platform_keys = set.public_keys.as_ref().map(|keys| VerifyingKey::parse_all(keys));
    let mut addresses = weibo::Addresses::default();
    for (name, url) in weibo_addresses(set, &mut addresses) {
        refuse_sandbox(config, name, url)?;
    }
    for (name, url) in [("WEIBO_SCRIPT_URL", &set.script_url), ("WEIBO_JSAPI_URL", &set.jsapi_url)] {
        if let Some(url) = url {
            refuse_sandbox(config, name, url)?;
        }
    }
    let given = Given {
        app_key: set.app_key.clone(),
        app_secret: set.app_secret.clone(),
        seller_id: set.seller_id.clone(),
        merchant_key: merchant_key.transpose().context("WEIBO_PAY_PRIVATE_KEY")?,
        platform_keys: platform_keys.transpose().context("WEIBO_PAY_PUBLIC_KEY")?.unwrap_or_default(),
        fans_token: set.fans_token.clone(),
        fans_secret: set.fans_secret.clone(),
        addresses,
        reading: reading(set),
        require_signed_return: set.require_signed_return,
        known_since: None,
        https_only: true,
        timeout: weibo::DEFAULT_TIMEOUT,
        everybodys: &KNOWN_FINGERPRINTS,
    };
    given.check().map_err(|(kind, wrong)| anyhow::anyhow!("{}: {wrong}", kind.environment()))?;
    Ok(given)
}

/// How statuses are read again.
pub fn reading(set: &WeiboConfig) -> Reading {
    Reading { one: set.status_path.clone(), own: set.own_statuses_path.clone() }
}

/// Puts the configured addresses over the others and names each.
pub fn weibo_addresses<'a>(
    set: &WeiboConfig,
    addresses: &'a mut weibo::Addresses,
) -> [(&'static str, &'a Url); 7] {
    let over = |to: &mut Url, from: &Option<Url>| {
        if let Some(url) = from {
            *to = url.clone();
        }
    };
    over(&mut addresses.pay, &set.pay_url);
    over(&mut addresses.api, &set.api_url);
    over(&mut addresses.oauth, &set.oauth_url);
    over(&mut addresses.oauth_mobile, &set.oauth_mobile_url);
    over(&mut addresses.share, &set.share_url);
    over(&mut addresses.messages, &set.messages_url);
    over(&mut addresses.upload, &set.upload_url);
    [
        ("WEIBO_PAY_URL", &addresses.pay),
        ("WEIBO_API_URL", &addresses.api),
        ("WEIBO_OAUTH_URL", &addresses.oauth),
        ("WEIBO_OAUTH_MOBILE_URL", &addresses.oauth_mobile),
        ("WEIBO_SHARE_URL", &addresses.share),
        ("WEIBO_MESSAGES_URL", &addresses.messages),
        ("WEIBO_UPLOAD_URL", &addresses.upload),
    ]
}

fn refuse_sandbox(config: &Config, name: &str, url: &Url) -> anyhow::Result<()> {
    let loopback = match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => true,
    };
    let sandbox = url.port() == Some(config.sandbox_bind.port());
    ensure!(
        !loopback && !sandbox,
        "{name}: {url} is a sandbox's address; a shop that takes money speaks to Weibo"
    );
    ensure!(url.scheme() == "https", "{name}: {url} must be https");
    Ok(())
}

/// Binds an address, or says in one sentence why not.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use: stop what runs there (another weipu?), or choose another address (see \
             WEIPU_BIND, WEIPU_OPERATIONS_BIND, WEIPU_SANDBOX_BIND and WEIPU_PHONE_BIND)"
        ),
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })
}

/// The shop's own server.
pub fn shop_server(shop: &Shop, listener: TcpListener) -> anyhow::Result<Server> {
    let shop = Data::new(shop.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .configure(|cfg| web::routes(cfg, &shop))
            .wrap(middleware::from_fn(web::finish))
            .wrap(middleware::Compress::default())
            .wrap(TracingLogger::<Spans>::new())
    });
    Ok(bounded!(server).listen(listener)?.run())
}

/// A server without the shop's layers: operations, sandbox.
pub fn plain_server(
    listener: TcpListener,
    routes: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        let routes = routes.clone();
        actix_web::App::new().configure(move |cfg| routes(cfg))
    });
    Ok(bounded!(server).workers(1).listen(listener)?.run())
}

/// Serves until somebody asks to stop, then lets what is in flight finish.
pub async fn until_stopped(servers: Vec<Server>, changes: &Changes) -> anyhow::Result<()> {
    let handles: Vec<_> = servers.iter().map(Server::handle).collect();
    let running: Vec<_> = servers.into_iter().map(tokio::spawn).collect();
    stop_asked().await?;
    changes.stop();
    for handle in handles {
        handle.stop(true).await;
    }
    for server in running {
        server.await??;
    }
    Ok(())
}

/// Ctrl-C, or a polite kill.
pub async fn stop_asked() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// What the log knows of a request: never its query, and of its path only the pattern, because both may
/// hold what opens an order.
struct Spans;

impl RootSpanBuilder for Spans {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let route = request.match_pattern().unwrap_or_default();
        let id =
            request.extensions().get::<RequestId>().map(|id| id.simple().to_string()).unwrap_or_default();
        tracing::info_span!("request", method = %request.method(), route, id)
    }

    fn on_request_end<B: actix_web::body::MessageBody>(
        _: tracing::Span,
        _: &Result<ServiceResponse<B>, actix_web::Error>,
    ) {
    }
}
