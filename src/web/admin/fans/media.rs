//! A picture or a voice that a fan sent, through our own address: Weibo's asks for the shop's token.

use crate::fans::{self, Message, MessageId, Said};
use crate::staff::permission::TalkToFans;
use crate::web::staff::{Path, Staff};
use crate::web::{Error, Shop};
use crate::weibo::messages::{Content, MediaKind};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data};

/// `GET /admin/fans/{uid}/media/{message}`: asked of Weibo once, and kept.
pub async fn show(
    _: Staff<TalkToFans>,
    path: Path<(i64, i64)>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (fan, id) = *path;
    let mut conn = shop.db.reader().await?;
    let message = fans::message(&mut conn, MessageId(id)).await?.filter(|message| message.fan == fan);
    drop(conn);
    let file = message.as_ref().and_then(file).ok_or(Error::NotFound)?;
    let (kind, bytes) = fetch(&shop, id, file).await?;
    let shown = if kind.is_picture() || is_played(kind) { "inline" } else { "attachment" };
    let name = format!("{shown}; filename=\"weibo-{id}.{}\"", ending(kind));
    Ok(HttpResponse::Ok()
        .content_type(kind.content_type())
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

fn file(message: &Message) -> Option<i64> {
    match message.said {
        Said::ByFan(Content::Image { file } | Content::Voice { file }) => file,
        _ => None,
    }
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

/// What it is, its own first bytes say: nobody else's word counts. What is nothing that is known is neither kept nor
/// shown, and asked for again.
async fn fetch(shop: &Shop, message: i64, file: i64) -> Result<(MediaKind, Bytes), Error> {
    let name = format!("fan.{message}.{}", file.unsigned_abs());
    match shop.files.read(&name).await {
        Ok(Some(kept)) => return Ok((MediaKind::of(&kept), kept)),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, message, "what a fan sent cannot be read"),
    }
    let media = shop.weibo().await?.media(file).await.map_err(|error| {
        tracing::warn!(%error, message, "what a fan sent cannot be fetched");
        Error::Refused(StatusCode::BAD_GATEWAY, "fans-no-media")
    })?;
    let bytes = Bytes::from(media.bytes);
    let kind = MediaKind::of(&bytes);
    if kind == MediaKind::Other {
        tracing::warn!(message, "what a fan sent is of no kind that is known");
        return Err(Error::NotFound);
    }
    if let Err(error) = shop.files.put(&name, bytes.clone()).await {
        tracing::warn!(%error, message, "what a fan sent cannot be kept");
    }
    Ok((kind, bytes))
}
