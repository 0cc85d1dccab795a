//! One campaign: made, looked at with what it did, and changed as far as nobody was promised anything else.

use super::form::{self, FIELDS};
use super::{LIST, at, record, tag};
use crate::coupons::{self, Coupon, Open, Standing};
use crate::sharing::gifts::{self, ChangeError, Gift, GiftId, Reaped, Wanted};
use crate::staff::permission::{EditSharing, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
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
#[template(path = "admin/reposts/edit.html")]
struct EditPage {
    page: Desk,
    /// As it is kept; nothing for a new one.
    gift: Option<Gift>,
    reaped: Reaped,
    /// To choose from.
    coupons: Vec<Coupon>,
    now: OffsetDateTime,
    typed: Typed,
    /// What somebody else has saved meanwhile.
    stored: Option<Typed>,
    wrongs: Wrongs,
    /// What makes a new one be made once, however often it is pressed.
    key: Uuid,
}

impl EditPage {
    /// For this campaign, or a new one.
    async fn new(
        shop: &Shop,
        conn: &mut PgConnection,
        (page, gift): (Desk, Option<Gift>),
        typed: Typed,
    ) -> Result<EditPage, Error> {
        let now = shop.clock.now();
        let kept = gift.as_ref().map(|gift| gift.wanted.coupon);
        let mut coupons = coupons::all(conn).await?;
        coupons.retain(|coupon| {
            Some(coupon.id) == kept || matches!(coupon.open(now), Open::Yes | Open::NotYet | Open::Paused)
        });
        let ids: Vec<GiftId> = gift.iter().map(|gift| gift.id).collect();
        let reaped = gifts::reaped(conn, &ids).await?.into_values().next().unwrap_or_default();
        let (wrongs, key) = (Wrongs::default(), Uuid::new_v4());
        Ok(EditPage { page, gift, reaped, coupons, now, typed, stored: None, wrongs, key })
    }

    fn of(&self, name: &str) -> &str {
        self.typed.of(name)
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.typed.stored(self.stored.as_ref(), name)
    }

    fn action(&self) -> String {
        self.gift.as_ref().map_or_else(|| format!("{LIST}/gifts/new"), |gift| at(gift.id))
    }

    fn is_chosen(&self, coupon: &Coupon) -> bool {
        self.of("gift-coupon") == coupon.id.0.to_string()
    }

    fn terms(&self, coupon: &Coupon) -> String {
        self.page.words.coupon(&coupon.wanted.terms)
    }

    fn tag(&self, gift: &Gift) -> (String, &'static str) {
        tag(&self.page, gift, self.now)
    }

    /// Somebody was promised its coupon.
    fn is_promised(&self) -> bool {
        self.reaped.asked > 0
    }

    fn is_paused(&self, gift: &Gift) -> bool {
        matches!(gift.standing, Standing::Paused { .. })
    }

    fn is_ended(&self, gift: &Gift) -> bool {
        matches!(gift.standing, Standing::Ended { .. })
    }

    fn trouble(&self, gift: &Gift) -> Option<String> {
        let (code, since) = gift.trouble.as_ref()?;
        let told = [("code", code.clone()), ("at", shop_time(*since))];
        Some(self.page.words.say_of("gifts-trouble", &told))
    }
}

/// `GET /admin/sharing/reposts/gifts/new`
pub async fn new(staff: Staff<EditSharing>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let mut conn = shop.db.reader().await?;
    let blank = form::blank(shop.clock.now());
    page(StatusCode::OK, &EditPage::new(&shop, &mut conn, (frame, None), blank).await?)
}

/// `GET /admin/sharing/reposts/gifts/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let mut conn = shop.db.reader().await?;
    let gift = gifts::find(&mut conn, GiftId(*id)).await?.ok_or(Error::NotFound)?;
    let typed = form::kept(&gift);
    page(StatusCode::OK, &EditPage::new(&shop, &mut conn, (frame, Some(gift)), typed).await?)
}

