//! The page of a product's options and variants: two forms, each saved by itself.

use super::bulk;
use super::matrix::{self, TypedMatrix, TypedRow};
use super::options::TypedOptions;
use crate::catalog::options::{AXES, ROWS};
use crate::catalog::{self, Draft, GivenUp, ProductId, SavedBy, VariantsError};
use crate::db::Tx;
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditCatalog, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/products/variants.html")]
struct VariantsPage {
    page: Desk,
    draft: Draft,
    options: TypedOptions,
    matrix: TypedMatrix,
    wrongs: Wrongs,
    /// Somebody else has saved meanwhile: what is stored now stands beside what was typed.
    outdated: bool,
    /// What would be written off, to be agreed to.
    gives_up: Option<GivenUp>,
    /// What a button has done, or why nothing could be done.
    told: Option<String>,
}

impl VariantsPage {
    fn new(page: Desk, draft: Draft) -> VariantsPage {
        let (options, matrix) = (TypedOptions::of(&draft), TypedMatrix::of(&draft));
        VariantsPage {
            page,
            draft,
            options,
            matrix,
            wrongs: Wrongs::default(),
            outdated: false,
            gives_up: None,
            told: None,
        }
    }

    fn may_add_axis(&self) -> bool {
        self.options.axes.len() < AXES
    }

    fn name(&self, row: &TypedRow) -> String {
        let name = matrix::name(&self.draft, row, self.page.words.0);
        if name.is_empty() { self.page.say("only-variant") } else { name }
    }

    fn stored(&self, row: &TypedRow, field: &str) -> Option<String> {
        let stored = if self.outdated { TypedMatrix::stored(&self.draft, row) } else { Vec::new() };
        stored.into_iter().find(|(name, _)| *name == field).map(|(_, value)| value)
    }

    fn stored_axes(&self) -> Vec<String> {
        if self.outdated { TypedOptions::in_words(&self.draft) } else { Vec::new() }
    }

    /// Where something is wrong, in words: the row and the column, or the option.
    fn place(&self, field: &str) -> String {
        let Some((column, key)) = field.split_once('-') else { return field.to_owned() };
        match self.matrix.rows.iter().find(|row| row.key == key) {
            Some(row) => format!("{} · {}", self.name(row), self.page.say(&format!("field-{column}"))),
            None => self.page.say("option-name"),
        }
    }

    fn draw(&self, status: StatusCode) -> Result<HttpResponse, Error> {
        page(status, self)
    }
}

async fn find(shop: &Shop, id: i64) -> Result<Draft, Error> {
    catalog::find_draft(&mut *shop.db.reader().await?, ProductId(id)).await?.ok_or(Error::NotFound)
}

/// `GET /admin/products/{id}/variants`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    VariantsPage::new(frame, find(&shop, *id).await?).draw(StatusCode::OK)
}

