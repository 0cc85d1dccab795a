//! One post: what goes out, where it stands, what a person can do about it, and what it brought.

use super::found;
use super::list::colour;
use crate::catalog::{self, Draft};
use crate::clock::SHOP_ZONE;
use crate::sharing::funnel::{self, Came};
use crate::sharing::posts::{self, Post, State};
use crate::sharing::speaker::{self, Speaker};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::sharing::drawn::Seen;
use crate::web::admin::sharing::funnel::Funnel;
use crate::web::admin::typed::Typed;
use crate::web::form::Wrongs;
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::statuses::{Trouble, length};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;
use time::macros::format_description;

/// The page of one that is going looks again after so many seconds, by itself.
const AGAIN: &str = "5";
/// Weibo finds no address in the text that is bound with the app (oauth-and-statuses.md §3.2).
const NO_DOMAIN: &str = "10017";

#[derive(Template)]
#[template(path = "admin/sharing/posts/show.html")]
struct ShowPage {
    page: Desk,
    post: Post,
    /// What goes out, and how much of Weibo's 140 it uses.
    whole: String,
    length: usize,
    about: Option<Draft>,
    seen: Option<Seen>,
    speaker: Option<Speaker>,
    /// Of the shop's links.
    host: String,
    funnel: Option<Funnel>,
    typed: Typed,
    wrongs: Wrongs,
    now: OffsetDateTime,
}

impl ShowPage {
    fn is(&self, state: &str) -> bool {
        self.post.state.name() == state
    }

    fn colour(&self) -> &'static str {
        colour(&self.post.state)
    }

    fn time(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    /// As an input of a time wants it: the next full hour, where nothing was typed.
    fn at(&self) -> String {
        let typed = self.typed.of("post-at");
        if !typed.is_empty() {
            return typed.to_owned();
        }
        let hour = self.now.to_offset(SHOP_ZONE) + time::Duration::hours(1);
        let format = format_description!("[year]-[month]-[day]T[hour]:00");
        hour.format(&format).unwrap_or_default()
    }

    /// Why it waits, or what Weibo said; empty where there is nothing to say.
    fn why(&self) -> String {
        match &self.post.state {
            State::Held { why } => self.page.say(&format!("word-post-held-{}", why.name())),
            State::Refused { code } if self.post.may_stand() => {
                format!("{} ({code})", self.page.say("post-refused-stands"))
            }
            State::Refused { code } if code == NO_DOMAIN => {
                format!("{} ({code})", self.page.say_with("post-refused-domain", "host", &self.host))
            }
            State::Refused { code } => {
                let key = match Trouble::of(code) {
                    Trouble::SignInAgain => "post-refused-account",
                    Trouble::NotAllowed => "post-refused-allowed",
                    Trouble::TooOften => "post-refused-often",
                    Trouble::ProveYourself => "post-refused-proof",
                    Trouble::Repeated => "post-refused-repeated",
                    Trouble::TooLong => "post-too-long",
                    Trouble::StatusGone | Trouble::Other => "post-refused-other",
                };
                format!("{} ({code})", self.page.say(key))
            }
            _ => String::new(),
        }
    }

    /// Where on Weibo it is to be looked for: in the account's own list.
    fn account(&self) -> Option<String> {
        self.post.uid.map(|uid| format!("https://weibo.com/u/{uid}"))
    }

    /// The id under which it stands, where it is known.
    fn status_id(&self) -> Option<i64> {
        match self.post.state {
            State::Done { status_id } => status_id,
            _ => None,
        }
    }

    /// In whose name it goes at its time, and what stands against that.
    fn meant(&self) -> Option<(String, Option<String>)> {
        let (State::Scheduled { at }, Some(uid)) = (&self.post.state, self.post.meant) else { return None };
        let speaker = self.speaker.as_ref().filter(|speaker| speaker.uid == uid);
        let against = match speaker {
            Some(speaker) if !speaker.is_good(self.now) => Some(self.page.say("post-warn-account")),
            Some(speaker) if *at >= speaker.expires_at => {
                Some(self.page.say_with("post-warn-leave", "time", shop_time(speaker.expires_at)))
            }
            Some(_) => None,
            None => Some(self.page.say("post-warn-account")),
        };
        Some((speaker.map_or_else(|| format!("UID {uid}"), |speaker| format!("@{}", speaker.name)), against))
    }

    /// The account that whoever presses is shown.
    fn uid(&self) -> i64 {
        self.speaker.as_ref().map_or(0, |speaker| speaker.uid)
    }

    fn can_post(&self) -> bool {
        self.speaker.as_ref().is_some_and(|speaker| speaker.is_good(self.now))
    }

    fn is_own(&self) -> bool {
        let own = self.about.as_ref().and_then(|draft| draft.product.weibo_status_id);
        own.is_some() && own == self.status_id()
    }
}

/// `GET /admin/sharing/posts/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let post = found(&shop, *id).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let typed = Typed::new([("post-text", post.text.clone())]);
    draw(StatusCode::OK, &shop, frame, post, (typed, Wrongs::default())).await
}

pub(super) async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    post: Post,
    (typed, wrongs): (Typed, Wrongs),
) -> Result<HttpResponse, Error> {
    let (now, public_url) = (shop.clock.now(), &shop.settings.public_url);
    let mut conn = shop.db.reader().await?;
    let about = match post.product {
        Some(product) => catalog::find_draft(&mut conn, product).await?,
        None => None,
    };
    let speaker = speaker::find(&mut conn, &shop.keys).await?;
    let codes = [post.code.clone()];
    let asked = post.asked_at.is_some();
    let came = if asked { Some(funnel::by_code(&mut conn, &codes, post.made_at).await?) } else { None };
    drop(conn);
    let funnel = came.map(|came| Funnel::of_links(came.into_values().next().unwrap_or(Came::default())));
    let drawn = about.as_ref().filter(|draft| !draft.product.variants.is_empty());
    let seen = match drawn {
        Some(draft) => Some(Seen::new(shop, &draft.product).await?),
        None => None,
    };
    let whole = posts::whole(&post.text, public_url, &post.code);
    // What was typed is not taken away.
    let goes = match post.state {
        State::Scheduled { at } => at <= now,
        State::Sending => true,
        _ => false,
    };
    let follows = goes && status == StatusCode::OK;
    let length = length(&whole);
    let host = public_url.host_str().unwrap_or_default().to_owned();
    let shown =
        ShowPage { page: frame, post, whole, length, about, seen, speaker, host, funnel, typed, wrongs, now };
    let mut answer = page(status, &shown)?;
    if follows {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}
