//! The database: pools, the transaction type, migrations, and naming the constraint a row ran into.

pub mod private;

use anyhow::Context;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Postgres};
use std::time::Duration;
use time::OffsetDateTime;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Several changes in progress, that are made together or not at all. Functions that change money, stock or
/// orders ask for this, so that such a change outside a transaction does not compile.
pub type Tx = sqlx::Transaction<'static, Postgres>;

/// A pool of connections whose statements, locks and idle transactions all end in bounded time.
#[derive(Clone)]
pub struct Db(PgPool);

impl Db {
    /// A pool that connects when first asked.
    pub fn new(options: PgConnectOptions, connections: u32) -> Db {
        Db::impatient(options, connections, "5s")
    }

    /// One that waits no longer than this for what somebody else holds.
    pub fn impatient(options: PgConnectOptions, connections: u32, for_locks: &str) -> Db {
        let options = options
            .application_name("weipu")
            // Postgres waits for ever by default; a visitor does not.
            .options([
                ("statement_timeout", "10s"),
                ("lock_timeout", for_locks),
                ("idle_in_transaction_session_timeout", "15s"),
            ])
            .log_statements(tracing::log::LevelFilter::Off)
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1));
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(3))
            .connect_lazy_with(options);
        Db(pool)
    }

    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.0.begin().await
    }

    /// A connection to read with, or for a single statement that stands for itself.
    pub async fn reader(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        self.0.acquire().await
    }

    /// Where it is, as `DATABASE_URL` would say it.
    pub fn address(&self) -> String {
        self.0.connect_options().to_url_lossy().to_string()
    }

    /// The pool itself, for listening to notifications.
    pub fn pool(&self) -> &PgPool {
        &self.0
    }
}

/// Brings the schema up to this program's version. Refuses, in one sentence, a database that a newer
/// version has already changed.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    match MIGRATIONS.run(&db.0).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(version)) => anyhow::bail!(
            "the database was used by a newer version of weipu (it has migration {version}, this program does \
             not): start that newer version, or restore a backup made before it"
        ),
        Err(error) => Err(error).context("bringing the database up to date"),
    }
}

/// How far the database's schema and this program's are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Apart {
    /// So many of this program's migrations it lacks.
    pub lacking: usize,
    /// So many it has that this program does not know: it is a newer version's.
    pub unknown: usize,
}

/// Compares the migrations, and applies none.
pub async fn migrations_apart(db: &Db) -> sqlx::Result<Apart> {
    let kept: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&db.0).await?;
    let versions = "SELECT version FROM _sqlx_migrations WHERE success";
    let applied: Vec<i64> =
        if kept { sqlx::query_scalar(versions).fetch_all(&db.0).await? } else { Vec::new() };
    let ours: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    Ok(Apart {
        lacking: ours.iter().filter(|version| !applied.contains(version)).count(),
        unknown: applied.iter().filter(|version| !ours.contains(version)).count(),
    })
}

/// Refuses a server that may lose what it has acknowledged (reliability.md I3).
pub async fn refuse_forgetful(db: &Db) -> anyhow::Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&db.0).await?;
        anyhow::ensure!(
            !matches!(value.as_str(), "off" | "local"),
            "Postgres runs with {setting} = {value} and may forget paid orders: set {setting} = on"
        );
    }
    Ok(())
}

/// What time the database has.
pub async fn time(db: &Db) -> sqlx::Result<OffsetDateTime> {
    sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&db.0).await
}

/// True when `error` is a violation of the constraint called `name`.
pub fn violates(error: &sqlx::Error, name: &str) -> bool {
    error.as_database_error().and_then(|e| e.constraint()) == Some(name)
}
