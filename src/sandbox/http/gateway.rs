//! What a merchant's server asks the gateway for: the query (weibo-pay.md §6), and how all of it answers.

use super::answer::{Error, form, told, told_refused};
use crate::sandbox::world::pay::PayError;
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::Params;
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than any caller waits, and bounded.
pub(super) const HANG: Duration = Duration::from_secs(30);

pub async fn query(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    if let Some(answer) = misbehave(&sandbox).await {
        return Ok(answer);
    }
    let Ok(params) = form(&body) else { return Ok(refusal(&PayError::Parameter("a parameter"))) };
    let found = sandbox
        .0
        .merchant
        .signed(&params)
        .and_then(|()| sandbox.change(|world, now| world.query(&params, now)));
    Ok(match found {
        Ok(data) => success(&data),
        Err(refused) => refusal(&refused),
    })
}

pub fn not_built() -> HttpResponse {
    refusal(&PayError::NotBuilt)
}

async fn misbehave(sandbox: &Sandbox) -> Option<HttpResponse> {
    let strikes = |fault| sandbox.change(|world, _| world.faults.strikes(fault));
    if strikes(Fault::QueryFails) {
        return Some(HttpResponse::InternalServerError().finish());
    }
    if strikes(Fault::QueryHangs) {
        tokio::time::sleep(HANG).await;
        return Some(HttpResponse::GatewayTimeout().finish());
    }
    if strikes(Fault::QueryGarbage) {
        return Some(garbage());
    }
    strikes(Fault::QueryUnknownCode)
        .then(|| told_refused(answer("987654", "nobody knows this code (sandbox)", None), "987654"))
}

pub(super) fn garbage() -> HttpResponse {
    let page = "<!doctype html><title>502</title><h1>Bad Gateway</h1>";
    told_refused(HttpResponse::Ok().content_type("text/html").body(page), "HTML")
}

fn success(data: &Params) -> HttpResponse {
    let about = data.get("status").cloned().unwrap_or_default();
    told(
        answer("100000", "Success", Some(json!(data))),
        format!("100000 {}", about.trim_start_matches("PAY_STATUS_")),
    )
}

pub(super) fn refusal(refused: &PayError) -> HttpResponse {
    let msg = format!("{refused} (code invented by the sandbox)");
    told_refused(answer(refused.code(), &msg, None), refused.code())
}

/// Weibo answers 200 and tells by the code.
pub(super) fn answer(code: &str, msg: &str, data: Option<Value>) -> HttpResponse {
    let mut body = json!({ "code": code, "msg": msg });
    if let Some(data) = data {
        body["data"] = data;
    }
    HttpResponse::Ok().json(body)
}
