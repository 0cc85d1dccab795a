//! The cashier in the shopper's browser: opened by the merchant's signed request, paid or left (weibo-pay.md §2, §5).

use super::answer::{Error, account_cookie, face, form, page, query, see_other, told, wished_account};
use crate::sandbox::clients::Face;
use crate::sandbox::pages::{CashierPage, ReturnPage};
use crate::sandbox::world::pay::{Order, PayError, Payment, State};
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::{Params, write_form};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    open(&request, &query(&request)?, &sandbox)
}

pub async fn show_posted(
    request: HttpRequest,
    body: Bytes,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    open(&request, &form(&body)?, &sandbox)
}

fn open(request: &HttpRequest, params: &Params, sandbox: &Sandbox) -> Result<HttpResponse, Error> {
    let opened = Order::read(params, &sandbox.0.merchant)
        .and_then(|order| sandbox.change(|world, now| world.open(order, now).cloned()));
    let payment = match opened {
        Ok(payment) => payment,
        Err(refused) => return Ok(refusal(&refused)),
    };
    let face = face(request);
    if face == Face::Client && sandbox.change(|world, _| world.faults.strikes(Fault::CashierScheme)) {
        let to = client_address(params);
        return Ok(told(HttpResponse::Found().insert_header(("Location", to)).finish(), "sinaweibo://"));
    }
    cashier(sandbox, &payment, face, account_cookie(request).as_deref())
}

/// Takes the money of the chosen account and leads back to the merchant.
pub async fn pay(
    request: HttpRequest,
    pay_id: Path<String>,
    body: Bytes,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let form = form(&body)?;
    let cookie = account_cookie(&request);
    let paid = sandbox.change(|world, now| {
        let buyer = world.acting(wished_account(&form, cookie.as_deref())).map(|person| person.uid.clone());
        let paid = world.pay(&pay_id, &buyer.unwrap_or_default(), now)?;
        Ok((paid, world.faults.strikes(Fault::BeforeReturn)))
    });
    match paid {
        Ok((payment, told_first)) => {
            if told_first {
                sandbox.deliver_due().await;
            }
            lead_back(&sandbox, &payment)
        }
        Err(refused) => Ok(refusal(&refused)),
    }
}

/// Leads back without having paid. The payment stays as it is: it can be opened again until it expires.
pub async fn leave(pay_id: Path<String>, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    match sandbox.change(|world, now| world.payment(&pay_id, now).cloned()) {
        Ok(payment) => lead_back(&sandbox, &payment),
        Err(refused) => Ok(refusal(&refused)),
    }
}

fn cashier(
    sandbox: &Sandbox,
    payment: &Payment,
    face: Face,
    cookie: Option<&str>,
) -> Result<HttpResponse, Error> {
    let words = match payment.state {
        State::Pending => "收银台",
        State::Paid { .. } => "收银台 · 已付",
        State::Closed => "收银台 · 已关闭",
    };
    let view = {
        let world = sandbox.world();
        let acting = world.acting([None, cookie]).map(|person| person.uid.clone());
        CashierPage::new(&world, payment, face, &acting.unwrap_or_default())
    };
    Ok(told(page(StatusCode::OK, &view, &[&payment.order.return_url])?, words))
}

fn lead_back(sandbox: &Sandbox, payment: &Payment) -> Result<HttpResponse, Error> {
    let (unsigned, posted) = sandbox.change(|world, _| {
        (world.faults.strikes(Fault::ReturnUnsigned), world.faults.strikes(Fault::ReturnPosted))
    });
    let mut fields = payment.fields();
    if !unsigned {
        let sign = sandbox.0.settings.platform_key.sign(&fields)?;
        fields.insert("sign_type".into(), "RSA".into());
        fields.insert("sign".into(), sign);
    }
    let mut to = payment.order.return_url.clone();
    if posted {
        let view = ReturnPage { to: to.to_string(), fields };
        return Ok(told(page(StatusCode::OK, &view, &[&to])?, "POST 返回"));
    }
    to.query_pairs_mut().extend_pairs(&fields);
    let words = match payment.state {
        State::Pending => "未付，返回",
        State::Paid { .. } => "已付，返回",
        State::Closed => "已关闭，返回",
    };
    Ok(told(see_other(to.as_str()), words))
}

/// Where the real cashier leads the client: an address that only the client understands (weibo-pay.md §9.1).
fn client_address(params: &Params) -> String {
    let pay_params = Params::from([("pay_params".to_owned(), write_form(params))]);
    format!("sinaweibo://wbpay?{}", write_form(&pay_params))
}

fn refusal(refused: &PayError) -> HttpResponse {
    let words = format!("{refused}（{}，沙箱自定的错误码 code invented by the sandbox）", refused.code());
    let status = match refused {
        PayError::Unknown => StatusCode::NOT_FOUND,
        PayError::Paid | PayError::Closed | PayError::AmountChanged => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = actix_web::ResponseError::error_response(&Error::Refused(words));
    *response.status_mut() = status;
    told(response, refused.code())
}
