//! QR codes with a parameter, and their pictures, which need no login (fans-service.md §9).

use super::call::{Called, lost, refusal};
use crate::sandbox::Sandbox;
use crate::sandbox::http::answer::{Error, broken, query, random_text};
use crate::sandbox::world::fans::codes::NewCode;
use crate::sandbox::world::fans::trouble::Trouble;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use anyhow::Context;
use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, QrCode};
use serde_json::{Value, json};
use std::io::Cursor;

/// Pixels to a module, and empty modules around.
const MODULE: u32 = 8;
const QUIET: u32 = 4;

/// As JSON, or as flat fields.
pub async fn create(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let created = Called::read(&request, &body, &sandbox).and_then(|called| {
        let field = |name: &'static str, json: &Value| match json {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => called.maybe(name).map(str::to_owned),
        };
        let of_json = &called.json;
        let action = field("action_name", &of_json["action_name"]).ok_or(Trouble::Missing("action_name"))?;
        let scene = field("scene_id", &of_json["action_info"]["scene"]["scene_id"]);
        let scene = scene.ok_or(Trouble::Missing("scene_id"))?;
        let seconds = field("expire_seconds", &of_json["expire_seconds"]);
        let asked = NewCode { action: &action, scene: &scene, seconds: seconds.as_deref() };
        let now = sandbox.now();
        let code = sandbox.change(|world, now| world.create_code(&asked, random_text(), now))?;
        let mut answer = json!({ "ticket": code.ticket });
        if let Some(until) = code.until {
            answer["expire_seconds"] = (until - now).whole_seconds().into();
        }
        Ok(answer)
    });
    match created {
        Ok(_) if lost(&sandbox) => broken(),
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let ticket = query(&request)?.remove("ticket").unwrap_or_default();
    let is_good = sandbox.world().code(&ticket).is_some_and(|code| code.is_good(sandbox.now()));
    if !is_good {
        return Err(Error::NotFound);
    }
    let mut link = sandbox.0.settings.public_url.join("/sandbox/fans/scan").map_err(anyhow::Error::from)?;
    link.query_pairs_mut().append_pair("ticket", &ticket);
    Ok(HttpResponse::Ok().content_type("image/png").body(drawn(link.as_str())?))
}

fn drawn(text: &str) -> anyhow::Result<Vec<u8>> {
    let code = QrCode::new(text)?;
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
