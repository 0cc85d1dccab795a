//! Every address of the back office, in one table. Each handler that changes something takes `Staff<…>` and
//! `SafeForm`; none changes anything by GET.

use super::{categories, door, preview, products, today, variants, welcome};
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
    cfg.route("/products", get().to(products::list::show))
        .route("/products", post().to(products::list::change))
        .route("/products/new", get().to(products::edit::new))
        .route("/products/new", post().to(products::edit::create))
        .route("/products/{id}", get().to(products::edit::show))
        .route("/products/{id}", post().to(products::edit::save))
        .route("/products/{id}/archive", post().to(products::archive::change))
        .route("/products/{id}/options", post().to(variants::show::save_options))
        .route("/products/{id}/variants", get().to(variants::show::show))
        .route("/products/{id}/variants", post().to(variants::show::save))
        .route("/products/{id}/preview", get().to(preview::show))
        .route("/products/{id}/preview/page", get().to(preview::page))
        .route("/categories", get().to(categories::list))
        .route("/categories/new", get().to(categories::new))
        .route("/categories/new", post().to(categories::create))
        .route("/categories/{id}", get().to(categories::show))
        .route("/categories/{id}", post().to(categories::save))
        .route("/categories/{id}/place", post().to(categories::place))
        .route("/categories/{id}/removal", post().to(categories::remove));

    // Pictures

    // Stock

    // Import and export

    // Orders

    // Settings
}
