//! The door of the back office: name and password, the code after it, links that open it once, and the way
//! out. What all its pages share stands here.

pub mod code;
pub mod enter;
pub mod welcome;

use crate::staff::{Caller, Member};
use crate::text::Language;
use crate::web::page::{Page, see_other};
use crate::web::who::Reader;
use crate::web::{Error, Shop, caller};
use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use serde::Deserialize;
use time::Duration;

/// `?lang=en`: nobody has said yet in which language she wants to be spoken to.
#[derive(Debug, Deserialize)]
pub struct Spoken {
    lang: Option<String>,
}

impl Spoken {
    fn language(&self) -> Option<Language> {
        self.lang.as_deref().map(Language::of_code)
    }
}

/// The frame of a page at the door, in this language.
async fn frame(shop: &Shop, reader: &Reader, language: Language) -> Page {
    let other = match language {
        Language::Chinese => "?lang=en",
        Language::English => "?lang=zh-CN",
    };
    let reader = Reader { language, other_language: Some(other.to_owned()), ..reader.clone() };
    Page::new(shop, &reader).await
}

/// In, entirely: the browser is one in which she has signed in before.
fn welcome_in(shop: &Shop, caller: &Caller, member: &Member) -> Result<HttpResponse, Error> {
    let mut response = see_other("/admin");
    caller::know(&mut response, shop, caller, member.id)?;
    Ok(response)
}

/// In words: `3 分钟`, `40 秒`.
pub fn wait_in_words(page: &Page, wait: Duration) -> String {
    let seconds = wait.whole_seconds().max(1);
    if seconds > 90 {
        page.say_with("too-often-minutes", "minutes", (seconds + 59) / 60)
    } else {
        page.say_with("too-often-seconds", "seconds", seconds)
    }
}

/// Tells machines the same.
pub fn retry_after(mut response: HttpResponse, wait: Duration) -> HttpResponse {
    response.headers_mut().insert(RETRY_AFTER, wait.whole_seconds().max(1).into());
    response
}
