//! Orders as a file: which, in words, before it is asked for. The order list leads here with its own filters.

use super::subject;
use crate::staff::May;
use crate::staff::audit::{self, Change};
use crate::staff::permission::ExportOrders;
use crate::transfers;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;

#[derive(Template)]
#[template(path = "admin/transfers/orders.html")]
struct OrdersPage {
    page: Desk,
    /// As the address of the list says it.
    query: String,
    /// The same in words: what, and which.
    filters: Vec<(String, String)>,
    masked: bool,
    wrong: bool,
}

/// The names that the list's address may have; nothing else is kept of it.
const NAMES: [&str; 5] = ["state", "from", "to", "q", "product"];

/// The filters of a query that say anything.
fn filters(query: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .filter(|(name, value)| NAMES.contains(&&**name) && !value.trim().is_empty())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn in_words(frame: &Desk, (name, value): &(String, String)) -> (String, String) {
    let value = if name == "state" { frame.say(&format!("word-tab-{value}")) } else { value.clone() };
    (frame.say(&format!("word-orders-by-{name}")), value)
}

fn ask(
    status: StatusCode,
    frame: Desk,
    filters: &[(String, String)],
    wrong: bool,
) -> Result<HttpResponse, Error> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(filters).finish();
    let filters = filters.iter().map(|filter| in_words(&frame, filter)).collect();
    let masked = !frame.may(May::SeeBuyers);
    page(status, &OrdersPage { page: frame, query, filters, masked, wrong })
}

/// `GET /admin/transfers/orders?state=&from=&to=&q=&product=`
pub async fn show(
    staff: Staff<ExportOrders>,
    _: Recent,
    request: HttpRequest,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Orders).await;
    let filters = filters(request.query_string());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&filters).finish();
    let wrong = !transfers::is_list(&query, !staff.may(May::SeeBuyers));
    ask(StatusCode::OK, frame, &filters, wrong)
}

/// `POST /admin/transfers/orders`
pub async fn export(
    staff: Staff<ExportOrders>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let filters = filters(&fields.text("query"));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&filters).finish();
    let masked = !staff.may(May::SeeBuyers);
    if !transfers::is_list(&query, masked) {
        let frame = Desk::new(&shop, &reader, &staff, Section::Orders).await;
        return ask(StatusCode::UNPROCESSABLE_ENTITY, frame, &filters, true);
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let id = transfers::export_orders(&mut tx, (&query, masked), staff.language, &staff.actor(), now).await?;
    transfers::go_on(&mut tx, id, now).await?;
    // What was typed to find orders may be somebody's name or phone.
    let told: Vec<&str> = filters.iter().map(|(name, _)| name.as_str()).collect();
    let after = json!({ "filters": told, "masked": masked });
    let subject = subject(id);
    let change = Change { action: "export-orders", subject: &subject, before: None, after: Some(after) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/transfers/{}", id.0)))
}
