//! The keeper: a process of its own session, so that Ctrl-C reaches only the app, which runs the server
//! while an app holds the users' lock. When the server dies so does the keeper, and the app calls a new one.

use super::account::Account;
use super::cluster::{Cluster, said_since};
use super::home::{Home, How, Lock};
use super::processes;
use super::watch::{PATIENCE, STEP};
use anyhow::Context;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

/// How often the keeper looks whether the server lives and anybody wants it.
const GLANCE: Duration = Duration::from_millis(200);
/// A throw-away server waits this long for the next test program.
const LINGER: Duration = Duration::from_secs(3);
/// Time for a last checkpoint before harder signals.
const FAST: Duration = Duration::from_secs(30);

/// The command `keep-postgres`, called by the app only: `args` are the data folder, the folder of
/// Postgres's programs, and `durable` or `throw-away`. Says one line on standard output.
pub fn keep(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run(args.into_iter().collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<OsString>) -> anyhow::Result<()> {
    let [dir, bin, kind] = <[OsString; 3]>::try_from(args).ok().context(
        "keep-postgres is called by weipu itself: its arguments are two folders and durable or throw-away",
    )?;
    // It ends when its users have ended, also when a whole unit or container is told to stop.
    let _ = nix::unistd::setsid();
    SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]).thread_block()?;

    let home = Home::at(Path::new(&dir))?;
    let Some(_kept) = become_keeper(&home)? else {
        say("busy");
        return Ok(());
    };
    let account = Account::of(&home)?;
    processes::clear(&home, account.uid())?;
    let cluster = Cluster { home: &home, bin: bin.into(), account, durable: kind != "throw-away" };
    cluster.prepare()?;
    let mut server = begin(&cluster)?;
    say("ready");
    let _nobody = stay(&mut server, &cluster)?;
    stop(&mut server)?;
    if !cluster.durable {
        home.delete().context("deleting the throw-away cluster")?;
    }
    if !home.socket().starts_with(home.dir()) {
        fs::remove_dir_all(home.socket())?;
    }
    Ok(())
}

/// Nobody reads after the first line.
fn say(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{}", line.replace('\n', " ")).and_then(|()| out.flush());
}

/// The keeper's lock, or `None` when there is a keeper. An app that only looks holds it for a moment.
fn become_keeper(home: &Home) -> anyhow::Result<Option<File>> {
    for _ in 0..5 {
        if let Some(kept) = home.lock(Lock::Keeper, How::Alone)? {
            return Ok(Some(kept));
        }
        thread::sleep(STEP);
    }
    Ok(None)
}

/// Starts the server and returns when it answers.
fn begin(cluster: &Cluster<'_>) -> anyhow::Result<Child> {
    let (mut command, mut log) = cluster.server()?;
    let from = log.metadata().map_or(0, |log| log.len());
    let mut server = command.spawn().context("running postgres")?;
    let deadline = Instant::now() + PATIENCE;
    while !cluster.home.answers(cluster.account.uid()) {
        if server.try_wait()?.is_some() {
            return Err(cluster.explain(&said_since(&mut log, from)));
        }
        if Instant::now() > deadline {
            stop(&mut server)?;
            anyhow::bail!("Postgres is not ready after {PATIENCE:?}: see {}", cluster.home.log().display());
        }
        thread::sleep(STEP);
    }
    Ok(server)
}

/// Returns when nobody needs the server any more, with the lock that keeps newcomers waiting until it
/// is stopped; fails when the server dies first.
fn stay(server: &mut Child, cluster: &Cluster<'_>) -> anyhow::Result<File> {
    let linger = if cluster.durable { Duration::ZERO } else { LINGER };
    let mut alone_since = None;
    loop {
        if let Some(status) = server.try_wait()? {
            anyhow::bail!("Postgres ended: {status}");
        }
        match cluster.home.lock(Lock::Users, How::Alone)? {
            None => alone_since = None,
            Some(nobody) if alone_since.get_or_insert_with(Instant::now).elapsed() >= linger => {
                return Ok(nobody);
            }
            Some(_) => {}
        }
        thread::sleep(GLANCE);
    }
}

fn stop(server: &mut Child) -> anyhow::Result<()> {
    let pid = Pid::from_raw(server.id().try_into()?);
    for (signal, patience) in [(Signal::SIGINT, FAST), (Signal::SIGQUIT, FAST), (Signal::SIGKILL, FAST)] {
        kill(pid, signal)?;
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if server.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(STEP);
        }
    }
    anyhow::bail!("Postgres does not end")
}
