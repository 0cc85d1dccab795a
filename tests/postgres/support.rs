//! What the tests share: a data folder, a start, a pool, and patience with a limit.

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weipu::db::private::{self, Private, Wanted};

/// A folder that the user of the server can pass through, to make data folders in.
pub fn folder() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("weipu-pg-").permissions(Permissions::from_mode(0o755)).tempdir()
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

/// Tries until it is so, for ten seconds.
pub fn eventually(what: &str, mut so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !so() {
        anyhow::ensure!(Instant::now() < deadline, "it never happens that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
