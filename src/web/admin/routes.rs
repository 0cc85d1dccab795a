//! Every address of the back office, in one table. Each handler that changes something takes `Staff<…>` and
//! `SafeForm`; none changes anything by GET.

use super::{door, settings, today, welcome};
use actix_web::web::{ServiceConfig, get, post};

/// All below `/admin`, inside the session middleware.
pub fn routes(cfg: &mut ServiceConfig) {
    // Today
    cfg.route("", get().to(today::show));

    // The door, and one's own account
    cfg.route("/sign-in", get().to(door::show))
        .route("/sign-in", post().to(door::enter))
        .route("/sign-out", post().to(door::leave))
        .route("/welcome/{link}", get().to(welcome::show))
        .route("/welcome/{link}", post().to(welcome::accept));

    // Members, invitations, the audit log

    // Products, variants, categories

    // Pictures

    // Stock

    // Import and export

    // Orders

    // Settings
    cfg.route("/settings", get().to(settings::profile::show))
        .route("/settings", post().to(settings::profile::save))
        .route("/settings/delivery", get().to(settings::delivery::show))
        .route("/settings/delivery", post().to(settings::delivery::save))
        .route("/settings/weibo", get().to(settings::weibo::show))
        .route("/settings/weibo", post().to(settings::weibo::save))
        .route("/settings/weibo/check", post().to(settings::weibo::check))
        .route("/settings/weibo/public-keys/{mark}/removal", post().to(settings::weibo::remove));
}
