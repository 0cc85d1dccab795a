//! What stands on the drawn phone's own screens: the stream, its buttons, the scanner.

use super::answer::{Error, account_cookie, form, page, query, see_other, wished_account};
use crate::sandbox::pages::{ComposerPage, ScanPage, StreamPage};
use crate::sandbox::world::statuses::SayError;
use crate::sandbox::{Direction, Exchange, Sandbox};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let has_phone = sandbox.0.settings.phone_url.is_some();
    let links = StreamPage::links(&sandbox.world());
    let read = sandbox.reads_all(links).await;
    let (world, cookie) = (sandbox.world(), account_cookie(&request));
    let looks = world.acting([None, cookie.as_deref()]).map(|person| person.uid.as_str());
    let view = StreamPage::new(&world, sandbox.now(), has_phone, &read).seen_by(looks);
    page(StatusCode::OK, &view, &[])
}

pub async fn ask_repost(
    request: HttpRequest,
    id: Path<u64>,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let world = sandbox.world();
    world.status(*id).ok_or(Error::NotFound)?;
    let cookie = account_cookie(&request);
    let view = ComposerPage::of_repost(&world, *id, String::new(), None, [None, cookie.as_deref()]);
    page(StatusCode::OK, &view, &[])
}

pub async fn repost(
    request: HttpRequest,
    id: Path<u64>,
    body: Bytes,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let params = form(&body)?;
    let cookie = account_cookie(&request);
    let wished = wished_account(&params, cookie.as_deref());
    let text = params.get("status").map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let said = sandbox.change(|world, now| {
        let uid = world.acting(wished).map(|person| person.uid.clone()).unwrap_or_default();
        world.repost(&uid, *id, &text, now).map(|_| ())
    });
    match said {
        Ok(()) => Ok(see_other("/sandbox/stream")),
        Err(SayError::NoSuchStatus) => Err(Error::NotFound),
        Err(error) => {
            let trouble = Some(format!("{error}（{}）", error.code()));
            let view = ComposerPage::of_repost(&sandbox.world(), *id, text, trouble, wished);
            page(StatusCode::UNPROCESSABLE_ENTITY, &view, &[])
        }
    }
}

pub async fn like(id: Path<u64>, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    sandbox.change(|world, _| world.like(*id)).map_err(|_| Error::NotFound)?;
    Ok(see_other("/sandbox/stream"))
}

pub async fn comment(id: Path<u64>, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    sandbox.change(|world, _| world.comment(*id)).map_err(|_| Error::NotFound)?;
    Ok(see_other("/sandbox/stream"))
}

/// Takes one's own down: that of the account that was chosen on the desk.
pub async fn remove(
    request: HttpRequest,
    id: Path<u64>,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let cookie = account_cookie(&request);
    let removed = sandbox.change(|world, _| {
        let uid =
            world.acting([None, cookie.as_deref()]).map(|person| person.uid.clone()).unwrap_or_default();
        world.own_status(&uid, *id)?;
        world.delete_status(*id)
    });
    removed.map_err(|_| Error::NotFound)?;
    Ok(see_other("/sandbox/stream"))
}

/// The scanner: with `link`, the text of a QR code, leads to it when it is the shop's or our own.
pub async fn scan(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let settings = &sandbox.0.settings;
    // Chromium holds the form's policy against the redirect as well.
    let leads_to: Vec<&Url> = settings.shop_url.iter().chain(&settings.phone_url).collect();
    let Some(link) = query(&request)?.remove("link") else {
        return page(StatusCode::OK, &ScanPage { link: String::new(), trouble: None }, &leads_to);
    };
    let known = [Some(&settings.public_url), settings.shop_url.as_ref(), settings.phone_url.as_ref()];
    let found = Url::parse(link.trim())
        .ok()
        .filter(|url| known.into_iter().flatten().any(|known| known.origin() == url.origin()));
    let Some(url) = found else {
        let trouble = Some("只能打开这家店的链接。 Only links of this shop open here.".to_owned());
        return page(StatusCode::UNPROCESSABLE_ENTITY, &ScanPage { link, trouble }, &leads_to);
    };
    sandbox.note(Exchange {
        at: sandbox.now(),
        direction: Direction::FromPhone,
        method: "GET".into(),
        path: url.path().chars().take(120).collect(),
        about: "扫一扫".into(),
        answer: "打开".into(),
        good: true,
    });
    Ok(see_other(url.as_str()))
}
