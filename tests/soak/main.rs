//! `make soak`: a shop that buys, pays and gives back while it is being killed, for a minute or `WEIPU_SOAK_SECONDS`.
//! App and Postgres die of SIGKILL, connections are cut at COMMIT, Weibo misbehaves. Afterwards everything is started
//! once more, hours pass, and Weibo's book is held against the ledger. Ends with 1 when anything is missing.

#![expect(clippy::unwrap_used, reason = "shared with the tests, where what cannot go on fails")]

mod app;
mod browser;
mod buyers;
mod chaos;
#[path = "../shop/support/dice.rs"]
mod dice;
mod figures;
mod hours;
#[expect(dead_code, reason = "the tests of the shop use all of it")]
#[path = "../shop/support/page.rs"]
mod page;
mod ports;
#[expect(dead_code, reason = "the tests of the private Postgres use all of it")]
#[path = "../postgres/processes.rs"]
mod processes;
mod proxy;
mod refunds;
mod scene;
#[expect(dead_code, reason = "the tests of the private Postgres use all of it")]
#[path = "../postgres/support.rs"]
mod support;
mod weibo;

use scene::Scene;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const BUYERS: usize = 8;
const REFUNDERS: usize = 2;
/// So long buyers may still finish what they have begun.
const LAST_CALL: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let done = runtime.block_on(async {
        tokio::select! {
            done = soak() => done,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        }
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("soak: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// True when nothing is missing.
async fn soak() -> anyhow::Result<bool> {
    let seconds = number("WEIPU_SOAK_SECONDS")?.unwrap_or(60);
    let seed = number("WEIPU_SOAK_SEED")?.unwrap_or_else(|| u64::from(std::process::id()));
    say(&format!("Seed {seed}. Opening a shop that will not be left in peace …"));
    let scene = Scene::set(seed).await?;
    say(&format!("{BUYERS} buyers and {REFUNDERS} people who give money back, for {seconds} s …"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut people = tokio::task::JoinSet::new();
    for number in 0..BUYERS {
        people.spawn(buyers::buys(scene.clone(), number, end));
    }
    for number in 0..REFUNDERS {
        people.spawn(refunds::gives_back(scene.clone(), number, end));
    }
    chaos::reigns(&scene, end).await?;
    let finished = async { while people.join_next().await.is_some_and(|done| done.is_ok()) {} };
    let in_time = tokio::time::timeout(LAST_CALL, finished).await.is_ok() && people.is_empty();
    anyhow::ensure!(in_time, "somebody panicked, or does not come to an end");
    say("Starting all of it once more, and letting hours pass …");
    let settled_in = hours::pass(&scene).await?;
    let panel = figures::count(&scene, settled_in).await?;
    say(&panel.to_string());
    Ok(panel.is_sound())
}

fn number(name: &str) -> anyhow::Result<Option<u64>> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty());
    let number = text.map(|text| text.parse()).transpose();
    number.map_err(|_| anyhow::anyhow!("{name}: expected a whole number"))
}

/// To whoever watches.
fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}
