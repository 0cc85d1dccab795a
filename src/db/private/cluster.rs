//! The cluster on disk: made under another name and renamed when whole, so that a half-made one is never
//! used; and how its server is run and what it says when it will not.

use super::account::Account;
use super::home::{DATABASE, Home, PORT, ROLE, advise, disk_full};
use anyhow::Context;
use nix::sys::signal::Signal;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const LOG_LIMIT: u64 = 1 << 20;
const UNFINISHED: &str = "postgres.unfinished-";

/// One server: where it lives, which programs, whose processes, and whether it may forget.
pub struct Cluster<'a> {
    pub home: &'a Home,
    pub bin: PathBuf,
    pub account: Account,
    pub durable: bool,
}

impl Cluster<'_> {
    /// Makes what is missing: the cluster with its role and database, and an empty folder for the socket.
    pub fn prepare(&self) -> anyhow::Result<()> {
        let dir = self.home.dir();
        self.account.reaches(self.home, &self.bin)?;
        sweep(dir).map_err(|e| advise(e, dir))?;
        let cluster = self.home.cluster();
        if !cluster.join("PG_VERSION").exists() {
            anyhow::ensure!(
                fs::read_dir(&cluster).map_or(true, |mut files| files.next().is_none()),
                "{} is not a database of Postgres: move that folder away and start again",
                cluster.display()
            );
            self.make(&cluster)?;
        }
        self.make_socket_folder()
    }

    /// The server's command, its words going to the log.
    pub fn server(&self) -> anyhow::Result<(Command, File)> {
        let log = open_log(&self.home.log()).map_err(|e| advise(e, self.home.dir()))?;
        let mut command = self.command("postgres", Signal::SIGINT); // SIGINT is Postgres's fast shutdown
        command.arg("-D").arg(self.home.cluster());
        for setting in self.settings() {
            command.arg("-c").arg(setting);
        }
        command.stdout(log.try_clone()?).stderr(log.try_clone()?);
        Ok((command, log))
    }

    /// On the command line, where no file in the cluster overrules them.
    fn settings(&self) -> Vec<OsString> {
        let mut socket = OsString::from("unix_socket_directories=");
        socket.push(self.home.socket());
        let durable = if self.durable { "on" } else { "off" };
        let mut settings = vec![socket];
        settings.extend([
            format!("cluster_name={}", self.home.name()).into(),
            format!("port={PORT}").into(),
            format!("fsync={durable}").into(),
            format!("synchronous_commit={durable}").into(),
            format!("full_page_writes={durable}").into(),
        ]);
        let fixed = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=100",
            "shared_buffers=64MB",
            "max_wal_size=256MB",
            "min_wal_size=32MB",
            "jit=off", // the shop's queries are shorter than their compilation
            "timezone=UTC",
            "log_timezone=UTC",
            // The server's own events; statements and their data are the app's to tell.
            "logging_collector=off",
            "log_min_messages=log",
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
            "log_checkpoints=off",
        ];
        settings.extend(fixed.map(OsString::from));
        settings
    }

    fn make(&self, cluster: &Path) -> anyhow::Result<()> {
        let dir = self.home.dir();
        // A name of its own: the initdb of a killed keeper may still be writing.
        let unfinished =
            tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(dir).map_err(|e| advise(e, dir))?;
        self.account.own(unfinished.path()).map_err(|e| advise(e, dir))?;
        // Postgres needs to know letters beyond ASCII where the system has a locale for that.
        let made = self.initdb(unfinished.path(), "C.UTF-8")?;
        if !made.status.success() && String::from_utf8_lossy(&made.stderr).contains("locale") {
            self.checked(&self.initdb(unfinished.path(), "C")?)?;
        } else {
            self.checked(&made)?;
        }
        self.make_database(unfinished.path())?;
        if self.durable {
            let mut sync = self.command("initdb", Signal::SIGKILL);
            self.checked(&sync.arg("--sync-only").arg("-D").arg(unfinished.path()).output()?)?;
        }
        fs::rename(unfinished.path(), cluster).map_err(|e| advise(e, dir))?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| advise(e, dir))
    }

    fn initdb(&self, cluster: &Path, ctype: &str) -> anyhow::Result<Output> {
        let mut initdb = self.command("initdb", Signal::SIGKILL);
        initdb.arg("-D").arg(cluster).arg(format!("--lc-ctype={ctype}")).args([
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--auth-local=trust",
            "--auth-host=reject",
            "--data-checksums",
            "--no-instructions",
            "--no-sync",
        ]);
        initdb.output().context("running initdb")
    }

    /// In single-user mode, where one line is one statement. The shop's role may make databases (tests
    /// and restores do) but is no superuser.
    fn make_database(&self, cluster: &Path) -> anyhow::Result<()> {
        let mut single = self.command("postgres", Signal::SIGKILL);
        single.arg("--single").arg("-D").arg(cluster).args(["-c", "exit_on_error=on"]);
        if !self.durable {
            single.args(["-c", "fsync=off"]);
        }
        let mut child = single
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("running postgres --single")?;
        if let Some(mut stdin) = child.stdin.take() {
            let statements =
                format!("CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n");
            // When it ends early, its own words say why.
            let _ = stdin.write_all(statements.as_bytes());
        }
        self.checked(&child.wait_with_output()?)
    }

    fn make_socket_folder(&self) -> anyhow::Result<()> {
        let folder = self.home.socket();
        // Its old files name processes that are gone.
        let made = match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => DirBuilder::new().mode(0o700).create(&folder).and_then(|()| self.account.own(&folder)),
        };
        made.map_err(|e| match e.kind() {
            io::ErrorKind::StorageFull => disk_full(&folder.display()),
            _ => anyhow::anyhow!(
                "the folder {} for the socket of Postgres cannot be made ({e}): remove it, or set WEIPU_DATA_DIR \
                 to a folder with a shorter path",
                folder.display()
            ),
        })
    }

    fn command(&self, program: &str, last_word: Signal) -> Command {
        let mut command = self.account.command(&self.bin.join(program), last_word);
        command.current_dir(self.home.dir());
        command
    }

    fn checked(&self, output: &Output) -> anyhow::Result<()> {
        if output.status.success() {
            return Ok(());
        }
        Err(self.explain(&String::from_utf8_lossy(&output.stderr)))
    }

    /// One sentence from what a program of Postgres said before it gave up.
    pub fn explain(&self, said: &str) -> anyhow::Error {
        let dir = self.home.dir().display();
        if said.contains("No space left on device") || is_full(self.home.dir()) {
            return disk_full(&dir);
        }
        let telling = |line: &&str| ["FATAL:", "PANIC:", "error:"].iter().any(|mark| line.contains(mark));
        let line =
            said.lines().find(telling).or_else(|| said.lines().next_back()).unwrap_or("it said nothing");
        anyhow::anyhow!("Postgres does not start in {dir}: {}", line.trim())
    }
}

fn is_full(dir: &Path) -> bool {
    let free = |s: nix::sys::statvfs::Statvfs| s.fragment_size().saturating_mul(s.blocks_available());
    nix::sys::statvfs::statvfs(dir).is_ok_and(|s| free(s) < 1 << 20)
}

/// Removes what killed keepers left half made.
fn sweep(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            // An initdb that is still dying may hinder it; the next start tries again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// The log for one more run, with the one before it kept when it grew too long.
fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut log = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
    log.seek(SeekFrom::End(0))?;
    Ok(log)
}

/// What was written to the log since the server started; `from` is where it stood.
pub fn said_since(log: &mut File, from: u64) -> String {
    let mut said = Vec::new();
    let read = log.seek(SeekFrom::Start(from)).and_then(|_| log.take(1 << 16).read_to_end(&mut said));
    read.map(|_| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default()
}
