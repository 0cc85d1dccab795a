//! Private messages: the merchant's call (weibo-pay.md §8), and what the buyer finds on her phone.

use super::answer::{Error, account_cookie, broken, page, told};
use super::gateway::{answer, refusal};
use super::refunds::{signed, strikes};
use crate::sandbox::pages::MessagesPage;
use crate::sandbox::world::pay::PayError;
use crate::sandbox::{Fault, Sandbox};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

pub async fn send(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    if strikes(&sandbox, Fault::MessageRefused) {
        return refusal(&PayError::MessageRefused);
    }
    let sent = signed(&request, &body, &sandbox)
        .and_then(|params| sandbox.change(|world, now| world.send_message(&params, now)));
    match sent {
        Ok(()) if strikes(&sandbox, Fault::MessageAnswerLost) => broken(),
        Ok(()) => told(answer("100000", "Success", None), "100000"),
        Err(refused) => refusal(&refused),
    }
}

/// The messages of whoever holds the phone.
pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let cookie = account_cookie(&request);
    let view = {
        let world = sandbox.world();
        let reader = world.acting([None, cookie.as_deref()]).ok_or(Error::NotFound)?;
        MessagesPage::new(&world, reader, &sandbox.0.settings.seller_id, sandbox.now())
    };
    page(StatusCode::OK, &view, &[])
}
