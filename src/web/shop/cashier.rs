//! The way to Weibo's cashier: the link behind the pay button and in the QR code.

use crate::orders;
use crate::payments::{self, BeginError, Way};
use crate::web::hooks::back;
use crate::web::page::{Page, see_other};
use crate::web::who::{Reader, Visitor, access};
use crate::web::{Error, Shop, came};
use crate::weibo::agent::Route;
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

/// `GET /q/{token}`: to the cashier while the order can be paid, else to how it stands, and whose it is to her
/// order. The token itself shows nothing but how it stands. Going twice is the same attempt, so this is safe to
/// repeat.
pub async fn go(
    token: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let found = orders::find_by_pay_token(&mut *shop.db.reader().await?, &token).await?;
    let order = found.ok_or(Error::NotFound)?;
    let frame = Page::new(&shop, &reader).await;
    let now = shop.clock.now();
    let own = Visitor::of(&session).id == Some(order.visitor);
    let way = match (reader.route, own) {
        (Route::Desktop, _) => Way::Pc,
        (Route::ClientTooOld, _) => return back::standing(&shop, frame, order).await,
        (Route::Client, true) => Way::Client,
        (Route::Mobile, true) => Way::Mobile,
        (Route::Client | Route::Mobile, false) => Way::Qr,
    };
    let weibo = shop.weibo().await?;
    let came = came::carried(&shop, &session, &order).await?;
    let mut tx = shop.db.begin().await?;
    let Some(mut locked) = orders::lock(&mut tx, order.id).await? else { return Err(Error::NotFound) };
    match payments::begin(&mut tx, &weibo, &shop.callbacks, &mut locked, (way, came.as_ref()), now).await {
        Ok(cashier) => {
            tx.commit().await?;
            Ok(HttpResponse::Found().insert_header(("Location", cashier.as_str())).finish())
        }
        Err(BeginError::Refused(_)) => {
            drop(tx);
            // Messages lead here: whose it is sees all of it.
            if access(&shop, Visitor::of(&session), &order, None).is_ok() {
                return Ok(see_other(&frame.to(&format!("/orders/{}", order.number))));
            }
            back::standing(&shop, frame, order).await
        }
        Err(BeginError::Unexpected(error)) => Err(error.into()),
    }
}
