//! A draft that is sent to one subscriber, to be looked at on a phone.

use super::{address, found, show, subject};
use crate::fans::broadcasts;
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
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

/// `POST /admin/fans/broadcasts/{id}/trial`: what comes of it is told truly, and it is not sent again by itself.
pub async fn send(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (broadcast, typed) = (found(&shop, *id).await?, form.text("uid"));
    let uid = typed.trim().parse::<i64>().ok().filter(|uid| *uid > 0);
    let subscribed = match uid {
        Some(uid) => broadcasts::is_subscribed(&mut *shop.db.reader().await?, uid).await?,
        None => false,
    };
    let said = match uid.filter(|_| subscribed) {
        Some(uid) => {
            let weibo = shop.weibo().await?;
            let said = weibo.send_all(&Audience::Fans(vec![uid]), &broadcast.message).await;
            let (mut tx, now) = (shop.db.begin().await?, shop.clock.now());
            let after = json!({ "answered": said.is_ok() });
            let change = Change {
                action: "try-broadcast",
                subject: &subject(broadcast.id),
                before: None,
                after: Some(after),
            };
            audit::record(&mut tx, &staff, change, now).await?;
            tx.commit().await?;
            Some(said)
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
