//! What a fan looks like: Weibo's picture of her, fetched by the shop, for pages load nothing from elsewhere.

use crate::fans;
use crate::staff::permission::TalkToFans;
use crate::web::cache::Face;
use crate::web::staff::{Path, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data};
use url::Url;

/// In the place of a picture that is not there.
const NOBODY: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\"><path fill=\"#ece6dc\" \
    d=\"M0 0h48v48H0z\"/><circle cx=\"24\" cy=\"19\" r=\"8\" fill=\"#8a8178\"/><path fill=\"#8a8178\" \
    d=\"M8 44c1-10 8-15 16-15s15 5 16 15z\"/></svg>";

/// `GET /admin/fans/{uid}/picture`
pub async fn show(
    _staff: Staff<TalkToFans>,
    uid: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let fan = fans::find(&mut *shop.db.reader().await?, *uid).await?.ok_or(Error::NotFound)?;
    let face = match Url::parse(&fan.picture_url) {
        Ok(address) => shop.pages.face(address.as_str(), fetch(&shop, &address)).await,
        Err(_) => None,
    };
    let (kind, bytes) = face.unwrap_or(("image/svg+xml", Bytes::from_static(NOBODY.as_bytes())));
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CACHE_CONTROL, "private, max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

async fn fetch(shop: &Shop, address: &Url) -> Option<Face> {
    let media = shop.weibo().await.ok()?.face(address).await;
    let media =
        media.inspect_err(|error| tracing::info!(%error, "the picture of a fan is not there")).ok()?;
    media.kind.is_picture().then(|| (media.kind.content_type(), Bytes::from(media.bytes)))
}
