//! Every address of the back office, in one table. Each handler that changes something takes `Staff<…>` and
//! `SafeForm`; none changes anything by GET.

use super::{cancellations, door, notes, order, orders, shipments, slips, today, welcome};
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
    cfg.route("/orders", get().to(orders::list))
        .route("/orders/packing-slips", get().to(slips::many))
        .route("/orders/{number}", get().to(order::show))
        .route("/orders/{number}/shipment", post().to(shipments::ship))
        .route("/orders/{number}/shipment/correction", post().to(shipments::correct))
        .route("/orders/{number}/notes", post().to(notes::add))
        .route("/orders/{number}/cancellation", post().to(cancellations::cancel))
        .route("/orders/{number}/packing-slip", get().to(slips::one));

    // Settings
}
