//! Every address of the back office, in one table. Each handler that changes something takes `Staff<…>` and
//! `SafeForm`; none changes anything by GET.

mod sharing;

use super::door::{code, enter, welcome};
use super::{
    account, audit, cancellations, categories, coupons, fans, money, notes, order, orders, pictures,
    pictures_upload, preview, products, reconciliations, refunds, settings, shipments, slips, staff, stock,
    today, transfers, variants,
};
use crate::staff::permission::Own;
use crate::web::Error;
use crate::web::staff::Staff;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{ServiceConfig, get, post, to};

/// All below `/admin`, inside the session middleware.
pub fn routes(cfg: &mut ServiceConfig) {
    people(cfg);
    goods(cfg);
    supplies(cfg);
    sales(cfg);
    money(cfg);
    menus_and_codes(cfg);
    fans(cfg);
    rules(cfg);
    many_fans(cfg);
    talks(cfg);
    sharing::routes(cfg);
    cfg.default_service(to(nothing));
}

/// Strangers are led to the door from here too: they learn nothing of what is behind it.
async fn nothing(asked: Result<Staff<Own>, Error>, method: Method) -> Result<HttpResponse, Error> {
    let led = asked.err().filter(|_| matches!(method, Method::GET | Method::POST));
    Err(led.unwrap_or(Error::NotFound))
}

/// Who gets in, and who has changed what.
fn people(cfg: &mut ServiceConfig) {
    // Today
    cfg.route("", get().to(today::show));

    // The door, and one's own account
    cfg.route("/sign-in", get().to(enter::show))
        .route("/sign-in", post().to(enter::enter))
        .route("/sign-in/code", get().to(code::show))
        .route("/sign-in/code", post().to(code::give))
        .route("/sign-out", post().to(enter::leave))
        .route("/welcome/{link}", get().to(welcome::show))
        .route("/welcome/{link}", post().to(welcome::accept))
        .route("/account", get().to(account::overview::show))
        .route("/account/language", post().to(account::overview::speak))
        .route("/account/password", get().to(account::password::show))
        .route("/account/password", post().to(account::password::change))
        .route("/account/second-factor", get().to(account::factor::show))
        .route("/account/second-factor", post().to(account::factor::enrol))
        .route("/account/second-factor/removal", post().to(account::factor::remove))
        .route("/account/recovery-codes", get().to(account::factor::show_codes))
        .route("/account/recovery-codes", post().to(account::factor::reissue))
        .route("/account/sessions", get().to(account::sessions::show))
        .route("/account/sessions/end-others", post().to(account::sessions::end_others))
        .route("/account/sessions/{id}/end", post().to(account::sessions::end))
        .route("/account/confirm", get().to(account::confirm::show))
        .route("/account/confirm", post().to(account::confirm::confirm));

    // Members, invitations, the audit log
    cfg.route("/staff", get().to(staff::list::show))
        .route("/staff/invitations", post().to(staff::list::invite))
        .route("/staff/invitations/{id}/revocation", post().to(staff::list::revoke))
        .route("/staff/{id}", get().to(staff::member::show))
        .route("/staff/{id}/role", post().to(staff::member::change_role))
        .route("/staff/{id}/standing", post().to(staff::member::set_standing))
        .route("/staff/{id}/second-factor/removal", post().to(staff::member::reset_factor))
        .route("/staff/{id}/sessions/end", post().to(staff::member::end_sessions))
        .route("/audit", get().to(audit::show));
}

/// Their pictures and pieces, and how they come and go as tables.
fn supplies(cfg: &mut ServiceConfig) {
    // Pictures
    cfg.route("/products/{id}/pictures", get().to(pictures::show))
        .route("/products/{id}/pictures", post().to(pictures_upload::create))
        .route("/products/{id}/pictures/order", post().to(pictures::arrange));

    // Stock
    cfg.route("/stock", get().to(stock::list::show))
        .route("/stock/checks", post().to(stock::list::check))
        .route("/stock/{sku}", get().to(stock::show::show))
        .route("/stock/{sku}/corrections", post().to(stock::correct::create))
        .route("/stock/{sku}/threshold", post().to(stock::threshold::change));

    // Import and export
    cfg.route("/transfers", get().to(transfers::list::show))
        .route("/transfers/products", post().to(transfers::list::upload))
        .route("/transfers/product-exports", post().to(transfers::list::export))
        .route("/transfers/template", get().to(transfers::files::template))
        .route("/transfers/orders", get().to(transfers::orders::show))
        .route("/transfers/orders", post().to(transfers::orders::export))
        .route("/transfers/{id}", get().to(transfers::show::show))
        .route("/transfers/{id}/import", post().to(transfers::show::import))
        .route("/transfers/{id}/cancellation", post().to(transfers::show::cancel))
        .route("/transfers/{id}/wrong-rows", get().to(transfers::files::wrong_rows))
        .route("/transfers/{id}/file", get().to(transfers::files::products))
        .route("/transfers/{id}/orders", get().to(transfers::files::orders));
}

