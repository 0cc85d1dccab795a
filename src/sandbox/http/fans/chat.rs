//! The chat page: whoever holds the phone plays a fan, by forms.

use super::files::sent;
use crate::sandbox::http::answer::{Error, account_cookie, form, page, query, see_other};
use crate::sandbox::http::desk::remembering;
use crate::sandbox::pages::{FansPage, FansScanPage, MessagePage};
use crate::sandbox::world::World;
use crate::sandbox::world::fans::menu::Leaf;
use crate::sandbox::world::people::Person;
use crate::sandbox::{Did, Sandbox};
use crate::weibo::signature::Params;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

/// The end of the chat, where one writes.
const END: &str = "/sandbox/fans#end";
/// Nobody writes more at once.
const LONGEST: usize = 5000;

pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    sandbox.deliver_broadcasts();
    let settings = &sandbox.0.settings;
    let view = {
        let world = sandbox.world();
        let fan = playing(&world, &request).ok_or(Error::NotFound)?;
        FansPage::new(&world, fan, settings.phone_url.is_some(), sandbox.now()).ok_or(Error::NotFound)?
    };
    // A button of the menu leads to the shop.
    let leads_to: Vec<&Url> = settings.shop_url.iter().chain(&settings.phone_url).collect();
    page(StatusCode::OK, &view, &leads_to)
}

/// Hands the phone to another fan.
pub async fn choose(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let account = form(&body)?.remove("account").unwrap_or_default();
    if sandbox.world().person(&account).is_none() {
        return Err(Error::Refused("no such account".into()));
    }
    sandbox.change(|world, _| world.desk.account = Some(account.clone()));
    Ok(remembering(crate::sandbox::http::answer::ACCOUNT_COOKIE, account, END))
}

pub async fn does(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let params = form(&body)?;
    let uid: i64 = {
        let world = sandbox.world();
        let fan = playing(&world, &request).ok_or(Error::NotFound)?;
        fan.uid.parse().map_err(|_| Error::NotFound)?
    };
    let did = asked(&sandbox, uid, &params)?;
    let leads_to = if let Did::Viewed { url } = &did { Some(url.clone()) } else { None };
    sandbox.fan_does(uid, did).await;
    let Some(url) = leads_to else { return Ok(see_other(END)) };
    if is_known(&sandbox, &url) {
        return Ok(see_other(&url));
    }
    let words = format!("这个按钮打开 {url}，沙箱不去那里。 The sandbox does not go there.");
    page(StatusCode::OK, &MessagePage { title: "别处的链接", words }, &[])
}

/// What a code on paper leads to: the scan itself is a button, so that looking changes nothing.
pub async fn scan(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let ticket = query(&request)?.remove("ticket").unwrap_or_default();
    let view = {
        let world = sandbox.world();
        let fan = playing(&world, &request).ok_or(Error::NotFound)?.clone();
        let shop = world.people().first().ok_or(Error::NotFound)?.clone();
        let code = world.code(&ticket).filter(|code| code.is_good(sandbox.now()));
        FansScanPage { shop, fan, key: code.map(|code| code.key.clone()), ticket }
    };
    page(StatusCode::OK, &view, &[])
}

/// Her own picture or voice, as it stands in the chat.
pub async fn file(id: Path<u64>, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let kind = sandbox.world().file(*id).ok_or(Error::NotFound)?;
    Ok(sent(*id, kind, 320, 240))
}

/// Somebody's drawn head.
pub async fn avatar(uid: Path<String>, sandbox: Data<Sandbox>) -> HttpResponse {
    let (letter, colour) = {
        let world = sandbox.world();
        let person = world.person(&uid).map(|person| (person.letter.clone(), person.colour.clone()));
        person.unwrap_or_else(|| ("粉".into(), "sand".into()))
    };
    let fill = match colour.as_str() {
        "jade" => "#0f6b57",
        "sky" => "#2f5d8c",
        "plum" => "#7a3b69",
        _ => "#8a3b00",
    };
    let letter = letter.replace(['&', '<', '>'], "");
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 50 50\" width=\"180\" height=\"180\">\
         <rect width=\"50\" height=\"50\" fill=\"{fill}\"/><text x=\"25\" y=\"33\" font-size=\"22\" \
         text-anchor=\"middle\" fill=\"#fff\" font-family=\"sans-serif\">{letter}</text></svg>"
    );
    HttpResponse::Ok().content_type("image/svg+xml").body(svg)
}

