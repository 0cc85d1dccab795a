//! A coupon's page: what it is worth, whether one can be had, and taking it.

use crate::catalog::{self, Tile};
use crate::coupons::{self, Coupon, GiveError, Given, Open, Slug, Source};
use crate::web::account::sign_in_path;
use crate::web::form::Fields;
use crate::web::page::{Page, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;

/// So many of the products that it holds for are shown.
const TILES: usize = 12;

#[derive(Template)]
#[template(path = "shop/coupon.html")]
struct CouponPage {
    page: Page,
    coupon: Coupon,
    now: OffsetDateTime,
    /// Those of it that she has.
    hers: Vec<Given>,
    /// Where whoever has not signed in does so, and comes back.
    sign_in: Option<String>,
    /// What it holds for; nothing where that is everything.
    tiles: Vec<Tile>,
    /// By what she came.
    by: String,
}

impl CouponPage {
    fn open(&self) -> Open {
        self.coupon.open(self.now)
    }

    fn terms(&self) -> String {
        self.page.words.coupon(&self.coupon.wanted.terms)
    }

    fn lasts(&self) -> String {
        self.page.words.lasts(self.coupon.wanted.lasts)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    /// Whether she has all that one buyer gets.
    fn has_all(&self) -> bool {
        u32::try_from(self.hers.len()).is_ok_and(|hers| hers >= self.coupon.wanted.each)
    }

    fn may_take(&self) -> bool {
        self.open() == Open::Yes && !self.has_all()
    }

    /// How one of hers stands.
    fn state(&self, given: &Given) -> String {
        self.page.say(&format!("word-given-{}", given.name_of_state(self.now)))
    }
}

#[derive(Deserialize)]
pub struct Came {
    by: Option<String>,
}

/// What a rule's answer puts behind the address of the page.
pub const BY_RULE: &str = "rule";

/// `GET /coupons/{slug}`
pub async fn show(
    slug: Path<String>,
    came: Query<Came>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let by = came.into_inner().by.filter(|by| by == BY_RULE).unwrap_or_default();
    let frame = Page::new(&shop, &reader).await;
    draw((StatusCode::OK, frame), &shop, Visitor::of(&session), (&slug, by)).await
}

/// `POST /coupons/{slug}`: whoever has not signed in does so first, and presses again. It stays on the page that says how
/// she stands, also where there is none for her.
pub async fn take(
    slug: Path<String>,
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let visitor = Visitor::of(&session);
    let by = Some(fields.text("by")).filter(|by| by == BY_RULE).unwrap_or_default();
    let here = address(&frame, &slug, &by)?;
    let Some(customer) = visitor.customer else { return Ok(see_other(&sign_in_path(&frame, &here))) };
    let source = if by == BY_RULE { Source::Rule } else { Source::Link };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let coupon = find(&mut tx, &slug).await?;
    match coupons::give(&mut tx, coupon.id, (customer, source), now).await {
        Ok(_) => tx.commit().await?,
        Err(GiveError::Not(_) | GiveError::HasAll) => {
            drop(tx);
            return draw((StatusCode::CONFLICT, frame), &shop, visitor, (&slug, by)).await;
        }
        Err(GiveError::NoSuchCoupon) => return Err(Error::NotFound),
        Err(GiveError::Unexpected(error)) => return Err(error.into()),
    }
    Ok(see_other(&here))
}

async fn find(conn: &mut sqlx::PgConnection, slug: &str) -> Result<Coupon, Error> {
    let slug = Slug::parse(slug).ok_or(Error::NotFound)?;
    coupons::find_by_slug(conn, &slug).await?.ok_or(Error::NotFound)
}

/// The path of this page.
fn address(frame: &Page, slug: &str, by: &str) -> Result<String, Error> {
    let slug = Slug::parse(slug).ok_or(Error::NotFound)?;
    let by = if by.is_empty() { String::new() } else { format!("?by={by}") };
    Ok(frame.to(&format!("/coupons/{slug}{by}")))
}

async fn draw(
    (status, frame): (StatusCode, Page),
    shop: &Shop,
    visitor: Visitor,
    (slug, by): (&str, String),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let coupon = find(&mut conn, slug).await?;
    let mut hers = Vec::new();
    if let Some(customer) = visitor.customer {
        hers = coupons::of_customer(&mut conn, customer).await?;
        hers.retain(|given| given.coupon == coupon.id);
    }
    let mut products = coupon.wanted.terms.products.clone();
    products.truncate(TILES);
    let tiles =
        if products.is_empty() { Vec::new() } else { catalog::tiles_of(&mut conn, &products).await? };
    drop(conn);
    let back = address(&frame, slug, &by)?;
    let sign_in = visitor.customer.is_none().then(|| sign_in_path(&frame, &back));
    let now = shop.clock.now();
    page(status, &CouponPage { page: frame, coupon, now, hers, sign_in, tiles, by })
}
