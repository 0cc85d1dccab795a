//! The pictures of one product: which, in which order, and what they show in words.

use super::desk::{Desk, Section};
use crate::catalog::pictures::gallery::{self, Gallery, Hung};
use crate::catalog::{PictureId, ProductId, TouchError};
use crate::customers;
use crate::db::Tx;
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditCatalog;
use crate::text::Text;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// What a picture shows is said in a sentence.
const LONGEST_WORDS: usize = 200;

#[derive(Template)]
#[template(path = "admin/products/pictures.html")]
pub(super) struct PicturesPage {
    page: Desk,
    gallery: Gallery,
    /// What became of each file that was just sent.
    outcomes: Vec<Outcome>,
    wrongs: Wrongs,
    /// Somebody else was faster: what hangs there now.
    stored: Option<Gallery>,
}

/// What became of one file.
#[derive(Debug, Default, Serialize)]
pub(super) struct Outcome {
    /// What the sender calls it; empty where it is about all.
    pub name: String,
    pub hung: bool,
    pub words: String,
    /// The product's since it hangs. Who had the one before has all that is new.
    pub version: Option<i32>,
}

impl PicturesPage {
    fn most(&self) -> usize {
        gallery::MOST
    }

    /// What somebody else has written meanwhile, where it is not what was typed.
    fn stored(&self, language: &str, hung: &Hung) -> Option<&str> {
        let stored = self.stored.as_ref()?.pictures.iter().find(|stored| stored.id == hung.id)?;
        let (now, typed) = (&stored.picture.alt, &hung.picture.alt);
        let (now, typed) = if language == "en" { (&now.en, &typed.en) } else { (&now.zh, &typed.zh) };
        (now.trim() != typed.trim()).then_some(now)
    }

    /// Where it hangs now, counted from 1, where that is not its place here.
    fn stored_place(&self, hung: &Hung) -> Option<usize> {
        let place = |gallery: &Gallery| gallery.pictures.iter().position(|other| other.id == hung.id);
        let now = place(self.stored.as_ref()?)?;
        (place(&self.gallery) != Some(now)).then_some(now + 1)
    }

    fn wrong(&self, language: &str, hung: &Hung) -> Option<&str> {
        self.wrongs.of(&field(language, hung.id))
    }
}

fn field(language: &str, id: PictureId) -> String {
    format!("alt-{language}-{}", id.0)
}

/// `GET /admin/products/{id}/pictures`
pub async fn show(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let gallery = find(&shop, ProductId(*id)).await?;
    let desk = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    answer(StatusCode::OK, desk, gallery, Vec::new())
}

pub(super) async fn find(shop: &Shop, product: ProductId) -> Result<Gallery, Error> {
    gallery::find(&mut *shop.db.reader().await?, product).await?.ok_or(Error::NotFound)
}

pub(super) fn answer(
    status: StatusCode,
    desk: Desk,
    gallery: Gallery,
    outcomes: Vec<Outcome>,
) -> Result<HttpResponse, Error> {
    page(status, &PicturesPage { page: desk, gallery, outcomes, wrongs: Wrongs::default(), stored: None })
}

/// What was typed and pressed.
struct Wish {
    version: i32,
    /// In the order in which they shall hang.
    pictures: Vec<(PictureId, Text)>,
    remove: Option<PictureId>,
}

impl Wish {
    fn read(form: &Fields, words: Words) -> (Wish, Wrongs) {
        let (fields, mut wrongs) = (form.by_name(), Wrongs::default());
        let mut line = |language: &str, id: PictureId| {
            let name = field(language, id);
            let typed = *fields.get(name.as_str()).unwrap_or(&"");
            customers::line(typed, LONGEST_WORDS).unwrap_or_else(|_| {
                wrongs.add(name, words.say_with("wrong-alt", "most", LONGEST_WORDS));
                typed.to_owned()
            })
        };
        let ids = form.all("picture").filter_map(|id| id.parse().ok().map(PictureId));
        let mut pictures: Vec<_> =
            ids.map(|id| (id, Text { zh: line("zh", id), en: line("en", id) })).collect();
        if let Some((id, way)) = form.text("move").split_once('-') {
            moved(&mut pictures, id, way);
        }
        let remove = form.text("remove").parse().ok().map(PictureId);
        (Wish { version: form.text("version").parse().unwrap_or_default(), pictures, remove }, wrongs)
    }

