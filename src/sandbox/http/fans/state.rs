//! Fans as JSON, for tests that live outside this process: their state, their hands, and the numbers that can be set.

use crate::sandbox::http::answer::Error;
use crate::sandbox::world::World;
use crate::sandbox::world::fans::rules::Rules;
use crate::sandbox::world::fans::{Fan, Format};
use crate::sandbox::{Did, FanAnswer, Sandbox};
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// The lines of `GET /sandbox/api` about fans.
pub fn described() -> Map<String, Value> {
    let lines = [
        (
            "GET /sandbox/api/fans",
            "the shop that is bound, the format, the rules, what waits to be pushed, menu, groups, codes, broadcasts, fans",
        ),
        (
            "POST /sandbox/api/fans",
            "{\"bind\":\"http://127.0.0.1:8080/hooks/weibo/fans\",\"format\":\"xml\",\"rules\":{\"wechat_names\":true,\"retry_seconds\":[5,5,5]}}; rules that are not named are as the documents have them",
        ),
        (
            "the rules called invented_…",
            "codes of errors, and a limit, that no document gives: they are the sandbox's own, so rely on none",
        ),
        ("POST /sandbox/api/fans/push", "sends again, and late, what is due"),
        ("GET /sandbox/api/fans/{uid}", "how it stands with a fan, and all that was said"),
        (
            "POST /sandbox/api/fans/{uid}",
            "{\"did\":\"said\",\"text\":\"…\"}; also picture, voice, at (longitude, latitude), followed, unfollowed, subscribed, unsubscribed (keyword), scanned (key), clicked (key), viewed (url), mentioned (in_comment, id, text)",
        ),
        ("GET /sandbox/fans", "the chat, in which a person plays a fan"),
    ];
    lines.into_iter().map(|(name, words)| (name.to_owned(), words.into())).collect()
}

pub async fn all(sandbox: Data<Sandbox>) -> HttpResponse {
    sandbox.deliver_broadcasts();
    let (world, now) = (sandbox.world(), sandbox.now());
    let service = &world.fans;
    let fans: Map<String, Value> =
        world.fans().map(|(uid, fan)| (uid.to_string(), standing(&world, fan, now))).collect();
    HttpResponse::Ok().json(json!({
        "bound_to": service.bound_to, "format": service.format, "rules": service.rules,
        "waiting": world.pushes_waiting(), "menu": service.menu, "groups": world.groups(),
        "codes": world.codes(), "broadcasts": world.broadcasts(), "fans": fans,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    bind: Option<String>,
    format: Option<Format>,
    rules: Option<Rules>,
}

pub async fn change(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let Change { bind, format, rules } = read(&body)?;
    if let Some(rules) = rules {
        if rules.retry_seconds.len() > 100 || rules.answer_seconds > 60 {
            return Err(Error::Json("at most 100 tries, and a minute for an answer".into()));
        }
        sandbox.set_fans_rules(rules);
    }
    if let Some(format) = format {
        sandbox.set_fans_format(format);
    }
    if let Some(url) = bind {
        sandbox.bind_fans(&url).await.map_err(Error::Json)?;
    }
    Ok(all(sandbox).await)
}

pub async fn push(sandbox: Data<Sandbox>) -> HttpResponse {
    let sent: Vec<_> = sandbox.push_due().await.iter().map(answered).collect();
    HttpResponse::Ok().json(json!({ "sent": sent }))
}

pub async fn one(uid: Path<i64>, sandbox: Data<Sandbox>) -> HttpResponse {
    let chat = sandbox.fan_chat(*uid);
    let (world, now) = (sandbox.world(), sandbox.now());
    let mut fan = standing(&world, &world.fan(*uid), now);
    fan["chat"] = json!(chat);
    HttpResponse::Ok().json(fan)
}

pub async fn does(uid: Path<i64>, body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let answer = match read(&body)? {
        Did::Scanned { key, .. } => sandbox.fan_scans(*uid, &key).await,
        did => sandbox.fan_does(*uid, did).await,
    };
    Ok(HttpResponse::Ok().json(answered(&answer)))
}

fn answered(answer: &FanAnswer) -> Value {
    json!({ "status": answer.status, "reply": answer.reply, "trouble": answer.trouble })
}

#[derive(Serialize)]
struct Standing<'a> {
    follows: bool,
    subscribes: bool,
    group: u64,
    #[serde(flatten)]
    window: &'a crate::sandbox::Window,
}

fn standing(world: &World, fan: &Fan, now: OffsetDateTime) -> Value {
    let window = &fan.window(&world.fans.rules, now);
    json!(Standing { follows: fan.follows, subscribes: fan.subscribes, group: fan.group, window })
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Json(format!("the JSON does not fit: {error}")))
}
