//! A new code: what it is for, and what shall stand on its poster.

use super::{PATH, subject};
use crate::catalog::{self, ProductId, Slug};
use crate::fans::codes::{self, Life, NewCode};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

const FIELDS: [&str; 5] = ["code-life", "code-name", "code-campaign", "code-product", "code-invitation"];

#[derive(Template)]
#[template(path = "admin/fans/codes/new.html")]
struct NewPage {
    page: Desk,
    typed: Typed,
    wrongs: Wrongs,
}

impl NewPage {
    fn is_temporary(&self) -> bool {
        self.typed.of("code-life") == Life::Temporary.name()
    }
}

/// `GET /admin/fans/codes/new`
pub async fn show(staff: Staff<EditFans>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let invitation = frame.say("code-invitation-first");
    let typed = Typed::new([("code-invitation", invitation)]);
    page(StatusCode::OK, &NewPage { page: frame, typed, wrongs: Wrongs::default() })
}

/// `POST /admin/fans/codes`: made here first, so that its number is kept whatever becomes of the call.
pub async fn make(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let typed = Typed::read(&form, &FIELDS);
    let new = match read(&shop, &frame, &typed).await? {
        Ok(new) => new,
        Err(wrongs) => {
            return page(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { page: frame, typed, wrongs });
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let Ok(id) = codes::make(&mut tx, &new, &staff.actor(), now).await? else {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-no-code-left"));
    };
    let subject = subject(id);
    let change = Change { action: "make-code", subject: &subject, before: None, after: Some(typed.whole()) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    if let Ok(weibo) = shop.weibo().await {
        codes::complete(&shop.db, &weibo, id, &shop.clock).await?;
    }
    staff.says_next("said-code-made")?;
    Ok(see_other(&format!("{PATH}/{}", id.0)))
}

async fn read(shop: &Shop, frame: &Desk, typed: &Typed) -> Result<Result<NewCode, Wrongs>, Error> {
    let mut reading = Reading { typed, words: frame.words, wrongs: Wrongs::default() };
    let name = reading.present("code-name", 60);
    let campaign = reading.line("code-campaign", 40);
    let invitation = reading.paragraph("code-invitation", 80);
    let product = product(shop, typed.of("code-product")).await?;
    if product.is_none() {
        reading.wrong("code-product", "code-no-product");
    }
    let life = Life::parse(typed.of("code-life"));
    if life.is_none() {
        reading.wrong("code-life", "wrong-missing");
    }
    match (life, product) {
        (Some(life), Some(product)) if reading.wrongs.is_empty() => {
            Ok(Ok(NewCode { life, name, campaign, invitation, product }))
        }
        _ => Ok(Err(reading.wrongs)),
    }
}

/// The product of this address, or of its last part; nothing typed is no product, and nothing at all where there is no
/// such one.
async fn product(shop: &Shop, typed: &str) -> Result<Option<Option<ProductId>>, Error> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Some(None));
    }
    let path = typed.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let Ok(slug) = path.rsplit('/').next().unwrap_or_default().parse::<Slug>() else { return Ok(None) };
    let found = catalog::find_product(&mut *shop.db.reader().await?, &slug).await?;
    Ok(found.map(|product| Some(product.id)))
}
