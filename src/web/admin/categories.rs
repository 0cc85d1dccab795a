//! The tree of categories: its order, and what is said of each.

use super::desk::{Desk, Section};
use super::products::slug;
use super::typed::{Reading, Typed};
use crate::catalog::{
    self, BadPlace, Category, CategoryError, CategoryId, DEEPEST, Rgb, Tree, WantedCategory,
};
use crate::db::Tx;
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditCatalog, Look};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "admin/categories/list.html")]
struct ListPage {
    page: Desk,
    tree: Tree,
}

impl ListPage {
    fn is_first(&self, category: &Category) -> bool {
        self.tree.under(category.parent).next().is_some_and(|first| first.id == category.id)
    }

    fn is_last(&self, category: &Category) -> bool {
        self.tree.under(category.parent).last().is_some_and(|last| last.id == category.id)
    }
}

#[derive(Template)]
#[template(path = "admin/categories/edit.html")]
struct EditPage {
    page: Desk,
    /// Nothing for a new one.
    id: Option<CategoryId>,
    typed: Typed,
    /// What somebody else has saved meanwhile.
    stored: Option<Typed>,
    tree: Tree,
    wrongs: Wrongs,
}

impl EditPage {
    fn of(&self, name: &str) -> &str {
        self.typed.of(name)
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.typed.stored(self.stored.as_ref(), name)
    }

    /// Under which somebody else has put it where that is not what was chosen here, in words.
    fn stored_parent(&self) -> Option<String> {
        let parent = self.stored("parent")?;
        let found = self.tree.flat().into_iter().find(|(_, category)| category.id.0.to_string() == parent);
        Some(found.map_or_else(|| self.page.say("no-parent"), |(_, c)| self.page.text(&c.name).to_owned()))
    }

    fn action(&self) -> String {
        let id = self.id.map(|id| id.0.to_string());
        format!("/admin/categories/{}", id.as_deref().unwrap_or("new"))
    }

    /// Under which it may stand.
    fn parents(&self) -> Vec<(usize, &Category)> {
        let fits = |(_, parent): &(usize, &Category)| self.tree.may_stand(self.id, Some(parent.id)).is_ok();
        self.tree.flat().into_iter().filter(fits).collect()
    }

    /// An empty field is a form that nobody has touched; the colour's input has no other way to say so.
    fn ground(&self) -> &str {
        let ground = self.of("ground");
        if ground.is_empty() { "#f3e3c8" } else { ground }
    }
}

const FIELDS: [&str; 6] = ["version", "name-zh", "name-en", "slug", "parent", "ground"];

fn typed(category: &Category) -> Typed {
    Typed::new([
        ("version", category.version.to_string()),
        ("name-zh", category.name.zh.clone()),
        ("name-en", category.name.en.clone()),
        ("slug", category.slug.to_string()),
        ("parent", category.parent.map(|parent| parent.0.to_string()).unwrap_or_default()),
        ("ground", category.ground.to_string()),
    ])
}

fn read(typed: &Typed, words: Words) -> Result<WantedCategory, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.name("name-zh", "name-en", 30);
    let slug = slug(&mut reading).or_else(|| catalog::propose_slug(&name));
    if slug.is_none() && reading.wrongs.is_empty() {
        reading.wrong("slug", "wrong-slug");
    }
    let parent = typed.of("parent").parse().ok().map(CategoryId);
    let ground = Rgb::parse(&typed.of("ground").to_ascii_lowercase());
    if ground.is_none() {
        reading.wrong("ground", "wrong-colour");
    }
    match (slug, ground) {
        (Some(slug), Some(ground)) if reading.wrongs.is_empty() => {
            Ok(WantedCategory { slug, name, parent, ground })
        }
        _ => Err(reading.wrongs),
    }
}

/// `GET /admin/categories`
pub async fn list(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let tree = tree(&shop).await?;
    page(StatusCode::OK, &ListPage { page: frame, tree })
}

async fn tree(shop: &Shop) -> Result<Tree, Error> {
    Ok(Tree::new(catalog::categories(&mut *shop.db.reader().await?).await?))
}

/// `GET /admin/categories/new`
pub async fn new(staff: Staff<EditCatalog>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    draw(&shop, frame, None, Typed::default(), Wrongs::default()).await
}

/// `GET /admin/categories/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let id = CategoryId(*id);
    let typed = tree(&shop).await?.find(id).map(typed).ok_or(Error::NotFound)?;
    draw(&shop, frame, Some(id), typed, Wrongs::default()).await
}

/// `POST /admin/categories/new`
pub async fn create(
    staff: Staff<EditCatalog>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let typed = Typed::read(&fields, &FIELDS);
    let wanted = match read(&typed, frame.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => return draw(&shop, frame, None, typed, wrongs).await,
    };
    let mut tx = shop.db.begin().await?;
    match catalog::create_category(&mut tx, &wanted).await {
        Ok(id) => {
            write_down(&mut tx, &shop, &staff, ("add-category", id), (None, Some(typed.whole()))).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next("said-saved")?;
            Ok(see_other("/admin/categories"))
        }
        Err(error) => {
            drop(tx);
            let wrongs = refused(&frame, error)?;
            draw(&shop, frame, None, typed, wrongs).await
        }
    }
}

