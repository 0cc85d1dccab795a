//! Who subscribes, as far as Weibo's list was read, and inviting somebody.

use crate::customers;
use crate::fans;
use crate::fans::subscribers::{self, List, STOPPED, Subscriber};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::fans::pressed_by;
use crate::web::admin::typed::why_wrong;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{cut, instant, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::messages::{Invitation, TEXT_LIMIT};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

/// So many stand on a page.
const PAGE: usize = 50;
const HERE: &str = "/admin/fans/subscribers";
const LONGEST_URL: usize = 500;
/// While a list is read the page asks anew after so many seconds.
const AGAIN: &str = "5";

#[derive(Template)]
#[template(path = "admin/fans/subscribers.html")]
struct SubscribersPage {
    page: Desk,
    count: i64,
    subscribers: Vec<Subscriber>,
    reading: Option<List>,
    last: Option<List>,
    first: String,
    more: String,
    typed: Typed,
    /// Makes an invitation one, however often it is pressed.
    key: String,
    wrongs: Wrongs,
}

/// An invitation as it was typed.
#[derive(Debug, Default)]
struct Typed {
    uid: String,
    text: String,
    url: String,
    logo: String,
}

impl SubscribersPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn why(&self, list: &List) -> String {
        if STOPPED.contains(&list.why.as_str()) {
            return self.page.say(&format!("word-stopped-{}", list.why));
        }
        self.page.say_with("broadcast-refused", "why", &list.why)
    }
}

#[derive(Deserialize)]
pub struct From {
    at: Option<i64>,
    uid: Option<i64>,
}

/// `GET /admin/fans/subscribers`
pub async fn show(
    staff: Staff<EditFans>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let at = from.at.and_then(|at| instant(i128::from(at)));
    let before = at.zip(from.uid);
    draw(StatusCode::OK, &shop, frame, before, (Typed::default(), Wrongs::default())).await
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    before: Option<(OffsetDateTime, i64)>,
    (typed, wrongs): (Typed, Wrongs),
) -> Result<HttpResponse, Error> {
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let count = subscribers::count(&mut conn).await?;
    let mut all = subscribers::latest(&mut conn, before, most).await?;
    let reading = subscribers::reading(&mut conn).await?;
    let last = subscribers::last_done(&mut conn).await?;
    drop(conn);
    let behind = cut(&mut all, PAGE);
    let micros = |at: OffsetDateTime| at.unix_timestamp_nanos() / 1_000;
    let more =
        behind.map(|last| format!("{HERE}?at={}&uid={}", micros(last.since), last.uid)).unwrap_or_default();
    let first = if before.is_some() { HERE } else { "" }.to_owned();
    // The page that asks anew by itself holds no form in which something may be typed.
    let follows = reading.is_some() && status == StatusCode::OK;
    let key = if follows { String::new() } else { Uuid::new_v4().to_string() };
    let mut answer = page(
        status,
        &SubscribersPage {
            page: frame,
            count,
            subscribers: all,
            reading,
            last,
            first,
            more,
            typed,
            key,
            wrongs,
        },
    )?;
    if follows {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}

/// `POST /admin/fans/subscribers/lists`: pressed twice, it is read once.
pub async fn read(staff: Staff<EditFans>, _form: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let (mut tx, now) = (shop.db.begin().await?, shop.clock.now());
    subscribers::begin(&mut tx, now).await?;
    let change = Change { action: "read-subscribers", subject: "subscribers", before: None, after: None };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(HERE))
}

/// `POST /admin/fans/subscribers/invitations`
pub async fn invite(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let (typed, wrongs, asked) = read_invitation(&frame, &form);
    let Some((uid, invitation)) = asked.filter(|_| wrongs.is_empty()) else {
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (typed, wrongs)).await;
    };
    let weibo = shop.weibo().await?;
    let mut tx = shop.db.begin().await?;
    if !fans::press(&mut tx, pressed_by(&form)?, shop.clock.now()).await? {
        staff.says_next("broadcast-pressed-twice")?;
        return Ok(see_other(HERE));
    }
    tx.commit().await?;
    let said = weibo.invite(uid, &invitation).await;
    let (mut tx, now) = (shop.db.begin().await?, shop.clock.now());
    let after = json!({ "answered": said.is_ok() });
    let change =
        Change { action: "fan-invite-fan", subject: "subscribers", before: None, after: Some(after) };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    let why = match said {
        Ok(()) => {
            staff.says_next("fan-invite-sent")?;
            return Ok(see_other(HERE));
        }
        Err(CallError::Refused { code, message }) => {
            frame.say_with("broadcast-refused", "why", format!("{code} {message}"))
        }
        Err(CallError::Unknown(_)) => frame.say("fan-invite-unknown"),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add("uid", why);
    draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (typed, wrongs)).await
}

fn read_invitation(frame: &Desk, form: &Fields) -> (Typed, Wrongs, Option<(i64, Invitation)>) {
    let [uid, text, url, logo] = ["uid", "text", "url", "logo"].map(|name| form.text(name));
    let mut wrongs = Wrongs::default();
    let whom = uid.trim().parse::<i64>().ok().filter(|uid| *uid > 0);
    if whom.is_none() {
        wrongs.add("uid", frame.say("groups-wrong-fan"));
    }
    match customers::paragraph(&text, TEXT_LIMIT) {
        Ok(text) if text.is_empty() => wrongs.add("text", frame.say("wrong-missing")),
        Ok(_) => {}
        Err(why) => wrongs.add("text", why_wrong(frame.words, why)),
    }
    for (name, address) in [("url", &url), ("logo", &logo)] {
        let fits = Url::parse(address.trim()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !fits || address.len() > LONGEST_URL || address.trim().chars().any(char::is_control) {
            wrongs.add(name, frame.say("broadcast-wrong-url"));
        }
    }
    let trimmed = |text: &str| text.trim().replace("\r\n", "\n");
    let invitation = Invitation { text: trimmed(&text), url: trimmed(&url), logo: trimmed(&logo) };
    (Typed { uid, text, url, logo }, wrongs, whom.map(|uid| (uid, invitation)))
}
