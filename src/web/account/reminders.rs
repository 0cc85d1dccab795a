//! Being told when goods are back or cost less: asked for on the product's page, listed on one's own.

use super::sign_in_path;
use crate::catalog::{self, Sku, Slug};
use crate::fans::reminders::{self, About, Asked, Refused, ReminderId};
use crate::web::form::Fields;
use crate::web::page::{Page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

/// What `?done=` says, and the text for it.
pub const DONE: [(&str, &str); 2] = [("reminded", "reminder-set"), ("forgotten", "reminder-gone")];

/// A reminder as her page shows it.
pub struct Shown {
    pub asked: Asked,
    /// Since when it is true; nothing while she waits.
    pub since: Option<String>,
}

impl Shown {
    pub fn of(asked: Asked) -> Shown {
        let since = asked.told_at.map(shop_time);
        Shown { asked, since }
    }

    /// Behind which word of the texts it stands.
    pub fn word(&self) -> String {
        let kind = if self.since.is_some() { "reminded" } else { "reminder" };
        format!("word-{kind}-{}", self.asked.about)
    }
}

/// `POST /p/{slug}/reminder`: whoever has not signed in does so first, and presses again.
pub async fn ask(
    slug: Path<String>,
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    let frame = Page::new(&shop, &reader).await;
    let Some(customer) = Visitor::of(&session).customer else {
        return Ok(see_other(&sign_in_path(&frame, &frame.to(&format!("/p/{slug}")))));
    };
    let mut tx = shop.db.begin().await?;
    let product = catalog::find_product(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let about = match fields.text("about").as_str() {
        "price" => About::Price,
        "restock" => {
            let sku = Sku::parse(fields.text("variant").trim()).ok();
            let variant = sku.and_then(|sku| product.variant(&sku)).ok_or(Error::NotFound)?;
            About::Restock(variant.id)
        }
        _ => return Err(Error::NotFound),
    };
    let asked =
        reminders::ask(&mut tx, (customer, reader.language), product.id, about, shop.clock.now()).await?;
    match asked {
        Ok(()) => {}
        Err(Refused::NoSuch) => return Err(Error::NotFound),
        Err(Refused::InStock) => return Err(Error::Refused(StatusCode::CONFLICT, "error-reminder-in-stock")),
        Err(Refused::TooMany) => return Err(Error::Refused(StatusCode::CONFLICT, "error-reminder-many")),
    }
    tx.commit().await?;
    Ok(see_other(&frame.to("/account?done=reminded")))
}

/// `POST /account/reminders/{id}/removal`
pub async fn remove(
    id: Path<i64>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let signed_out = Error::Refused(StatusCode::FORBIDDEN, "error-not-signed-in");
    let customer = Visitor::of(&session).customer.ok_or(signed_out)?;
    let mut tx = shop.db.begin().await?;
    reminders::withdraw(&mut tx, customer, ReminderId(*id), shop.clock.now()).await?;
    tx.commit().await?;
    Ok(see_other(&frame.to("/account?done=forgotten")))
}
