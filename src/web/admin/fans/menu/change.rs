//! The menu is published or taken away; where nobody knows whether that was done, Weibo is asked what it shows.

use super::PATH;
use crate::fans::menus::{self, ChangeId, ChangeState, MenuId};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

/// `POST /admin/fans/menu/{id}/publication`
pub async fn publish(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = MenuId(*id);
    menus::find(&mut *shop.db.reader().await?, id).await?.ok_or(Error::NotFound)?;
    change(&shop, &staff, Some(id)).await
}

/// `POST /admin/fans/menu/removal`
pub async fn remove(
    staff: Staff<EditFans>,
    _form: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    change(&shop, &staff, None).await
}

async fn change(shop: &Shop, staff: &Staff<EditFans>, menu: Option<MenuId>) -> Result<HttpResponse, Error> {
    let weibo = shop.weibo().await?;
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let Ok(id) = menus::begin(&mut tx, menu, &staff.actor(), now).await? else {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-menu-busy"));
    };
    let subject = menu.map_or("menu".to_owned(), |menu| format!("menu {}", menu.0));
    let action = if menu.is_some() { "publish-menu" } else { "remove-menu" };
    audit::record(&mut tx, staff, Change { action, subject: &subject, before: None, after: None }, now)
        .await?;
    tx.commit().await?;
    let state = menus::carry_out(&shop.db, &weibo, id, &shop.clock).await?;
    tell(staff, &state)?;
    Ok(see_other(PATH))
}

/// `POST /admin/fans/menu/changes/{id}/check`
pub async fn check(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = ChangeId(*id);
    menus::change(&mut *shop.db.reader().await?, id).await?.ok_or(Error::NotFound)?;
    let state = menus::check_again(&shop.db, &shop.weibo().await?, id, &shop.clock).await?;
    tell(&staff, &state)?;
    Ok(see_other(PATH))
}

fn tell(staff: &Staff<EditFans>, state: &ChangeState) -> Result<(), Error> {
    staff.says_next(match state {
        ChangeState::Done { .. } => "said-menu-done",
        ChangeState::Refused { .. } => "said-menu-refused",
        ChangeState::Missing { .. } => "said-menu-missing",
        ChangeState::Asking | ChangeState::Unknown { .. } => "said-menu-unknown",
    })
}
