//! Who runs: the server of a data folder, its keeper and its children.

use crate::support::eventually;
use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;

pub fn postmaster(data_dir: &Path) -> anyhow::Result<Pid> {
    let file = data_dir.join("postgres/postmaster.pid");
    let written = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Pid::from_raw(written.lines().next().context("an empty postmaster.pid")?.parse()?))
}

pub fn keeper(data_dir: &Path) -> anyhow::Result<Pid> {
    parent(postmaster(data_dir)?).context("a server without a keeper")
}

/// Of a living process; a zombie has none to speak of.
fn parent(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    Some(Pid::from_raw(fields.next()?.parse().ok()?))
}

pub fn children(of: Pid) -> anyhow::Result<Vec<Pid>> {
    let pids = fs::read_dir("/proc")?.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    Ok(pids.map(Pid::from_raw).filter(|pid| parent(*pid) == Some(of)).collect())
}

/// On its command line, as keepers and servers do.
pub fn is_named_by_a_process(path: &Path) -> bool {
    let path = path.display().to_string();
    let lines =
        fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| fs::read(e.path().join("cmdline")));
    lines.flatten().any(|line| String::from_utf8_lossy(&line).contains(&path))
}

/// Returns when it is dead, which under load is later than the signal.
pub fn is_killed(pid: Pid) -> anyhow::Result<()> {
    kill(pid, Signal::SIGKILL).with_context(|| format!("killing {pid}"))?;
    ends(pid)
}

/// As near to one moment as signals allow. Some may end by themselves because of another's end.
pub fn are_killed(all: &[Pid]) -> anyhow::Result<()> {
    for pid in all {
        let _ = kill(*pid, Signal::SIGKILL);
    }
    all.iter().try_for_each(|pid| ends(*pid))
}

pub fn ends(pid: Pid) -> anyhow::Result<()> {
    eventually(&format!("process {pid} ends"), || parent(pid).is_none())
}
