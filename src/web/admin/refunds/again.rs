//! What somebody decides about money that did not go back, or does not go by itself.

use crate::db::Tx;
use crate::orders::{self, ChangeError, OrderId};
use crate::payments::{self, Refund, RefundError};
use crate::staff::permission::MoveMoney;
use crate::web::admin::handling::Handling;
use crate::web::admin::order::Typed;
use crate::web::form::Fields;
use crate::web::staff::{Path, Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::pay::is_number;
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

type Deciding<'a> = Handling<'a, MoveMoney>;

/// A number of ours or of Weibo's as it stands in an address; what is none leads nowhere.
fn plain(number: &str) -> Result<&str, Error> {
    if is_number(number) { Ok(number) } else { Err(Error::NotFound) }
}

/// Where she came from: the order's page, or the list of what waits.
fn back(at: &Deciding<'_>, form: &Fields) -> String {
    if form.text("back") == "money" { "/admin/money".to_owned() } else { at.page() }
}

async fn order_of(at: &Deciding<'_>) -> Result<OrderId, Error> {
    let order = orders::find(&mut *at.shop.db.reader().await?, &at.number).await?;
    Ok(order.ok_or(Error::NotFound)?.id)
}

async fn refuse(at: &Deciding<'_>, tx: Tx, why: RefundError) -> Result<HttpResponse, Error> {
    let key = match why {
        RefundError::Wrong(_) | RefundError::NotChanged(ChangeError::Refused(_)) => "refused-refund-left",
        RefundError::NotRetriable => "refused-not-failed",
        RefundError::NotChanged(why @ (ChangeError::NoSuchOrder | ChangeError::Unexpected(_))) => {
            return at.refuse(tx, why).await;
        }
        RefundError::Changed { .. } | RefundError::OtherRequest => {
            return Err(anyhow::anyhow!(why).into());
        }
    };
    at.refuse_as(tx, Typed { refused: Some(key), ..Typed::default() }).await
}

/// Commits what was decided about `refund`, with a line in the audit log.
async fn decided(
    at: &Deciding<'_>,
    mut tx: Tx,
    (action, refund): (&'static str, &Refund),
    (says, form): (&'static str, &Fields),
) -> Result<HttpResponse, Error> {
    let told = json!({ "refund": refund.out_refund_id, "amount": refund.amount.to_string() });
    at.record(&mut tx, action, (None, Some(told)), at.shop.clock.now()).await?;
    tx.commit().await?;
    at.shop.pages.recount();
    at.go_on(says, &back(at, form))
}

/// `POST /admin/orders/{number}/refunds/{out_refund_id}/retry`: once more under the number that it has.
pub async fn retry(
    staff: Staff<MoveMoney>,
    _: Recent,
    form: SafeForm,
    path: Path<(String, String)>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path.0, &staff, &shop, &reader)?;
    let (order, out_refund_id) = (order_of(&at).await?, plain(&path.1)?);
    let mut tx = shop.db.begin().await?;
    match payments::retry(&mut tx, order, out_refund_id, &staff.actor(), shop.clock.now()).await {
        Ok(refund) => decided(&at, tx, ("retry-refund", &refund), ("said-refund-again", &form)).await,
        Err(why) => refuse(&at, tx, why).await,
    }
}

/// `POST /admin/orders/{number}/refunds/{out_refund_id}/aside`: it was settled another way, or given up.
pub async fn put_aside(
    staff: Staff<MoveMoney>,
    form: SafeForm,
    path: Path<(String, String)>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path.0, &staff, &shop, &reader)?;
    let (order, out_refund_id) = (order_of(&at).await?, plain(&path.1)?);
    let mut tx = shop.db.begin().await?;
    let now = shop.clock.now();
    if !payments::put_aside(&mut tx, order, out_refund_id, &staff.name, now).await? {
        return refuse(&at, tx, RefundError::NotRetriable).await;
    }
    let told = json!({ "refund": out_refund_id });
    at.record(&mut tx, "put-refund-aside", (None, Some(told)), now).await?;
    tx.commit().await?;
    shop.pages.recount();
    at.go_on("said-refund-aside", &back(&at, &form))
}

/// `POST /admin/orders/{number}/surplus/{pay_id}`: all that is left of a payment which the order does not keep.
pub async fn send_back(
    staff: Staff<MoveMoney>,
    _: Recent,
    form: SafeForm,
    path: Path<(String, String)>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path.0, &staff, &shop, &reader)?;
    let (order, pay_id) = (order_of(&at).await?, plain(&path.1)?);
    let (mut tx, now) = (shop.db.begin().await?, shop.clock.now());
    match payments::refund_surplus(&mut tx, order, pay_id, &staff.actor(), now).await {
        Ok(Some(refund)) => decided(&at, tx, ("send-back", &refund), ("said-refund-begun", &form)).await,
        Ok(None) => {
            let typed = Typed { refused: Some("refused-nothing-owed"), ..Typed::default() };
            at.refuse_as(tx, typed).await
        }
        Err(why) => refuse(&at, tx, why).await,
    }
}
