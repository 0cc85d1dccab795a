//! Who the fans are, who subscribes, and in which words they are told of (fans-service.md §9).

use super::call::{Called, lost, refusal, result};
use crate::sandbox::Sandbox;
use crate::sandbox::http::answer::broken;
use crate::sandbox::world::fans::Format;
use crate::sandbox::world::fans::trouble::Trouble;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

pub async fn set_format(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let set = Called::read(&request, &body, &sandbox).and_then(|called| {
        let format = match called.text("format")? {
            "json" => Format::Json,
            "xml" => Format::Xml,
            _ => return Err(Trouble::Invalid("format").into()),
        };
        sandbox.set_fans_format(format);
        Ok(())
    });
    match set {
        Ok(()) if lost(&sandbox) => broken(),
        Ok(()) => result(),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

pub async fn about(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let uid = Called::read(&request, &body, &sandbox).and_then(|called| Ok(called.uid("uid")?));
    match uid {
        Ok(uid) => HttpResponse::Ok().json(fields(&sandbox, uid)),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

fn fields(sandbox: &Sandbox, uid: i64) -> Value {
    let world = sandbox.world();
    let fan = world.fan(uid);
    if !fan.follows {
        return json!({ "follow": "0" });
    }
    let person = world.person(&uid.to_string());
    let name = person.map_or_else(|| format!("用户{uid}"), |person| person.name.clone());
    let place = person.map(|person| person.location.clone()).unwrap_or_default();
    let (province, city) = place.split_once(' ').unwrap_or((&place, ""));
    let sex = match person.map(|person| person.gender.as_str()) {
        Some("m") => 1,
        Some("f") => 2,
        _ => 0,
    };
    let picture = sandbox.0.settings.public_url.join(&format!("/sandbox/avatars/{uid}.svg"));
    let picture = picture.map(String::from).unwrap_or_default();
    json!({
        "subscribe": u8::from(fan.subscribes), "uid": uid, "nickname": name, "sex": sex, "language": "zh_CN",
        "city": city, "province": province, "country": "中国", "headimgurl": picture,
        "headimgurl_large": picture, "headimgurl_hd": picture, "follow": 1, "remark": "",
        "subscribe_time": fan.subscribed_at.map_or(0, time::OffsetDateTime::unix_timestamp),
    })
}

/// In order of their uids; a page begins with `next_uid`.
pub async fn subscribers(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let page = Called::read(&request, &body, &sandbox).and_then(|called| {
        let from: i64 = called.maybe("next_uid").map(|_| called.uid("next_uid")).transpose()?.unwrap_or(0);
        let world = sandbox.world();
        let rules = &world.fans.rules;
        let all: Vec<i64> = world.fans().filter(|(_, fan)| fan.subscribes).map(|(uid, _)| uid).collect();
        let mut rest = all.iter().copied().skip_while(|uid| *uid < from);
        let most = rules.subscribers_page.clamp(1, 10_000) as usize;
        let uids: Vec<i64> = rest.by_ref().take(most).collect();
        let next = rest.next().map(|uid| uid.to_string()).unwrap_or_default();
        let mut page = json!({ "total": all.len(), "count": uids.len(), "next_uid": next });
        if rules.flat_subscribers {
            page["uids"] = uids.into();
        } else {
            page["data"] = json!({ "uids": uids });
        }
        Ok(page)
    });
    match page {
        Ok(page) => HttpResponse::Ok().json(page),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}
