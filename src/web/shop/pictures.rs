//! Pictures: named after their content, so a browser keeps them for ever.

use crate::catalog::Format;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data, Path};

/// `GET /pictures/{name}`
pub async fn get(name: Path<String>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let format = Format::of_file(&name).ok_or(Error::NotFound)?;
    let mut found = read(&shop, &name).await?;
    // The smallest were not made of the pictures of shops that are older than this.
    if found.is_none() && name.contains("-160.") {
        found = read(&shop, &name.replace("-160.", "-375.")).await?;
    }
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(found.ok_or(Error::NotFound)?))
}

/// A bucket that does not answer is no fault of the visitor's, nor for ever: 503 with the time to come again.
async fn read(shop: &Shop, name: &str) -> Result<Option<Bytes>, Error> {
    let kept = shop.files.read(name).await.map_err(|error| {
        tracing::warn!(%error, "a picture cannot be read");
        Error::Busy
    })?;
    match kept {
        Some(kept) => Ok(Some(kept)),
        None => Ok(shop.easel.draw(&shop.files, name).await?),
    }
}
