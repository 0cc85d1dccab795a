//! Every address the shop answers, in one table.

use super::session::sessions;
use super::{Shop, account, admin, api, assets, bridge, cards, hooks, light, partner, robots, shop, sitemap};
use actix_web::web::{self, Data, ServiceConfig, get, post};

/// The addresses of the shop. Needs `Data<Shop>` and `finish` around it.
pub fn routes(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.app_data(of.clone());

    // The same for everybody, in Chinese; asked for most, and routes are tried in this order
    everybody(cfg);

    // Calls that Weibo makes to us
    cfg.route("/hooks/weibo/pay", post().to(hooks::pay::payment))
        .route("/hooks/weibo/refund", post().to(hooks::pay::refund))
        .route("/hooks/weibo/fans", get().to(hooks::fans::bind))
        .route("/hooks/weibo/fans", post().to(hooks::fans::hear))
        .route("/hooks/weibo/deauthorize", get().to(hooks::deauthorize::doubt))
        .route("/hooks/weibo/deauthorize", post().to(hooks::deauthorize::doubt))
        .service(
            web::resource("/return/weibo/pay")
                .wrap(sessions(of))
                .route(get().to(hooks::back::show))
                .route(post().to(hooks::back::turn_to_get)),
        );

    // What Weibo asks about an address of ours
    cfg.route("/cards/object", get().to(cards::object));

    // Apps of the merchant's own
    cfg.route("/api/orders/{number}/payment", post().to(api::pay));

    // What the scripts of our own pages ask
    cfg.route("/api/weibo/signature", post().to(bridge::sign)).route("/api/place", post().to(bridge::place));

    // Files
    cfg.route("/static/{mark}/{name:.*}", get().to(assets::get))
        .route("/pictures/{name}", get().to(shop::pictures::get))
        .route("/robots.txt", get().to(robots::get))
        .route("/sitemap.xml", get().to(sitemap::index))
        .route("/sitemap/{part}.xml", get().to(sitemap::part));

    // Signing in
    cfg.service(web::resource("/oauth/weibo").wrap(sessions(of)).route(get().to(account::oauth::begin)))
        .service(
            web::resource("/oauth/weibo/callback").wrap(sessions(of)).route(get().to(account::oauth::end)),
        )
        .service(web::resource("/sign-out").wrap(sessions(of)).route(post().to(account::oauth::sign_out)))
        .service(web::resource("/m/{hint}").wrap(sessions(of)).route(get().to(account::hint::open)))
        .service(web::resource("/sign-in/state").wrap(sessions(of)).route(get().to(account::scan::state)));

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
    .service(
        web::resource("/coupons/{slug}")
            .wrap(sessions(of))
            .route(get().to(shop::coupon::show))
            .route(post().to(shop::coupon::take)),
    )
    .service(web::resource("/orders").wrap(sessions(of)).route(get().to(shop::orders::list)))
    .service(web::resource("/orders/{number}").wrap(sessions(of)).route(get().to(shop::order::show)))
    .service(web::resource("/orders/{number}/question").wrap(sessions(of)).route(post().to(shop::order::ask)))
    .service(
        web::resource("/orders/{number}/receipt").wrap(sessions(of)).route(post().to(shop::receipt::create)),
    )
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
    .service(web::resource("/q/{token}").wrap(sessions(of)).route(get().to(shop::cashier::go)))
    .service(web::resource("/s/{code}").wrap(sessions(of)).route(get().to(shop::short::go)));

    // The light app: the only pages that may be framed
    cfg.service(
        web::resource("/light")
            .wrap(sessions(of))
            .route(get().to(light::pages::home))
            .route(post().to(light::entry::post)),
    )
    .service(web::resource("/light/p/{slug}").wrap(sessions(of)).route(get().to(light::pages::product)))
    .service(web::resource("/light/c/{slug}").wrap(sessions(of)).route(get().to(light::pages::category)));
    own_account(cfg, of);
    partners(cfg, of);
}

/// Who she is here.
fn own_account(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.service(web::resource("/account").wrap(sessions(of)).route(get().to(account::mine::show)))
        .service(web::resource("/account/coupons").wrap(sessions(of)).route(get().to(account::coupons::show)))
        .service(
            web::resource("/account/withdrawal").wrap(sessions(of)).route(post().to(account::mine::withdraw)),
        )
        .service(
            web::resource("/account/sign-out-everywhere")
                .wrap(sessions(of))
                .route(post().to(account::mine::sign_out_everywhere)),
        )
        .service(
            web::resource("/p/{slug}/reminder").wrap(sessions(of)).route(post().to(account::reminders::ask)),
        )
        .service(
            web::resource("/account/reminders/{id}/removal")
                .wrap(sessions(of))
                .route(post().to(account::reminders::remove)),
        )
        .service(web::resource("/sign-in").wrap(sessions(of)).route(get().to(account::scan::show)))
        .service(
            web::resource("/sign-in/{code}")
                .wrap(sessions(of))
                .route(get().to(account::scanned::show))
                .route(post().to(account::scanned::answer)),
        );
}

/// The room of those who bring buyers.
fn partners(cfg: &mut ServiceConfig, of: &Data<Shop>) {
    cfg.service(web::resource("/partner").wrap(sessions(of)).route(get().to(partner::room::show)))
        .service(
            web::resource("/partner/links")
                .wrap(sessions(of))
                .route(get().to(partner::links::show))
                .route(post().to(partner::links::make)),
        )
        .service(
            web::resource("/partner/links/{code}").wrap(sessions(of)).route(get().to(partner::links::one)),
        )
        .service(
            web::resource("/partner/statements/{month}")
                .wrap(sessions(of))
                .route(get().to(partner::statement::show)),
        )
        .service(
            web::resource("/partner/invitations/{link}")
                .wrap(sessions(of))
                .route(get().to(partner::invitation::show))
                .route(post().to(partner::invitation::take)),
        );
}
