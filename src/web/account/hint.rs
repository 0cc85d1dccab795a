//! A link out of a private message: through Weibo's sign-in to the page that was meant.

use super::oauth::{Journey, leave};
use crate::customers::{self, hints};
use crate::web::page::see_other;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

/// `GET /m/{hint}`. Opening it uses nothing up, and tells nothing: Weibo's own machines look at links before people do.
/// One that was used or is too old leads, through sign-in, to the same page, without what stands behind `?`.
pub async fn open(
    hint: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let hint = hints::find(&mut conn, &hint, shop.clock.now()).await?.ok_or(Error::NotFound)?;
    if let Some(customer) = Visitor::of(&session).customer
        && let Some(who) = customers::find(&mut conn, customer).await?
        && who.weibo_uid == hint.weibo_uid
    {
        return Ok(see_other(&hint.path));
    }
    drop(conn);
    // For whoever it turns out to be: only the one meant gets all of the address.
    let next = customers::without_query(&hint.path).to_owned();
    let journey = Journey { next, hint: hint.fresh.then_some(hint.mark), another: false };
    leave(&shop, &session, &reader, journey).await
}
