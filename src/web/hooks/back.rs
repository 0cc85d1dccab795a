//! The browser that comes back from the cashier (weibo-pay.md §5). It settles nothing: only Weibo's notice
//! and Weibo's answers do.

use crate::orders::{self, Order};
use crate::payments::{self, Extra, Standing};
use crate::web::form::body;
use crate::web::page::{Page, page, see_other};
use crate::web::shop::standing::{is_waiting, money_back, payment_word};
use crate::web::who::{Reader, Visitor, access, order_link};
use crate::web::{Error, Shop};
use crate::weibo::pay::Status;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// How an order stands, for somebody who paid it on another device: nothing of whose it is.
#[derive(Template)]
#[template(path = "shop/standing.html")]
struct StandingPage {
    page: Page,
    order: Order,
    standing: Standing,
    update_url: String,
    pay_url: String,
}

impl StandingPage {
    fn payment(&self) -> &'static str {
        payment_word(&self.order, self.standing)
    }

    fn money_back(&self) -> Vec<String> {
        money_back(self.page.words, &self.order, self.standing)
    }

    fn is_waiting(&self) -> bool {
        is_waiting(&self.order)
    }
}

/// `GET /return/weibo/pay`
pub async fn show(
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let bad = |_| Error::Refused(StatusCode::BAD_REQUEST, "error-return");
    let returned = shop.weibo().await?.read_return(request.query_string().as_bytes()).map_err(bad)?;
    // The token that we sent along proves that this browser comes from this order's cashier.
    let token = Extra::read(&returned.extra).token;
    let order = orders::find_by_pay_token(&mut *shop.db.reader().await?, token).await?;
    let order = order.ok_or(Error::Refused(StatusCode::NOT_FOUND, "error-return"))?;
    if returned.status == Some(Status::Success) {
        let out_pay_id = returned.out_pay_id.as_deref().unwrap_or_default();
        let mut tx = shop.db.begin().await?;
        payments::returned(&mut tx, order.id, out_pay_id, shop.clock.now()).await?;
        tx.commit().await?;
    }
    // Weibo brings her back to one address: she goes on in the language she ordered in.
    let frame = Page::new(&shop, &Reader { language: order.language, ..reader }).await;
    let visitor = Visitor::of(&session);
    if access(&shop, visitor, &order, None).is_ok() {
        return Ok(see_other(&frame.to(&format!("/orders/{}", order.number))));
    }
    // Placed on this browser, but another's now: by a visit that named her, or because she has signed out meanwhile.
    // Whoever sits here had this link before the cashier.
    if visitor.id == Some(order.visitor) {
        return Ok(see_other(&frame.to(&order_link(&shop, &order.number))));
    }
    standing(&shop, frame, order).await
}

/// `POST /return/weibo/pay`: browsers send no Lax cookie with it, so it becomes a GET, which they do.
pub async fn turn_to_get(payload: Payload) -> Result<HttpResponse, Error> {
    let body = body(payload.into_inner(), 64 * 1024).await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form_urlencoded::parse(&body).take(100));
    let query = query.finish();
    let longest = 8 * 1024;
    if query.len() > longest {
        return Err(Error::Refused(StatusCode::PAYLOAD_TOO_LARGE, "error-too-large"));
    }
    Ok(see_other(&format!("/return/weibo/pay?{query}")))
}

/// How it stands and one next step, without anything that belongs to the buyer.
pub async fn standing(shop: &Shop, frame: Page, order: Order) -> Result<HttpResponse, Error> {
    let standing = payments::standing(&mut *shop.db.reader().await?, order.id).await?;
    let update_url = shop.settings.update_url.to_string();
    let pay_url = shop.settings.absolute(&frame.to(&format!("/q/{}", order.pay_token)));
    page(StatusCode::OK, &StandingPage { page: frame, order, standing, update_url, pay_url })
}
