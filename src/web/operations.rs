//! For those who run the machine: is the process alive, and can it serve? On an address of its own.

use super::Shop;
use crate::db;
use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};

/// The operations address.
pub fn routes(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.app_data(of.clone()).route("/healthz", get().to(health)).route("/readyz", get().to(ready));
}

/// `GET /healthz`: the process answers.
async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database answers too.
async fn ready(shop: Data<Shop>) -> HttpResponse {
    match db::time(&shop.notices).await {
        Ok(_) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("no database\n")
        }
    }
}
