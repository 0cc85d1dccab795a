//! What Weibo tells of a fan: her name, her picture, where she is. Asked when nothing is known, and again after a week.

use super::store::fans as store;
use super::{Fan, find};
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::{self, Job, Outcome};
use crate::weibo::messages::{FanInfo, NO_TOKEN};
use crate::weibo::statuses::Trouble;
use crate::weibo::{self, CallError};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// So long what Weibo told is good enough.
const GOOD_FOR: Duration = Duration::days(7);
const AT_ONCE: i64 = 30;
/// After Weibo refused because of the shop, not of the fan: a limit, the token, a permission.
const LATER: Duration = Duration::minutes(30);
/// After a question was lost on the way.
const SOON: Duration = Duration::minutes(2);

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
    if waits(&mut tx, now).await? {
        return Ok(());
    }
    for uid in store::to_be_asked_about(&mut tx, now - GOOD_FOR, AT_ONCE).await? {
        jobs::enqueue(&mut tx, &Job::LookUpFan { uid }, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether Weibo is asked about nobody now.
async fn waits(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<bool> {
    Ok(store::look_up_not_before(conn).await?.is_some_and(|then| now < then))
}

/// Weibo is asked about nobody until then. Who was not told of is asked about again after that.
async fn wait(db: &Db, until: OffsetDateTime) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    store::look_up_later(&mut tx, until).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Asks Weibo about a fan, unless that was done lately. Of who does not follow Weibo tells nothing: what was known of
/// her stays.
pub async fn look_up(db: &Db, weibo: &weibo::Client, uid: i64, clock: &Clock) -> anyhow::Result<Outcome> {
    let mut conn = db.reader().await?;
    let known = find(&mut conn, uid).await?;
    if !known.is_some_and(|fan| fan.is_to_be_asked_about(clock.now()))
        || waits(&mut conn, clock.now()).await?
    {
        return Ok(Outcome::Done);
    }
    drop(conn);
    let info = match weibo.fan_info(uid).await {
        Ok(info) => info,
        Err(CallError::Refused { code, .. }) if code == NO_TOKEN => return Ok(Outcome::Done),
        Err(CallError::Refused { code, message }) if is_of_the_shop(&code) => {
            tracing::warn!(code, message, "Weibo tells nothing of fans for now");
            return wait(db, clock.now() + LATER).await;
        }
        // It will not be otherwise in an hour: her uid stands in the place of her name.
        Err(CallError::Refused { code, message }) => {
            tracing::warn!(code, message, "Weibo tells nothing of a fan");
            FanInfo::default()
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(error = format!("{error:#}"), "it is not known what Weibo tells of a fan");
            return wait(db, clock.now() + SOON).await;
        }
    };
    let mut tx = db.begin().await?;
    let picture = info.picture.as_ref().map(url::Url::as_str);
    let told =
        (info.nickname.as_deref(), picture, Some(info.place.as_str()).filter(|place| !place.is_empty()));
    store::learn(&mut tx, uid, told, clock.now()).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Whether it was refused whoever is asked about.
fn is_of_the_shop(code: &str) -> bool {
    matches!(Trouble::of(code), Trouble::TooOften | Trouble::SignInAgain | Trouble::NotAllowed)
}
