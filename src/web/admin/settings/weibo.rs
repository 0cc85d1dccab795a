//! Weibo's keys: what is known of each, never the keys themselves, and checks of the connection they make.

use super::version;
use crate::db::Tx;
use crate::settings::keys::{self, Entry, Kind, Known, Source, Typed, Wrong};
use crate::settings::{self, Stale, Terms};
use crate::staff::audit::{self, Change};
use crate::staff::permission::HoldKeys;
use crate::web::admin::desk::{Desk, Section};
use crate::web::checks::{self, Finding};
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::signature::KeyError;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/settings/weibo.html")]
struct WeiboPage {
    page: Desk,
    terms: Arc<Terms>,
    callbacks: [(&'static str, String); 5],
    wrongs: Wrongs,
    stale: bool,
    /// Signing in offers to follow the shop's official account.
    offer_follow: bool,
    /// Of the checks, when they were asked for.
    findings: Vec<Finding>,
}

impl WeiboPage {
    async fn new(shop: &Shop, page: Desk) -> Result<WeiboPage, Error> {
        let terms = shop.current.look_again(&shop.db).await?;
        let callbacks = checks::addresses(shop)?;
        let offer_follow = settings::offers_to_follow(&mut *shop.db.reader().await?).await?;
        let (wrongs, findings) = (Wrongs::default(), Vec::new());
        Ok(WeiboPage { page, terms, callbacks, wrongs, stale: false, offer_follow, findings })
    }

    /// The same with a word about each key that cannot be one.
    fn with(mut self, wrong: &[(Kind, Wrong)]) -> WeiboPage {
        for (kind, why) in wrong {
            self.wrongs.add(kind.name(), self.page.say(words(*why)));
        }
        self
    }

    fn known(&self, kind: &Kind) -> Vec<&Known> {
        self.terms.standing.of(*kind).collect()
    }

    fn is_given(&self, kind: &Kind) -> bool {
        self.terms.standing.is_given(*kind)
    }

    /// Whether one of Weibo's keys may go: the last may not, and the environment's are not ours to take.
    fn is_spare(&self, known: &Known) -> bool {
        known.kind == Kind::PublicKey
            && !self.is_given(&known.kind)
            && self.terms.standing.of(known.kind).count() > 1
    }

    /// The fingerprint's beginning is enough to compare by.
    fn mark(&self, known: &Known) -> String {
        known.mark.chars().take(16).collect()
    }

    fn from(&self, known: &Known) -> String {
        origin(&self.page, known)
    }
}

/// Where a key comes from: by whom and when, or by which variable.
pub(super) fn origin(page: &Desk, known: &Known) -> String {
    match &known.source {
        Source::Environment => page.say_with("key-given", "name", known.kind.environment()),
        Source::Entered { opens: false, .. } => page.say("key-lost"),
        Source::Entered { at, by, .. } => {
            format!("{} · {}", shop_time(*at), by.staff_name().unwrap_or_default())
        }
    }
}

/// Keeps the keys that were typed, and that they were.
pub(super) async fn enter(
    tx: &mut Tx,
    shop: &Shop,
    staff: &Staff<HoldKeys>,
    (entry, version): (&Entry, i64),
    now: OffsetDateTime,
) -> Result<Result<(), Stale>, Error> {
    if let Err(stale) = keys::enter(tx, &shop.keys, entry, version, &staff.actor(), now).await? {
        return Ok(Err(stale));
    }
    let after = Some(told(entry.marks()));
    let change = Change { action: "change-weibo-keys", subject: "weibo", before: None, after };
    audit::record(tx, staff, change, now).await?;
    Ok(Ok(()))
}

/// `GET /admin/settings/weibo`
pub async fn show(
    staff: Staff<HoldKeys>,
    _: Recent,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    page(StatusCode::OK, &WeiboPage::new(&shop, frame).await?)
}

/// `POST /admin/settings/weibo`: what is filled in takes the place of what was there. Nothing of it is ever
/// shown again, not even beside what is wrong with it.
pub async fn save(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut again = WeiboPage::new(&shop, frame).await?;
    let entry = match Entry::read(&typed(&fields), shop.current.given(), &again.terms.standing) {
        Ok(entry) if !entry.is_empty() => entry,
        Ok(_) => return Ok(see_other("/admin/settings/weibo")),
        Err(wrong) => return page(StatusCode::UNPROCESSABLE_ENTITY, &again.with(&wrong)),
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    if enter(&mut tx, &shop, &staff, (&entry, version(&fields)), now).await?.is_err() {
        again.stale = true;
        return page(StatusCode::CONFLICT, &again);
    }
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("keys-saved")?;
    Ok(see_other("/admin/settings/weibo"))
}

/// `POST /admin/settings/weibo/public-keys/{mark}/removal`
pub async fn remove(
    staff: Staff<HoldKeys>,
    _: Recent,
    mark: Path<String>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mark = mark.clone();
    if mark.len() != 64 || !mark.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Error::NotFound);
    }
    let mut tx = shop.db.begin().await?;
    match keys::remove_public(&mut tx, &mark, version(&fields)).await? {
        Ok(true) => {}
        Ok(false) => return Err(Error::NotFound),
        Err(Stale) => {
            let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
            let again = WeiboPage { stale: true, ..WeiboPage::new(&shop, frame).await? };
            return page(StatusCode::CONFLICT, &again);
        }
    }
    let before = Some(json!({ Kind::PublicKey.name(): mark }));
    let change = Change { action: "remove-weibo-key", subject: "weibo", before, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("key-removed")?;
    Ok(see_other("/admin/settings/weibo"))
}

/// `POST /admin/settings/weibo/check`: asks Weibo and ourselves, and changes nothing.
pub async fn check(
    staff: Staff<HoldKeys>,
    _: Recent,
    _: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut checked = WeiboPage::new(&shop, frame).await?;
    checked.findings = checks::all(&shop, checked.page.words.0, &checked.terms).await?;
    page(StatusCode::OK, &checked)
}

fn typed(fields: &Fields) -> Typed {
    Typed {
        app_key: fields.text(Kind::AppKey.name()),
        app_secret: fields.text(Kind::AppSecret.name()),
        seller_id: fields.text(Kind::SellerId.name()),
        private_key: fields.text(Kind::PrivateKey.name()),
        public_key: fields.text(Kind::PublicKey.name()),
        ..Typed::default()
    }
}

/// For the audit log: which were set. Of a key its fingerprint, of everything else nothing.
fn told<'a>(marks: impl Iterator<Item = (Kind, &'a str)>) -> Value {
    let mut told: Map<String, Value> = Map::new();
    for (kind, mark) in marks {
        match kind {
            Kind::PrivateKey => drop(told.insert(kind.name().into(), mark.into())),
            Kind::PublicKey => {
                let all = told.entry(kind.name()).or_insert_with(|| json!([]));
                all.as_array_mut().into_iter().for_each(|all| all.push(mark.into()));
            }
            Kind::AppKey | Kind::AppSecret | Kind::SellerId | Kind::FansToken | Kind::FansSecret => {
                drop(told.insert(kind.name().into(), "…".into()));
            }
        }
    }
    told.into()
}

pub(super) fn words(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::NotAnAppKey => "wrong-app-key",
        Wrong::NotASecret => "wrong-app-secret",
        Wrong::NotAToken => "wrong-fans-token",
        Wrong::NotAUid => "wrong-seller-id",
        Wrong::Key(KeyError::Unreadable) => "wrong-key-unreadable",
        Wrong::Key(KeyError::TooShort) => "wrong-key-too-short",
        Wrong::Key(KeyError::Broken) => "wrong-key-broken",
        Wrong::Public => "wrong-key-public",
        Wrong::Private => "wrong-key-private",
        Wrong::OwnPublic => "wrong-key-own-public",
        Wrong::Everybodys => "wrong-key-everybodys",
    }
}
