//! A short link as a code to be printed: PNG and SVG.

use crate::sharing::links;
use crate::staff::permission::Look;
use crate::web::staff::{Path, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use anyhow::Context;
use image::{GrayImage, ImageFormat, Luma};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};
use std::io::Cursor;

/// Pixels of one module in the PNG: on a leaflet it is three centimetres wide and still sharp.
const MODULE: u32 = 16;
/// Modules around it that stay white, as readers want it.
const QUIET: u32 = 4;

/// `GET /admin/sharing/links/{code}/code.png`
pub async fn png(_staff: Staff<Look>, code: Path<String>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let code = found(&shop, &code).await?;
    Ok(answer("image/png", drawn(&code)?))
}

/// `GET /admin/sharing/links/{code}/code.svg`
pub async fn svg(_staff: Staff<Look>, code: Path<String>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let code = found(&shop, &code).await?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    Ok(answer("image/svg+xml", picture.into_bytes()))
}

/// The code of a link that leads somewhere.
async fn found(shop: &Shop, code: &str) -> Result<QrCode, Error> {
    if !links::is_code(code) {
        return Err(Error::NotFound);
    }
    links::find(&mut *shop.db.reader().await?, code).await?.ok_or(Error::NotFound)?;
    let address = shop.settings.absolute(&format!("/s/{code}"));
    Ok(QrCode::with_error_correction_level(address, EcLevel::M).context("a link's code")?)
}

fn answer(kind: &'static str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).insert_header((CACHE_CONTROL, "private, max-age=86400")).body(bytes)
}

fn drawn(code: &QrCode) -> anyhow::Result<Vec<u8>> {
    let width = u32::try_from(code.width())?;
    let side = (width + 2 * QUIET) * MODULE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let at = |pixel: u32| (pixel / MODULE).checked_sub(QUIET).filter(|module| *module < width);
        let dark = at(x).zip(at(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).context("writing the code")?;
    Ok(png.into_inner())
}
