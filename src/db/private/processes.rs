//! Servers that outlived their keeper: found in the list of processes by the name that is on each of
//! their command lines, and ended before a new one starts.

use super::home::Home;
use super::watch::STEP;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A server that writes its last checkpoint gets this long.
const MERCY: Duration = Duration::from_secs(10);

struct Process {
    pid: i32,
    uid: u32,
    line: String,
}

/// Returns when no process of this server is left, and no file that names one. Only the keeper may call it.
pub fn clear(home: &Home, uid: u32) -> anyhow::Result<()> {
    let name = home.name();
    let begun = Instant::now();
    loop {
        let Ok(all) = list() else { return Ok(()) }; // then Postgres's own look at the pid file must do
        let left: Vec<Process> = all.into_iter().filter(|p| p.uid == uid && p.is_of(&name)).collect();
        if left.is_empty() {
            break;
        }
        anyhow::ensure!(
            begun.elapsed() < MERCY * 2,
            "an earlier Postgres of {} does not end: stop its process {} and start again",
            home.dir().display(),
            left[0].pid
        );
        end(&left, &name, begun.elapsed());
        thread::sleep(STEP);
    }
    // Its number may be another process's by now, and Postgres would take that for a running server.
    match fs::remove_file(home.cluster().join("postmaster.pid")) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(super::home::advise(e, home.dir())),
        _ => Ok(()),
    }
}

/// A postmaster is asked to stop in order; its orphans have nobody to wait for.
fn end(left: &[Process], name: &str, waited: Duration) {
    let postmasters = left.iter().any(|p| p.is_postmaster(name));
    for process in left {
        let signal = match (waited >= MERCY, postmasters) {
            (true, _) => Signal::SIGKILL,
            (false, true) if process.is_postmaster(name) => Signal::SIGINT,
            (false, true) => continue,
            (false, false) => Signal::SIGQUIT,
        };
        // It may have ended meanwhile.
        let _ = kill(Pid::from_raw(process.pid), signal);
    }
}

impl Process {
    fn is_of(&self, name: &str) -> bool {
        self.is_postmaster(name) || self.line.starts_with(&format!("postgres: {name}: "))
    }

    fn is_postmaster(&self, name: &str) -> bool {
        let program = self.line.split(' ').next().unwrap_or_default();
        program.ends_with("postgres") && self.line.contains(&format!(" cluster_name={name}"))
    }
}

/// Every process; its arguments joined by spaces.
fn list() -> io::Result<Vec<Process>> {
    if Path::new("/proc/self/cmdline").exists() { from_proc() } else { from_ps() }
}

fn from_proc() -> io::Result<Vec<Process>> {
    let read = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let uid = entry.metadata().ok()?.uid();
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(Process { pid, uid, line: String::from_utf8_lossy(&line).replace('\0', " ") })
    };
    Ok(fs::read_dir("/proc")?.filter_map(read).collect())
}

fn from_ps() -> io::Result<Vec<Process>> {
    let told = Command::new("ps").args(["-A", "-o", "pid=", "-o", "uid=", "-o", "args="]).output()?;
    Ok(String::from_utf8_lossy(&told.stdout).lines().filter_map(from_line).collect())
}

fn from_line(line: &str) -> Option<Process> {
    let (pid, rest) = line.trim_start().split_once(' ')?;
    let (uid, line) = rest.trim_start().split_once(' ')?;
    Some(Process { pid: pid.parse().ok()?, uid: uid.parse().ok()?, line: line.trim_start().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::from_line;

    #[test]
    fn only_a_server_of_that_name_is_recognised() {
        let of = |line: &str| from_line(line).is_some_and(|process| process.is_of("weipu-12"));
        assert!(of("  812   101 /opt/pg/bin/postgres -D /a b/postgres -c cluster_name=weipu-12 -c jit=off"));
        assert!(of("813 101 postgres: weipu-12: checkpointer "));
        assert!(!of("813 101 postgres: weipu-123: checkpointer "));
        assert!(!of("814 101 vi cluster_name=weipu-12"));
        assert!(!of("815 101 postgres: checkpointer "));
        assert!(!of("nonsense"));
    }
}
