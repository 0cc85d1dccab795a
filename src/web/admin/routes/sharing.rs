//! The addresses of what the shop says on Weibo, whom it rewards for saying it, and what came of it.

use crate::web::admin::{partners, relations, reposts, sharing};
use actix_web::web::{ServiceConfig, get, post};

/// All below `/admin/sharing`.
pub fn routes(cfg: &mut ServiceConfig) {
    studio(cfg);
    reposting(cfg);
    partnership(cfg);
    cfg.route("/sharing/relations", get().to(relations::show));
}

/// Cards, campaigns, posts.
fn studio(cfg: &mut ServiceConfig) {
    // Cards and links
    cfg.route("/sharing", get().to(sharing::list::show))
        .route("/sharing/cards/{id}", get().to(sharing::card::show))
        .route("/sharing/cards/{id}/link", post().to(sharing::card::link))
        .route("/sharing/links/{code}/code.png", get().to(sharing::qr::png))
        .route("/sharing/links/{code}/code.svg", get().to(sharing::qr::svg))
        .route("/sharing/campaigns", get().to(sharing::campaigns::show))
        .route("/sharing/campaigns", post().to(sharing::campaigns::create))
        .route("/sharing/campaigns/{id}", get().to(sharing::campaign::show))
        .route("/sharing/campaigns/{id}/links", post().to(sharing::campaign::link))
        .route("/sharing/campaigns/{id}/closing", post().to(sharing::campaign::close));

    // What the shop says on Weibo
    cfg.route("/sharing/posts", get().to(sharing::posts::list::show))
        .route("/sharing/posts", post().to(sharing::posts::compose::create))
        .route("/sharing/posts/new", get().to(sharing::posts::compose::new))
        .route("/sharing/posts/{id}", get().to(sharing::posts::show::show))
        .route("/sharing/posts/{id}/text", post().to(sharing::posts::control::rewrite))
        .route("/sharing/posts/{id}/sending", post().to(sharing::posts::control::send))
        .route("/sharing/posts/{id}/recall", post().to(sharing::posts::control::call_back))
        .route("/sharing/posts/{id}/discarding", post().to(sharing::posts::control::discard))
        .route("/sharing/posts/{id}/outcome", post().to(sharing::posts::outcome::settle))
        .route("/sharing/posts/{id}/again", post().to(sharing::posts::outcome::again))
        .route("/sharing/posts/{id}/product-status", post().to(sharing::posts::outcome::own))
        .route("/sharing/account", get().to(sharing::speaker::show))
        .route("/sharing/account", post().to(sharing::speaker::confirm))
        .route("/sharing/account/connection", get().to(sharing::speaker::leave))
        .route("/sharing/account/removal", post().to(sharing::speaker::remove));
}

/// What buyers tell, and the coupons for it.
fn reposting(cfg: &mut ServiceConfig) {
    cfg.route("/sharing/reposts", get().to(reposts::list::show))
        .route("/sharing/reposts/gifts/new", get().to(reposts::edit::new))
        .route("/sharing/reposts/gifts/new", post().to(reposts::edit::create))
        .route("/sharing/reposts/gifts/{id}", get().to(reposts::edit::show))
        .route("/sharing/reposts/gifts/{id}", post().to(reposts::edit::save))
        .route("/sharing/reposts/gifts/{id}/pause", post().to(reposts::standing::pause))
        .route("/sharing/reposts/gifts/{id}/resumption", post().to(reposts::standing::resume))
        .route("/sharing/reposts/gifts/{id}/end", post().to(reposts::standing::end));
}

/// Those who bring buyers, and what they earn.
fn partnership(cfg: &mut ServiceConfig) {
    cfg.route("/sharing/partners", get().to(partners::list::show))
        .route("/sharing/partners/hold", post().to(partners::list::set_days))
        .route("/sharing/partners/new", get().to(partners::new::show))
        .route("/sharing/partners/new", post().to(partners::new::create))
        .route("/sharing/partners/{id}", get().to(partners::show::show))
        .route("/sharing/partners/{id}/invitation", post().to(partners::change::invite))
        .route("/sharing/partners/{id}/rate", post().to(partners::change::promise))
        .route("/sharing/partners/{id}/end", post().to(partners::change::end))
        .route("/sharing/partners/{id}/resumption", post().to(partners::change::resume))
        .route("/sharing/partners/{id}/payouts", post().to(partners::payouts::propose))
        .route("/sharing/partners/{id}/payouts/{payout}/payment", post().to(partners::payouts::pay))
        .route("/sharing/partners/{id}/payouts/{payout}/cancellation", post().to(partners::payouts::cancel))
        .route("/sharing/partners/{id}/statements/{month}", get().to(partners::statement));
}
