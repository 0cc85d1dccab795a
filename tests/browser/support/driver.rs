//! The one chromedriver, on a port that it chooses, and the end of its sessions.

use super::kept::{self, Kept, Wanted};
use anyhow::Context;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

pub struct Driver {
    pub port: u16,
    pub chromium: PathBuf,
    _running: Kept,
}

/// The driver of all tests.
pub fn driver() -> anyhow::Result<&'static Driver> {
    static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();
    let driver = DRIVER.get_or_init(|| Driver::start().map_err(|error| format!("{error:#}")));
    driver.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

impl Driver {
    fn start() -> anyhow::Result<Driver> {
        let (program, chromium) = (find("chromedriver")?, find("chromium")?);
        let folder = kept::folder()?;
        // Profiles are made under it.
        let settings = [("TMPDIR", folder.display().to_string())];
        let wanted =
            Wanted { program: &program, arguments: &["--port=0"], settings: &settings, signal: "TERM" };
        let (running, port) = kept::start(&folder, &wanted, |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })?;
        Ok(Driver { port, chromium, _running: running })
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends a session without a runtime: a test may be failing.
    pub fn end(&self, session: &str) -> std::io::Result<()> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.set_read_timeout(Some(Duration::from_secs(10)))?;
        let port = self.port;
        write!(
            line,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        line.read(&mut [0; 512]).map(|_| ())
    }
}

/// A program on the path.
fn find(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").context("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.with_context(|| {
        format!("{name} is not installed: these tests need Debian's packages chromium and chromium-driver")
    })
}
