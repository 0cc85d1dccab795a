//! What the fans service pushes (fans-service.md §1, §2): signed, stored, believed, answered.

use crate::fans::{self, Call, Ears, Refused};
use crate::settings::Terms;
use crate::web::form::body;
use crate::web::{Error, Shop};
use crate::weibo::messages::LARGEST_PACKET;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

/// `GET /hooks/weibo/fans`: Weibo makes sure that the address is ours, and hears exactly what it said.
pub async fn bind(request: HttpRequest, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let call = match verify(&request, &shop).await?.1 {
        Ok(call) => call,
        Err(why) => return Ok(refused(why)),
    };
    Ok(match fans::bound(&shop.hearing, call, shop.clock.now()).await? {
        Ok(echo) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(echo),
        Err(why) => refused(why),
    })
}

/// `POST /hooks/weibo/fans`: empty is answered when there is nothing to say.
pub async fn hear(request: HttpRequest, payload: Payload, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let received_at = shop.clock.now();
    let (terms, call) = verify(&request, &shop).await?;
    let call = match call {
        Ok(call) => call,
        Err(why) => return Ok(refused(why)),
    };
    let body = body(payload.into_inner(), LARGEST_PACKET).await?;
    let heard = fans::hear(&shop.hearing, &ears(&shop, &terms), (&call, &body), received_at).await?;
    let answered = match heard {
        Ok(answered) => answered,
        Err(why) => return Ok(refused(why)),
    };
    Ok(match answered {
        Some(answered) if answered.goes_out(&shop.hearing, shop.clock.now()).await? => {
            HttpResponse::Ok().content_type(answered.format.content_type()).body(answered.body)
        }
        _ => HttpResponse::Ok().content_type("text/plain; charset=utf-8").finish(),
    })
}

async fn verify(
    request: &HttpRequest,
    shop: &Shop,
) -> Result<(std::sync::Arc<Terms>, Result<Call, Refused>), Error> {
    let terms = shop.current.terms(&shop.hearing).await?;
    let call = Call::verify(request.query_string().as_bytes(), terms.fans_secret());
    Ok((terms, call))
}

fn ears(shop: &Shop, terms: &Terms) -> Ears {
    let seller = terms.weibo().ok().map(crate::weibo::Client::seller_id);
    Ears {
        shop: shop.settings.absolute(""),
        account: shop.settings.follow.account(seller),
        rules: shop.rules.clone(),
        herald: shop.herald.clone(),
    }
}

fn refused(why: Refused) -> HttpResponse {
    tracing::warn!(%why, "a push that is not taken");
    HttpResponse::build(StatusCode::FORBIDDEN).content_type("text/plain; charset=utf-8").body("refused")
}
