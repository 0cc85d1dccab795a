//! One coupon: made, looked at, and changed as far as nobody was promised anything else.

use super::form::{self, FIELDS};
use super::list::tag;
use super::record;
use crate::coupons::{self, ChangeError, Coupon, CouponId, Standing, Wanted};
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
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "admin/coupons/edit.html")]
struct EditPage {
    page: Desk,
    /// As it is kept; nothing for a new one.
    coupon: Option<Coupon>,
    /// How many of it are used.
    used: i64,
    /// The address of its page, for posts and messages.
    url: String,
    now: OffsetDateTime,
    typed: Typed,
    /// What somebody else has saved meanwhile.
    stored: Option<Typed>,
    wrongs: Wrongs,
    /// What makes a new one be made once, however often it is pressed.
    key: Uuid,
}

impl EditPage {
    fn new(shop: &Shop, page: Desk, coupon: Option<Coupon>, typed: Typed) -> EditPage {
        let slug = coupon.as_ref().map(|coupon| coupon.slug.to_string()).unwrap_or_default();
        let url = shop.settings.absolute(&format!("/coupons/{slug}"));
        let (now, wrongs) = (shop.clock.now(), Wrongs::default());
        EditPage { page, coupon, used: 0, url, now, typed, stored: None, wrongs, key: Uuid::new_v4() }
    }

    fn of(&self, name: &str) -> &str {
        self.typed.of(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.of(name) == value
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.typed.stored(self.stored.as_ref(), name)
    }

    fn action(&self) -> String {
        let id = self.coupon.as_ref().map(|coupon| coupon.id.0.to_string());
        format!("/admin/coupons/{}", id.as_deref().unwrap_or("new"))
    }

    /// Somebody has one: what was promised stays.
    fn is_promised(&self) -> bool {
        self.coupon.as_ref().is_some_and(|coupon| coupon.given > 0)
    }

    fn tag(&self, coupon: &Coupon) -> (String, &'static str) {
        tag(&self.page, coupon, self.now)
    }

    fn is_paused(&self, coupon: &Coupon) -> bool {
        matches!(coupon.standing, Standing::Paused { .. })
    }

    fn is_ended(&self, coupon: &Coupon) -> bool {
        matches!(coupon.standing, Standing::Ended { .. })
    }
}

/// `GET /admin/coupons/new`
pub async fn new(staff: Staff<EditCatalog>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    page(StatusCode::OK, &EditPage::new(&shop, frame, None, form::blank(shop.clock.now())))
}

/// `GET /admin/coupons/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut conn = shop.db.reader().await?;
    let coupon = coupons::find(&mut conn, CouponId(*id)).await?.ok_or(Error::NotFound)?;
    let typed = form::as_kept(&mut conn, &coupon).await?;
    let used = coupons::used(&mut conn, &[coupon.id]).await?.into_values().sum();
    page(StatusCode::OK, &EditPage { used, ..EditPage::new(&shop, frame, Some(coupon), typed) })
}

/// `POST /admin/coupons/new`
pub async fn create(
    staff: Staff<EditCatalog>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut again = EditPage::new(&shop, frame, None, Typed::read(&fields, &FIELDS));
    again.key = Uuid::parse_str(&fields.text("key")).unwrap_or(again.key);
    let mut tx = shop.db.begin().await?;
    let products = form::found(&mut tx, &again.typed).await?;
    let wanted = match form::read(&again.typed, &products, again.page.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let (id, made) = coupons::create(&mut tx, again.key, &wanted, shop.clock.now()).await?;
    if !made {
        return made_before(&mut tx, again, (id, &wanted)).await;
    }
    let after = Some(again.typed.whole());
    record(&mut tx, (&shop, &staff), ("add-coupon", id), (None, after)).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next("said-saved")?;
    Ok(see_other(&format!("{}/{}", super::LIST, id.0)))
}

/// This form has made one already: that one is shown. Typed over since, it asks once more.
async fn made_before(
    conn: &mut PgConnection,
    mut again: EditPage,
    (id, wanted): (CouponId, &Wanted),
) -> Result<HttpResponse, Error> {
    let made = coupons::find(conn, id).await?.ok_or(Error::NotFound)?;
    if made.wanted == *wanted {
        return Ok(see_other(&format!("{}/{}", super::LIST, id.0)));
    }
    again.key = Uuid::new_v4();
    let words = again.page.say_with("wrong-coupon-made", "name", &made.wanted.name.zh);
    again.wrongs.add("name-zh", words);
    page(StatusCode::CONFLICT, &again)
}

/// `POST /admin/coupons/{id}`
pub async fn save(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let id = CouponId(*id);
    let mut tx = shop.db.begin().await?;
    let kept = coupons::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let before = form::as_kept(&mut tx, &kept).await?;
    let mut again = EditPage::new(&shop, frame, Some(kept), sent(&fields, &before));
    let products = form::found(&mut tx, &again.typed).await?;
    let wanted = match form::read(&again.typed, &products, again.page.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let version = again.of("version").parse().unwrap_or(-1);
    if let Err(why) = coupons::change(&mut tx, (id, version), &wanted).await {
        drop(tx);
        return refuse(&shop, again, why).await;
    }
    let (was, is) = again.typed.changed(&before);
    record(&mut tx, (&shop, &staff), ("change-coupon", id), (Some(was), Some(is))).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next("said-saved")?;
    Ok(see_other(&again.action()))
}

/// As it was sent. What stands in fields that are closed once somebody has one is not sent, and stays.
fn sent(fields: &SafeForm, before: &Typed) -> Typed {
    let mut typed = Typed::read(fields, &FIELDS);
    for name in FIELDS.into_iter().filter(|name| *name != "coupon-listed" && !fields.has(name)) {
        typed.put(name, before.of(name).to_owned());
    }
    typed
}

async fn refuse(shop: &Shop, mut again: EditPage, why: ChangeError) -> Result<HttpResponse, Error> {
    let (field, words) = match why {
        ChangeError::Outdated => return outdated(shop, again).await,
        ChangeError::NoSuchCoupon => return Err(Error::NotFound),
        ChangeError::Unexpected(error) => return Err(error.into()),
        ChangeError::MoreGiven { given } => {
            ("coupon-total", again.page.say_with("wrong-coupon-given", "given", given))
        }
        ChangeError::TermsFixed | ChangeError::Ended => {
            ("coupon-kind", again.page.say("wrong-coupon-promised"))
        }
    };
    again.wrongs.add(field, words);
    page(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// What is stored now beside what was typed; sent once more, it is this that counts.
async fn outdated(shop: &Shop, mut again: EditPage) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let id = again.coupon.as_ref().map(|coupon| coupon.id).ok_or(Error::NotFound)?;
    let kept = coupons::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    again.stored = Some(form::as_kept(&mut conn, &kept).await?);
    again.typed.put("version", kept.version.to_string());
    again.coupon = Some(kept);
    page(StatusCode::CONFLICT, &again)
}
