//! Where a private Postgres lives: the files in and beside the data folder, the locks on two of them,
//! and whether the server answers.

use anyhow::Context;
use data_encoding::HEXLOWER;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const DATABASE: &str = "weipu";
pub const ROLE: &str = "weipu";
pub const PORT: u16 = 5432;

/// One data folder; its path is absolute and free of symbolic links.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
}

/// The file to lock. Whoever opens it again for each try never waits on a deleted one.
#[derive(Clone, Copy, Debug)]
pub enum Lock {
    /// Shared by all apps; exclusive means that there is none.
    Users,
    /// Exclusive to the one keeper.
    Keeper,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Shared,
    Alone,
}

impl Home {
    /// Makes the folder when there is none. Others can pass through it, because as root we start the
    /// server as another user; they can list nothing.
    pub fn make(dir: &Path) -> anyhow::Result<Home> {
        let mode = if nix::unistd::geteuid().is_root() { 0o711 } else { 0o700 };
        match DirBuilder::new().recursive(true).mode(mode).create(dir) {
            Ok(()) => Home::at(dir),
            Err(e) if matches!(e.kind(), ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
                anyhow::bail!(
                    "the data folder {} cannot be made because a file is in the way: move that file, or set \
                     WEIPU_DATA_DIR to another folder",
                    dir.display()
                )
            }
            Err(e) => Err(advise(e, dir)),
        }
    }

    pub fn at(dir: &Path) -> anyhow::Result<Home> {
        let dir = fs::canonicalize(dir).map_err(|e| advise(e, dir))?;
        Ok(Home { dir })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn cluster(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    /// Deletes the folder of a throw-away cluster. Only who holds both locks alone may; newcomers find
    /// either the whole folder or none.
    pub fn delete(&self) -> io::Result<()> {
        let mut gone = self.dir.clone().into_os_string();
        gone.push(format!("-gone-{}", std::process::id()));
        fs::rename(&self.dir, &gone)?;
        fs::remove_dir_all(gone)
    }

    /// A name for this server in the list of processes, the same for every program on this machine.
    pub fn name(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.dir.as_os_str().as_bytes());
        format!("weipu-{}", HEXLOWER.encode(&digest.as_ref()[..8]))
    }

    /// The folder of the socket: in the data folder, or under /tmp when that path is too long for a
    /// socket (104 bytes on macOS) or would have to be quoted in Postgres's setting. Never by TMPDIR:
    /// every program must arrive at the same folder.
    pub fn socket(&self) -> PathBuf {
        let near = self.dir.join("postgres.socket");
        let plain = near.to_str().is_some_and(|path| !path.contains([',', '"']));
        if plain && near.as_os_str().len() <= 80 { near } else { Path::new("/tmp").join(self.name()) }
    }

    /// The lock, or `None` while somebody else's hinders it.
    pub fn lock(&self, which: Lock, how: How) -> anyhow::Result<Option<File>> {
        let path = self.dir.join(match which {
            Lock::Users => "postgres.users.lock",
            Lock::Keeper => "postgres.keeper.lock",
        });
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|e| advise(e, &self.dir))?;
        let locked = match how {
            How::Shared => file.try_lock_shared(),
            How::Alone => file.try_lock(),
        };
        match locked {
            // The last keeper of a throw-away cluster deletes the file under its lock.
            Ok(()) if same_file(&file, &path) => Ok(Some(file)),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("locking {}", path.display())),
        }
    }

    /// True when a server run by `uid` lets us into the shop's database: a real start of a session.
    pub fn answers(&self, uid: u32) -> bool {
        let folder = self.socket();
        let trusted =
            fs::symlink_metadata(&folder).is_ok_and(|folder| folder.is_dir() && folder.uid() == uid);
        trusted && greet(&folder.join(format!(".s.PGSQL.{PORT}"))).unwrap_or(false)
    }
}

fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Speaks as much of the protocol as tells a server that serves from one that starts or stops.
fn greet(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let session = format!("user\0{ROLE}\0database\0{DATABASE}\0application_name\0weipu\0\0");
    let length = u32::try_from(session.len() + 8).map_err(io::Error::other)?;
    let mut packet = Vec::from(length.to_be_bytes());
    packet.extend(0x0003_0000_u32.to_be_bytes()); // protocol 3.0
    packet.extend(session.as_bytes());
    stream.write_all(&packet)?;
    loop {
        let mut kind = [0; 1];
        let mut length = [0; 4];
        stream.read_exact(&mut kind)?;
        stream.read_exact(&mut length)?;
        match kind[0] {
            b'Z' => return stream.write_all(b"X\0\0\0\x04").map(|()| true), // ready; good-bye
            b'E' => return Ok(false),
            _ => {
                let body = u64::from(u32::from_be_bytes(length)).saturating_sub(4);
                io::copy(&mut (&stream).take(body), &mut io::sink())?;
            }
        }
    }
}

/// Turns what the system says about a folder into what a person can do about it.
pub fn advise(error: io::Error, dir: &Path) -> anyhow::Error {
    let dir = dir.display();
    match error.kind() {
        ErrorKind::PermissionDenied => anyhow::anyhow!(
            "this user may not write in the data folder {dir}: start weipu as the user who owns it, or set \
             WEIPU_DATA_DIR to another folder"
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => disk_full(&dir),
        ErrorKind::ReadOnlyFilesystem => {
            anyhow::anyhow!("the data folder {dir} can only be read: set WEIPU_DATA_DIR to another folder")
        }
        _ => anyhow::Error::new(error).context(format!("using the data folder {dir}")),
    }
}

pub fn disk_full(dir: &impl std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("the disk that holds {dir} is full: free some space there and start again")
}
