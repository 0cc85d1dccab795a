//! The editor of the menu, its picture, its versions and what is known of the one that is there.

use super::form::{Form, KINDS, Row};
use super::{Kept, PATH, VERSIONS, version};
use crate::fans::menus::{self, ChangeState, MenuChange, Version};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::Menu;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "admin/fans/menu/edit.html")]
struct MenuPage {
    page: Desk,
    form: Form,
    /// What is drawn.
    menu: Menu,
    wrongs: Wrongs,
    /// The saved version that the form began with, or that was just saved.
    from: Option<i64>,
    /// What is typed has not been saved.
    unsaved: bool,
    versions: Vec<Kept>,
    last: Option<Seen>,
    /// The version that fans see, as far as it is known; nothing where no menu is.
    live: Option<i64>,
}

/// The last change, as it is told.
struct Seen {
    id: i64,
    menu: Option<i64>,
    when: String,
    by: String,
    state: &'static str,
    why: String,
    can_be_checked: bool,
}

impl MenuPage {
    fn kinds(&self) -> [&'static str; 3] {
        KINDS
    }

    /// The field's place in words: its button, and that below.
    fn place(&self, field: &str) -> String {
        let mut parts = field.trim_start_matches('b').split('-');
        let button = parts.next().unwrap_or_default();
        let below = parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        let words = self.page.say_with("menu-button", "number", button);
        below.map_or(words.clone(), |below| format!("{words} › {below}"))
    }

    fn wrong(&self, row: &Row, field: &str) -> Option<&str> {
        self.wrongs.of(&format!("{}-{field}", row.id))
    }

    fn is_live(&self, kept: &Kept) -> bool {
        self.live == Some(kept.id)
    }
}

impl Seen {
    fn of(change: &MenuChange, now: time::OffsetDateTime) -> Seen {
        let (state, at, why) = match &change.state {
            ChangeState::Asking => ("asking", change.asked_at, String::new()),
            ChangeState::Done { at } => ("done", *at, String::new()),
            ChangeState::Refused { at, why } => ("refused", *at, why.clone()),
            ChangeState::Unknown { at } => ("unknown", *at, String::new()),
            ChangeState::Missing { at } => ("missing", *at, String::new()),
        };
        Seen {
            id: change.id.0,
            menu: change.menu.map(|menu| menu.0),
            when: shop_time(at),
            by: change.by.clone(),
            state,
            why,
            can_be_checked: change.can_be_checked(now),
        }
    }
}

#[derive(Deserialize)]
pub struct From {
    from: Option<i64>,
}

/// `GET /admin/fans/menu`
pub async fn show(
    staff: Staff<EditFans>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let version = version(&shop, from.from).await?;
    let menu = version.as_ref().map(|version| version.menu.clone()).unwrap_or_default();
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let typed = (Form::of(&menu), menu, Wrongs::default());
    draw(StatusCode::OK, (&shop, frame), typed, version.map(|version| version.id.0)).await
}

/// `POST /admin/fans/menu/preview`: draws what is typed and keeps nothing.
pub async fn preview(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let typed = Form::read(&form);
    let (menu, wrongs) = typed.menu(frame.words);
    let status = if wrongs.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    draw(status, (&shop, frame), (typed, menu, wrongs), None).await
}

/// `POST /admin/fans/menu`
pub async fn save(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let typed = Form::read(&form);
    let (menu, wrongs) = typed.menu(frame.words);
    if !wrongs.is_empty() {
        return draw(StatusCode::UNPROCESSABLE_ENTITY, (&shop, frame), (typed, menu, wrongs), None).await;
    }
    keep(&shop, &staff, &menu).await?;
    Ok(see_other(PATH))
}

/// A new version, unless the last one is the same.
pub(super) async fn keep(shop: &Shop, staff: &Staff<EditFans>, menu: &Menu) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let before: Option<Version> = menus::latest(&mut tx, 1).await?.pop();
    if before.as_ref().is_some_and(|version| version.menu == *menu) {
        return staff.says_next("said-menu-same");
    }
    let id = menus::save(&mut tx, menu, &staff.actor(), now).await?;
    let json = |menu: &Menu| serde_json::to_value(menu).map_err(anyhow::Error::from);
    let before = before.map(|version| json(&version.menu)).transpose()?;
    let subject = format!("menu {}", id.0);
    let change = Change { action: "save-menu", subject: &subject, before, after: Some(json(menu)?) };
    audit::record(&mut tx, staff, change, now).await?;
    tx.commit().await?;
    staff.says_next("said-menu-saved")
}

async fn draw(
    status: StatusCode,
    (shop, frame): (&Shop, Desk),
    (form, menu, wrongs): (Form, Menu, Wrongs),
    from: Option<i64>,
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let versions: Vec<Kept> = menus::latest(&mut conn, VERSIONS).await?.iter().map(Kept::of).collect();
    let (last, done) = menus::last_changes(&mut conn).await?;
    drop(conn);
    let now = shop.clock.now();
    let live = done.and_then(|change| change.menu).map(|menu| menu.0);
    let last = last.map(|change| Seen::of(&change, now));
    let unsaved = from.is_none() && !menu.buttons.is_empty();
    page(status, &MenuPage { page: frame, form, menu, wrongs, from, unsaved, versions, last, live })
}
