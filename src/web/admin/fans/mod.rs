//! The desk: where people read what fans write, and answer them.

mod answer;
mod at;
mod beside;
pub mod broadcasts;
pub mod canned;
pub mod cards;
pub mod codes;
pub mod coupons;
pub mod course;
pub mod events;
pub mod face;
pub mod figures;
pub mod groups;
pub mod inbox;
pub mod links;
mod list;
pub mod manners;
pub mod media;
pub mod menu;
pub mod rules;
mod shown;
pub mod subscribers;
pub mod talk;

pub use answer::create as answer;

use crate::web::Error;
use crate::web::form::Fields;
use actix_web::http::StatusCode;
use uuid::Uuid;

/// The key of a form that calls Weibo once, however often it is pressed.
fn pressed_by(form: &Fields) -> Result<Uuid, Error> {
    Uuid::parse_str(&form.text("key")).map_err(|_| Error::Refused(StatusCode::BAD_REQUEST, "error-request"))
}
