//! A draft that is sent to one subscriber, to be looked at on a phone.

use super::{address, found, show, subject};
use crate::fans;
use crate::fans::broadcasts::{self, BroadcastId, State};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::fans::pressed_by;
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::messages::Audience;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;
use uuid::Uuid;

/// `POST /admin/fans/broadcasts/{id}/trial`: what comes of it is told truly, and it is not sent again by itself.
pub async fn send(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (broadcast, typed) = (found(&shop, *id).await?, form.text("uid"));
    let key = pressed_by(&form)?;
    let said = match whom(&shop, &typed).await? {
        Some(uid) => {
            let said = call(&shop, &staff, (broadcast.id, key), uid).await?;
            if said.is_none() {
                staff.says_next("broadcast-pressed-twice")?;
                return Ok(see_other(&address(broadcast.id)));
            }
            said
        }
        None => None,
    };
    let key = match &said {
        Some(Ok(_)) => {
            staff.says_next("broadcast-tried")?;
            return Ok(see_other(&address(broadcast.id)));
        }
        Some(Err(CallError::Unknown(_))) => "broadcast-try-unknown",
        Some(Err(CallError::Refused { .. })) => "broadcast-refused",
        None => "broadcast-wrong-uid",
    };
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let why = match said {
        Some(Err(CallError::Refused { code, message })) => format!("{code} {message}"),
        _ => String::new(),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add("uid", frame.say_with(key, "why", why));
    let again = ((typed, String::new()), wrongs);
    show::draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, broadcast, again).await
}

/// The subscriber whose uid was typed.
async fn whom(shop: &Shop, typed: &str) -> Result<Option<i64>, Error> {
    let Some(uid) = typed.trim().parse::<i64>().ok().filter(|uid| *uid > 0) else { return Ok(None) };
    let subscribed = broadcasts::is_subscribed(&mut *shop.db.reader().await?, uid).await?;
    Ok(subscribed.then_some(uid))
}

/// Calls Weibo, once for each form and for a draft only; nothing when this form has called before.
async fn call(
    shop: &Shop,
    staff: &Staff<EditFans>,
    (id, key): (BroadcastId, Uuid),
    uid: i64,
) -> Result<Option<Result<i64, CallError>>, Error> {
    let weibo = shop.weibo().await?;
    let mut tx = shop.db.begin().await?;
    let Some(broadcast) = broadcasts::find(&mut tx, id).await? else { return Err(Error::NotFound) };
    if broadcast.state != State::Draft {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-broadcast-state"));
    }
    if !fans::press(&mut tx, key, shop.clock.now()).await? {
        return Ok(None);
    }
    tx.commit().await?;
    let said = weibo.send_all(&Audience::Fans(vec![uid]), &broadcast.message).await;
    let mut tx = shop.db.begin().await?;
    let after = json!({ "answered": said.is_ok() });
    let change = Change { action: "try-broadcast", subject: &subject(id), before: None, after: Some(after) };
    audit::record(&mut tx, staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    Ok(Some(said))
}
