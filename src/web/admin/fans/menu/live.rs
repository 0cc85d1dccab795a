//! What Weibo shows now, beside a version of ours.

use super::{PATH, edit, version};
use crate::fans::menus::{Difference, Row, differences};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::messages::{Menu, MenuPlace};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "admin/fans/menu/live.html")]
struct LivePage {
    page: Desk,
    with: Option<i64>,
    /// What is there, or why that is not known.
    there: Result<Menu, String>,
    differences: Vec<Difference>,
}

impl LivePage {
    fn place(&self, at: &MenuPlace) -> String {
        let button = self.page.say_with("menu-button", "number", at.button + 1);
        at.leaf.map_or(button.clone(), |leaf| format!("{button} › {}", leaf + 1))
    }

    fn line(&self, row: Option<&Row>) -> String {
        let Some(row) = row else { return self.page.say("menu-no-such-button") };
        let kind = self.page.say(&format!("word-menu-{}", row.kind));
        [row.name.as_str(), kind.as_str(), row.value.as_str()].join(" · ").trim_end_matches(" · ").to_owned()
    }
}

#[derive(Deserialize)]
pub struct With {
    with: Option<i64>,
}

/// `GET /admin/fans/menu/live`
pub async fn show(
    staff: Staff<EditFans>,
    with: Query<With>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let version = version(&shop, with.with).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let there = match shop.weibo().await?.menu().await {
        Ok(menu) => Ok(menu),
        Err(CallError::Refused { code, message }) => Err(format!("{code} {message}")),
        Err(CallError::Unknown(_)) => Err(frame.say("menu-no-answer")),
    };
    let ours = version.as_ref().map(|version| version.menu.clone()).unwrap_or_default();
    let differences = there.as_ref().map(|there| differences(&ours, there)).unwrap_or_default();
    let with = version.map(|version| version.id.0);
    page(StatusCode::OK, &LivePage { page: frame, with, there, differences })
}

/// `POST /admin/fans/menu/live`: what is there becomes a version of ours, to go on from.
pub async fn keep(staff: Staff<EditFans>, _form: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let there = shop.weibo().await?.menu().await;
    let menu = there.map_err(|_| Error::Refused(StatusCode::BAD_GATEWAY, "error-menu-not-shown"))?;
    if menu.buttons.is_empty() {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-menu-not-shown"));
    }
    edit::keep(&shop, &staff, &menu).await?;
    Ok(see_other(PATH))
}
