//! What is said of one product: a new one, and one that is there.

use super::form::{self, FIELDS};
use crate::catalog::description::{SafeHtml, render};
use crate::catalog::{self, Draft, EditError, ProductId, Standing, Tree};
use crate::db::Tx;
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditCatalog, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/products/edit.html")]
struct EditPage {
    page: Desk,
    /// Nothing for a new product.
    draft: Option<Draft>,
    typed: Typed,
    /// What somebody else has saved meanwhile.
    stored: Option<Typed>,
    tree: Tree,
    wrongs: Wrongs,
    /// The description as it would look, in both languages, where that was asked for.
    drawn: Option<(SafeHtml, SafeHtml)>,
    now: OffsetDateTime,
}

impl EditPage {
    fn of(&self, name: &str) -> &str {
        self.typed.of(name)
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.typed.stored(self.stored.as_ref(), name)
    }

    /// What somebody else chose where it is not what was chosen here, in words.
    fn stored_category(&self) -> Option<String> {
        let id = self.stored("category")?;
        let category = self.tree.flat().into_iter().find(|(_, c)| c.id.0.to_string() == id)?.1;
        Some(self.page.text(&category.name).to_owned())
    }

    fn stored_shelf(&self) -> Option<String> {
        self.stored("shelf").map(|shelf| self.page.say(&format!("word-shelf-{shelf}")))
    }

    fn action(&self) -> String {
        let id = self.draft.as_ref().map(|draft| draft.product.id.0.to_string());
        format!("/admin/products/{}", id.as_deref().unwrap_or("new"))
    }

    fn standing(&self) -> Option<Standing> {
        self.draft.as_ref().map(|draft| draft.standing(self.now))
    }

    fn is_archived(&self) -> bool {
        self.standing() == Some(Standing::Archived)
    }
}

/// What a page of this product is drawn from.
struct Drawing {
    status: StatusCode,
    typed: Typed,
    stored: Option<Typed>,
    wrongs: Wrongs,
    preview: bool,
}

impl Drawing {
    fn ok(typed: Typed) -> Drawing {
        Drawing { status: StatusCode::OK, typed, stored: None, wrongs: Wrongs::default(), preview: false }
    }

    fn wrong(typed: Typed, wrongs: Wrongs) -> Drawing {
        Drawing { status: StatusCode::UNPROCESSABLE_ENTITY, wrongs, ..Drawing::ok(typed) }
    }
}

/// `GET /admin/products/new`
pub async fn new(staff: Staff<EditCatalog>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    draw(&shop, frame, None, Drawing::ok(Typed::default())).await
}

/// `POST /admin/products/new`
pub async fn create(
    staff: Staff<EditCatalog>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let typed = Typed::read(&fields, &FIELDS);
    if fields.text("do") == "preview" {
        return draw(&shop, frame, None, Drawing { preview: true, ..Drawing::ok(typed) }).await;
    }
    let basics = match form::read(&typed, frame.words) {
        Ok(basics) => basics,
        Err(wrongs) => return draw(&shop, frame, None, Drawing::wrong(typed, wrongs)).await,
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let id = match catalog::create(&mut tx, &basics, now).await {
        Ok(id) => id,
        Err(error) => {
            drop(tx);
            let wrongs = refused(&frame, error)?;
            return draw(&shop, frame, None, Drawing::wrong(typed, wrongs)).await;
        }
    };
    let subject = format!("product {}", id.0);
    let change =
        Change { action: "add-product", subject: &subject, before: None, after: Some(typed.whole()) };
    record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next("said-product-added")?;
    Ok(see_other(&format!("/admin/products/{}/variants", id.0)))
}

/// `GET /admin/products/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let draft = find(&shop, ProductId(*id)).await?;
    let typed = form::typed(&draft);
    draw(&shop, frame, Some(draft), Drawing::ok(typed)).await
}

