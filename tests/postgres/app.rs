//! An app in a process of its own: this program again, told by a variable to hold a server and write one
//! row after another, telling each that was acknowledged.

use crate::support::{pool, start};
use anyhow::Context;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const ROLE: &str = "WEIPU_TEST_PLAYS_APP_IN";

/// How long an app without a server goes on asking.
const HOPE: Duration = Duration::from_secs(30);

/// Dies with the test, so that a failed one leaves no server behind.
pub struct App {
    child: Child,
    out: BufReader<ChildStdout>,
    pub acknowledged: Vec<i64>,
    refused: String,
}

impl App {
    /// Starts without waiting for anything.
    pub fn launch(data_dir: &Path) -> anyhow::Result<App> {
        App::spawn(Command::new(std::env::current_exe()?), data_dir)
    }

    /// The same on a disk of its own, that ends with it. Only root can make one, and not everywhere.
    pub fn launch_on_disk(size: &str, data_dir: &Path) -> anyhow::Result<Option<App>> {
        let mount = format!("mount -t tmpfs -o mode=755,size={size} none \"$0\"");
        let unshare = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-c", script]).arg(data_dir);
            command
        };
        if !unshare(&mount).status().is_ok_and(|tried| tried.success()) {
            return Ok(None);
        }
        let mut command = unshare(&format!("{mount} && exec \"$@\""));
        command.arg(std::env::current_exe()?);
        App::spawn(command, data_dir).map(Some)
    }

    fn spawn(mut command: Command, data_dir: &Path) -> anyhow::Result<App> {
        let mut child = command
            .args(["--exact", "app::plays_its_part", "--nocapture"])
            .env(ROLE, data_dir)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = BufReader::new(child.stdout.take().context("its output")?);
        Ok(App { child, out, acknowledged: Vec::new(), refused: String::new() })
    }

    /// Starts and returns when the first row is written.
    pub fn serving(data_dir: &Path) -> anyhow::Result<App> {
        let mut app = App::launch(data_dir)?;
        app.writes(1)?;
        Ok(app)
    }

    pub fn pid(&self) -> anyhow::Result<Pid> {
        Ok(Pid::from_raw(self.child.id().try_into()?))
    }

    /// Returns when `count` more rows are acknowledged.
    pub fn writes(&mut self, count: usize) -> anyhow::Result<()> {
        let enough = self.acknowledged.len() + count;
        while self.acknowledged.len() < enough {
            anyhow::ensure!(self.hears()?, "the app ended");
        }
        Ok(())
    }

    fn hears(&mut self) -> anyhow::Result<bool> {
        let mut line = String::new();
        let more = self.out.read_line(&mut line)? > 0;
        if let Some(row) = line.trim_end().strip_prefix("@kept ") {
            self.acknowledged.push(row.parse()?);
        }
        if let Some(why) = line.trim_end().strip_prefix("@refused ") {
            why.clone_into(&mut self.refused);
        }
        Ok(more)
    }

    /// Why it could not start.
    pub fn refusal(mut self) -> anyhow::Result<String> {
        while self.hears()? {}
        Ok(std::mem::take(&mut self.refused))
    }

    /// As a power cut would. What it said before is still heard.
    pub fn is_killed(&mut self) -> anyhow::Result<()> {
        kill(self.pid()?, Signal::SIGKILL)?;
        self.child.wait()?;
        while self.hears()? {}
        Ok(())
    }

    /// Ctrl-C reaches the whole group of a terminal's job. The app writes ten more rows and ends.
    pub fn is_interrupted(&mut self) -> anyhow::Result<()> {
        killpg(self.pid()?, Signal::SIGINT)?;
        while self.hears()? {}
        anyhow::ensure!(self.child.wait()?.success(), "a row was refused after Ctrl-C");
        Ok(())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test of its own: what the process of an [`App`] runs.
#[test]
fn plays_its_part() -> anyhow::Result<()> {
    let Some(data_dir) = std::env::var_os(ROLE) else { return Ok(()) };
    std::thread::spawn(|| {
        // The end of the test that launched us, however it ended.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(play(data_dir.as_ref()))
}

async fn play(data_dir: &Path) -> anyhow::Result<()> {
    let private = match start(data_dir).await {
        Ok(private) => private,
        Err(error) => return Ok(writeln!(std::io::stdout(), "\n@refused {error:#}")?),
    };
    let pool = pool(&private);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut left = None;
    let mut last = Instant::now();
    while left != Some(0) {
        let wrote = sqlx::query_scalar("INSERT INTO rows DEFAULT VALUES RETURNING id").fetch_one(&pool).await;
        match wrote {
            Ok(row) => {
                tell(row)?;
                last = Instant::now();
            }
            Err(error) if left.is_some() => return Err(error).context("after Ctrl-C"),
            Err(error) if last.elapsed() > HOPE => return Err(error).context("waiting for the server"),
            Err(_) => prepare(&pool).await,
        }
        left = left.map(|left: u32| left - 1);
        if left.is_none() && tokio::time::timeout(Duration::from_millis(2), &mut interrupted).await.is_ok() {
            left = Some(10);
        }
    }
    Ok(())
}

fn tell(row: i64) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\n@kept {row}")?;
    out.flush()
}

/// The table may be missing, or the server be away for a moment.
async fn prepare(pool: &sqlx::PgPool) {
    let made =
        sqlx::query("CREATE TABLE IF NOT EXISTS rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
    let _ = made.execute(pool).await;
}
