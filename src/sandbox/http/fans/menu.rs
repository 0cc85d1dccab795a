//! The menu under the chat: `messages/menu/*` (fans-service.md §8).

use super::call::{Called, lost, refusal, result};
use crate::sandbox::Sandbox;
use crate::sandbox::http::answer::broken;
use crate::sandbox::world::fans::menu::Menu;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

pub async fn create(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let created = Called::read(&request, &body, &sandbox).and_then(|called| {
        let menu = Menu::read(called.text("menus")?)?;
        sandbox.change(|world, _| world.fans.menu = Some(menu));
        Ok(())
    });
    match created {
        Ok(()) if lost(&sandbox) => broken(),
        Ok(()) => result(),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

/// What is answered without a menu is not public: here it has no buttons.
pub async fn show(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    match Called::read(&request, &body, &sandbox) {
        Ok(_) => {
            let menu = sandbox.world().fans.menu.clone().unwrap_or_default();
            HttpResponse::Ok().json(json!({ "menu": menu }))
        }
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

pub async fn delete(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    match Called::read(&request, &body, &sandbox) {
        Ok(_) => {
            sandbox.change(|world, _| world.fans.menu = None);
            if lost(&sandbox) { broken() } else { result() }
        }
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}
