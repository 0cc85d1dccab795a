//! What the merchant changes about a partner: her invitation, her rate, whether it goes on.

use super::show::{Drawn, draw};
use super::{done, path, record};
use crate::partners::{self, Invited, PartnerId, Rate};
use crate::staff::permission::EditSharing;
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/sharing/partners/{id}/invitation`: shown once, in answer to making it.
pub async fn invite(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (at, id) = ((&**shop, &reader, &staff), PartnerId(*id));
    let mut tx = shop.db.begin().await?;
    let Some(invited) = partners::invite(&mut tx, id, shop.clock.now()).await? else {
        drop(tx);
        return draw(at, id, Drawn::refused("refused-partner-invited")).await;
    };
    record(&mut tx, (&shop, &staff), ("invite-partner", id), (None, None)).await?;
    tx.commit().await?;
    let link = shop.settings.absolute(&format!("/partner/invitations/{}", invited.link));
    draw(at, id, Drawn { invited: Some(Invited { link, ..invited }), ..Drawn::default() }).await
}

/// `POST /admin/sharing/partners/{id}/rate`: of orders that are placed from now on.
pub async fn promise(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = PartnerId(*id);
    let typed = Typed::read(&form, &["partner-rate"]);
    let Some(rate) = Rate::parse(typed.of("partner-rate")) else {
        let mut wrongs = Wrongs::default();
        wrongs.add("partner-rate", Words(staff.language).say("wrong-partner-rate"));
        return draw((&shop, &reader, &staff), id, Drawn::wrong(typed, wrongs)).await;
    };
    let mut tx = shop.db.begin().await?;
    let before = partners::find(&mut tx, id).await?.ok_or(Error::NotFound)?.rate;
    let changed = partners::promise(&mut tx, id, rate, &staff.actor(), shop.clock.now()).await?;
    if changed.ok_or(Error::NotFound)? {
        let told = |rate: Rate| Some(json!({ "partner-rate": rate.to_string() }));
        record(&mut tx, (&shop, &staff), ("change-partner-rate", id), (told(before), told(rate))).await?;
    }
    done(tx, &staff, id).await
}

/// `POST /admin/sharing/partners/{id}/end`
pub async fn end(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = PartnerId(*id);
    let mut tx = shop.db.begin().await?;
    partners::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !partners::end(&mut tx, id, shop.clock.now()).await? {
        return Ok(see_other(&path(id)));
    }
    record(&mut tx, (&shop, &staff), ("end-partner", id), (None, None)).await?;
    done(tx, &staff, id).await
}

/// `POST /admin/sharing/partners/{id}/resumption`
pub async fn resume(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = PartnerId(*id);
    let mut tx = shop.db.begin().await?;
    partners::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !partners::resume(&mut tx, id).await? {
        return Ok(see_other(&path(id)));
    }
    record(&mut tx, (&shop, &staff), ("resume-partner", id), (None, None)).await?;
    done(tx, &staff, id).await
}
