//! An order in the hands of somebody who may change it: what all changes at the desk have in common.

use super::order::{Typed, draw, number};
use super::orders::why_wrong;
use crate::customers::Wrong;
use crate::db::Tx;
use crate::orders::{ChangeError, OrderNumber};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{HandleOrders, Permission};
use crate::web::page::see_other;
use crate::web::staff::Staff;
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::Value;
use time::OffsetDateTime;

/// Who changes which order.
pub struct Handling<'a, P = HandleOrders> {
    pub number: OrderNumber,
    pub words: Words,
    pub shop: &'a Shop,
    pub reader: &'a Reader,
    pub staff: &'a Staff<P>,
}

impl<'a, P: Permission> Handling<'a, P> {
    /// The order of this address.
    pub fn of(
        path: &str,
        staff: &'a Staff<P>,
        shop: &'a Shop,
        reader: &'a Reader,
    ) -> Result<Handling<'a, P>, Error> {
        Ok(Handling { number: number(path)?, words: Words(staff.language), shop, reader, staff })
    }

    /// The order's page again, with the form as it was typed and why it will not do.
    pub async fn again(&self, typed: Typed) -> Result<HttpResponse, Error> {
        self.draw(StatusCode::UNPROCESSABLE_ENTITY, typed).await
    }

    /// As [`Handling::again`], for a field whose text will not do.
    pub async fn again_for(
        &self,
        field: &'static str,
        why: Wrong,
        mut typed: Typed,
    ) -> Result<HttpResponse, Error> {
        typed.wrongs.add(field, why_wrong(self.words, why));
        self.again(typed).await
    }

    /// The order's page as it is now, with why nothing was changed.
    pub async fn refuse(&self, tx: Tx, why: ChangeError) -> Result<HttpResponse, Error> {
        match why {
            ChangeError::NoSuchOrder => Err(Error::NotFound),
            ChangeError::Refused(why) => self.refuse_as(tx, Typed::refused(why)).await,
            ChangeError::Unexpected(error) => Err(error.into()),
        }
    }

    pub async fn refuse_as(&self, tx: Tx, typed: Typed) -> Result<HttpResponse, Error> {
        drop(tx);
        self.draw(StatusCode::CONFLICT, typed).await
    }

    async fn draw(&self, status: StatusCode, typed: Typed) -> Result<HttpResponse, Error> {
        draw(status, self.shop, self.reader, self.staff, (&self.number, typed)).await
    }

    /// A line in the audit log about this order.
    pub async fn record(
        &self,
        tx: &mut Tx,
        action: &'static str,
        (before, after): (Option<Value>, Option<Value>),
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let subject = format!("order {}", self.number);
        Ok(audit::record(tx, self.staff, Change { action, subject: &subject, before, after }, now).await?)
    }

    /// Where the order's page is.
    pub fn page(&self) -> String {
        format!("/admin/orders/{}", self.number)
    }

    /// On to this page, which says what was done.
    pub fn go_on(&self, says: &'static str, path: &str) -> Result<HttpResponse, Error> {
        self.staff.says_next(says)?;
        Ok(see_other(path))
    }
}

/// What was typed where something has to be.
pub fn something(typed: Result<String, Wrong>) -> Result<String, Wrong> {
    typed.and_then(|text| if text.is_empty() { Err(Wrong::Missing) } else { Ok(text) })
}