/// `POST /admin/products/{id}/options`
pub async fn save_options(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let words = frame.words;
    let mut options = TypedOptions::read(&fields);
    let mut again = VariantsPage::new(frame, find(&shop, *id).await?);
    again.draft.version = version(&fields);
    if options.press(&fields.text("do")) {
        again.options = options;
        return again.draw(StatusCode::OK);
    }
    let wanted = match options.wanted(words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            (again.options, again.wrongs) = (options, wrongs);
            return again.draw(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let (now, product) = (shop.clock.now(), (ProductId(*id), version(&fields)));
    let by = SavedBy { actor: &staff.actor(), counted: "", retired: &words.say("reason-retired") };
    let mut tx = shop.db.begin().await?;
    match catalog::save_axes(&mut tx, product, (&wanted, agreed(&fields)), by, now).await {
        Ok(before) => finish(tx, &shop, &staff, &before, ("change-options", "said-options")).await,
        Err(error) => {
            drop(tx);
            let draft = find(&shop, *id).await?;
            options = options.over(&draft);
            again.refuse(draft, error, |page| page.options = options)
        }
    }
}

/// `POST /admin/products/{id}/variants`
pub async fn save(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut again = VariantsPage::new(frame, find(&shop, *id).await?);
    again.matrix = TypedMatrix::read(&fields, &again.draft);
    again.draft.version = version(&fields);
    if let Some(told) = again.press(&fields) {
        again.told = Some(told);
        return again.draw(StatusCode::OK);
    }
    let wanted = match again.matrix.wanted(again.page.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return again.draw(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let now = shop.clock.now();
    let words = again.page.words;
    let by = SavedBy {
        actor: &staff.actor(),
        counted: &words.say("reason-matrix"),
        retired: &words.say("reason-retired"),
    };
    let product = (ProductId(*id), version(&fields));
    let mut tx = shop.db.begin().await?;
    match catalog::save_variants(&mut tx, product, &wanted, by, now).await {
        Ok(before) => finish(tx, &shop, &staff, &before, ("change-variants", "said-saved")).await,
        Err(error) => {
            drop(tx);
            let draft = find(&shop, *id).await?;
            let typed = TypedMatrix::read(&fields, &draft);
            again.refuse(draft, error, |page| page.matrix = typed)
        }
    }
}

fn version(fields: &SafeForm) -> i32 {
    fields.text("version").parse().unwrap_or(0)
}

/// How much stock may go, as the box that she ticked says it: `2-15` for two variants with 15 pieces.
fn agreed(fields: &SafeForm) -> GivenUp {
    let text = fields.text("gives-up");
    let read = text.split_once('-').and_then(|(variants, pieces)| {
        Some(GivenUp { variants: variants.parse().ok()?, pieces: pieces.parse().ok()? })
    });
    read.unwrap_or_default()
}

/// Writes down what was saved, and shows it.
async fn finish(
    mut tx: Tx,
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    before: &Draft,
    (action, said): (&'static str, &'static str),
) -> Result<HttpResponse, Error> {
    write_down(&mut tx, staff, action, before, shop.clock.now()).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next(said)?;
    Ok(see_other(&format!("/admin/products/{}/variants", before.product.id.0)))
}

impl VariantsPage {
    /// A button that only changes the form, and what it has done.
    fn press(&mut self, fields: &SafeForm) -> Option<String> {
        let page = &self.page;
        Some(match fields.text("do").as_str() {
            "generate" if self.matrix.generate(&self.draft) => page.say("told-generated"),
            "generate" => page.say_with("wrong-too-many-rows", "most", ROWS),
            "remove" => page.say_with("told-removed", "count", self.matrix.remove()),
            "apply" => match bulk::apply(&mut self.matrix, fields, &self.draft) {
                Ok(count) => page.say_with("told-applied", "count", count),
                Err(key) => page.say(key),
            },
            _ => return None,
        })
    }

    /// The page again, with what was typed put into it by `keep`.
    fn refuse(
        mut self,
        draft: Draft,
        error: VariantsError,
        keep: impl FnOnce(&mut VariantsPage),
    ) -> Result<HttpResponse, Error> {
        let typed = self.draft.version;
        let fresh = VariantsPage::new(self.page, draft);
        self = fresh;
        keep(&mut self);
        if matches!(error, VariantsError::Outdated) {
            self.outdated = true;
            return self.draw(StatusCode::CONFLICT);
        }
        self.draft.version = typed;
        match error {
            VariantsError::SkusTaken(skus) if !skus.is_empty() => {
                let taken = |row: &&TypedRow| skus.iter().any(|sku| sku.as_str() == row.sku.trim());
                for row in self.matrix.rows.iter().filter(taken) {
                    self.wrongs.add(format!("sku-{}", row.key), self.page.say("wrong-sku-taken"));
                }
            }
            VariantsError::SkusTaken(_) => self.told = Some(self.page.say("wrong-sku-taken")),
            VariantsError::StockMoved(left) => {
                for (variant, left) in left {
                    let words = self.page.say_with("wrong-stock-moved", "left", left);
                    self.wrongs.add(format!("stock-{}", variant.0), words);
                    // What she is told now is what her next number starts from.
                    let row = self.matrix.rows.iter_mut().find(|row| row.id == Some(variant));
                    if let Some(row) = row {
                        row.seen = left.to_string();
                    }
                }
            }
            VariantsError::NothingLeft => self.told = Some(self.page.say("wrong-nothing-left")),
            VariantsError::GivesUp(left) => self.gives_up = Some(left),
            VariantsError::TooMany => {
                self.told = Some(self.page.say_with("wrong-too-many-rows", "most", ROWS));
            }
            VariantsError::Foreign => return Err(Error::Refused(StatusCode::BAD_REQUEST, "error-request")),
            VariantsError::NoSuchProduct | VariantsError::Outdated => return Err(Error::NotFound),
            VariantsError::Unexpected(error) => return Err(error.into()),
        }
        self.draw(StatusCode::UNPROCESSABLE_ENTITY)
    }
}

/// The axes, and the variants that are not as they were.
async fn write_down(
    tx: &mut Tx,
    staff: &Staff<EditCatalog>,
    action: &'static str,
    before: &Draft,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let id = before.product.id;
    let after = catalog::find_draft(tx, id).await?.ok_or(Error::NotFound)?;
    let (was, is) = (all(before), all(&after));
    let differing = |of: &HashMap<String, Value>, other: &HashMap<String, Value>| -> Map<String, Value> {
        of.iter().filter(|(k, v)| other.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let (before, after) = (differing(&was, &is).into(), differing(&is, &was).into());
    let subject = format!("product {}", id.0);
    let change = Change { action, subject: &subject, before: Some(before), after: Some(after) };
    Ok(record(tx, staff, change, now).await?)
}

/// Everything these forms can change: `options`, and by `sku` and the SKU, which may be `options` itself.
fn all(draft: &Draft) -> HashMap<String, Value> {
    let product = &draft.product;
    let variant = |v: &catalog::Variant| {
        let (name, price) = (product.choice_names(v).zh, v.price.to_string());
        (
            format!("sku {}", v.sku),
            json!({ "name": name, "price": price, "stock": v.stock, "weight": v.weight_g }),
        )
    };
    let mut all: HashMap<String, Value> = product.variants.iter().map(variant).collect();
    all.insert("options".to_owned(), TypedOptions::in_words(draft).into());
    all
}
