//! As whom the server runs: Postgres refuses root, so root gives it to another user.

use super::home::Home;
use anyhow::Context;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Gid, Uid, User, getegid, geteuid};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The user whose processes and files the server's are.
#[derive(Clone, Debug)]
pub struct Account {
    name: String,
    uid: Uid,
    gid: Gid,
}

impl Account {
    /// Ourselves; when we are root whoever owns the cluster, else `postgres`, else `nobody`.
    pub fn of(home: &Home) -> anyhow::Result<Account> {
        let owner = fs::metadata(home.cluster()).ok().map(|cluster| Uid::from_raw(cluster.uid()));
        let us = geteuid();
        if !us.is_root() {
            anyhow::ensure!(
                owner.is_none_or(|owner| owner == us),
                "the database in {} belongs to another user: start weipu as that user, or set WEIPU_DATA_DIR to \
                 a folder of your own",
                home.dir().display()
            );
            return Ok(Account { name: us.to_string(), uid: us, gid: getegid() });
        }
        let user = match owner.filter(|owner| !owner.is_root()) {
            Some(owner) => User::from_uid(owner),
            None => User::from_name("postgres")
                .and_then(|found| found.map_or_else(|| User::from_name("nobody"), |user| Ok(Some(user)))),
        };
        let user = user.context("reading the list of users")?.context(
            "Postgres refuses to run as root and there is neither a user postgres nor a user nobody: start weipu \
             as an ordinary user",
        )?;
        Ok(Account { name: user.name, uid: user.uid, gid: user.gid })
    }

    pub fn uid(&self) -> u32 {
        self.uid.as_raw()
    }

    /// A program run as this user, with nothing of our environment (it may hold the shop's secrets),
    /// which gets `last_word` when the keeper dies.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(unused_variables, reason = "only Linux tells of a parent's death")
    )]
    pub fn command(&self, program: &Path, last_word: Signal) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        if geteuid() != self.uid {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        let keeper = nix::unistd::getpid();
        let prepare = move || {
            SigSet::all().thread_unblock()?;
            // After the change of user, which clears it.
            #[cfg(target_os = "linux")]
            nix::sys::prctl::set_pdeathsig(last_word)?;
            if nix::unistd::getppid() == keeper { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        };
        #[expect(
            unsafe_code,
            reason = "between fork and exec only these system calls are made; none allocates"
        )]
        // SAFETY: sigprocmask, prctl and getppid are async-signal-safe and touch no memory of the parent.
        unsafe {
            command.pre_exec(prepare);
        }
        command
    }

    /// Gives `path` to this user.
    pub fn own(&self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    /// Lets this user through the data folder, and says so when a folder above it or above `bin` is closed.
    pub fn reaches(&self, home: &Home, bin: &Path) -> anyhow::Result<()> {
        if geteuid() == self.uid {
            return Ok(());
        }
        if self.closed(home.dir())?.is_some_and(|closed| closed == home.dir()) {
            let mode = fs::metadata(home.dir())?.permissions().mode();
            chown(home.dir(), None, Some(self.gid.as_raw()))?;
            fs::set_permissions(home.dir(), fs::Permissions::from_mode(mode | 0o010))?;
        }
        let name = &self.name;
        if let Some(closed) = self.closed(home.dir())? {
            anyhow::bail!(
                "Postgres refuses to run as root, and the user {name}, as whom it runs instead, may not enter {}: \
                 set WEIPU_DATA_DIR to a folder elsewhere, such as /var/lib/weipu, or start weipu as an ordinary \
                 user",
                closed.display()
            );
        }
        if let Some(closed) = self.closed(bin)? {
            anyhow::bail!(
                "Postgres refuses to run as root, and the user {name}, as whom it runs instead, may not enter {}, \
                 where Postgres is: install it for everybody (apt-get install postgresql) or start weipu as an \
                 ordinary user",
                closed.display()
            );
        }
        Ok(())
    }

    /// The first folder on the way to `path`, or itself, that this user may not enter: tried, not computed.
    fn closed(&self, path: &Path) -> anyhow::Result<Option<PathBuf>> {
        let enters = |dir: &Path| {
            let tried = self
                .command(Path::new("/bin/sh"), Signal::SIGKILL)
                .args(["-c", ":"])
                .current_dir(dir)
                .status();
            match tried {
                Ok(_) => Ok(true),
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(false),
                Err(e) => Err(e).with_context(|| format!("entering {}", dir.display())),
            }
        };
        if enters(path)? {
            return Ok(None);
        }
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        for dir in way {
            if !enters(dir)? {
                return Ok(Some(dir.to_owned()));
            }
        }
        Ok(None)
    }
}