/// The shop does not write to itself: then it is the first buyer.
fn playing<'a>(world: &'a World, request: &HttpRequest) -> Option<&'a Person> {
    let cookie = account_cookie(request);
    let shop = world.people().first()?;
    world.acting([None, cookie.as_deref()]).filter(|person| person.uid != shop.uid).or(world.people().get(1))
}

fn asked(sandbox: &Sandbox, uid: i64, params: &Params) -> Result<Did, Error> {
    let refused = |words: &str| Error::Refused(words.to_owned());
    let value =
        |name: &str| params.get(name).map(|text| text.trim().replace("\r\n", "\n")).unwrap_or_default();
    let text = |name: &str| {
        let text = value(name);
        let fits = !text.is_empty() && text.chars().count() <= LONGEST;
        if fits { Ok(text) } else { Err(refused("写 1 到 5000 个字。 1 to 5000 characters.")) }
    };
    Ok(match value("did").as_str() {
        "said" => Did::Said { text: text("text")? },
        "picture" => Did::Picture,
        "voice" => Did::Voice,
        "at" => Did::At { longitude: text("longitude")?, latitude: text("latitude")? },
        "followed" => Did::Followed,
        "unfollowed" => Did::Unfollowed,
        "subscribed" => Did::Subscribed { keyword: None },
        "unsubscribed" => Did::Unsubscribed { keyword: None },
        "scanned" => scanned(sandbox, uid, &value("ticket"))?,
        "clicked" | "viewed" => pressed(sandbox, &value("key"), &value("url"))?,
        "mentioned" => {
            let (text, in_comment) = (text("text")?, value("where") == "comment");
            let said = sandbox.say(&uid.to_string(), &text, None);
            let status = said.map_err(|error| Error::Refused(error.to_string()))?;
            Did::Mentioned { in_comment, id: status.id.to_string(), text }
        }
        _ => return Err(refused("没有这个动作。 No such thing to do.")),
    })
}

fn scanned(sandbox: &Sandbox, uid: i64, ticket: &str) -> Result<Did, Error> {
    let world = sandbox.world();
    let code = world.code(ticket).filter(|code| code.is_good(sandbox.now()));
    let code =
        code.ok_or_else(|| Error::Refused("二维码过期了，或不是这家店的。 The code is over.".into()))?;
    Ok(Did::Scanned { key: code.key.clone(), ticket: code.ticket.clone(), followed: !world.fan(uid).follows })
}

/// Only what stands in the menu can be pressed.
fn pressed(sandbox: &Sandbox, key: &str, url: &str) -> Result<Did, Error> {
    let menu = sandbox.fans_menu().unwrap_or_default();
    let has_key = menu.has(|leaf| matches!(leaf, Leaf::Click { key: known, .. } if known == key));
    let has_url = menu.has(|leaf| matches!(leaf, Leaf::View { url: known, .. } if known == url));
    match (has_key, has_url) {
        (true, _) => Ok(Did::Clicked { key: key.to_owned() }),
        (_, true) => Ok(Did::Viewed { url: url.to_owned() }),
        _ => Err(Error::Refused("菜单里没有这个按钮。 The menu has no such button.".into())),
    }
}

fn is_known(sandbox: &Sandbox, url: &str) -> bool {
    let settings = &sandbox.0.settings;
    let known = [Some(&settings.public_url), settings.shop_url.as_ref(), settings.phone_url.as_ref()];
    Url::parse(url).is_ok_and(|url| known.into_iter().flatten().any(|known| known.origin() == url.origin()))
}