/// What is sold, and how.
fn sales(cfg: &mut ServiceConfig) {
    // Orders
    cfg.route("/orders", get().to(orders::list))
        .route("/orders/packing-slips", get().to(slips::many))
        .route("/orders/{number}", get().to(order::show))
        .route("/orders/{number}/shipment", post().to(shipments::ship))
        .route("/orders/{number}/shipment/correction", post().to(shipments::correct))
        .route("/orders/{number}/receipt", post().to(shipments::receive))
        .route("/orders/{number}/notes", post().to(notes::add))
        .route("/orders/{number}/cancellation", post().to(cancellations::cancel))
        .route("/orders/{number}/packing-slip", get().to(slips::one))
        .route("/orders/{number}/refund", get().to(refunds::ask::show))
        .route("/orders/{number}/refund", post().to(refunds::ask::create))
        .route("/orders/{number}/refunds/{out_refund_id}/retry", post().to(refunds::again::retry))
        .route("/orders/{number}/refunds/{out_refund_id}/aside", post().to(refunds::again::put_aside))
        .route("/orders/{number}/surplus/{pay_id}", post().to(refunds::again::send_back));

    // Money
    cfg.route("/money", get().to(money::overview::show))
        .route("/money/refunds", get().to(money::refunds::show))
        .route("/money/notices", get().to(money::notices::show))
        .route("/money/notices/seen", post().to(money::notices::see_to));

    // Whether the money adds up
    cfg.route("/money/checks", get().to(money::checks::show))
        .route("/money/checks", post().to(money::checks::begin));

    // Settings
    cfg.route("/settings", get().to(settings::profile::show))
        .route("/settings", post().to(settings::profile::save))
        .route("/settings/logo", post().to(settings::logo::put_up))
        .route("/settings/logo/removal", post().to(settings::logo::take_down))
        .route("/settings/delivery", get().to(settings::delivery::show))
        .route("/settings/delivery", post().to(settings::delivery::save))
        .route("/settings/messages", get().to(settings::messages::show))
        .route("/settings/messages", post().to(settings::messages::save))
        .route("/cards", get().to(settings::cards::show))
        .route("/cards", post().to(settings::cards::save))
        .route("/settings/weibo", get().to(settings::weibo::show))
        .route("/settings/weibo", post().to(settings::weibo::save))
        .route("/settings/weibo/check", post().to(settings::weibo::check))
        .route("/settings/weibo/sign-in", post().to(settings::sign_in::save))
        .route("/settings/weibo/public-keys/{mark}/removal", post().to(settings::weibo::remove))
        .route("/settings/fans", get().to(settings::fans::show))
        .route("/settings/fans", post().to(settings::fans::save_keys))
        .route("/settings/fans/secret/removal", post().to(settings::fans::remove_secret))
        .route("/settings/fans/trouble/removal", post().to(settings::fans::try_again))
        .route("/settings/fans/times", post().to(settings::fans::save_times))
        .route("/settings/fans/format", post().to(settings::fans_format::set));
}

/// What came and went, beside Weibo's books.
fn money(cfg: &mut ServiceConfig) {
    // Reconciliation
    cfg.route("/money/reconciliations", get().to(reconciliations::list::show))
        .route("/money/reconciliations", post().to(reconciliations::list::run))
        .route("/money/reconciliations/console", post().to(reconciliations::list::upload))
        .route("/money/reconciliations/{id}", get().to(reconciliations::show::show))
        .route("/money/reconciliations/{id}/columns", post().to(reconciliations::columns::save))
        .route("/money/reconciliations/{id}/file", get().to(reconciliations::file::show))
        .route(
            "/money/reconciliations/{id}/rows/{row}/resolution",
            post().to(reconciliations::resolve::resolve),
        );
}

/// The menu below the conversation, and codes to be scanned. Before the conversations: those have a number where these
/// have a word.
fn menus_and_codes(cfg: &mut ServiceConfig) {
    // The menu
    cfg.route("/fans/menu", get().to(fans::menu::edit::show))
        .route("/fans/menu", post().to(fans::menu::edit::save))
        .route("/fans/menu/preview", post().to(fans::menu::edit::preview))
        .route("/fans/menu/live", get().to(fans::menu::live::show))
        .route("/fans/menu/live", post().to(fans::menu::live::keep))
        .route("/fans/menu/removal", post().to(fans::menu::change::remove))
        .route("/fans/menu/{id}/publication", post().to(fans::menu::change::publish))
        .route("/fans/menu/changes/{id}/check", post().to(fans::menu::change::check));

    // Codes
    cfg.route("/fans/codes", get().to(fans::codes::list::show))
        .route("/fans/codes", post().to(fans::codes::new::make))
        .route("/fans/codes/new", get().to(fans::codes::new::show))
        .route("/fans/codes/{id}", get().to(fans::codes::one::show))
        .route("/fans/codes/{id}/ticket", post().to(fans::codes::one::complete))
        .route("/fans/codes/{id}/drawer", post().to(fans::codes::one::put_away))
        .route("/fans/codes/{id}/picture", get().to(fans::codes::file::picture))
        .route("/fans/codes/{id}/poster", get().to(fans::codes::file::poster));

    // What fans look like
    cfg.route("/fans/{uid}/picture", get().to(fans::face::show));
}

