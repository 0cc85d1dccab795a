//! QR codes with a parameter (fans-service.md §9).

use super::trouble::Trouble;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

const LONGEST: u32 = 1800;
const LAST_PERMANENT: u32 = 100_000;

/// One code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    pub ticket: String,
    /// What the event of its scan carries: `QR_SCENE_123`.
    pub key: String,
    /// A permanent one has no end.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

/// What was asked for.
pub struct NewCode<'a> {
    pub action: &'a str,
    pub scene: &'a str,
    pub seconds: Option<&'a str>,
}

impl Code {
    pub fn is_good(&self, now: OffsetDateTime) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl World {
    /// Makes one under `ticket`, which the caller has drawn at random. A permanent one of the same scene stays
    /// what it is.
    pub fn create_code(
        &mut self,
        asked: &NewCode<'_>,
        ticket: String,
        now: OffsetDateTime,
    ) -> Result<Code, Trouble> {
        let scene: u32 = asked.scene.parse().map_err(|_| Trouble::Invalid("scene_id"))?;
        let until = match asked.action {
            "QR_SCENE" if scene > 0 => {
                let seconds = asked.seconds.unwrap_or("1800").parse().ok();
                let seconds = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
                Some(now + Duration::seconds(seconds.ok_or(Trouble::Invalid("expire_seconds"))?.into()))
            }
            "QR_LIMIT_SCENE" if (1..=LAST_PERMANENT).contains(&scene) => None,
            "QR_SCENE" | "QR_LIMIT_SCENE" => return Err(Trouble::Invalid("scene_id")),
            _ => return Err(Trouble::Invalid("action_name")),
        };
        let key = format!("{}_{scene}", asked.action);
        let codes = &mut self.fans.codes;
        if until.is_none()
            && let Some(known) = codes.iter().find(|code| code.key == key)
        {
            return Ok(known.clone());
        }
        // A day later nobody asks for one that is over.
        codes.retain(|code| code.until.is_none_or(|until| now < until + Duration::DAY));
        let code = Code { ticket, key, until };
        codes.push(code.clone());
        Ok(code)
    }

    pub fn code(&self, ticket: &str) -> Option<&Code> {
        self.fans.codes.iter().find(|code| code.ticket == ticket)
    }

    /// The newest of this key.
    pub fn code_with_key(&self, key: &str) -> Option<&Code> {
        self.fans.codes.iter().rev().find(|code| code.key == key)
    }

    pub fn codes(&self) -> &[Code] {
        &self.fans.codes
    }
}
