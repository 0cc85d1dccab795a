//! Pictures and voices of fans (fans-service.md §3.5).

use super::judged;
use crate::weibo::answer::Answer;
use crate::weibo::client::{Reply, below, unexplained};
use crate::weibo::{CallError, Client};
use reqwest::StatusCode;
use url::Url;

const GET: &str = "/2/mss/msget";
const THUMBNAIL: &str = "/2/mss/msget_thumbnail";
/// Weibo names no limit.
const LARGEST: usize = 16 * 1024 * 1024;
const LARGEST_FACE: usize = 512 * 1024;
pub(super) const LARGEST_PICTURE: usize = 2 * 1024 * 1024;

/// A file as it came, and what it is by its own first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub kind: MediaKind,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    Jpeg,
    Png,
    Gif,
    Webp,
    Amr,
    Mp3,
    Wave,
    Ogg,
    /// Not to be shown, only to be saved.
    Other,
}

impl MediaKind {
    /// What a page may be told it is.
    pub fn content_type(self) -> &'static str {
        match self {
            MediaKind::Jpeg => "image/jpeg",
            MediaKind::Png => "image/png",
            MediaKind::Gif => "image/gif",
            MediaKind::Webp => "image/webp",
            MediaKind::Amr => "audio/amr",
            MediaKind::Mp3 => "audio/mpeg",
            MediaKind::Wave => "audio/wav",
            MediaKind::Ogg => "audio/ogg",
            MediaKind::Other => "application/octet-stream",
        }
    }

    pub fn is_picture(self) -> bool {
        matches!(self, MediaKind::Jpeg | MediaKind::Png | MediaKind::Gif | MediaKind::Webp)
    }

    /// By its first bytes.
    pub fn of(bytes: &[u8]) -> MediaKind {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => MediaKind::Jpeg,
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => MediaKind::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => MediaKind::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => MediaKind::Webp,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => MediaKind::Wave,
            [b'#', b'!', b'A', b'M', b'R', ..] => MediaKind::Amr,
            [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => MediaKind::Mp3,
            [b'O', b'g', b'g', b'S', ..] => MediaKind::Ogg,
            _ => MediaKind::Other,
        }
    }
}

impl Client {
    /// A picture or voice in full, by the number in its packet.
    pub async fn media(&self, file: i64) -> Result<Media, CallError> {
        self.fetch(GET, &[("fid", file)], LARGEST).await
    }

    /// A picture made small.
    pub async fn thumbnail(&self, file: i64, width: u16, height: u16) -> Result<Media, CallError> {
        // Weibo's own word for the height.
        let query = [("fid", file), ("high", height.into()), ("width", width.into())];
        self.fetch(THUMBNAIL, &query, LARGEST_PICTURE).await
    }

    /// The picture of a fan, from where Weibo says it is: without a token. No document names the hosts of pictures, so
    /// it may be anywhere on the open net; machines beside the shop's are never asked.
    pub async fn face(&self, address: &Url) -> Result<Media, CallError> {
        media(self.get_outward(address, LARGEST_FACE).await?)
    }

    async fn fetch(&self, path: &str, query: &[(&str, i64)], largest: usize) -> Result<Media, CallError> {
        let mut address = below(&self.settings().addresses.upload, path);
        address.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (name, value.to_string())));
        media(self.get_file(&address, Some(self.fans_token()?), largest).await?)
    }
}

/// A file, or in its place a refusal in JSON.
pub(super) fn media((status, bytes): (StatusCode, Vec<u8>)) -> Result<Media, CallError> {
    let kind = MediaKind::of(&bytes);
    if kind == MediaKind::Other
        && let Some(answer) = Answer::parse(&bytes)
    {
        judged(Reply { status, answer })?;
        return Err(CallError::garbled("file"));
    }
    if !status.is_success() {
        return Err(unexplained(status));
    }
    if bytes.is_empty() { Err(CallError::garbled("file")) } else { Ok(Media { kind, bytes }) }
}
