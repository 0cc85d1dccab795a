//! Pictures and voices that fans sent (fans-service.md §3.5).

use super::call::{Called, Refused, refusal};
use crate::sandbox::Sandbox;
use crate::sandbox::world::fans::files::{Kind, picture, voice};
use crate::sandbox::world::fans::trouble::Trouble;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const SMALL: u32 = 120;
const LARGEST: u32 = 1024;

pub async fn file(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let asked = asked(&request, &body, &sandbox);
    answer(asked.map(|(_, id, kind)| sent(id, kind, WIDTH, HEIGHT)), &request, &sandbox)
}

/// Of a picture, at most as wide and as high as asked.
pub async fn thumbnail(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let small = asked(&request, &body, &sandbox).and_then(|(called, id, kind)| {
        let side = |name: &'static str| called.maybe(name).map_or(Ok(SMALL), |_| called.number(name));
        let (width, high) = (side("width")?, side("high")?);
        match kind {
            Kind::Picture => Ok(sent(id, kind, width.clamp(16, LARGEST), high.clamp(16, LARGEST))),
            Kind::Voice => Err(Trouble::Invalid("fid").into()),
        }
    });
    answer(small, &request, &sandbox)
}

fn asked(request: &HttpRequest, body: &[u8], sandbox: &Sandbox) -> Result<(Called, u64, Kind), Refused> {
    let called = Called::read(request, body, sandbox)?;
    let id = called.number("fid")?;
    let kind = sandbox.world().file(id).ok_or(Trouble::Invalid("fid"))?;
    Ok((called, id, kind))
}

/// The file itself.
pub fn sent(id: u64, kind: Kind, width: u32, height: u32) -> HttpResponse {
    match kind {
        Kind::Picture => match picture(id, width, height) {
            Ok(png) => HttpResponse::Ok().content_type("image/png").body(png),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "a picture was not drawn");
                HttpResponse::InternalServerError().finish()
            }
        },
        Kind::Voice => HttpResponse::Ok().content_type("audio/wav").body(voice(id)),
    }
}

fn answer(file: Result<HttpResponse, Refused>, request: &HttpRequest, sandbox: &Sandbox) -> HttpResponse {
    file.unwrap_or_else(|refused| refusal(&refused, request, sandbox))
}
