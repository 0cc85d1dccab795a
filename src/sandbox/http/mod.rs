//! What others call: Weibo's own paths, and people's pages under `/sandbox/`.

pub mod answer;
mod api;
mod cashier;
mod desk;
mod fans;
mod frame;
mod gateway;
mod jsapi;
mod messages;
mod oauth;
mod refunds;
mod share;
mod statuses;
mod stream;
mod write;

use super::traffic::{Direction, Exchange};
use super::{Fault, Sandbox};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, ServiceConfig, delete, get, post, resource, scope};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};
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
        .service(
            resource("/api/merchant/pay/refund/apply")
                .route(get().to(refunds::apply))
                .route(post().to(refunds::apply)),
        )
        .route("/api/merchant/pay/refund/query", post().to(refunds::find))
        .service(
            resource("/api/merchant/message/send")
                .route(get().to(messages::send))
                .route(post().to(messages::send)),
        )
        .route("/sandbox/payments/{pay_id}/pay", post().to(cashier::pay))
        .route("/sandbox/payments/{pay_id}/leave", post().to(cashier::leave))
        // The open platform
        .service(
            resource("/oauth2/authorize")
                .route(get().to(oauth::authorize))
                .route(post().to(oauth::authorize)),
        )
        .route("/oauth2/access_token", post().to(oauth::access_token))
        .route("/oauth2/get_token_info", post().to(oauth::token_info))
        .service(
            resource("/oauth2/revokeoauth2").route(get().to(oauth::revoke)).route(post().to(oauth::revoke)),
        )
        .service(call("/2/account/get_uid.json", get().to(statuses::uid)))
        .service(call("/2/users/show.json", get().to(statuses::show_user)))
        // Sharing without a token
        .service(
            resource(["/share/share.php", "/share/mobile.php"])
                .route(get().to(share::compose))
                .route(post().to(share::post)),
        )
        // The desk and the drawn phone
        .route("/", get().to(to_desk))
        .route("/sandbox", get().to(to_desk))
        .route("/sandbox/", get().to(desk::show))
        .route("/sandbox/desk/account", post().to(desk::choose_account))
        .route("/sandbox/desk/client", post().to(desk::choose_client))
        .route("/sandbox/desk/faults", post().to(desk::switch))
        .route("/sandbox/stream", get().to(stream::show))
        .route("/sandbox/messages", get().to(messages::show))
        .route("/sandbox/scan", get().to(stream::scan))
        .route("/sandbox/frame", get().to(frame::framed))
        .route("/sandbox/light", get().to(frame::top))
        .configure(status_routes)
        .configure(api_routes)
        .configure(file_routes)
        .default_service(actix_web::web::to(nothing_here));
    cfg.app_data(Data::new(sandbox.clone())).service(all.wrap(from_fn(noted)));
}

/// What people say: by the API, and on the drawn phone.
fn status_routes(cfg: &mut ServiceConfig) {
    cfg.service(call("/2/statuses/repost.json", post().to(statuses::repost)))
        .service(call("/2/statuses/share.json", post().to(statuses::share)))
        .service(call("/2/statuses/show.json", get().to(statuses::show)))
        .service(call("/2/statuses/user_timeline.json", get().to(statuses::user_timeline)))
        .service(
            resource("/sandbox/statuses/{id}/repost")
                .route(get().to(stream::ask_repost))
                .route(post().to(stream::repost)),
        )
        .route("/sandbox/statuses/{id}/like", post().to(stream::like))
        .route("/sandbox/statuses/{id}/comment", post().to(stream::comment))
        .route("/sandbox/statuses/{id}/removal", post().to(stream::remove));
}

/// The client's JS interface.
fn jsapi_routes(cfg: &mut ServiceConfig) {
    cfg.service(
        resource("/oauth2/js_ticket/generate").route(get().to(jsapi::ticket)).route(post().to(jsapi::ticket)),
    )
    .route("/open/thirdpart/js/jsapi/mobile.js", get().to(jsapi::script))
    .route("/sandbox/bridge.js", get().to(jsapi::script))
    .route("/sandbox/jsapi/check.js", get().to(jsapi::check))
    .route("/sandbox/desk/bridge", post().to(jsapi::choose_at_desk))
    .service(resource("/sandbox/api/bridge").route(get().to(jsapi::chosen)).route(post().to(jsapi::choose)));
}

