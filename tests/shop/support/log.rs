//! What the program logs, kept in memory for tests that look for what must not stand there.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use tracing_subscriber::EnvFilter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Kept;

impl Write for Kept {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on everything is heard, in more detail than any operator would ask for.
pub fn listen() {
    let filter = EnvFilter::new("info,weipu=trace,actix_web=debug,reqwest=debug,sqlx=debug");
    let all = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Kept);
    // Another test of this program was first.
    let _ = all.try_init();
}

pub fn lines() -> String {
    String::from_utf8_lossy(&LINES.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
