//! The calls of the fans service (fans-service.md §6 to §9), for the merchant's own account only;
//! and the chat page, in which a person plays a fan.

mod call;
mod chat;
mod codes;
mod files;
mod groups;
mod menu;
mod people;
mod sending;
pub mod state;

use super::call as by;
use actix_web::web::{ServiceConfig, get, post, resource};

/// Every call, at its own path.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(by("/2/messages/reply.json", post().to(sending::reply)))
        .service(by("/2/messages/reply/biz.json", post().to(sending::reply)))
        .service(by("/2/messages/sendall.json", post().to(sending::send_all)))
        .service(by("/2/messages/invite.json", post().to(sending::invite)))
        .service(by("/2/messages/custom_rule/create.json", post().to(groups::create)))
        .service(by("/2/messages/custom_rule/get.json", get().to(groups::list)))
        .service(by("/2/messages/custom_rule/update.json", post().to(groups::rename)))
        .service(by("/2/messages/custom_rule/delete.json", post().to(groups::delete)))
        .service(by("/2/messages/custom_rule/getid.json", post().to(groups::of_fan)))
        .service(by("/2/messages/custom_rule/member/update.json", post().to(groups::move_fan)))
        .service(by("/2/messages/menu/create.json", post().to(menu::create)))
        .service(by("/2/messages/menu/show.json", get().to(menu::show)))
        // The Java SDK deletes by GET.
        .service(
            resource("/2/messages/menu/delete.json")
                .route(get().to(menu::delete))
                .route(post().to(menu::delete)),
        )
        .service(by("/2/messages/subscribers/get.json", get().to(people::subscribers)))
        .service(by("/2/eps/push/set_format.json", post().to(people::set_format)))
        .service(by("/2/eps/user/info.json", get().to(people::about)))
        .service(by("/2/eps/qrcode/create.json", post().to(codes::create)))
        .service(by("/2/eps/qrcode/show", get().to(codes::show)))
        .service(by("/2/mss/msget", get().to(files::file)))
        .service(by("/2/mss/msget_thumbnail", get().to(files::thumbnail)));
    cfg.service(resource("/sandbox/fans").route(get().to(chat::show)).route(post().to(chat::does)))
        .route("/sandbox/fans/account", post().to(chat::choose))
        .route("/sandbox/fans/scan", get().to(chat::scan))
        .route("/sandbox/fans/files/{id}", get().to(chat::file))
        .route("/sandbox/avatars/{uid}.svg", get().to(chat::avatar))
        .service(resource("/sandbox/api/fans").route(get().to(state::all)).route(post().to(state::change)))
        .route("/sandbox/api/fans/push", post().to(state::push))
        .service(
            resource("/sandbox/api/fans/{uid}").route(get().to(state::one)).route(post().to(state::does)),
        );
}