/// `POST /admin/products/{id}`
pub async fn save(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let (id, typed) = (ProductId(*id), Typed::read(&fields, &FIELDS));
    if fields.text("do") == "preview" {
        let draft = find(&shop, id).await?;
        return draw(&shop, frame, Some(draft), Drawing { preview: true, ..Drawing::ok(typed) }).await;
    }
    let basics = match form::read(&typed, frame.words) {
        Ok(basics) => basics,
        Err(wrongs) => {
            let draft = find(&shop, id).await?;
            return draw(&shop, frame, Some(draft), Drawing::wrong(typed, wrongs)).await;
        }
    };
    let (now, expected) = (shop.clock.now(), typed.of("version").parse().unwrap_or(0));
    let mut tx = shop.db.begin().await?;
    match catalog::save(&mut tx, id, expected, &basics, now).await {
        Ok(before) => {
            write_down(&mut tx, &staff, &before, now).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next("said-saved")?;
            Ok(see_other(&format!("/admin/products/{}", id.0)))
        }
        Err(error) => {
            drop(tx);
            again(&shop, frame, id, typed, error).await
        }
    }
}

async fn find(shop: &Shop, id: ProductId) -> Result<Draft, Error> {
    catalog::find_draft(&mut *shop.db.reader().await?, id).await?.ok_or(Error::NotFound)
}

/// What has changed, as it was and as it is stored now.
async fn write_down(
    tx: &mut Tx,
    staff: &Staff<EditCatalog>,
    before: &Draft,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let id = before.product.id;
    let after = catalog::find_draft(tx, id).await?.ok_or(Error::NotFound)?;
    let (was, is) = form::typed(&after).changed(&form::typed(before));
    let subject = format!("product {}", id.0);
    let change = Change { action: "change-product", subject: &subject, before: Some(was), after: Some(is) };
    Ok(record(tx, staff, change, now).await?)
}

/// The page again after a refusal. When somebody else was faster, with what is stored now beside what was typed;
/// sent once more, it is this that counts.
async fn again(
    shop: &Shop,
    frame: Desk,
    id: ProductId,
    mut typed: Typed,
    error: EditError,
) -> Result<HttpResponse, Error> {
    if !matches!(error, EditError::Outdated) {
        let wrongs = refused(&frame, error)?;
        let draft = find(shop, id).await?;
        return draw(shop, frame, Some(draft), Drawing::wrong(typed, wrongs)).await;
    }
    let draft = find(shop, id).await?;
    let stored = form::typed(&draft);
    typed.put("version", draft.version.to_string());
    let drawing = Drawing { status: StatusCode::CONFLICT, stored: Some(stored), ..Drawing::ok(typed) };
    draw(shop, frame, Some(draft), drawing).await
}

/// A refusal beside the field that it is about.
fn refused(frame: &Desk, error: EditError) -> Result<Wrongs, Error> {
    let (field, key) = match error {
        EditError::SlugTaken => ("slug", "wrong-slug-taken"),
        EditError::NoSuchCategory => ("category", "wrong-category"),
        EditError::NothingToSell => ("shelf", "wrong-nothing-to-sell"),
        EditError::Archived => ("shelf", "wrong-archived"),
        EditError::NoSuchProduct | EditError::Outdated => return Err(Error::NotFound),
        EditError::Unexpected(error) => return Err(error.into()),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add(field, frame.say(key));
    Ok(wrongs)
}

async fn draw(
    shop: &Shop,
    frame: Desk,
    draft: Option<Draft>,
    drawing: Drawing,
) -> Result<HttpResponse, Error> {
    let tree = Tree::new(catalog::categories(&mut *shop.db.reader().await?).await?);
    let Drawing { status, typed, stored, wrongs, preview } = drawing;
    let drawn = preview.then(|| (render(typed.of("description-zh")), render(typed.of("description-en"))));
    let now = shop.clock.now();
    page(status, &EditPage { page: frame, draft, typed, stored, tree, wrongs, drawn, now })
}

/// What is written down of a product that is archived or brought back.
pub(super) fn archived(archived: bool) -> (&'static str, serde_json::Value) {
    let action = if archived { "archive-product" } else { "bring-back-product" };
    (action, json!({ "archived": archived }))
}
