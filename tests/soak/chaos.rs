//! Sudden death, until the end: of an app every few seconds, of Postgres with all its children a few times, of
//! connections at COMMIT all the time.

use crate::dice::Dice;
use crate::processes::{are_killed, children, postmaster};
use crate::scene::Scene;
use crate::weibo;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// The shop is open before it is killed for the first time.
const PEACE: Duration = Duration::from_secs(4);

pub async fn reigns(scene: &Scene, end: Instant) -> anyhow::Result<()> {
    tokio::time::sleep(PEACE).await;
    scene.cuts.on.store(true, Relaxed);
    let (mut dice, mut of_postgres) = (scene.dice(2000), scene.dice(3000));
    let apps = async {
        loop {
            waits(&mut dice, 1500, 4500).await;
            scene.apps[dice.roll(2)].is_killed().await;
            scene.app_deaths.fetch_add(1, Relaxed);
        }
    };
    let postgres = async {
        loop {
            waits(&mut of_postgres, 8000, 6000).await;
            kills_postgres(scene).await;
        }
    };
    let all = async { tokio::join!(apps, postgres, weibo::misbehaves(scene)) };
    let _ = tokio::time::timeout_at(end.into(), all).await;
    scene.cuts.on.store(false, Relaxed);
    weibo::behaves(scene);
    Ok(())
}

/// The postmaster and all that it started, as near to one moment as can be.
async fn kills_postgres(scene: &Scene) {
    let folder = scene.folder.path().to_owned();
    let killed = tokio::task::spawn_blocking(move || {
        // It may be on its way up.
        let Ok(server) = postmaster(&folder) else { return false };
        let Ok(mut all) = children(server) else { return false };
        all.insert(0, server);
        are_killed(&all).is_ok()
    });
    if killed.await.unwrap_or(false) {
        scene.postgres_deaths.fetch_add(1, Relaxed);
    }
}

async fn waits(dice: &mut Dice, least: u64, more: usize) {
    tokio::time::sleep(Duration::from_millis(least + dice.roll(more) as u64)).await;
}
