//! QR codes that say where somebody came from: each has a number that is given out once, a name and what it is for,
//! and counts who scanned it. Its picture is Weibo's, fetched once and kept.

mod picture;
mod poster;

pub use super::store::codes::{Tally, campaigns, find, list, make, picture, put_away, scanned, tally};
pub use poster::{Poster, poster};

use super::store::codes as store;
use crate::catalog::ProductId;
use crate::clock::Clock;
use crate::db::Db;
use crate::weibo::messages::{Code, LONGEST_LIFE};
use crate::weibo::{self, CallError};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct CodeId(pub i64);

/// How long a code can be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// For ever: to be printed. There are 100,000 of them.
    Permanent,
    /// Half an hour from when it was made: to be shown on a screen. It can be made again.
    Temporary,
}

impl Life {
    /// The word in the `kind` column.
    pub fn name(self) -> &'static str {
        match self {
            Life::Permanent => "permanent",
            Life::Temporary => "temporary",
        }
    }

    pub fn parse(name: &str) -> Option<Life> {
        [Life::Permanent, Life::Temporary].into_iter().find(|life| life.name() == name)
    }
}

/// Which code somebody scanned, as Weibo tells it (fans-service.md §3.3). Of each life they are numbered by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scene {
    pub life: Life,
    pub number: u32,
}

impl Scene {
    /// `QR_LIMIT_SCENE_12` or `QR_SCENE_12`.
    pub fn parse(key: &str) -> Option<Scene> {
        let (life, number) = match key.strip_prefix("QR_LIMIT_SCENE_") {
            Some(number) => (Life::Permanent, number),
            None => (Life::Temporary, key.strip_prefix("QR_SCENE_")?),
        };
        let number = number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit()))?;
        Some(Scene { life, number })
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begins = match self.life {
            Life::Permanent => "QR_LIMIT_SCENE",
            Life::Temporary => "QR_SCENE",
        };
        write!(f, "{begins}_{}", self.number)
    }
}

impl From<Scene> for String {
    fn from(scene: Scene) -> String {
        scene.to_string()
    }
}

impl TryFrom<String> for Scene {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Scene, &'static str> {
        Scene::parse(&key).ok_or("not the key of a code")
    }
}

/// What a code is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    pub life: Life,
    /// For the staff.
    pub name: String,
    /// Codes of one campaign are counted together. May be empty.
    pub campaign: String,
    /// What stands on the poster. May be empty.
    pub invitation: String,
    pub product: Option<ProductId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FanCode {
    pub id: CodeId,
    pub of: NewCode,
    pub scene: u32,
    pub made_at: OffsetDateTime,
    /// The name of whoever made it.
    pub by: String,
    /// Nothing until Weibo gave one.
    pub ticket: Option<Ticketed>,
    pub has_picture: bool,
    /// Why the last try brought nothing.
    pub why: String,
    pub put_away_at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticketed {
    pub ticket: String,
    pub at: OffsetDateTime,
    /// When it can be scanned no more; a permanent one always can.
    pub ends_at: Option<OffsetDateTime>,
}

/// Weibo has 100,000 permanent codes, and all are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoneLeft;

impl FanCode {
    /// Whether it can be scanned now.
    pub fn is_good(&self, now: OffsetDateTime) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.ends_at.is_none_or(|end| now < end))
    }

    /// Whether it has all it needs to be shown.
    pub fn is_ready(&self, now: OffsetDateTime) -> bool {
        self.is_good(now) && self.has_picture
    }

    fn asked(&self) -> anyhow::Result<Code> {
        let scene = NonZeroU32::new(self.scene).context("a code without a number")?;
        Ok(match self.of.life {
            Life::Permanent => Code::Permanent { scene },
            Life::Temporary => Code::Temporary { scene, life: LONGEST_LIFE },
        })
    }
}

/// Asks Weibo for the ticket and the picture that a code still lacks, or for new ones where it has ended. What a
/// refusal or a lost answer leaves is said in `why`; it may be tried again, for the number stays the same. No
/// transaction is open while Weibo is called.
pub async fn complete(db: &Db, weibo: &weibo::Client, id: CodeId, clock: &Clock) -> anyhow::Result<FanCode> {
    let code = found(db, id).await?;
    let tried = try_to_complete(db, weibo, &code, clock).await;
    let why = match tried {
        Ok(()) => String::new(),
        Err(Lost::Weibo(CallError::Refused { code, message })) => format!("{code} {message}"),
        Err(Lost::Weibo(CallError::Unknown(error)) | Lost::Picture(error)) => {
            tracing::warn!(code = id.0, error = format!("{error:#}"), "a code has no picture yet");
            "?".to_owned()
        }
        Err(Lost::Ours(error)) => return Err(error),
    };
    let mut tx = db.begin().await?;
    store::note(&mut tx, id, &why).await?;
    tx.commit().await?;
    found(db, id).await
}

async fn found(db: &Db, id: CodeId) -> anyhow::Result<FanCode> {
    store::find(&mut *db.reader().await?, id).await?.context("no such code")
}

/// Why a code is not complete.
enum Lost {
    Weibo(CallError),
    /// What came is no picture of a code.
    Picture(anyhow::Error),
    Ours(anyhow::Error),
}

impl From<CallError> for Lost {
    fn from(error: CallError) -> Lost {
        Lost::Weibo(error)
    }
}

impl From<anyhow::Error> for Lost {
    fn from(error: anyhow::Error) -> Lost {
        Lost::Ours(error)
    }
}

impl From<sqlx::Error> for Lost {
    fn from(error: sqlx::Error) -> Lost {
        Lost::Ours(error.into())
    }
}

async fn try_to_complete(db: &Db, weibo: &weibo::Client, code: &FanCode, clock: &Clock) -> Result<(), Lost> {
    if code.is_ready(clock.now()) {
        return Ok(());
    }
    let good = code.ticket.clone().filter(|_| code.is_good(clock.now()));
    let ticket = if let Some(ticket) = good { ticket } else { renew(db, weibo, code, clock).await? };
    let media = weibo.code_picture(&ticket.ticket).await?;
    let png = picture::checked(media.bytes).await.map_err(Lost::Picture)?;
    let mut tx = db.begin().await?;
    store::keep_picture(&mut tx, code.id, &ticket.ticket, &png).await?;
    tx.commit().await?;
    Ok(())
}

/// Another ticket, and no picture until that is fetched too.
async fn renew(db: &Db, weibo: &weibo::Client, code: &FanCode, clock: &Clock) -> Result<Ticketed, Lost> {
    // Counted from the call (§9): the clock is read before it.
    let at = clock.now();
    let given = weibo.create_code(&code.asked()?).await?;
    let ticket = Ticketed { ticket: given.ticket, at, ends_at: given.expires_in.map(|life| at + life) };
    let mut tx = db.begin().await?;
    store::keep_ticket(&mut tx, code.id, &ticket).await?;
    tx.commit().await?;
    Ok(ticket)
}
