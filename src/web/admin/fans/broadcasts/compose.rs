//! Writing a broadcast: for whom, and what.

use super::content::Content;
use super::reading::{CARD_FIELDS, Read, Typed, card_field, read};
use super::{address, found, subject, told};
use crate::catalog::{self, Category, Slug, Tree};
use crate::db::Tx;
use crate::fans::broadcasts::{self, BroadcastId, NotNow, State, Wanted};
use crate::sharing::links::{self, Source};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::fans::groups::OWN_FROM;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::{MOST_ARTICLES, Reply};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "admin/fans/broadcasts/compose.html")]
struct ComposePage {
    page: Desk,
    typed: Typed,
    wrongs: Wrongs,
    /// Where the form goes.
    action: String,
    /// Of a new one: makes the form work once.
    key: String,
    /// Of a draft: as it was when the form was made.
    version: i32,
    categories: Vec<(usize, Category)>,
}

impl ComposePage {
    fn places() -> std::ops::RangeInclusive<usize> {
        1..=MOST_ARTICLES
    }

    /// Whether the first fields of a card are shown: its own, and one more to fill in.
    fn is_open(&self, place: &usize) -> bool {
        let filled =
            |place: usize| ["product", "title", "url"].iter().any(|f| !self.typed.card(place, f).is_empty());
        *place == 1
            || filled(*place)
            || self.wrongs.all().iter().any(|(name, _)| name.starts_with(&format!("card-{place}-")))
    }

    fn field(&self, place: &usize, field: &str) -> String {
        card_field(*place, field)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.typed.of(name) == value
    }

    /// What a field is called in the summary of what is wrong.
    fn label(&self, name: &str) -> String {
        let card = name.strip_prefix("card-").and_then(|rest| rest.split_once('-'));
        match card {
            Some((place, field)) => {
                let label = self.page.say(&format!("field-card-{field}"));
                format!("{} · {label}", self.page.say_with("broadcast-card", "place", place))
            }
            None => self.page.say(&format!("field-broadcast-{name}")),
        }
    }
}

#[derive(Deserialize)]
pub struct Begun {
    /// As this one was.
    like: Option<i64>,
    /// For this group of Weibo's.
    group: Option<i64>,
    /// With the card of this product.
    card: Option<String>,
}

/// `GET /admin/fans/broadcasts/new`
pub async fn new(
    staff: Staff<EditFans>,
    begun: Query<Begun>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut typed = Typed::default();
    if let Some(like) = begun.like {
        typed = serde_json::from_value(found(&shop, like).await?.draft).unwrap_or_default();
    }
    if let Some(group) = begun.group.filter(|group| *group >= OWN_FROM) {
        typed.put("audience", "group");
        typed.put("group", group.to_string());
        typed.put("group-name", group_name(&shop, group).await);
    }
    if let Some(slug) = begun.card.as_deref().and_then(|slug| Slug::parse(slug).ok()) {
        typed.put("kind", "cards");
        typed.put(&card_field(1, "product"), slug.as_str());
    }
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    draw(StatusCode::OK, &shop, frame, typed, (None, Uuid::new_v4()), Wrongs::default()).await
}

/// As Weibo calls it; nothing where Weibo does not say.
async fn group_name(shop: &Shop, group: i64) -> String {
    let Ok(weibo) = shop.weibo().await else { return String::new() };
    let groups = weibo.groups().await.unwrap_or_default();
    groups.into_iter().find(|one| one.id == group).map(|one| one.name).unwrap_or_default()
}

