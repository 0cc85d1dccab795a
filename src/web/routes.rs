//! Every address the shop answers, in one table.

use super::session::sessions;
use super::{Shop, account, admin, api, assets, hooks, robots, shop};
use actix_web::web::{self, Data, ServiceConfig, get, post};

/// The addresses of the shop. Needs `Data<Shop>` and `finish` around it.
pub fn routes(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.app_data(of.clone());

    // The same for everybody, in Chinese; asked for most, and routes are tried in this order
    everybody(cfg);

    // Calls that Weibo makes to us
    cfg.route("/hooks/weibo/pay", post().to(hooks::pay::payment))
        .route("/hooks/weibo/refund", post().to(hooks::pay::refund))
        .service(
            web::resource("/return/weibo/pay")
                .wrap(sessions(of))
                .route(get().to(hooks::back::show))
                .route(post().to(hooks::back::turn_to_get)),
        );

    // Apps of the merchant's own
    cfg.route("/api/orders/{number}/payment", post().to(api::pay));

    // Files
    cfg.route("/static/{mark}/{name:.*}", get().to(assets::get))
        .route("/pictures/{name}", get().to(shop::pictures::get))
        .route("/robots.txt", get().to(robots::get));

    // Signing in
    cfg.service(web::resource("/oauth/weibo").wrap(sessions(of)).route(get().to(account::oauth::begin)))
        .service(
            web::resource("/oauth/weibo/callback").wrap(sessions(of)).route(get().to(account::oauth::end)),
        )
        .service(web::resource("/sign-out").wrap(sessions(of)).route(post().to(account::oauth::sign_out)));

    // The merchant: the table is in `admin::routes`
    cfg.service(web::scope("/admin").wrap(sessions(of)).configure(admin::routes::routes));

    // The shopper, in English and in Chinese
    let english = web::scope("/en").configure(everybody).configure(|cfg| visitor(cfg, of));
    cfg.service(english.route("", get().to(shop::home::show)));
    visitor(cfg, of);
}

/// Pages that are the same for everybody.
fn everybody(cfg: &mut ServiceConfig) {
    cfg.route("/", get().to(shop::home::show))
        .route("/p/{slug}", get().to(shop::product::show))
        .route("/c/{slug}", get().to(shop::category::show))
        .route("/search", get().to(shop::search::show));
}

/// Pages that are the visitor's own.
fn visitor(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.service(
        web::resource("/checkout")
            .wrap(sessions(of))
            .route(get().to(shop::checkout::show))
            .route(post().to(shop::checkout::place)),
    )
    .service(web::resource("/orders").wrap(sessions(of)).route(get().to(shop::orders::list)))
    .service(web::resource("/orders/{number}").wrap(sessions(of)).route(get().to(shop::order::show)))
    .service(web::resource("/orders/{number}/question").wrap(sessions(of)).route(post().to(shop::order::ask)))
    .service(
        web::resource("/orders/{number}/repost").wrap(sessions(of)).route(post().to(shop::repost::create)),
    )
    .service(
        web::resource("/orders/{number}/follow/dismissal")
            .wrap(sessions(of))
            .route(post().to(shop::follow::dismiss)),
    )
    .service(
        web::resource("/orders/{number}/events").wrap(sessions(of)).route(get().to(shop::events::stream)),
    )
    .service(web::resource("/orders/{number}/state").wrap(sessions(of)).route(get().to(shop::events::state)))
    .service(web::resource("/q/{token}").wrap(sessions(of)).route(get().to(shop::cashier::go)));
}
