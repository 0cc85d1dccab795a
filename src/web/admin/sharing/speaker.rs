//! The account in whose name the shop posts: somebody of the staff goes to Weibo with it, comes back, sees which one it
//! is, and says yes.

use super::PATH;
use crate::customers::{self, Away, Purpose};
use crate::sharing::speaker::{self, Offered, Speaker};
use crate::staff::audit::{Change, record};
use crate::staff::permission::EditSharing;
use crate::web::account::enter::told;
use crate::web::account::oauth::callback;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::session::{self, SPEAKER_OFFERED};
use crate::web::shop::order::shop_time;
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use crate::weibo::oauth::Wish;
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use time::OffsetDateTime;

/// So many characters of a name are kept; Weibo's have no more than 30.
const LONGEST_NAME: usize = 60;

#[derive(Template)]
#[template(path = "admin/sharing/speaker.html")]
struct SpeakerPage {
    page: Desk,
    speaker: Option<Speaker>,
    /// Who has said yes at Weibo, and nobody here yet.
    offered: Option<Offered>,
    now: OffsetDateTime,
}

impl SpeakerPage {
    fn is_good(&self) -> bool {
        self.speaker.as_ref().is_some_and(|speaker| speaker.is_good(self.now))
    }

    fn time(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }
}

fn address() -> String {
    format!("{PATH}/account")
}

/// `GET /admin/sharing/account`
pub async fn show(
    staff: Staff<EditSharing>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let speaker = speaker::find(&mut *shop.db.reader().await?, &shop.keys).await?;
    let (offered, now) = (session::get(&session, SPEAKER_OFFERED), shop.clock.now());
    page(StatusCode::OK, &SpeakerPage { page: frame, speaker, offered, now })
}

/// `GET /admin/sharing/account/connection`: to Weibo's consent page, as everybody signs in there. It asks with which
/// account: a merchant's browser knows several. By itself nothing comes of it: she has to say yes there, and here.
pub async fn leave(
    _staff: Staff<EditSharing>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let weibo = shop.weibo().await?;
    let visitor = Visitor::of(&session).remember(&session)?;
    let away = Away { visitor, purpose: Purpose::Speaker, next: address(), hint: None };
    let state = customers::leave(&mut *shop.db.reader().await?, &away, shop.clock.now()).await?;
    let mobile = reader.route != Route::Desktop;
    let wish = Wish { mobile, another: true, ..Wish::default() };
    let consent = weibo.authorize_url(&callback(&shop)?, &state, wish);
    Ok(see_other(consent.as_str()))
}

/// She is back, with a state that is spent by now and was made for this. What Weibo says of the account waits in her session until she says
/// yes to it; its token is sealed there too.
pub async fn end(shop: &Shop, session: &Session, code: &str) -> Result<HttpResponse, Error> {
    let weibo = shop.weibo().await?;
    let token = weibo.exchange_code(code, &callback(shop)?).await.map_err(told)?;
    let owner = weibo.token_owner(&token.access_token).await.map_err(told)?;
    let user = weibo.show_user(&token.access_token, owner.uid).await.map_err(told)?;
    let name: String = user.screen_name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let expires_at = shop.clock.now() + owner.lives(token.expires_in);
    let offered = Offered::new((owner.uid, name), &token.access_token, expires_at, &shop.keys)?;
    session::put(session, SPEAKER_OFFERED, offered)?;
    Ok(see_other(&address()))
}

/// `POST /admin/sharing/account`: yes, this one.
pub async fn confirm(
    staff: Staff<EditSharing>,
    form: SafeForm,
    session: Session,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let offered: Option<Offered> = session::get(&session, SPEAKER_OFFERED);
    // Only the one that she has seen: in another window she may have come back with another.
    let Some(offered) = offered.filter(|offered| form.text("uid") == offered.uid.to_string()) else {
        return Err(Error::Refused(StatusCode::CONFLICT, "error-speaker-stale"));
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let before = speaker::find(&mut tx, &shop.keys).await?;
    speaker::connect(&mut tx, &offered, &staff.actor(), now).await?;
    let before = before.map(|speaker| json!({ "uid": speaker.uid }));
    let after = Some(json!({ "uid": offered.uid }));
    let change = Change { action: "connect-speaker", subject: "posting account", before, after };
    record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    session.remove(SPEAKER_OFFERED);
    staff.says_next("said-speaker-connected")?;
    Ok(see_other(&address()))
}

/// `POST /admin/sharing/account/removal`: the shop forgets it and its token. With `offered`, only the one that nobody
/// has said yes to.
pub async fn remove(
    staff: Staff<EditSharing>,
    form: SafeForm,
    session: Session,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    session.remove(SPEAKER_OFFERED);
    if form.has("offered") {
        return Ok(see_other(&address()));
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let before = speaker::find(&mut tx, &shop.keys).await?.map(|speaker| json!({ "uid": speaker.uid }));
    if speaker::disconnect(&mut tx).await? {
        let change = Change { action: "disconnect-speaker", subject: "posting account", before, after: None };
        record(&mut tx, &staff, change, now).await?;
    }
    tx.commit().await?;
    staff.says_next("said-speaker-gone")?;
    Ok(see_other(&address()))
}