/// A call of the API, by one method only.
fn call(path: &str, how: Route) -> Resource {
    resource(path).route(how).default_service(actix_web::web::to(statuses::wrong_method))
}

fn api_routes(cfg: &mut ServiceConfig) {
    cfg.configure(jsapi_routes)
        .configure(fans::routes)
        .route("/sandbox/api", get().to(api::about))
        .service(
            resource("/sandbox/api/faults").route(get().to(api::faults)).route(post().to(api::set_faults)),
        )
        .route("/sandbox/api/payments", get().to(api::payments))
        .route("/sandbox/api/book", get().to(api::book))
        .service(
            resource("/sandbox/api/refunds").route(get().to(api::refunds)).route(post().to(api::set_refunds)),
        )
        .route("/sandbox/api/messages", get().to(api::messages))
        .service(
            resource("/sandbox/api/notices").route(get().to(api::notices)).route(post().to(api::set_notices)),
        )
        .service(resource("/sandbox/api/statuses").route(get().to(api::statuses)).route(post().to(api::say)))
        .route("/sandbox/api/statuses/{id}", delete().to(api::delete_status))
        .service(
            resource("/sandbox/api/limits").route(get().to(api::limits)).route(post().to(api::set_limits)),
        )
        .route("/sandbox/api/consents/{uid}", delete().to(api::withdraw))
        .route("/sandbox/api/signed_request", post().to(api::signed_request))
        .route("/sandbox/api/people", get().to(api::people))
        .route("/sandbox/api/traffic", get().to(api::traffic));
}

fn file_routes(cfg: &mut ServiceConfig) {
    cfg.route("/sandbox/desk.js", get().to(script))
        .route("/sandbox/outer.js", get().to(outer_script))
        .route("/open/thirdpart/js/frame/appclient.js", get().to(appclient))
        .route("/sandbox/sandbox.css", get().to(stylesheet));
}

async fn to_desk() -> HttpResponse {
    answer::see_other("/sandbox/")
}

async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("../../../static/sandbox/desk.js"))
}

async fn outer_script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("../../../static/sandbox/outer.js"))
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../../static/sandbox/sandbox.css"))
}

async fn appclient() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("../../../static/sandbox/appclient.js"))
}

/// Each caller is told in its own way.
async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Error> {
    match request.path() {
        path if path.starts_with("/2/") => Ok(statuses::no_such_call(path)),
        path if path.starts_with("/api/merchant/") => Ok(gateway::not_built()),
        path if path.starts_with("/sandbox/api/") => {
            Ok(HttpResponse::NotFound().json(serde_json::json!({ "error": "see GET /sandbox/api" })))
        }
        _ => Err(Error::NotFound),
    }
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
    if !headers.contains_key(REFERRER_POLICY) {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (Some(sandbox), Some(direction)) = (sandbox, direction(&path)) else { return Ok(response) };
    let status = response.status();
    let is_api = path.starts_with("/2/") || (path.starts_with("/oauth2/") && path != "/oauth2/authorize");
    if is_api
        && status.is_client_error()
        && sandbox.change(|world, _| world.faults.strikes(Fault::ErrorAs200))
    {
        *response.response_mut().status_mut() = StatusCode::OK;
    }
    let (answer, good) = match response.response().extensions().get::<Told>() {
        Some(told) => (told.words.clone(), told.good),
        None => (status.as_u16().to_string(), !status.is_client_error() && !status.is_server_error()),
    };
    sandbox.note(Exchange {
        at: sandbox.now(),
        direction,
        method,
        path: path.chars().take(120).collect(),
        about: String::new(),
        answer,
        good,
    });
    Ok(response)
}

/// Who calls a path; `None` for the sandbox's own pages, which are not worth a line.
fn direction(path: &str) -> Option<Direction> {
    let shopper = [
        "/api/merchant/pay/cashier",
        "/sandbox/payments/",
        "/oauth2/authorize",
        "/share/",
        "/sandbox/frame",
        "/sandbox/light",
    ];
    let merchant = ["/api/merchant/", "/oauth2/", "/2/"];
    if shopper.iter().any(|start| path.starts_with(start)) {
        Some(Direction::FromPhone)
    } else {
        merchant.iter().any(|start| path.starts_with(start)).then_some(Direction::FromMerchant)
    }
}
