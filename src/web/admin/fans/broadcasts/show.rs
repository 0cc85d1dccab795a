//! One broadcast: how it looks and whom it reaches before it goes, and what came of it then.

use super::{found, told};
use crate::fans::broadcasts::{self, Audience, Batch, Broadcast, State, Tally, held};
use crate::sharing::links::{self, Harvest, Source};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::Reply;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;
use uuid::Uuid;

/// So many calls are shown.
const CALLS: i64 = 20;
/// The page of one that runs asks anew after so many seconds, by itself.
const AGAIN: &str = "5";

#[derive(Template)]
#[template(path = "admin/fans/broadcasts/show.html")]
struct ShowPage {
    page: Desk,
    broadcast: Broadcast,
    /// How many it reaches now; of a draft of ours.
    reach: Option<i64>,
    tally: Tally,
    batches: Vec<Batch>,
    harvest: Harvest,
    /// What was typed where a trial goes, and when it shall be sent.
    uid: String,
    at: String,
    /// Makes a trial one, however often it is pressed.
    key: String,
    wrongs: Wrongs,
}

impl ShowPage {
    fn told(&self) -> String {
        told(self.page.words, &self.broadcast.audience)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn is(&self, state: &str) -> bool {
        self.broadcast.state.name() == state
    }

    fn is_group(&self) -> bool {
        matches!(self.broadcast.audience, Audience::Group { .. })
    }

    /// Why it waits for a person, in words: ours, or Weibo's.
    fn why_held(&self) -> String {
        match &self.broadcast.state {
            State::Held { why } if held::ALL.contains(&why.as_str()) => {
                self.page.say(&format!("word-held-{why}"))
            }
            State::Held { why } => self.page.say_with("broadcast-refused", "why", why),
            _ => String::new(),
        }
    }

    /// What pressing the button does, in a sentence.
    fn what_happens(&self) -> String {
        match self.reach {
            Some(count) => self.page.say_with("broadcast-will-send", "count", count),
            None => self.page.say_with("broadcast-will-send-group", "who", self.told()),
        }
    }

    fn colour(&self) -> &'static str {
        match self.broadcast.state {
            State::Done { .. } => "jade",
            State::Held { .. } => "red",
            State::Draft | State::Cancelled { .. } => "",
            _ => "amber",
        }
    }
}

/// `GET /admin/fans/broadcasts/{id}`
pub async fn show(
    staff: Staff<EditFans>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let broadcast = found(&shop, *id).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    draw(StatusCode::OK, &shop, frame, broadcast, ((String::new(), String::new()), Wrongs::default())).await
}

pub(super) async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    broadcast: Broadcast,
    ((uid, at), wrongs): ((String, String), Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let counted = broadcast.state == State::Draft && !matches!(broadcast.audience, Audience::Group { .. });
    let reach = if counted { Some(broadcasts::reach(&mut conn, &broadcast.audience).await?) } else { None };
    let tally = broadcasts::tally(&mut conn, broadcast.id).await?;
    let batches = broadcasts::batches(&mut conn, broadcast.id, CALLS).await?;
    let harvest = links::harvest(&mut conn, Source::Broadcast(broadcast.id.0)).await?;
    drop(conn);
    // What was typed is not taken away.
    let goes = match broadcast.state {
        // The job that begins it is about to be taken.
        State::Scheduled { at } => at <= shop.clock.now(),
        _ => broadcast.state.is_running(),
    };
    let follows = goes && status == StatusCode::OK;
    let key = Uuid::new_v4().to_string();
    let mut answer = page(
        status,
        &ShowPage { page: frame, broadcast, reach, tally, batches, harvest, uid, at, key, wrongs },
    )?;
    if follows {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}
