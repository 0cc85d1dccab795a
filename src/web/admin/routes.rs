//! Every address of the back office, in one table. Each handler that changes something takes `Staff<…>` and
//! `SafeForm`; none changes anything by GET.

use super::{door, pictures, pictures_upload, today, welcome};
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
    cfg.route("/products/{id}/pictures", get().to(pictures::show))
        .route("/products/{id}/pictures", post().to(pictures_upload::create))
        .route("/products/{id}/pictures/order", post().to(pictures::arrange));

    // Stock

    // Import and export

    // Orders

    // Settings
}
