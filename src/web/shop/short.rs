//! A short link of ours: it leads on, and the session, and the account of whoever has signed in, remember by which one
//! somebody came.

use crate::customers::touches::{self, Touch};
use crate::sharing::links;
use crate::web::came::arrive;
use crate::web::finish::OnlyLooked;
use crate::web::page::Page;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

/// `GET /s/{code}`: by HEAD nobody came, and no session begins. A guess with a wrong signature
/// is told from a link without looking.
pub async fn go(
    request: HttpRequest,
    code: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    if !shop.links.knows(&shop.db, &code).await? {
        return Err(Error::NotFound);
    }
    let path = links::find(&mut *shop.db.reader().await?, &code).await?.ok_or(Error::NotFound)?;
    let to = Page::new(&shop, &reader).await.to(&path);
    let led = HttpResponse::Found().insert_header((LOCATION, to)).finish();
    if request.extensions().contains::<OnlyLooked>() {
        return Ok(led);
    }
    let now = shop.clock.now();
    let touch = Touch::new(&code, now).ok_or(Error::NotFound)?;
    if let Some(touch) = arrive(&shop, &session, touch).await? {
        let mut tx = shop.db.begin().await?;
        if let Some(customer) = Visitor::of(&session).customer {
            touches::keep(&mut tx, customer, &[touch], now).await?;
        }
        // Last: everybody who comes by a link waits for its counter.
        links::click(&mut tx, &code, now).await?;
        tx.commit().await?;
    }
    Ok(led)
}
