//! What Weibo tells of a fan: her name, her picture, where she is. Asked when nothing is known, and again after a week.

use super::store::fans as store;
use super::{Fan, find};
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::{self, Job, Outcome};
use crate::weibo::messages::{FanInfo, NO_TOKEN};
use crate::weibo::statuses::Trouble;
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};

/// So long what Weibo told is good enough.
const GOOD_FOR: Duration = Duration::days(7);
const AT_ONCE: i64 = 30;
/// After a limit was reached.
const LATER: Duration = Duration::minutes(30);

impl Fan {
    /// Whether Weibo should be asked about her.
    pub fn is_to_be_asked_about(&self, now: OffsetDateTime) -> bool {
        self.asked_about_at.is_none_or(|asked| asked + GOOD_FOR <= now)
    }
}

/// Has Weibo asked about those who wrote of late, where that is due: so many at a time, so that a crowd of new fans
/// does not use up what Weibo lets the shop ask.
pub async fn look_up_due(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    for uid in store::to_be_asked_about(&mut tx, now - GOOD_FOR, AT_ONCE).await? {
        jobs::enqueue(&mut tx, &Job::LookUpFan { uid }, now).await?;
    }
    tx.commit().await?;
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
        Err(CallError::Refused { code, message }) if Trouble::of(&code) == Trouble::TooOften => {
            return Ok(Outcome::Retry { at: clock.now() + LATER, why: format!("{code} {message}") });
        }
        // It will not be otherwise in an hour: her uid stands in the place of her name.
        Err(CallError::Refused { code, message }) => {
            tracing::warn!(code, message, "Weibo tells nothing of a fan");
            FanInfo::default()
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
