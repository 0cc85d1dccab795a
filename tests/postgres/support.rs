//! What the tests share: a data folder, a start, a pool, and patience with a limit.

use crate::processes::is_named_by_a_process;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weipu::db::private::{self, Private, Wanted};

/// A folder to make data folders in. When it is dropped no keeper and no server may be left in it.
pub struct Folder(TempDir);

/// One that the user of the server can pass through.
pub fn folder() -> std::io::Result<Folder> {
    let builder =
        tempfile::Builder::new().prefix("weipu-pg-").permissions(Permissions::from_mode(0o755)).tempdir();
    builder.map(Folder)
}

impl Folder {
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let ended = eventually("every server and keeper ends", || !is_named_by_a_process(self.path()));
        if !std::thread::panicking() {
            assert!(ended.is_ok(), "{ended:?}");
        }
    }
}

pub fn durable(data_dir: &Path) -> Wanted<'_> {
    Wanted { data_dir, keeper: Path::new(env!("CARGO_BIN_EXE_weipu")), durable: true, bin: None }
}

pub async fn start(data_dir: &Path) -> anyhow::Result<Private> {
    private::start(durable(data_dir)).await
}

pub fn pool(private: &Private) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(2))
        .connect_lazy_with(private.options())
}

/// Tries until it is so, for a minute: a machine that compiles at the same time is slow.
pub fn eventually(what: &str, mut so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !so() {
        anyhow::ensure!(Instant::now() < deadline, "it never happens that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
