//! `make storm`: two thousand fans write ten messages each to a shop that dies of SIGKILL five times meanwhile; a third
//! of all pushes come twice or more. Afterwards each message must be there once, each answer given once, and what the
//! shop says by itself said at most once. Ends with 1 when it is not so.

#![expect(clippy::unwrap_used, reason = "shared with the tests, where what cannot go on fails")]

#[path = "../soak/app.rs"]
mod app;
#[expect(dead_code, reason = "the soak uses all of it")]
#[path = "../shop/support/dice.rs"]
mod dice;
mod fans;
mod figures;
#[path = "../soak/ports.rs"]
mod ports;
#[expect(dead_code, reason = "the tests of the private Postgres use all of it")]
#[path = "../postgres/processes.rs"]
mod processes;
mod scene;
#[expect(dead_code, reason = "the tests of the private Postgres use all of it")]
#[path = "../postgres/support.rs"]
mod support;

use scene::Scene;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// So many fans write so often.
pub const FANS: usize = 2_000;
pub const MESSAGES: usize = 10;
/// So many push at once.
const AT_ONCE: usize = 24;
const DEATHS: usize = 5;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let done = runtime.block_on(async {
        tokio::select! {
            done = storm() => done,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        }
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("storm: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// True when nothing was lost and nothing was said twice.
async fn storm() -> anyhow::Result<bool> {
    let seed = std::env::var("WEIPU_STORM_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    say(&format!("Seed {seed}. Opening a shop that fans will storm …"));
    let scene = Scene::set(seed).await?;
    say(&format!("{FANS} fans write {MESSAGES} messages each, and the shop dies {DEATHS} times …"));
    let begun = Instant::now();
    let mut people = tokio::task::JoinSet::new();
    for number in 0..AT_ONCE {
        people.spawn(fans::push(scene.clone(), number, AT_ONCE));
    }
    let deaths = async {
        // Each after another sixth of all that is to be heard.
        for death in 1..=DEATHS {
            while scene.acknowledged() < FANS * MESSAGES * death / (DEATHS + 1) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            scene.app.is_killed().await;
            scene.says_something(death).await?;
        }
        anyhow::Ok(())
    };
    let pushed = async {
        while let Some(done) = people.join_next().await {
            done??;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(deaths, pushed)?;
    let took = begun.elapsed();
    say("Starting it once more, and waiting until nothing is to be said any more …");
    scene.app.is_killed().await;
    scene.is_calm().await?;
    let panel = figures::count(&scene, took).await?;
    say(&panel.to_string());
    Ok(panel.is_sound())
}

/// To whoever watches.
pub fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}
