//! Everything that takes part: a durable Postgres, the sandbox as Weibo, one app, and what it answered.

use crate::app::{App, Place};
use crate::ports::free_port;
use crate::support::{Folder, folder, start};
use anyhow::Context;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use url::Url;
use weipu::clock::Clock;
use weipu::db::private::Private;
use weipu::db::{self, Db};
use weipu::fans::rules::{Answer, Cause, Rule};
use weipu::fans::{self, Author};
use weipu::sandbox::{self, Sandbox};
use weipu::seal::Keyring;
use weipu::weibo::messages::Reply;

/// Whoever writes this word is answered by a rule.
pub const ASKS: &str = "价格";
/// Fans to whom the shop says something by itself after each death.
const TOLD: i64 = 40;

#[derive(Clone)]
pub struct Scene(Arc<Inside>);

pub struct Inside {
    pub seed: u64,
    pub sandbox: Sandbox,
    pub app: Arc<App>,
    pub hook: Url,
    pub http: reqwest::Client,
    pub db: Db,
    clock: Clock,
    /// By fan and number: how often it was acknowledged, and how often with words.
    pub heard: Mutex<BTreeMap<(i64, usize), (usize, usize)>>,
    pub unanswered: AtomicUsize,
    /// Dropped in this order: the server ends before its folder.
    _postgres: Private,
    _folder: Folder,
}

impl Deref for Scene {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.0
    }
}

/// The uid of a fan.
pub fn uid(fan: usize) -> i64 {
    7_100_000_000 + i64::try_from(fan).unwrap_or(0)
}

impl Scene {
    pub async fn set(seed: u64) -> anyhow::Result<Scene> {
        let folder = folder()?;
        let postgres = start(folder.path()).await?;
        let (db, clock) = (Db::new(postgres.options(), 4), Clock::system());
        db::migrate(&db).await?;
        let mut tx = db.begin().await?;
        let rule = Rule {
            name: ASKS.into(),
            is_on: true,
            cause: Cause::Contains { words: vec![ASKS.into()] },
            hours: None,
            answer: Answer::Text { texts: vec!["都在链接里标着。".into()] },
            begins_at: None,
            ends_at: None,
            goes_on: false,
        };
        fans::rules::add(&mut tx, &rule).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        tx.commit().await?;

        let base = |port: u16| Url::parse(&format!("http://127.0.0.1:{port}/"));
        let (port, weibo) = (free_port(), free_port());
        let settings = sandbox::Settings::demo(base(weibo)?, Some(base(port)?), None)?;
        let sandbox = Sandbox::new(settings, clock.clone())?;
        let pages = sandbox.clone();
        let listener = weipu::app::listen(([127, 0, 0, 1], weibo).into())?;
        tokio::spawn(weipu::app::plain_server(listener, move |cfg| pages.routes(cfg))?);
        let socket = postgres.options();
        let database = format!(
            "postgres://{}@localhost/{}?host={}&port={}",
            socket.get_username(),
            socket.get_database().unwrap_or_default(),
            socket.get_socket().context("Postgres has no socket")?.display(),
            socket.get_port()
        );
        let app = App::keep(&Place {
            folder: folder.path(),
            name: "app",
            port,
            public: &base(port)?,
            weibo: &base(weibo)?,
            database: &database,
            secret: &Keyring::fresh(),
        })?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Weibo waits for five seconds.
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build()?;
        Ok(Scene(Arc::new(Inside {
            seed,
            sandbox,
            app,
            hook: base(port)?.join("hooks/weibo/fans")?,
            http,
            db,
            clock,
            heard: Mutex::default(),
            unanswered: AtomicUsize::new(0),
            _postgres: postgres,
            _folder: folder,
        })))
    }

    /// So many different messages were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// What was answered to a push: nothing, or words.
    pub fn notes(&self, message: (i64, usize), answer: &str) {
        let mut heard = self.heard.lock().unwrap();
        let (acknowledged, with_words) = heard.entry(message).or_default();
        *acknowledged += 1;
        *with_words += usize::from(!answer.is_empty());
    }

    /// The shop says something by itself to some who wrote, while it is dead or coming back.
    pub async fn says_something(&self, number: usize) -> anyhow::Result<()> {
        let sql = "SELECT fan FROM conversations WHERE fan % 50 = $1 ORDER BY fan LIMIT $2";
        let of = i64::try_from(number)?;
        let who: Vec<i64> =
            sqlx::query_scalar(sql).bind(of).bind(TOLD).fetch_all(&mut *self.db.reader().await?).await?;
        for fan in who {
            let mut tx = self.db.begin().await?;
            let reply = Reply::Text { text: format!("到货了 {number}") };
            fans::say(&mut tx, fan, &reply, &Author::Shop, self.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Nothing of the shop's own words waits any more; a job whose worker died is taken up after two minutes.
    pub async fn is_calm(&self) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(200);
        while waiting(&mut *self.db.reader().await?).await? > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.unanswered.store(usize::try_from(waiting(&mut *self.db.reader().await?).await?)?, Relaxed);
        Ok(())
    }
}

async fn waiting(conn: &mut PgConnection) -> anyhow::Result<i64> {
    let sql = "SELECT count(*) FROM fan_messages WHERE state IN ('waiting', 'sending')";
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}
