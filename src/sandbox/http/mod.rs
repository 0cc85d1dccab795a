//! What others call: Weibo's own paths, and people's pages under `/sandbox/`.

pub mod answer;
mod cashier;
mod gateway;

use super::Sandbox;
use super::traffic::{Direction, Exchange};
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, ServiceConfig, get, post, resource, scope};
use answer::{Error, Told};

/// Every address of the sandbox, in one place.
pub fn routes(sandbox: &Sandbox, cfg: &mut ServiceConfig) {
    let all = scope("")
        // Weibo Pay
        .service(
            resource("/api/merchant/pay/cashier")
                .route(get().to(cashier::show))
                .route(post().to(cashier::show_posted)),
        )
        .route("/api/merchant/pay/query", post().to(gateway::query))
        .service(resource("/api/merchant/pay/refund/{verb}").to(gateway::not_built))
        .service(resource("/api/merchant/message/send").to(gateway::not_built))
        .route("/sandbox/payments/{pay_id}/pay", post().to(cashier::pay))
        .route("/sandbox/payments/{pay_id}/leave", post().to(cashier::leave))
        // Files
        .route("/sandbox/sandbox.css", get().to(stylesheet))
        .default_service(actix_web::web::to(nothing_here));
    cfg.app_data(Data::new(sandbox.clone())).service(all.wrap(from_fn(noted)));
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../../static/sandbox/sandbox.css"))
}

async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}

/// Writes each call down and sets the headers that all answers share.
async fn noted(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let sandbox = request.app_data::<Data<Sandbox>>().cloned();
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (Some(sandbox), Some(direction)) = (sandbox, direction(&path)) else { return Ok(response) };
    let status = response.status();
    let told = response.response().extensions().get::<Told>().map(|told| told.0.clone());
    sandbox.note(Exchange {
        at: sandbox.now(),
        direction,
        method,
        path: path.chars().take(120).collect(),
        about: String::new(),
        answer: told.unwrap_or_else(|| status.as_u16().to_string()),
        good: !status.is_client_error() && !status.is_server_error(),
    });
    Ok(response)
}

/// Who calls a path; `None` for the sandbox's own pages, which are not worth a line.
fn direction(path: &str) -> Option<Direction> {
    let shopper = ["/api/merchant/pay/cashier", "/sandbox/payments/", "/oauth2/authorize", "/share/"];
    let merchant = ["/api/merchant/", "/oauth2/", "/2/"];
    if shopper.iter().any(|start| path.starts_with(start)) {
        Some(Direction::FromPhone)
    } else {
        merchant.iter().any(|start| path.starts_with(start)).then_some(Direction::FromMerchant)
    }
}
