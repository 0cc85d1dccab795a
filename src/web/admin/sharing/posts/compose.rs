//! Writing a post.

use super::{address, note, wrong_text};
use crate::catalog::{self, Draft, ProductId};
use crate::sharing::posts::{self, NotNow, Wanted};
use crate::staff::permission::EditSharing;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// Several times what a status holds: even that is shown again, with a word about it.
pub const LONGEST: usize = 1000;

#[derive(Template)]
#[template(path = "admin/sharing/posts/compose.html")]
struct ComposePage {
    page: Desk,
    /// About which product; about the shop where there is none.
    about: Option<Draft>,
    typed: Typed,
    wrongs: Wrongs,
    /// Makes the form work once.
    key: Uuid,
}

#[derive(Deserialize)]
pub struct Begun {
    product: Option<i64>,
}

/// `GET /admin/sharing/posts/new`
pub async fn new(
    staff: Staff<EditSharing>,
    begun: Query<Begun>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let about = about(&shop, begun.product).await?;
    let name = about.as_ref().map(|draft| frame.text(&draft.product.name).to_owned());
    let typed = Typed::new([("post-text", name.unwrap_or_default())]);
    let (wrongs, key) = (Wrongs::default(), Uuid::new_v4());
    page(StatusCode::OK, &ComposePage { page: frame, about, typed, wrongs, key })
}

async fn about(shop: &Shop, product: Option<i64>) -> Result<Option<Draft>, Error> {
    let Some(id) = product else { return Ok(None) };
    let found = catalog::find_draft(&mut *shop.db.reader().await?, ProductId(id)).await?;
    found.map(Some).ok_or(Error::NotFound)
}

/// `POST /admin/sharing/posts`: a draft; nothing goes out yet.
pub async fn create(
    staff: Staff<EditSharing>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let typed = Typed::read(&form, &["post-text"]);
    let key = Uuid::parse_str(&form.text("key")).unwrap_or_else(|_| Uuid::new_v4());
    let product = match form.text("product").as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let about = about(&shop, product).await?;
    let mut reading = Reading { typed: &typed, words: frame.words, wrongs: Wrongs::default() };
    let text = reading.paragraph("post-text", LONGEST);
    let mut wrongs = reading.wrongs;
    if wrongs.is_empty() {
        let wanted = Wanted {
            product: about.as_ref().map(|draft| (draft.product.id, &draft.product.slug)),
            text: &text,
        };
        match write(&shop, &staff, key, wanted).await? {
            Ok(next) => return Ok(see_other(&next)),
            Err(words) => wrongs.add("post-text", frame.say(words)),
        }
    }
    let again = ComposePage { page: frame, about, typed, wrongs, key };
    page(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// Where it stands now, or the key of what is wrong with its text.
async fn write(
    shop: &Shop,
    staff: &Staff<EditSharing>,
    key: Uuid,
    wanted: Wanted<'_>,
) -> Result<Result<String, &'static str>, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let made = posts::write(&mut tx, key, wanted, &shop.settings.public_url, &staff.actor(), now).await?;
    let (id, made) = match made {
        Ok(made) => made,
        Err(NotNow::Text(fault)) => return Ok(Err(wrong_text(fault))),
        Err(why) => return Err(anyhow::Error::from(why).into()),
    };
    if made {
        let after = json!({ "text": wanted.text, "product": wanted.product.map(|(id, _)| id.0) });
        note(&mut tx, staff, ("write-post", id, after), shop).await?;
    }
    tx.commit().await?;
    Ok(Ok(address(id)))
}