/// Those who write to the shop's account, and what they are answered.
fn fans(cfg: &mut ServiceConfig) {
    // The desk
    cfg.route("/fans", get().to(fans::inbox::show))
        .route("/fans/events", get().to(fans::events::stream))
        .route("/fans/canned", get().to(fans::canned::show))
        .route("/fans/canned", post().to(fans::canned::save))
        .route("/fans/canned/{id}/removal", post().to(fans::canned::remove))
        .route("/fans/figures", get().to(fans::figures::show))
        .route("/fans/settings", get().to(fans::manners::show))
        .route("/fans/settings", post().to(fans::manners::save));
}

/// What is sent to many, and who they are.
fn many_fans(cfg: &mut ServiceConfig) {
    // What is sent to many
    cfg.route("/fans/broadcasts", get().to(fans::broadcasts::list::show))
        .route("/fans/broadcasts", post().to(fans::broadcasts::compose::create))
        .route("/fans/broadcasts/new", get().to(fans::broadcasts::compose::new))
        .route("/fans/broadcasts/pace", post().to(fans::broadcasts::list::save_pace))
        .route("/fans/broadcasts/{id}", get().to(fans::broadcasts::show::show))
        .route("/fans/broadcasts/{id}/edit", get().to(fans::broadcasts::compose::edit))
        .route("/fans/broadcasts/{id}/edit", post().to(fans::broadcasts::compose::save))
        .route("/fans/broadcasts/{id}/trial", post().to(fans::broadcasts::trial::send))
        .route("/fans/broadcasts/{id}/sending", post().to(fans::broadcasts::control::send))
        .route("/fans/broadcasts/{id}/pause", post().to(fans::broadcasts::control::hold))
        .route("/fans/broadcasts/{id}/resumption", post().to(fans::broadcasts::control::go_on))
        .route("/fans/broadcasts/{id}/cancellation", post().to(fans::broadcasts::control::cancel))
        .route("/fans/groups", get().to(fans::groups::show))
        .route("/fans/groups", post().to(fans::groups::create))
        .route("/fans/groups/members", post().to(fans::groups::move_fan))
        .route("/fans/groups/{id}/name", post().to(fans::groups::rename))
        .route("/fans/groups/{id}/removal", post().to(fans::groups::remove))
        .route("/fans/subscribers", get().to(fans::subscribers::show))
        .route("/fans/subscribers/lists", post().to(fans::subscribers::read))
        .route("/fans/subscribers/invitations", post().to(fans::subscribers::invite));
}

/// What they are answered by itself.
fn rules(cfg: &mut ServiceConfig) {
    cfg.route("/fans/rules", get().to(fans::rules::list::show))
        .route("/fans/rules/new", get().to(fans::rules::edit::new))
        .route("/fans/rules/new", post().to(fans::rules::edit::create))
        .route("/fans/rules/trial", get().to(fans::rules::trial::show))
        .route("/fans/rules/{id}", get().to(fans::rules::edit::show))
        .route("/fans/rules/{id}", post().to(fans::rules::edit::save))
        .route("/fans/rules/{id}/place", post().to(fans::rules::list::place))
        .route("/fans/rules/{id}/removal", post().to(fans::rules::edit::remove));
}

/// With one fan. Behind everything else of the fans': a word of theirs is no uid.
fn talks(cfg: &mut ServiceConfig) {
    cfg.route("/fans/{uid}", get().to(fans::talk::show))
        .route("/fans/{uid}/messages", post().to(fans::answer))
        .route("/fans/{uid}/assignment", post().to(fans::course::assign))
        .route("/fans/{uid}/snooze", post().to(fans::course::snooze))
        .route("/fans/{uid}/closing", post().to(fans::course::close))
        .route("/fans/{uid}/reopening", post().to(fans::course::reopen))
        .route("/fans/{uid}/reading", post().to(fans::course::read))
        .route("/fans/{uid}/unread", post().to(fans::course::unread))
        .route("/fans/{uid}/cards", get().to(fans::cards::show))
        .route("/fans/{uid}/cards", post().to(fans::cards::create))
        .route("/fans/{uid}/links", post().to(fans::links::create))
        .route("/fans/{uid}/coupons", post().to(fans::coupons::create))
        .route("/fans/{uid}/media/{message}", get().to(fans::media::show));
}

/// Products, variants, categories.
fn goods(cfg: &mut ServiceConfig) {
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

    // Coupons
    cfg.route("/coupons", get().to(coupons::list::show))
        .route("/coupons/new", get().to(coupons::edit::new))
        .route("/coupons/new", post().to(coupons::edit::create))
        .route("/coupons/{id}", get().to(coupons::edit::show))
        .route("/coupons/{id}", post().to(coupons::edit::save))
        .route("/coupons/{id}/pause", post().to(coupons::standing::pause))
        .route("/coupons/{id}/resumption", post().to(coupons::standing::resume))
        .route("/coupons/{id}/end", post().to(coupons::standing::end));
}
