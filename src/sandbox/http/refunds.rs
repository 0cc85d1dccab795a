//! What a merchant's server asks about refunds: applying and the query (weibo-pay.md §7), with their misbehaviour.

use super::answer::{Error, broken, form, query, told, told_refused};
use super::gateway::{HANG, answer, garbage, refusal};
use crate::sandbox::world::pay::PayError;
use crate::sandbox::world::refunds::Application;
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::Params;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// Takes an application: a posted form, or a query as one client sends it.
pub async fn apply(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    if let Some(answer) = misbehave(&sandbox).await {
        return answer;
    }
    let taken = signed(&request, &body, &sandbox)
        .and_then(|params| Application::read(&params))
        .and_then(|asked| sandbox.change(|world, now| world.refund(asked, now)));
    let refund = match taken {
        Ok(refund) => refund,
        Err(refused) => return refusal(&refused),
    };
    if refund.is_told_first() {
        sandbox.deliver_due().await;
    }
    if strikes(&sandbox, Fault::RefundAnswerLost) {
        return broken();
    }
    let data = json!({ "is_success": "T", "refund_id": refund.refund_id });
    told(answer("100000", "Success", Some(data)), "100000 T")
}

/// Tells of one refund as an object, of several as a list.
pub async fn find(body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    if strikes(&sandbox, Fault::RefundQueryFails) {
        return HttpResponse::InternalServerError().finish();
    }
    let found = merchants(form(&body), &sandbox).and_then(|params| {
        sandbox.change(|world, now| {
            world.end_refunds(now);
            world.query_refunds(&params)
        })
    });
    let mut found = match found {
        Ok(found) => found,
        Err(refused) => return refusal(&refused),
    };
    let words = found.first().and_then(|one| one.get("status")).cloned().unwrap_or_default();
    if strikes(&sandbox, Fault::RefundQueryEmpty) {
        return told(answer("100000", "Success", None), "100000");
    }
    let as_list = strikes(&sandbox, Fault::RefundQueryList);
    if as_list && let Some(first) = found.first().cloned() {
        found.insert(0, of_somebody_else(first));
    }
    let data = match found.as_slice() {
        [one] if !as_list => json!(one),
        all => json!(all),
    };
    told(
        answer("100000", "Success", Some(data)),
        format!("100000 {}", words.trim_start_matches("REFUND_STATUS_")),
    )
}

/// The parameters, when this merchant signed them.
pub(super) fn signed(request: &HttpRequest, body: &Bytes, sandbox: &Sandbox) -> Result<Params, PayError> {
    let params = if request.method() == Method::GET { query(request) } else { form(body) };
    merchants(params, sandbox)
}

fn merchants(params: Result<Params, Error>, sandbox: &Sandbox) -> Result<Params, PayError> {
    let params = params.map_err(|_| PayError::Parameter("a parameter"))?;
    sandbox.0.merchant.signed(&params)?;
    Ok(params)
}

async fn misbehave(sandbox: &Sandbox) -> Option<HttpResponse> {
    if strikes(sandbox, Fault::RefundHangs) {
        tokio::time::sleep(HANG).await;
        return Some(HttpResponse::GatewayTimeout().finish());
    }
    if strikes(sandbox, Fault::RefundGarbage) {
        return Some(garbage());
    }
    if strikes(sandbox, Fault::RefundNotAccepted) {
        let data = json!({ "is_success": "F", "refund_id": "" });
        return Some(told_refused(answer("100000", "Success", Some(data)), "100000 F"));
    }
    strikes(sandbox, Fault::RefundRefused).then(|| refusal(&PayError::RefundRefused))
}

pub(super) fn strikes(sandbox: &Sandbox, fault: Fault) -> bool {
    sandbox.change(|world, _| world.faults.strikes(fault))
}

fn of_somebody_else(mut refund: Params) -> Params {
    for (name, value) in [
        ("out_refund_id", "SOMEBODY-ELSE-1"),
        ("refund_id", "400000000000000000"),
        ("pay_id", "300000000000000000"),
    ] {
        refund.insert(name.into(), value.into());
    }
    refund
}
