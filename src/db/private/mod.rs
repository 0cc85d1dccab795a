//! The private Postgres of a shop without a `DATABASE_URL`: found, made, started, kept and stopped here.
//! Every app holds a shared lock on a file for life; a keeper process of its own session runs the server
//! as long as somebody holds that lock. The kernel drops locks at any death, so no death needs a clean-up.

mod account;
mod cluster;
mod find;
mod home;
mod keeper;
mod processes;
mod throw_away;
mod watch;

pub use keeper::keep;
pub use throw_away::throw_away;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::convert::Infallible;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// Which server is wanted, and who keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The cluster is made in its subfolder `postgres`; socket, locks and log lie beside that.
    pub data_dir: &'a Path,
    /// The program whose command `keep-postgres` calls [`keep`]: this one, in the product.
    pub keeper: &'a Path,
    /// False for throw-away clusters only: their server waits for no disk and is deleted after use.
    pub durable: bool,
    /// The folder with `postgres` and `initdb`; otherwise the usual places are searched.
    pub bin: Option<&'a Path>,
}

/// A running private server. It lives at least as long as this value, and comes back by itself, within
/// seconds, whatever kills it meanwhile.
#[derive(Debug)]
pub struct Private {
    socket: PathBuf,
    _users: File,
    _watch: mpsc::Sender<Infallible>,
}

impl Private {
    /// How to connect to the shop's database.
    pub fn options(&self) -> PgConnectOptions {
        self.options_for(home::DATABASE)
    }

    /// How to connect to another database of the same server, as a role that may create databases.
    pub fn options_for(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(home::PORT)
            .username(home::ROLE)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }
}

/// Returns when the private server of the data folder answers, started by whichever process was first.
/// What a person can mend is refused in one sentence that says how.
pub async fn start(wanted: Wanted<'_>) -> anyhow::Result<Private> {
    let (stop, stopped) = mpsc::channel();
    let (users, home) = watch::begin(wanted, stopped)?.await.context("starting Postgres was abandoned")??;
    Ok(Private { socket: home.socket(), _users: users, _watch: stop })
}
