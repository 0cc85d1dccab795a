//! A program that ends when this process does, however that ends: a shell holds the other end of a pipe that
//! only we have open, and stops the program when the pipe breaks. Its folder is removed last.

use anyhow::Context;
use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Runs `$@` until standard input breaks; then stops it and what it has left in its group, lets a Postgres of
/// its own finish, and removes `$FOLDER`.
const WATCH: &str = r#"
"$@" </dev/null & child=$!
exec >/dev/null
trap '' INT TERM
read -r _
kill "-$SIGNAL" "$child" 2>/dev/null
wait "$child"
kill -TERM 0
while find "$FOLDER" -name postmaster.pid | grep -q .; do sleep 0.1; done
until rm -rf "$FOLDER" 2>/dev/null; do sleep 0.1; done
"#;

/// A running program.
pub struct Kept {
    _pipe: ChildStdin,
}

/// What to run, and the signal that stops it.
pub struct Wanted<'a> {
    pub program: &'a Path,
    pub arguments: &'a [&'a str],
    pub settings: &'a [(&'a str, String)],
    pub signal: &'a str,
}

/// A new folder that the user of a private Postgres can pass through.
pub fn folder() -> anyhow::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("weipu-browser-").permissions(Permissions::from_mode(0o755));
    Ok(builder.tempdir()?.keep())
}

/// Starts it and reads what it prints until `ready` finds what it looks for.
pub fn start<T: Send + 'static>(
    folder: &Path,
    wanted: &Wanted<'_>,
    ready: impl FnMut(&str) -> Option<T> + Send + 'static,
) -> anyhow::Result<(Kept, T)> {
    let program = wanted.program.display();
    let log = folder.join("log");
    let mut shell = Command::new("sh")
        .args(["-c", WATCH, "watch"])
        .arg(wanted.program)
        .args(wanted.arguments)
        .envs(wanted.settings.iter().map(|(name, value)| (name, value)))
        .env("FOLDER", folder)
        .env("SIGNAL", wanted.signal)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        .spawn()?;
    let pipe = shell.stdin.take().context("a pipe to the shell")?;
    let said = shell.stdout.take().context("a pipe from the shell")?;
    let found = listen(BufReader::new(said), ready);
    let patience = Duration::from_secs(30);
    let Ok(found) = found.recv_timeout(patience) else {
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        anyhow::bail!("{program} does not start: {log}");
    };
    Ok((Kept { _pipe: pipe }, found))
}

/// Reads to the end, so that the program never waits for us; passes on what `ready` finds first.
fn listen<T: Send + 'static>(
    said: impl BufRead + Send + 'static,
    mut ready: impl FnMut(&str) -> Option<T> + Send + 'static,
) -> mpsc::Receiver<T> {
    let (tell, found) = mpsc::channel();
    std::thread::spawn(move || {
        let mut tell = Some(tell);
        for line in said.lines().map_while(Result::ok) {
            if let Some(it) = ready(&line)
                && let Some(tell) = tell.take()
            {
                let _ = tell.send(it);
            }
        }
    });
    found
}
