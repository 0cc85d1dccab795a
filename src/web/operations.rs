//! For those who run the machine: is the process alive, can it serve, and how does the shop stand? On an address of its own.

use super::{Shop, metrics};
use crate::db;
use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};

/// The operations address.
pub fn routes(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.app_data(of.clone())
        .route("/healthz", get().to(health))
        .route("/readyz", get().to(ready))
        .route("/metrics", get().to(measure));
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
            no_database()
        }
    }
}

/// `GET /metrics`: for Prometheus.
async fn measure(shop: Data<Shop>) -> HttpResponse {
    match metrics::told(&shop).await {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "nothing can be measured");
            no_database()
        }
    }
}

fn no_database() -> HttpResponse {
    HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("no database\n")
}