    async fn fulfil(&self, tx: &mut Tx, product: ProductId, now: OffsetDateTime) -> Result<(), TouchError> {
        gallery::arrange(tx, product, self.version, &self.pictures, now).await?;
        if let Some(id) = self.remove {
            gallery::take_down(tx, product, self.version + 1, id, now).await?;
        }
        Ok(())
    }
}

/// One place up or down, or to the front.
fn moved<T>(pictures: &mut Vec<(PictureId, T)>, id: &str, way: &str) {
    let Some(at) = pictures.iter().position(|(picture, _)| picture.0.to_string() == id) else { return };
    let to = match way {
        "up" => at.saturating_sub(1),
        "down" => (at + 1).min(pictures.len() - 1),
        "first" => 0,
        _ => at,
    };
    let picture = pictures.remove(at);
    pictures.insert(to, picture);
}

/// `POST /admin/products/{id}/pictures/order`: words and order as they stand in the form, and the button that
/// was pressed in it.
pub async fn arrange(
    staff: Staff<EditCatalog>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let product = ProductId(*id);
    let (wish, wrongs) = Wish::read(&form, Words(staff.language));
    if wrongs.is_empty() && save(&shop, &staff, product, &wish).await? {
        staff.says_next("saved-pictures")?;
        return Ok(see_other(&format!("/admin/products/{}/pictures", product.0)));
    }
    let status = if wrongs.is_empty() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let desk = Desk::new(&shop, &Reader::of(&request, &shop), &staff, Section::Catalog).await;
    let now = find(&shop, product).await?;
    let stored = wrongs.is_empty().then(|| now.clone());
    let mut gallery = with_typed(now, &wish.pictures);
    if stored.is_none() {
        // What somebody else has saved meanwhile is told when this is right.
        gallery.version = wish.version;
    }
    page(status, &PicturesPage { page: desk, gallery, outcomes: Vec::new(), wrongs, stored })
}

/// False when somebody else was faster; then nothing is changed.
async fn save(
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    product: ProductId,
    wish: &Wish,
) -> Result<bool, Error> {
    let now = shop.clock.now();
    let before = find(shop, product).await?;
    let mut tx = shop.db.begin().await?;
    match wish.fulfil(&mut tx, product, now).await {
        Ok(()) => {}
        Err(TouchError::Outdated) => return Ok(false),
        Err(TouchError::NoSuchProduct) => return Err(Error::NotFound),
        Err(TouchError::Unexpected(error)) => return Err(error.into()),
    }
    record(&mut tx, staff, &before, now).await?;
    tx.commit().await?;
    shop.pages.forget();
    Ok(true)
}

/// As it hangs now, with the words that were typed; where the set is still the same, also in that order.
fn with_typed(mut gallery: Gallery, typed: &[(PictureId, Text)]) -> Gallery {
    let place = |id: PictureId| typed.iter().position(|(typed, _)| *typed == id);
    gallery.pictures.sort_by_key(|hung| place(hung.id).unwrap_or(usize::MAX));
    for hung in &mut gallery.pictures {
        if let Some(at) = place(hung.id) {
            hung.picture.alt = typed[at].1.clone();
        }
    }
    gallery
}

async fn record(
    tx: &mut Tx,
    staff: &Staff<EditCatalog>,
    before: &Gallery,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let after = gallery::find(&mut *tx, before.product).await?.ok_or(Error::NotFound)?;
    let (subject, before, after) = (subject(before.product), told(before), told(&after));
    let change =
        Change { action: "arrange-pictures", subject: &subject, before: Some(before), after: Some(after) };
    Ok(audit::record(tx, staff, change, now).await?)
}

pub(super) fn subject(product: ProductId) -> String {
    format!("product {}", product.0)
}

fn told(gallery: &Gallery) -> Value {
    let picture = |hung: &Hung| json!({ "picture": hung.picture.name, "zh": hung.picture.alt.zh, "en": hung.picture.alt.en });
    gallery.pictures.iter().map(picture).collect()
}
