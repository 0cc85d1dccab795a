//! The app's side: a thread that holds the users' lock, sees to it that there is a keeper, and employs
//! a new one whenever there is none. A server that dies takes its keeper with it, so this is all healing.

use super::account::Account;
use super::home::{Home, How, Lock};
use super::{Wanted, find};
use anyhow::Context;
use std::convert::Infallible;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Long enough for a recovery after a crash on a slow disk.
pub const PATIENCE: Duration = Duration::from_mins(2);
pub const STEP: Duration = Duration::from_millis(20);
/// How soon the app notices that its keeper is gone.
const GLANCE: Duration = Duration::from_millis(250);

struct Watch {
    data_dir: PathBuf,
    keeper: PathBuf,
    bin: Option<PathBuf>,
    durable: bool,
    keepers: Vec<Child>,
}

/// Starts the thread; it tells once how the start went and ends when `stopped` is hung up.
pub fn begin(
    wanted: Wanted<'_>,
    stopped: Receiver<Infallible>,
) -> anyhow::Result<oneshot::Receiver<anyhow::Result<(File, Home)>>> {
    let mut watch = Watch {
        data_dir: std::path::absolute(wanted.data_dir).context("finding the data folder")?,
        keeper: wanted.keeper.to_owned(),
        bin: wanted.bin.map(Path::to_owned),
        durable: wanted.durable,
        keepers: Vec::new(),
    };
    let (tell, told) = oneshot::channel();
    let thread = thread::Builder::new().name("postgres-watch".to_owned());
    thread.spawn(move || watch.begin(tell, &stopped)).context("starting a thread")?;
    Ok(told)
}

impl Watch {
    fn begin(&mut self, tell: oneshot::Sender<anyhow::Result<(File, Home)>>, stopped: &Receiver<Infallible>) {
        let begun = self.enter().and_then(|(users, home)| {
            self.serve(&home)?;
            Ok((users, home))
        });
        let home = begun.as_ref().ok().map(|(_, home)| home.clone());
        if let (Ok(()), Some(home)) = (tell.send(begun), home) {
            self.stay(&home, stopped);
        }
    }

    /// The shared lock. While it is held nobody stops the server or deletes the folder.
    fn enter(&self) -> anyhow::Result<(File, Home)> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let home = Home::make(&self.data_dir)?;
            match home.lock(Lock::Users, How::Shared) {
                Ok(Some(users)) => return Ok((users, home)),
                // The folder of a throw-away cluster can go between the two steps.
                Err(e) if home.dir().exists() => return Err(e),
                Ok(None) | Err(_) => thread::sleep(STEP),
            }
        }
        anyhow::bail!(
            "the Postgres of {} is being stopped and does not end: see postgres.log there",
            self.data_dir.display()
        )
    }

    fn stay(&mut self, home: &Home, stopped: &Receiver<Infallible>) {
        let mut pause = GLANCE;
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
            self.bury();
            if is_kept(home).unwrap_or(false) {
                pause = GLANCE;
                continue;
            }
            tracing::warn!("the private Postgres ended: starting it again");
            match self.serve(home) {
                Ok(()) => tracing::info!("the private Postgres is back"),
                Err(error) => {
                    tracing::error!("{error:#}");
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
    }

    /// Returns when a kept server answers.
    fn serve(&mut self, home: &Home) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let uid = Account::of(home)?.uid();
        while Instant::now() < deadline {
            // In this order: a server whose keeper was just killed still answers for a moment.
            let answers = home.answers(uid);
            if !is_kept(home)? {
                self.employ(home)?;
            } else if answers {
                return Ok(());
            }
            thread::sleep(STEP);
        }
        anyhow::bail!("Postgres is not ready after {PATIENCE:?}: see {}", home.log().display())
    }

    /// Starts a keeper and hears its one line: `ready`, `busy` when another was faster, or what is wrong.
    fn employ(&mut self, home: &Home) -> anyhow::Result<()> {
        let bin = find::installation(self.bin.as_deref(), &home.cluster())?;
        let mut child = Command::new(&self.keeper)
            .arg("keep-postgres")
            .args([home.dir(), &bin])
            .arg(if self.durable { "durable" } else { "throw-away" })
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting the keeper of Postgres, {}", self.keeper.display()))?;
        let mut line = String::new();
        if let Some(said) = child.stdout.take() {
            BufReader::new(said).read_line(&mut line).context("hearing the keeper of Postgres")?;
        }
        self.keepers.push(child);
        match line.trim_end() {
            "ready" | "busy" => Ok(()),
            "" => anyhow::bail!("the keeper of Postgres ended before Postgres was ready: start again"),
            wrong => anyhow::bail!("{}", wrong.to_owned()),
        }
    }

    /// A dead child stays in the list of processes until its parent looks.
    fn bury(&mut self) {
        self.keepers.retain_mut(|keeper| matches!(keeper.try_wait(), Ok(None)));
    }
}

fn is_kept(home: &Home) -> anyhow::Result<bool> {
    Ok(home.lock(Lock::Keeper, How::Shared)?.is_none())
}