/// `POST /admin/sharing/reposts/gifts/new`
pub async fn create(
    staff: Staff<EditSharing>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let mut tx = shop.db.begin().await?;
    let mut again = EditPage::new(&shop, &mut tx, (frame, None), Typed::read(&fields, &FIELDS)).await?;
    again.key = Uuid::parse_str(&fields.text("key")).unwrap_or(again.key);
    let wanted = match form::read(&again.typed, &again.coupons, again.page.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let (id, made) = gifts::create(&mut tx, again.key, &wanted, shop.clock.now()).await?;
    if !made {
        return made_before(&mut tx, again, (id, &wanted)).await;
    }
    let after = Some(again.typed.whole());
    record(&mut tx, (&shop, &staff), ("add-gift", id), (None, after)).await?;
    tx.commit().await?;
    staff.says_next("said-saved")?;
    Ok(see_other(&at(id)))
}

/// This form has made one already: that one is shown. Typed over since, it asks once more.
async fn made_before(
    conn: &mut PgConnection,
    mut again: EditPage,
    (id, wanted): (GiftId, &Wanted),
) -> Result<HttpResponse, Error> {
    let made = gifts::find(conn, id).await?.ok_or(Error::NotFound)?;
    if made.wanted == *wanted {
        return Ok(see_other(&at(id)));
    }
    again.key = Uuid::new_v4();
    let words = again.page.say_with("wrong-gift-made", "name", &made.wanted.name);
    again.wrongs.add("gift-name", words);
    page(StatusCode::CONFLICT, &again)
}

/// `POST /admin/sharing/reposts/gifts/{id}`
pub async fn save(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let id = GiftId(*id);
    let mut tx = shop.db.begin().await?;
    let kept = gifts::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let (before, mut typed) = (form::kept(&kept), Typed::read(&fields, &FIELDS));
    // What stands in a field that is closed once somebody takes part is not sent, and stays.
    if !fields.has("gift-coupon") {
        typed.put("gift-coupon", before.of("gift-coupon").to_owned());
    }
    let mut again = EditPage::new(&shop, &mut tx, (frame, Some(kept)), typed).await?;
    let wanted = match form::read(&again.typed, &again.coupons, again.page.words) {
        Ok(wanted) => wanted,
        Err(wrongs) => {
            again.wrongs = wrongs;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let version = again.of("version").parse().unwrap_or(-1);
    if let Err(why) = gifts::change(&mut tx, (id, version), &wanted).await {
        drop(tx);
        return refuse(&shop, again, why).await;
    }
    let (was, is) = again.typed.changed(&before);
    record(&mut tx, (&shop, &staff), ("change-gift", id), (Some(was), Some(is))).await?;
    tx.commit().await?;
    staff.says_next("said-saved")?;
    Ok(see_other(&at(id)))
}

async fn refuse(shop: &Shop, mut again: EditPage, why: ChangeError) -> Result<HttpResponse, Error> {
    let (field, words) = match why {
        ChangeError::Outdated => return outdated(shop, again).await,
        ChangeError::NoSuchGift => return Err(Error::NotFound),
        ChangeError::Unexpected(error) => return Err(error.into()),
        ChangeError::Ended => return Err(Error::Refused(StatusCode::CONFLICT, "error-gift-ended")),
        ChangeError::MorePromised { promised } => {
            ("gift-total", again.page.say_with("wrong-gift-promised", "promised", promised))
        }
        ChangeError::CouponFixed => ("gift-coupon", again.page.say("wrong-gift-fixed")),
    };
    again.wrongs.add(field, words);
    page(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// What is stored now beside what was typed; sent once more, it is this that counts.
async fn outdated(shop: &Shop, mut again: EditPage) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let id = again.gift.as_ref().map(|gift| gift.id).ok_or(Error::NotFound)?;
    let kept = gifts::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    again.stored = Some(form::kept(&kept));
    again.typed.put("version", kept.version.to_string());
    again.gift = Some(kept);
    page(StatusCode::CONFLICT, &again)
}