/// `POST /admin/fans/broadcasts`
pub async fn create(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = Typed::read(&form);
    let key = Uuid::parse_str(&form.text("key")).unwrap_or_else(|_| Uuid::new_v4());
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let Read { name, audience, content, wrongs } = read(&shop, frame.words, &typed).await?;
    if !wrongs.is_empty() {
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, typed, (None, key), wrongs).await;
    }
    let (draft, now) = (json!(typed), shop.clock.now());
    let message = content.message(&shop.settings.public_url, &BTreeMap::new());
    let wanted = Wanted { name: &name, audience: &audience, draft: &draft, message: &message };
    let mut tx = shop.db.begin().await?;
    let (id, made) = broadcasts::make(&mut tx, key, &wanted, &staff.actor(), now).await?;
    if made {
        let message = linked(&mut tx, &shop, id, &content, now).await?;
        broadcasts::put_message(&mut tx, id, &message).await?;
        let after = json!({ "name": name, "audience": told(frame.words, &audience) });
        let change =
            Change { action: "write-broadcast", subject: &subject(id), before: None, after: Some(after) };
        audit::record(&mut tx, &staff, change, now).await?;
    }
    tx.commit().await?;
    Ok(see_other(&address(id)))
}

/// `GET /admin/fans/broadcasts/{id}/edit`
pub async fn edit(
    staff: Staff<EditFans>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let broadcast = found(&shop, *id).await?;
    if broadcast.state != State::Draft {
        return Ok(see_other(&address(broadcast.id)));
    }
    let typed = serde_json::from_value(broadcast.draft).unwrap_or_default();
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let of = (Some((broadcast.id, broadcast.version)), Uuid::nil());
    draw(StatusCode::OK, &shop, frame, typed, of, Wrongs::default()).await
}

/// `POST /admin/fans/broadcasts/{id}/edit`
pub async fn save(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (id, typed) = (BroadcastId(*id), Typed::read(&form));
    let version = form.text("version").parse().unwrap_or(-1);
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let Read { name, audience, content, wrongs } = read(&shop, frame.words, &typed).await?;
    let of = (Some((id, version)), Uuid::nil());
    if !wrongs.is_empty() {
        found(&shop, id.0).await?;
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, typed, of, wrongs).await;
    }
    let (draft, now) = (json!(typed), shop.clock.now());
    let mut tx = shop.db.begin().await?;
    let Some(before) = broadcasts::find(&mut tx, id).await? else { return Err(Error::NotFound) };
    let message = linked(&mut tx, &shop, id, &content, now).await?;
    let wanted = Wanted { name: &name, audience: &audience, draft: &draft, message: &message };
    match broadcasts::rewrite(&mut tx, id, version, &wanted).await? {
        Ok(()) => {}
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        Err(why @ (NotNow::State | NotNow::Stale)) => {
            drop(tx);
            let stale = why == NotNow::Stale;
            let why = frame.say(if stale { "broadcast-stale" } else { "broadcast-sent-meanwhile" });
            let mut wrongs = Wrongs::default();
            wrongs.add("name", why);
            return draw(StatusCode::CONFLICT, &shop, frame, typed, of, wrongs).await;
        }
    }
    let was = json!({ "name": before.name, "audience": told(frame.words, &before.audience) });
    let is = json!({ "name": name, "audience": told(frame.words, &audience) });
    let change =
        Change { action: "write-broadcast", subject: &subject(id), before: Some(was), after: Some(is) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&address(id)))
}

/// The message with links of this broadcast's own.
async fn linked(
    tx: &mut Tx,
    shop: &Shop,
    id: BroadcastId,
    content: &Content,
    now: OffsetDateTime,
) -> Result<Reply, Error> {
    let mut codes = BTreeMap::new();
    for path in content.paths() {
        codes.insert(path.to_owned(), links::make(tx, path, Source::Broadcast(id.0), now).await?);
    }
    Ok(content.message(&shop.settings.public_url, &codes))
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    typed: Typed,
    (of, key): (Option<(BroadcastId, i32)>, Uuid),
    wrongs: Wrongs,
) -> Result<HttpResponse, Error> {
    let tree = Tree::new(catalog::categories(&mut *shop.db.reader().await?).await?);
    let categories = tree.flat().into_iter().map(|(depth, category)| (depth, category.clone())).collect();
    let action = of.map_or("/admin/fans/broadcasts".to_owned(), |(id, _)| address(id) + "/edit");
    let version = of.map_or(0, |(_, version)| version);
    page(
        status,
        &ComposePage { page: frame, typed, wrongs, action, key: key.to_string(), version, categories },
    )
}
