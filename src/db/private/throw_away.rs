//! The cluster that tests share: in memory, forgetful, gone soon after the last test.

use super::account::Account;
use super::home::{Home, How, Lock};
use super::{Private, Wanted, find, processes, start};
use anyhow::Context;
use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Less shared memory than this (containers often have 64 MiB) cannot hold the tests' databases.
const ROOM: u64 = 1 << 30;

/// A server that all test programs of one user share at once, whose databases may be lost at any time
/// nobody holds it. `keeper` is the weipu binary; `WEIPU_PG_BIN` is heeded.
pub async fn throw_away(keeper: PathBuf) -> anyhow::Result<Private> {
    let bin = std::env::var_os("WEIPU_PG_BIN").map(PathBuf::from);
    let parent = parent();
    let prefix = format!("weipu-test-{}-", geteuid());
    sweep(&parent, &prefix)?;
    // Another version of Postgres cannot use the same files.
    let programs = find::installation(bin.as_deref(), Path::new(""))?;
    let version = find::version(&programs).context("asking Postgres for its version")?;
    let dir = parent.join(format!("{prefix}{}-pg{version}", env!("CARGO_PKG_VERSION")));
    let wanted = Wanted { data_dir: &dir, keeper: &keeper, durable: false, bin: Some(&programs) };
    let private = start(wanted).await?;
    anyhow::ensure!(
        fs::symlink_metadata(&dir)?.uid() == geteuid().as_raw(),
        "{} belongs to another user: remove it",
        dir.display()
    );
    Ok(private)
}

fn parent() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let roomy = statvfs(&memory).is_ok_and(|s| s.fragment_size().saturating_mul(s.blocks_available()) > ROOM);
    if roomy { memory } else { std::env::temp_dir() }
}

/// Deletes folders whose keeper was killed before it could.
fn sweep(parent: &Path, prefix: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(parent).with_context(|| format!("reading {}", parent.display()))? {
        let Ok(entry) = entry else { continue };
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            // Another program may be sweeping it, or just beginning to use it.
            let _ = remove_unused(&entry.path());
        }
    }
    Ok(())
}

fn remove_unused(dir: &Path) -> anyhow::Result<()> {
    let home = Home::at(dir)?;
    let nobody = home.lock(Lock::Users, How::Alone)?;
    let no_keeper = home.lock(Lock::Keeper, How::Alone)?;
    if nobody.is_some() && no_keeper.is_some() {
        processes::clear(&home, Account::of(&home)?.uid())?;
        home.delete()?;
    }
    Ok(())
}
