//! What fans say, pushed as Weibo pushes it: until it is taken, and often once more.

use crate::dice::Dice;
use crate::scene::{ASKS, Scene, uid};
use crate::{FANS, MESSAGES};
use anyhow::ensure;
use std::time::{Duration, Instant};
use weipu::sandbox::{Did, SignedPacket};

/// Of a hundred pushes so many come once more.
const TWICE: usize = 30;
/// So long a shop that was killed may be away.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether a rule answers this message of a fan.
pub fn is_answered(fan: i64, number: usize) -> bool {
    (usize::try_from(fan).unwrap_or(0) + number).is_multiple_of(3)
}

/// Every message of every `of`th fan, one after the other.
pub async fn push(scene: Scene, first: usize, of: usize) -> anyhow::Result<()> {
    let mut dice = Dice::new(scene.seed, first);
    for number in 0..MESSAGES {
        for fan in (first..FANS).step_by(of).map(uid) {
            let word = if is_answered(fan, number) { ASKS } else { "你好" };
            let packet = scene.sandbox.fan_packet(fan, Did::Said { text: format!("{word} {number}") });
            let message = (fan, number);
            match dice.roll(100) {
                // At the same moment, or after it was taken.
                roll if roll < TWICE / 2 => {
                    let both =
                        tokio::join!(is_taken(&scene, message, &packet), is_taken(&scene, message, &packet));
                    both.0.and(both.1)?;
                }
                roll => {
                    is_taken(&scene, message, &packet).await?;
                    if roll < TWICE {
                        is_taken(&scene, message, &packet).await?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Pushed until the shop takes it.
async fn is_taken(scene: &Scene, message: (i64, usize), packet: &SignedPacket) -> anyhow::Result<()> {
    let mut to = scene.hook.clone();
    to.set_query(Some(&packet.query));
    let end = Instant::now() + PATIENCE;
    loop {
        let request = scene.http.post(to.clone()).header("Content-Type", packet.content_type);
        if let Ok(answer) = request.body(packet.body.clone()).send().await {
            let status = answer.status();
            ensure!(!status.is_client_error(), "{message:?} was answered {status}");
            // An answer that breaks off is none.
            if status.is_success()
                && let Ok(words) = answer.text().await
            {
                scene.notes(message, &words);
                return Ok(());
            }
        }
        ensure!(Instant::now() < end, "{message:?} is never taken");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
