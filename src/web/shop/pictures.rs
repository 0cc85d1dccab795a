//! Product pictures: named after their content, so a browser keeps them for ever.

use crate::catalog::Format;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{Data, Path};

pub async fn get(name: Path<String>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let format = Format::of_file(&name).ok_or(Error::NotFound)?;
    let bytes = shop.files.read(&name).await.map_err(anyhow::Error::from)?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}
