//! What must be true afterwards, held against what the shop answered.

use crate::fans::is_answered;
use crate::scene::Scene;
use crate::{FANS, MESSAGES};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

pub struct Panel {
    took: Duration,
    seed: u64,
    pushes: usize,
    messages: usize,
    lost: usize,
    twice: usize,
    answers: usize,
    answered_twice: usize,
    answers_lost: usize,
    said: usize,
    unknown: i64,
    said_twice: usize,
    waiting: usize,
    miscounted: i64,
}

pub async fn count(scene: &Scene, took: Duration) -> anyhow::Result<Panel> {
    let mut conn = scene.db.reader().await?;
    let sql = "SELECT fan, text, count(*) FROM fan_messages WHERE author = 'fan' GROUP BY fan, text";
    let kept: Vec<(i64, String, i64)> = sqlx::query_as(sql).fetch_all(&mut *conn).await?;
    let twice = kept.iter().filter(|(.., times)| *times > 1).count();
    let kept: BTreeMap<(i64, usize), i64> = kept
        .into_iter()
        .filter_map(|(fan, text, n)| Some(((fan, text.rsplit_once(' ')?.1.parse().ok()?), n)))
        .collect();
    let heard = scene.heard.lock().unwrap().clone();
    let words = |message: &(i64, usize)| heard.get(message).map_or(0, |(_, words)| *words);
    let asked = || heard.keys().filter(|(fan, number)| is_answered(*fan, *number));
    let sql = "SELECT count(*) FROM conversations c WHERE unread <> (SELECT count(*) FROM fan_messages m \
        WHERE m.fan = c.fan AND author = 'fan')";
    let miscounted = sqlx::query_scalar(sql).fetch_one(&mut *conn).await?;
    let sql = "SELECT fan, text, state FROM fan_messages WHERE author = 'shop'";
    let told: Vec<(i64, String, String)> = sqlx::query_as(sql).fetch_all(&mut *conn).await?;
    let arrived = |fan: i64, text: &str| {
        scene.sandbox.said_to(fan).iter().filter(|reply| format!("{reply:?}").contains(text)).count()
    };
    let said_twice = told.iter().filter(|(fan, text, state)| match arrived(*fan, text) {
        0 => state == "sent",
        1 => !matches!(state.as_str(), "sent" | "unknown"),
        _ => true,
    });
    Ok(Panel {
        took,
        seed: scene.seed,
        pushes: heard.values().map(|(times, _)| times).sum(),
        messages: heard.len(),
        lost: FANS * MESSAGES - kept.len().min(FANS * MESSAGES)
            + heard.keys().filter(|it| !kept.contains_key(it)).count(),
        twice,
        answers: asked().map(words).sum(),
        answered_twice: heard.keys().filter(|it| words(it) > usize::from(is_answered(it.0, it.1))).count(),
        answers_lost: asked().filter(|it| words(it) == 0).count(),
        said: told.len(),
        unknown: i64::try_from(told.iter().filter(|(.., state)| state == "unknown").count())?,
        said_twice: said_twice.count(),
        waiting: scene.unanswered.load(Relaxed),
        miscounted,
    })
}

impl Panel {
    /// An answer whose going out was written down just before a death may be lost: it is never given twice instead.
    pub fn is_sound(&self) -> bool {
        let none = [self.lost, self.twice, self.answered_twice, self.said_twice, self.waiting];
        none.iter().all(|count| *count == 0)
            && self.miscounted == 0
            && self.messages == FANS * MESSAGES
            && self.answers > 0
            && self.said > 0
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Panel { took, seed, pushes, messages, lost, twice, .. } = self;
        writeln!(
            f,
            "{messages} messages in {pushes} pushes, {} a second (seed {seed})",
            rate(*pushes, *took)
        )?;
        writeln!(
            f,
            "lost {lost}, handled twice {twice}, conversations that count wrong {}",
            self.miscounted
        )?;
        let Panel { answers, answered_twice, answers_lost, .. } = self;
        writeln!(
            f,
            "{answers} answers of the rule: given twice {answered_twice}, lost with a death {answers_lost}"
        )?;
        let Panel { said, unknown, said_twice, waiting, .. } = self;
        write!(
            f,
            "{said} things said by the shop itself ({unknown} unknown): not once {said_twice}, waiting {waiting}"
        )
    }
}

fn rate(count: usize, took: Duration) -> u128 {
    count as u128 * 1000 / took.as_millis().max(1)
}
