//! How the shop presents itself: name, texts, contact.

use super::{Typed, changes, version, write_down};
use crate::customers::{self, line, paragraph};
use crate::settings::{self, Profile, Stale};
use crate::staff::permission::EditSettings;
use crate::text::Text;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::checkout::why_wrong;
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/settings/shop.html")]
struct ProfilePage {
    page: Desk,
    typed: Typed,
    version: i64,
    logo: Option<String>,
    wrongs: Wrongs,
    stale: bool,
}

/// `GET /admin/settings`
pub async fn show(
    staff: Staff<EditSettings>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    // Not from memory: another process may have saved just now, and this is what will be saved over.
    let terms = shop.current.look_again(&shop.db).await?;
    let (logo, wrongs) = (terms.profile.logo.clone(), Wrongs::default());
    let (typed, version) = (Typed::kept(terms.profile.texts()), terms.versions.profile);
    page(StatusCode::OK, &ProfilePage { page: frame, typed, version, logo, wrongs, stale: false })
}

/// The page as it is kept, with what is wrong with the logo that was just sent.
pub(super) async fn with_wrong_logo(
    shop: &Shop,
    frame: Desk,
    (status, words): (StatusCode, String),
) -> Result<HttpResponse, Error> {
    let terms = shop.current.look_again(&shop.db).await?;
    let (logo, mut wrongs) = (terms.profile.logo.clone(), Wrongs::default());
    wrongs.add("logo", words);
    let (typed, version) = (Typed::kept(terms.profile.texts()), terms.versions.profile);
    page(status, &ProfilePage { page: frame, typed, version, logo, wrongs, stale: false })
}

/// `POST /admin/settings`
pub async fn save(
    staff: Staff<EditSettings>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let before = shop.current.look_again(&shop.db).await?;
    let (typed, over) = (Typed::sent(&fields, before.profile.texts()), version(&fields));
    let logo = before.profile.logo.clone();
    let again =
        |page, typed, version, wrongs| ProfilePage { page, typed, version, logo, wrongs, stale: false };
    let after = match read(&frame, &typed, &before.profile) {
        Ok(profile) => profile,
        Err(wrongs) => {
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again(frame, typed, over, wrongs));
        }
    };
    let mut tx = shop.db.begin().await?;
    if settings::save_profile(&mut tx, &after, over).await? == Err(Stale) {
        drop(tx);
        let kept = shop.current.look_again(&shop.db).await?;
        let wrongs = typed.beside(&frame, kept.profile.texts());
        let stale = ProfilePage { stale: true, ..again(frame, typed, kept.versions.profile, wrongs) };
        return page(StatusCode::CONFLICT, &stale);
    }
    let changed = changes(before.profile.texts(), after.texts());
    write_down(&mut tx, &staff, "change-shop", changed, shop.clock.now()).await?;
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/settings"))
}

/// Every input that is wrong, not only the first.
fn read(frame: &Desk, typed: &Typed, before: &Profile) -> Result<Profile, Wrongs> {
    let mut wrongs = Wrongs::default();
    let mut take = |name: &'static str, read: Result<String, customers::Wrong>| {
        read.unwrap_or_else(|why| {
            wrongs.add(name, why_wrong(frame, why));
            String::new()
        })
    };
    let mut short = |name, most| take(name, line(typed.of(name), most));
    let name = Text { zh: short("shop_name_zh", 30), en: short("shop_name_en", 60) };
    let slogan = Text { zh: short("slogan_zh", 60), en: short("slogan_en", 120) };
    let promises = Text { zh: short("promises_zh", 60), en: short("promises_en", 120) };
    let (phone, icp) = (short("service_phone", 40), short("icp", 60));
    let (weibo_name, wechat) = (short("weibo_name", 30), short("wechat", 40));
    let return_address = short("return_address", 200);
    let mut long = |name, most| take(name, paragraph(typed.of(name), most));
    let announcement = Text { zh: long("announcement_zh", 300), en: long("announcement_en", 600) };
    let about = Text { zh: long("about_zh", 2_000), en: long("about_en", 4_000) };
    if typed.of("shop_name_zh").trim().is_empty() {
        wrongs.add("shop_name_zh", frame.say("wrong-missing"));
    }
    if !is_phone(&phone) {
        wrongs.add("service_phone", frame.say("wrong-phone"));
    }
    if !icp.is_empty() && !icp.to_uppercase().contains("ICP") {
        wrongs.add("icp", frame.say("wrong-icp"));
    }
    let weibo_name = weibo_name.trim_start_matches('@').to_owned();
    let logo = before.logo.clone();
    let read = Profile {
        name,
        logo,
        slogan,
        announcement,
        promises,
        about,
        phone,
        weibo_name,
        wechat,
        return_address,
        icp,
    };
    if wrongs.is_empty() { Ok(read) } else { Err(wrongs) }
}

/// Kept as it is written, such as `400-820-8820`: digits, and what stands between them. Or none.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_ascii_digit() || " -+()".contains(c));
    text.is_empty() || (plain && (3..=20).contains(&digits))
}
