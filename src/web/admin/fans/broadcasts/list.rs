//! The broadcasts there are, and how fast they go out.

use super::told;
use crate::fans::broadcasts::{self, BATCHES, Broadcast, BroadcastId, PAUSES, Pace};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::Duration;

/// So many stand on a page.
const PAGE: usize = 30;

#[derive(Template)]
#[template(path = "admin/fans/broadcasts/list.html")]
struct ListPage {
    page: Desk,
    broadcasts: Vec<Broadcast>,
    first: String,
    more: String,
    batch: String,
    pause: String,
    wrongs: Wrongs,
}

impl ListPage {
    fn when(&self, broadcast: &Broadcast) -> String {
        shop_time(broadcast.begun_at.unwrap_or(broadcast.made_at))
    }

    fn told(&self, broadcast: &Broadcast) -> String {
        told(self.page.words, &broadcast.audience)
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
}

/// `GET /admin/fans/broadcasts`
pub async fn show(
    staff: Staff<EditFans>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let pace = broadcasts::pace(&mut *shop.db.reader().await?).await?;
    let typed = (pace.batch.to_string(), pace.pause.whole_seconds().to_string());
    draw(StatusCode::OK, &shop, frame, from.before, (typed, Wrongs::default())).await
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    before: Option<i64>,
    ((batch, pause), wrongs): ((String, String), Wrongs),
) -> Result<HttpResponse, Error> {
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut all = broadcasts::latest(&mut conn, before.map(BroadcastId), most).await?;
    drop(conn);
    let last = cut(&mut all, PAGE);
    let more = last.map(|last| format!("/admin/fans/broadcasts?before={}", last.id.0)).unwrap_or_default();
    let first = if before.is_some() { "/admin/fans/broadcasts" } else { "" }.to_owned();
    page(status, &ListPage { page: frame, broadcasts: all, first, more, batch, pause, wrongs })
}

/// `POST /admin/fans/broadcasts/pace`
pub async fn save_pace(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = (form.text("batch"), form.text("pause"));
    let batch = typed.0.trim().parse::<i32>().ok().filter(|batch| BATCHES.contains(batch));
    let pause = typed.1.trim().parse::<i64>().ok().filter(|pause| PAUSES.contains(pause));
    let (Some(batch), Some(seconds)) = (batch, pause) else {
        let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
        let mut wrongs = Wrongs::default();
        if batch.is_none() {
            wrongs.add("batch", frame.say("broadcast-wrong-batch"));
        }
        if pause.is_none() {
            wrongs.add("pause", frame.say("broadcast-wrong-pause"));
        }
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (typed, wrongs)).await;
    };
    let mut tx = shop.db.begin().await?;
    let before = broadcasts::pace(&mut tx).await?;
    broadcasts::save_pace(&mut tx, Pace { batch, pause: Duration::seconds(seconds) }).await?;
    let was = json!({ "batch": before.batch, "pause": before.pause.whole_seconds() });
    let is = json!({ "batch": batch, "pause": seconds });
    let change =
        Change { action: "change-broadcast-pace", subject: "shop", before: Some(was), after: Some(is) };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/fans/broadcasts"))
}
