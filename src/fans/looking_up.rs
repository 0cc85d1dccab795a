//! What Weibo tells of a fan: her name, her picture, where she is. Asked when nothing is known, and again after a week.

use super::store::fans as store;
use super::{Fan, find};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::weibo::messages::NO_TOKEN;
use crate::weibo::statuses::Trouble;
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};

/// So long what Weibo told is good enough.
const GOOD_FOR: Duration = Duration::days(7);
/// After a limit was reached.
const LATER: Duration = Duration::minutes(30);

impl Fan {
    /// Whether Weibo should be asked about her.
    pub fn is_to_be_asked_about(&self, now: OffsetDateTime) -> bool {
        self.asked_about_at.is_none_or(|asked| asked + GOOD_FOR <= now)
    }
}

/// Has Weibo asked about a fan, where that is due.
pub async fn look_up_soon(tx: &mut Tx, fan: &Fan, now: OffsetDateTime) -> anyhow::Result<()> {
    if fan.is_to_be_asked_about(now) {
        jobs::enqueue(tx, &Job::LookUpFan { uid: fan.uid }, now).await?;
    }
    Ok(())
}

/// Asks Weibo about a fan, unless that was done lately. Of who does not follow Weibo tells nothing: what was known of
/// her stays.
pub async fn look_up(db: &Db, weibo: &weibo::Client, uid: i64, clock: &Clock) -> anyhow::Result<Outcome> {
    let known = find(&mut *db.reader().await?, uid).await?;
    if !known.is_some_and(|fan| fan.is_to_be_asked_about(clock.now())) {
        return Ok(Outcome::Done);
    }
    let info = match weibo.fan_info(uid).await {
        Ok(info) => info,
        Err(CallError::Refused { code, .. }) if code == NO_TOKEN => return Ok(Outcome::Done),
        Err(CallError::Refused { code, message }) => {
            let why = format!("{code} {message}");
            return Ok(match Trouble::of(&code) {
                Trouble::TooOften => Outcome::Retry { at: clock.now() + LATER, why },
                _ => Outcome::GiveUp { why },
            });
        }
        Err(CallError::Unknown(error)) => return Err(error),
    };
    let mut tx = db.begin().await?;
    let picture = info.picture.as_ref().map(url::Url::as_str);
    let told =
        (info.nickname.as_deref(), picture, Some(info.place.as_str()).filter(|place| !place.is_empty()));
    store::learn(&mut tx, uid, told, clock.now()).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