/// `POST /admin/categories/{id}`
pub async fn save(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let (id, sent) = (CategoryId(*id), Typed::read(&fields, &FIELDS));
    let wanted = match read(&sent, frame.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => return draw(&shop, frame, Some(id), sent, wrongs).await,
    };
    let expected = sent.of("version").parse().unwrap_or(0);
    let mut tx = shop.db.begin().await?;
    match catalog::change_category(&mut tx, (id, expected), &wanted).await {
        Ok(before) => {
            let (was, is) = sent.changed(&typed(&before));
            write_down(&mut tx, &shop, &staff, ("change-category", id), (Some(was), Some(is))).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next("said-saved")?;
            Ok(see_other("/admin/categories"))
        }
        Err(CategoryError::Outdated) => {
            drop(tx);
            outdated(&shop, frame, id, sent).await
        }
        Err(error) => {
            drop(tx);
            let wrongs = refused(&frame, error)?;
            draw(&shop, frame, Some(id), sent, wrongs).await
        }
    }
}

/// `POST /admin/categories/{id}/place`: `to` is `up` or `down`.
pub async fn place(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, to) = (CategoryId(*id), fields.text("to"));
    let mut tx = shop.db.begin().await?;
    let places = match (to.as_str(), catalog::move_category(&mut tx, id, to == "up").await) {
        ("up" | "down", Ok(places)) => places,
        (_, Err(CategoryError::NoSuchCategory)) => return Err(Error::NotFound),
        (_, Err(error)) => return Err(anyhow::Error::from(error).into()),
        _ => return Err(Error::Refused(StatusCode::BAD_REQUEST, "error-request")),
    };
    if let Some((before, after)) = places {
        let place = |place: usize| Some(json!({ "place": place }));
        write_down(&mut tx, &shop, &staff, ("move-category", id), (place(before), place(after))).await?;
        tx.commit().await?;
        shop.pages.forget();
    }
    Ok(see_other("/admin/categories"))
}

/// `POST /admin/categories/{id}/removal`
pub async fn remove(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = CategoryId(*id);
    let mut tx = shop.db.begin().await?;
    match catalog::delete_category(&mut tx, id).await {
        Ok(before) => {
            let before = Some(typed(&before).whole());
            write_down(&mut tx, &shop, &staff, ("remove-category", id), (before, None)).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next("said-category-removed")?;
        }
        Err(CategoryError::NotEmpty) => staff.says_next("said-category-not-empty")?,
        Err(CategoryError::NoSuchCategory) => return Err(Error::NotFound),
        Err(error) => return Err(anyhow::Error::from(error).into()),
    }
    Ok(see_other("/admin/categories"))
}

async fn write_down(
    tx: &mut Tx,
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    (action, id): (&'static str, CategoryId),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let subject = format!("category {}", id.0);
    let change = Change { action, subject: &subject, before, after };
    Ok(record(tx, staff, change, shop.clock.now()).await?)
}

/// A refusal beside the field that it is about.
fn refused(frame: &Desk, error: CategoryError) -> Result<Wrongs, Error> {
    let (field, words) = match error {
        CategoryError::SlugTaken => ("slug", frame.say("wrong-slug-taken")),
        CategoryError::BadPlace(BadPlace::Circle) => ("parent", frame.say("wrong-circle")),
        CategoryError::BadPlace(BadPlace::TooDeep) => {
            ("parent", frame.say_with("wrong-too-deep", "most", DEEPEST))
        }
        CategoryError::BadPlace(BadPlace::NoSuchParent) => ("parent", frame.say("wrong-category")),
        CategoryError::NoSuchCategory | CategoryError::NotEmpty | CategoryError::Outdated => {
            return Err(Error::NotFound);
        }
        CategoryError::Unexpected(error) => return Err(error.into()),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add(field, words);
    Ok(wrongs)
}

async fn draw(
    shop: &Shop,
    frame: Desk,
    id: Option<CategoryId>,
    typed: Typed,
    wrongs: Wrongs,
) -> Result<HttpResponse, Error> {
    let tree = tree(shop).await?;
    let status = if wrongs.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, &EditPage { page: frame, id, typed, stored: None, tree, wrongs })
}

/// What is stored now beside what was typed; sent once more, it is this that counts.
async fn outdated(shop: &Shop, frame: Desk, id: CategoryId, mut sent: Typed) -> Result<HttpResponse, Error> {
    let (tree, wrongs) = (tree(shop).await?, Wrongs::default());
    let stored = tree.find(id).map(typed).ok_or(Error::NotFound)?;
    sent.put("version", stored.of("version").to_owned());
    let drawn = EditPage { page: frame, id: Some(id), typed: sent, stored: Some(stored), tree, wrongs };
    page(StatusCode::CONFLICT, &drawn)
}
