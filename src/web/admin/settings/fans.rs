//! The fans service: the address Weibo pushes to and whether it does, its keys, and the times of the rules.

use super::weibo::{enter, origin, words};
use super::{Typed, changes, version, write_down};
use crate::fans::service::{self, FormatState, IDLE, MOST_AGE, Service};
use crate::settings::keys::{self, Entry, Kind, Known, Typed as TypedKeys};
use crate::settings::{Stale, Terms};
use crate::staff::audit::{self, Change};
use crate::staff::permission::HoldKeys;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::whole;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::Format;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

#[derive(Template)]
#[template(path = "admin/settings/fans.html")]
pub(super) struct FansPage {
    pub page: Desk,
    terms: Arc<Terms>,
    service: Service,
    address: String,
    heard_at: Option<OffsetDateTime>,
    typed: Typed,
    pub wrongs: Wrongs,
    stale: bool,
}

impl FansPage {
    pub async fn new(shop: &Shop, frame: Desk) -> Result<FansPage, Error> {
        let terms = shop.current.look_again(&shop.db).await?;
        let mut conn = shop.db.reader().await?;
        let service = service::read(&mut conn).await?;
        let heard_at = service::last_heard(&mut conn).await?;
        let address = shop.settings.absolute("/hooks/weibo/fans");
        let typed = Typed::kept(values(&service));
        let wrongs = Wrongs::default();
        Ok(FansPage { page: frame, terms, service, address, heard_at, typed, wrongs, stale: false })
    }

    fn known(&self, kind: &Kind) -> Vec<&Known> {
        self.terms.standing.of(*kind).collect()
    }

    fn is_given(&self, kind: &Kind) -> bool {
        self.terms.standing.is_given(*kind)
    }

    /// Whether a secret was entered, which can be taken away.
    fn has_own_secret(&self) -> bool {
        let standing = &self.terms.standing;
        standing.of(Kind::FansSecret).next().is_some() && !standing.is_given(Kind::FansSecret)
    }

    fn from(&self, known: &Known) -> String {
        origin(&self.page, known)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn is_xml(&self) -> bool {
        self.service.format == Format::Xml
    }

    /// What is known of the format, in words.
    fn format_words(&self) -> String {
        match self.service.format_state {
            FormatState::Default => self.page.say("fans-format-default"),
            FormatState::Set { at } => self.page.say_with("fans-format-set", "when", shop_time(at)),
            FormatState::Unknown { at } => self.page.say_with("fans-format-unknown", "when", shop_time(at)),
        }
    }
}

/// What stands in the inputs of the times.
fn values(service: &Service) -> [(&'static str, String); 2] {
    let age = service.most_age.map(|age| age.whole_seconds().to_string());
    [("most_age", age.unwrap_or_default()), ("idle_minutes", service.idle.whole_minutes().to_string())]
}

/// `GET /admin/settings/fans`
pub async fn show(
    staff: Staff<HoldKeys>,
    _: Recent,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    page(StatusCode::OK, &FansPage::new(&shop, frame).await?)
}

/// `POST /admin/settings/fans`: what is filled in takes the place of what was there, and is never shown again.
pub async fn save_keys(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut again = FansPage::new(&shop, frame).await?;
    let typed = TypedKeys {
        fans_token: fields.text(Kind::FansToken.name()),
        fans_secret: fields.text(Kind::FansSecret.name()),
        ..TypedKeys::default()
    };
    let entry = match Entry::read(&typed, shop.current.given(), &again.terms.standing) {
        Ok(entry) if !entry.is_empty() => entry,
        Ok(_) => return Ok(see_other("/admin/settings/fans")),
        Err(wrong) => {
            for (kind, why) in wrong {
                again.wrongs.add(kind.name(), again.page.say(words(why)));
            }
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    if enter(&mut tx, &shop, &staff, (&entry, version(&fields)), now).await?.is_err() {
        again.stale = true;
        return page(StatusCode::CONFLICT, &again);
    }
    // Whether a new token is good the next message will tell. The secret has nothing to do with it.
    if entry.marks().any(|(kind, _)| kind == Kind::FansToken) {
        service::trouble(&mut tx, None, now).await?;
    }
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("fans-keys-saved")?;
    Ok(see_other("/admin/settings/fans"))
}

/// `POST /admin/settings/fans/secret/removal`: the app's own secret holds again.
pub async fn remove_secret(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    match keys::remove_fans_secret(&mut tx, version(&fields)).await? {
        Ok(true) => {}
        // Pressed twice, or by two.
        Ok(false) => return Ok(see_other("/admin/settings/fans")),
        Err(Stale) => {
            drop(tx);
            let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
            let again = FansPage { stale: true, ..FansPage::new(&shop, frame).await? };
            return page(StatusCode::CONFLICT, &again);
        }
    }
    let change = Change { action: "remove-fans-secret", subject: "weibo", before: None, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("fans-secret-removed")?;
    Ok(see_other("/admin/settings/fans"))
}

/// `POST /admin/settings/fans/trouble/removal`: somebody has seen to it elsewhere. Whether that was enough the next
/// message will tell.
pub async fn try_again(
    staff: Staff<HoldKeys>,
    _: Recent,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    if let Some(trouble) = service::forget_trouble(&mut tx).await? {
        let before = Some(json!({ "trouble": trouble }));
        let change = Change { action: "try-fans-again", subject: "weibo", before, after: None };
        audit::record(&mut tx, &staff, change, now).await?;
        tx.commit().await?;
        staff.says_next("fans-trouble-forgotten")?;
    }
    Ok(see_other("/admin/settings/fans"))
}

/// `POST /admin/settings/fans/times`
pub async fn save_times(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut again = FansPage::new(&shop, frame).await?;
    let before = values(&again.service);
    again.typed = Typed::sent(&fields, before.clone());
    let Some((most_age, idle)) = read(&mut again) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
    };
    let mut tx = shop.db.begin().await?;
    if service::save(&mut tx, most_age, idle, version(&fields)).await? == Err(Stale) {
        again.wrongs = again.typed.beside(&again.page, before);
        again.stale = true;
        return page(StatusCode::CONFLICT, &again);
    }
    let after = values(&service::read(&mut tx).await?);
    write_down(&mut tx, &staff, "change-fans-times", changes(before, after), shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/settings/fans"))
}

/// Nothing when something is wrong, which then stands beside it.
fn read(page: &mut FansPage) -> Option<(Option<Duration>, Duration)> {
    let number = |name: &'static str, within: std::ops::RangeInclusive<u32>| {
        whole(page.typed.of(name), *within.end()).filter(|number| within.contains(number)).ok_or_else(|| {
            let within = format!("{} – {}", within.start(), within.end());
            (name, page.page.say_with("wrong-number", "within", within))
        })
    };
    let most_age = match page.typed.of("most_age").trim() {
        "" => Ok(None),
        _ => number("most_age", MOST_AGE).map(|seconds| Some(Duration::seconds(seconds.into()))),
    };
    let idle = number("idle_minutes", IDLE).map(|minutes| Duration::minutes(minutes.into()));
    match (most_age, idle) {
        (Ok(most_age), Ok(idle)) => Some((most_age, idle)),
        (most_age, idle) => {
            for (name, words) in [most_age.err(), idle.err()].into_iter().flatten() {
                page.wrongs.add(name, words);
            }
            None
        }
    }
}
