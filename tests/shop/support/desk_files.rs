//! Where Weibo keeps what fans send: gives out a file, and notes what it was asked.

use super::SERVERS;
use super::settings::port;
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Mutex;
use url::Url;
use weipu::app;

#[derive(Default)]
struct Inside {
    asked: Mutex<Vec<String>>,
    gives: Mutex<(u16, Vec<u8>)>,
    gives_small: Mutex<Option<(u16, Vec<u8>)>>,
}

pub struct Keep {
    pub base: Url,
    inside: Data<Inside>,
    server: ServerHandle,
}

impl Keep {
    pub fn open() -> Keep {
        let (listener, base) = port();
        let inside = Data::new(Inside::default());
        let data = inside.clone();
        let routes = move |cfg: &mut web::ServiceConfig| {
            cfg.app_data(data.clone()).default_service(web::to(give));
        };
        let _inside = SERVERS.enter();
        let server = app::plain_server(listener, routes).unwrap();
        let handle = server.handle();
        SERVERS.spawn(server);
        Keep { base, inside, server: handle }
    }

    /// From now on.
    pub fn gives(&self, status: u16, bytes: &[u8]) {
        *self.inside.gives.lock().unwrap() = (status, bytes.to_vec());
    }

    /// For small pictures, which are as all else otherwise.
    pub fn gives_small(&self, status: u16, bytes: &[u8]) {
        *self.inside.gives_small.lock().unwrap() = Some((status, bytes.to_vec()));
    }

    /// What it was asked, each with its query.
    pub fn asked(&self) -> Vec<String> {
        self.inside.asked.lock().unwrap().clone()
    }

    pub async fn closes(self) {
        self.server.stop(false).await;
    }
}

async fn give(request: HttpRequest, inside: Data<Inside>) -> HttpResponse {
    inside.asked.lock().unwrap().push(request.uri().to_string());
    let small = inside.gives_small.lock().unwrap().clone();
    let small = small.filter(|_| request.path().contains("thumbnail"));
    let (status, bytes) = small.unwrap_or_else(|| inside.gives.lock().unwrap().clone());
    // Whatever it says of them.
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).content_type("text/html").body(bytes)
}
