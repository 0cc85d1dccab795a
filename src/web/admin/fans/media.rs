//! A picture or a voice that a fan sent, through our own address: Weibo's asks for the shop's token.

use crate::fans::media::{self, Size};
use crate::fans::{self, MessageId};
use crate::staff::permission::TalkToFans;
use crate::web::staff::{Path, Query, Staff};
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::messages::{Media, MediaKind};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data};
use serde::Deserialize;

/// As wide and high as a picture among words is on a fine screen.
const SMALL: u16 = 440;

#[derive(Debug, Deserialize)]
pub struct Asked {
    small: Option<String>,
}

/// `GET /admin/fans/{uid}/media/{message}`: asked of Weibo once, and kept for a while.
pub async fn show(
    _: Staff<TalkToFans>,
    path: Path<(i64, i64)>,
    asked: Query<Asked>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (fan, id) = *path;
    let mut conn = shop.db.reader().await?;
    let message = fans::message(&mut conn, MessageId(id)).await?.filter(|message| message.fan == fan);
    drop(conn);
    let message = message.ok_or(Error::NotFound)?;
    let file = media::file(&message).ok_or(Error::NotFound)?;
    if media::is_gone(&message, shop.clock.now()) {
        return Err(Error::Refused(StatusCode::GONE, "fans-media-gone"));
    }
    let size = if asked.small.is_some() { Size::Small } else { Size::Whole };
    let (kind, bytes) = fetch(&shop, message.id, file, size).await?;
    let shown = if kind.is_picture() || is_played(kind) { "inline" } else { "attachment" };
    let name = format!("{shown}; filename=\"weibo-{id}.{}\"", ending(kind));
    Ok(HttpResponse::Ok()
        .content_type(kind.content_type())
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

fn is_played(kind: MediaKind) -> bool {
    matches!(kind, MediaKind::Mp3 | MediaKind::Wave | MediaKind::Ogg)
}

fn ending(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Jpeg => "jpg",
        MediaKind::Png => "png",
        MediaKind::Gif => "gif",
        MediaKind::Webp => "webp",
        MediaKind::Amr => "amr",
        MediaKind::Mp3 => "mp3",
        MediaKind::Wave => "wav",
        MediaKind::Ogg => "ogg",
        MediaKind::Other => "bin",
    }
}

/// Where there is no small one, the whole one stands in its place.
async fn fetch(shop: &Shop, message: MessageId, file: i64, size: Size) -> Result<(MediaKind, Bytes), Error> {
    match (fetch_one(shop, message, file, size).await, size) {
        (Err(Error::NotFound | Error::Refused(..)), Size::Small) => {
            fetch_one(shop, message, file, Size::Whole).await
        }
        (fetched, _) => fetched,
    }
}

/// What it is, its own first bytes say: nobody else's word counts. What is nothing that is known is neither kept nor
/// shown, and asked for again.
async fn fetch_one(
    shop: &Shop,
    message: MessageId,
    file: i64,
    size: Size,
) -> Result<(MediaKind, Bytes), Error> {
    let (name, id) = (media::name(message, file, size), message.0);
    match shop.files.read(&name).await {
        Ok(Some(kept)) => return Ok((MediaKind::of(&kept), kept)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, message = id, "what a fan sent cannot be read"),
    }
    let media = ask(shop, file, size).await?.map_err(|error| {
        tracing::warn!(%error, message = id, "what a fan sent cannot be fetched");
        Error::Refused(StatusCode::BAD_GATEWAY, "fans-no-media")
    })?;
    let bytes = Bytes::from(media.bytes);
    let kind = MediaKind::of(&bytes);
    if kind == MediaKind::Other {
        tracing::warn!(message = id, "what a fan sent is of no kind that is known");
        return Err(Error::NotFound);
    }
    if let Err(error) = shop.files.put(&name, bytes.clone()).await {
        tracing::warn!(%error, message = id, "what a fan sent cannot be kept");
    }
    Ok((kind, bytes))
}

async fn ask(shop: &Shop, file: i64, size: Size) -> Result<Result<Media, CallError>, Error> {
    let weibo = shop.weibo().await?;
    Ok(match size {
        Size::Whole => weibo.media(file).await,
        Size::Small => weibo.thumbnail(file, SMALL, SMALL).await,
    })
}
