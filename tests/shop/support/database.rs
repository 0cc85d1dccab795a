//! A database for each test: a copy of one that was migrated and stocked once.

use super::goods;
use ring::digest::{SHA256, digest};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use weipu::db::private::{self, Private};
use weipu::db::{self, Db};

/// Held for the life of this program: the server goes away soon after its last user.
static SERVER: OnceCell<Private> = OnceCell::const_new();
static MADE: AtomicU32 = AtomicU32::new(0);

/// Dropped from the server with this value.
pub struct Database {
    name: String,
    options: PgConnectOptions,
}

async fn server() -> &'static Private {
    let start = async || private::throw_away(env!("CARGO_BIN_EXE_weipu").into()).await.unwrap();
    SERVER.get_or_init(start).await
}

/// A connection that may create databases.
async fn master() -> PgConnection {
    server().await.options_for("postgres").connect().await.unwrap()
}

async fn run(conn: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap();
}

impl Database {
    /// Migrated, with goods on the shelf.
    pub async fn stocked() -> Database {
        Database::copy_of("stocked").await
    }

    /// Migrated.
    pub async fn empty() -> Database {
        Database::copy_of("empty").await
    }

    async fn copy_of(kind: &str) -> Database {
        let mut master = master().await;
        let template = template(&mut master, kind).await;
        let database = Database::named(new_name()).await;
        run(&mut master, format!("CREATE DATABASE {} TEMPLATE {template}", database.name)).await;
        database
    }

    async fn named(name: String) -> Database {
        let options = server().await.options_for(&name);
        Database { name, options }
    }

    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub fn db(&self) -> Db {
        Db::new(self.options(), 24)
    }

    pub async fn connect(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }

    /// Ends our connections and forgets all. Not WITH (FORCE): that is refused while Postgres itself cleans
    /// up in there, for which a plain DROP waits.
    pub async fn drop_it(&self) {
        let mut master = master().await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = current_user";
        sqlx::query(end).bind(&self.name).execute(&mut master).await.unwrap();
        run(&mut master, format!("DROP DATABASE IF EXISTS {}", self.name)).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        super::outside(|| async { self.drop_it().await });
    }
}

fn new_name() -> String {
    format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

/// Made by whichever test program comes first, and used by all of this very build.
async fn template(master: &mut PgConnection, kind: &str) -> String {
    let built = std::env::current_exe().unwrap().metadata().unwrap().modified().unwrap();
    let mark = digest(&SHA256, format!("{built:?}").as_bytes());
    let name = format!("template_{kind}_{}", data_encoding::HEXLOWER.encode(&mark.as_ref()[..6]));
    run(master, "SELECT pg_advisory_lock(7001)".into()).await;
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut *master)
        .await
        .unwrap();
    if !there {
        // Finished under another name: whoever is killed meanwhile leaves nothing half made.
        let raw = format!("{name}_raw");
        run(master, format!("DROP DATABASE IF EXISTS {raw} WITH (FORCE)")).await;
        run(master, format!("CREATE DATABASE {raw}")).await;
        let db = Db::new(server().await.options_for(&raw), 2);
        db::migrate(&db).await.unwrap();
        if kind == "stocked" {
            goods::put_on_the_shelf(&db).await;
        }
        db.pool().close().await;
        run(master, format!("ALTER DATABASE {raw} RENAME TO {name}")).await;
    }
    run(master, "SELECT pg_advisory_unlock(7001)".into()).await;
    name
}

/// Closes politely.
pub async fn close(conn: PgConnection) {
    let _ = conn.close().await;
}
