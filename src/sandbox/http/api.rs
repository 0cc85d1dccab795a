//! State and faults as JSON, for tests that live outside this process.

use super::answer::Error;
use super::fans;
use crate::sandbox::{Card, Fault, Lasting, Sandbox, Status};
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// What there is to call, and how.
pub async fn about() -> HttpResponse {
    let mut about = json!({
        "what": "the sandbox: a pretend Weibo; everything here is JSON and for tests only",
        "GET /sandbox/api/faults": "those that are on, and late_minutes",
        "POST /sandbox/api/faults": "{\"twice\":\"once\",\"silent\":\"until_off\",\"late\":\"off\",\"late_minutes\":3}",
        "faults": Fault::all().map(Fault::name).collect::<Vec<_>>(),
        "GET /sandbox/api/payments": "oldest first",
        "GET /sandbox/api/book": "money in and back in fen: in all, and of each payment with its refunds and messages",
        "GET /sandbox/api/refunds": "oldest first, and the seconds that the next ones take",
        "POST /sandbox/api/refunds": "{\"seconds\":0}",
        "GET /sandbox/api/messages": "private messages to buyers, oldest first",
        "GET /sandbox/api/notices": "those that wait, and the schedule in seconds",
        "POST /sandbox/api/notices": "{\"schedule\":[0,15,30]}; sends what is due when the body is empty",
        "GET /sandbox/api/statuses": "newest first",
        "POST /sandbox/api/statuses":
            "{\"user\":\"7000000001\",\"text\":\"…\",\"card\":{\"url\":\"…\",\"title\":\"…\",\"image\":\"…\",\"price\":\"¥88.00\",\"stock\":\"余 42 盒\"}}",
        "DELETE /sandbox/api/statuses/{id}": "as its author would",
        "GET /sandbox/api/bridge": "what the client's JS interface is told to answer",
        "POST /sandbox/api/bridge": "{\"getLocation\":\"553\",\"openMenu\":\"absent\",\"bridge\":\"late\",\"init\":null}; codes 200 400 403 500 501 550 553",
        "GET /sandbox/api/limits": "of the open platform; what is null has none",
        "POST /sandbox/api/limits": "{\"user_per_day\":100,\"ip_per_hour\":15000,\"writes_per_hour\":30,\"accounts\":15,\"token_seconds\":86400}; what is not named has none",
        "DELETE /sandbox/api/consents/{uid}": "the account takes back the leave that the application has",
        "GET /sandbox/frame": "the page around the light app, in a desktop browser; ?account= says who looks, empty nobody",
        "GET /sandbox/light": "the same on a phone, where the app takes the page's place",
        "POST /sandbox/api/signed_request": "{\"account\":\"7000000002\"}, or {} for a visitor who is not signed in",
        "GET /sandbox/api/people": "accounts",
        "GET /sandbox/api/traffic": "what was sent and got, oldest first",
    });
    for (name, words) in fans::state::described() {
        about[name] = words;
    }
    HttpResponse::Ok().json(about)
}

pub async fn faults(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.faults())
}

pub async fn set_faults(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let wishes: Map<String, Value> = read(&body)?;
    let mut switches = Vec::new();
    let mut minutes = None;
    for (name, wish) in &wishes {
        if name == "late_minutes" {
            let number = wish.as_u64().and_then(|number| u32::try_from(number).ok());
            minutes = Some(number.ok_or_else(|| refused("late_minutes is a whole number"))?);
            continue;
        }
        let fault = Fault::named(name).ok_or_else(|| refused("there is no such fault"))?;
        switches.push((fault, lasting(wish)?));
    }
    for (fault, lasting) in switches {
        sandbox.set_fault(fault, lasting);
    }
    if let Some(minutes) = minutes {
        sandbox.set_late_minutes(minutes);
    }
    Ok(faults(sandbox).await)
}

pub async fn payments(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.payments())
}

pub async fn book(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.book())
}

pub async fn refunds(sandbox: Data<Sandbox>) -> HttpResponse {
    let refunds = sandbox.refunds();
    HttpResponse::Ok().json(json!({ "refunds": refunds, "seconds": sandbox.world().refund_seconds() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: u32,
}

/// Sets how long the next refunds take.
pub async fn set_refunds(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let Seconds { seconds } = read(&body)?;
    sandbox.set_refund_seconds(seconds);
    Ok(refunds(sandbox).await)
}

pub async fn messages(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.messages())
}

pub async fn notices(sandbox: Data<Sandbox>) -> HttpResponse {
    let world = sandbox.world();
    HttpResponse::Ok()
        .json(json!({ "waiting": world.notices.waiting(), "schedule": world.notices.schedule() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    schedule: Vec<u32>,
}

/// Sets the schedule, or with an empty body sends what is due.
pub async fn set_notices(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    if body.is_empty() {
        let sent = sandbox.deliver_due().await.len();
        return Ok(HttpResponse::Ok().json(json!({ "sent": sent })));
    }
    let Schedule { schedule } = read(&body)?;
    if schedule.is_empty() || schedule.len() > 100 {
        return Err(refused("a schedule has 1 to 100 waits"));
    }
    sandbox.set_schedule(schedule);
    Ok(notices(sandbox).await)
}

pub async fn statuses(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.statuses())
}

#[derive(Deserialize)]
struct NewStatus {
    user: String,
    text: String,
    card: Option<Card>,
}

pub async fn say(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let NewStatus { user, text, card } = read(&body)?;
    let status: Status = sandbox.say(&user, &text, card).map_err(|error| refused(&error.to_string()))?;
    Ok(HttpResponse::Created().json(status))
}

pub async fn delete_status(id: Path<u64>, sandbox: Data<Sandbox>) -> HttpResponse {
    match sandbox.delete_status(*id) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => HttpResponse::NotFound().json(json!({ "error": error.to_string() })),
    }
}

pub async fn limits(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.limits())
}

pub async fn set_limits(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    sandbox.set_limits(read(&body)?);
    Ok(limits(sandbox).await)
}

pub async fn withdraw(uid: Path<String>, sandbox: Data<Sandbox>) -> HttpResponse {
    sandbox.withdraw(&uid);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Looking {
    account: Option<String>,
}

/// What the outer frame would post now.
pub async fn signed_request(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let Looking { account } = read(&body)?;
    if account.as_ref().is_some_and(|uid| sandbox.world().person(uid).is_none()) {
        return Err(refused("there is no such account"));
    }
    let signed_request = sandbox.signed_request(account.as_deref());
    Ok(HttpResponse::Ok().json(json!({ "signed_request": signed_request })))
}

pub async fn people(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.people())
}

pub async fn traffic(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.traffic())
}

fn lasting(wish: &Value) -> Result<Option<Lasting>, Error> {
    if wish.is_null() || wish == "off" {
        return Ok(None);
    }
    Lasting::deserialize(wish).map(Some).map_err(|_| refused("a fault lasts once, until_off or is off"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Json(format!("the JSON does not fit: {error}")))
}

fn refused(words: &str) -> Error {
    Error::Json(words.to_owned())
}
