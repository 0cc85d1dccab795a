//! QR codes with a parameter (fans-service.md §9): who scans one and follows is told to us with the number in it.

use super::media::{LARGEST_PICTURE, Media, media};
use crate::weibo::client::below;
use crate::weibo::{CallError, Client};
use std::num::NonZeroU32;
use std::time::Duration;
use url::Url;

const CREATE: &str = "/2/eps/qrcode/create.json";
const SHOW: &str = "/2/eps/qrcode/show";

/// So many permanent codes there are, numbered from 1.
pub const MOST_PERMANENT: u32 = 100_000;
/// Of a temporary one.
pub const LONGEST_LIFE: Duration = Duration::from_mins(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// At most [`LONGEST_LIFE`] from the call.
    Temporary { scene: NonZeroU32, life: Duration },
    /// 1 to [`MOST_PERMANENT`].
    Permanent { scene: NonZeroU32 },
}

/// What a code's picture is fetched with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub ticket: String,
    /// Nothing for a permanent one.
    pub expires_in: Option<Duration>,
}

impl Code {
    /// What a scan of it is told with: `QR_SCENE_123`.
    pub fn key(&self) -> String {
        format!("{}_{}", self.action(), self.scene())
    }

    pub fn scene(&self) -> u32 {
        match self {
            Code::Temporary { scene, .. } | Code::Permanent { scene } => scene.get(),
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Code::Temporary { .. } => "QR_SCENE",
            Code::Permanent { .. } => "QR_LIMIT_SCENE",
        }
    }

    fn body(&self) -> String {
        let expiry = match self {
            Code::Temporary { life, .. } => {
                format!(r#""expire_seconds":{},"#, life.min(&LONGEST_LIFE).as_secs())
            }
            Code::Permanent { .. } => String::new(),
        };
        let (action, scene) = (self.action(), self.scene());
        format!(r#"{{{expiry}"action_name":"{action}","action_info":{{"scene":{{"scene_id":{scene}}}}}}}"#)
    }
}

impl Client {
    /// Makes a code. Whether a permanent one that is made again keeps its first ticket is not documented; what a scan
    /// of it is told with is the same.
    pub async fn create_code(&self, code: &Code) -> Result<Ticket, CallError> {
        let address = below(&self.settings().addresses.api, CREATE);
        let answer = self.post_fans_json(&address, code.body()).await?;
        let ticket = answer.text("ticket").filter(|ticket| ticket.len() <= 1024);
        let seconds = answer.whole("expire_seconds").and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Ticket {
            ticket: ticket.ok_or_else(|| CallError::garbled("ticket"))?,
            expires_in: match code {
                Code::Temporary { life, .. } => {
                    Some(seconds.map_or(*life, Duration::from_secs).min(LONGEST_LIFE))
                }
                Code::Permanent { .. } => None,
            },
        })
    }

    /// Where the picture of a code is; everybody may see it.
    pub fn code_picture_url(&self, ticket: &str) -> Url {
        let mut address = below(&self.settings().addresses.api, SHOW);
        address.query_pairs_mut().append_pair("ticket", ticket);
        address
    }

    /// The picture of a code, asked for without a token.
    pub async fn code_picture(&self, ticket: &str) -> Result<Media, CallError> {
        media(self.get_file(&self.code_picture_url(ticket), None, LARGEST_PICTURE).await?)
    }
}
