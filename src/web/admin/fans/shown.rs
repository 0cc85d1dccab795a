//! How a message looks at the desk.

use super::at::shut;
use crate::clock::{SHOP_ZONE, shop_day};
use crate::fans::desk::Manners;
use crate::fans::{Author, Closed, Delivery, ELSEWHERE, Message, Said, media};
use crate::web::words::Words;
use crate::weibo::messages::{Article, Content, Event, Reply};
use time::OffsetDateTime;

/// Everything said on one day.
pub struct Day {
    pub date: String,
    pub messages: Vec<Message>,
}

/// By day, the first first, of messages that come the latest first.
pub fn by_day(messages: Vec<Message>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for message in messages.into_iter().rev() {
        let date = shop_day(message.said_at).to_string();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.messages.push(message),
            None => days.push(Day { date, messages: vec![message] }),
        }
    }
    days
}

/// A file that a fan sent.
pub enum File {
    Picture,
    Voice,
    /// Too old: it is not kept any more.
    Gone,
}

/// Says what stands in a message.
pub struct Teller {
    pub words: Words,
    pub manners: Manners,
    pub now: OffsetDateTime,
}

impl Teller {
    pub fn at(&self, message: &Message) -> String {
        clock_time(message.said_at)
    }

    /// Whose words they are, where they are not the fan's.
    pub fn author(&self, message: &Message) -> String {
        match &message.author {
            Author::Staff { name, .. } => name.clone(),
            author => self.words.say(&format!("word-author-{}", author.name())),
        }
    }

    /// What was said in words; nothing where a thing was sent.
    pub fn text<'a>(&self, message: &'a Message) -> Option<&'a str> {
        let said = matches!(
            &message.said,
            Said::ByFan(Content::Text | Content::Mention { .. }) | Said::ByShop(Reply::Text { .. })
        );
        Some(message.text.as_str()).filter(|text| said && !text.is_empty())
    }

    pub fn cards<'a>(&self, message: &'a Message) -> &'a [Article] {
        match &message.said {
            Said::ByShop(Reply::Articles { articles }) => articles,
            _ => &[],
        }
    }

    pub fn file(&self, message: &Message) -> Option<File> {
        media::file(message)?;
        if media::is_gone(message, self.now) {
            return Some(File::Gone);
        }
        let is_voice = matches!(message.said, Said::ByFan(Content::Voice { .. }));
        Some(if is_voice { File::Voice } else { File::Picture })
    }

    /// What she did, or what it is that has no words.
    pub fn event(&self, message: &Message) -> Option<String> {
        let detail = |key: &str, detail: &str| Some(self.words.say_with(key, "what", detail));
        match &message.said {
            Said::ByFan(Content::Event { event }) => match event {
                Event::Scan { key, .. } => detail("fans-did-scan", key),
                Event::ScanFollow { key, .. } => detail("fans-did-scan-follow", key),
                Event::Click { key } => detail("fans-did-click", key),
                Event::View { url } => detail("fans-did-view", url),
                Event::Unknown { name } => detail("fans-did-unknown", name),
                Event::Follow => Some(self.words.say("fans-did-follow")),
                Event::Unfollow => Some(self.words.say("fans-did-unfollow")),
                Event::Subscribe => Some(self.words.say("fans-did-subscribe")),
                Event::Unsubscribe => Some(self.words.say("fans-did-unsubscribe")),
                Event::FollowOrSubscribe => Some(self.words.say("fans-did-follow-or")),
                Event::UnfollowOrUnsubscribe => Some(self.words.say("fans-did-unfollow-or")),
            },
            Said::ByFan(Content::Mention { .. }) => Some(self.words.say("fans-did-mention")),
            Said::ByFan(Content::Unknown { name }) => detail("fans-did-unknown", name),
            Said::ByFan(Content::Image { file: None } | Content::Voice { file: None }) => {
                Some(self.words.say("fans-no-file"))
            }
            _ => None,
        }
    }

    /// A place: its numbers, and where it can be looked at if that is allowed.
    pub fn place(&self, message: &Message) -> Option<(String, Option<String>)> {
        let (Said::ByFan(Content::Position { longitude, latitude })
        | Said::ByShop(Reply::Position { longitude, latitude })) = &message.said
        else {
            return None;
        };
        Some((format!("{latitude}, {longitude}"), self.manners.on_map(longitude, latitude)))
    }

    /// What became of what the shop said: the name of that, its words, and what can be done.
    pub fn delivery(&self, message: &Message) -> Option<(&'static str, String, Option<String>)> {
        let word = |name: &'static str| (name, self.words.say(&format!("word-delivery-{name}")), None);
        let advice = |name: &'static str, why: &str| {
            let told = self.words.say(&format!("word-delivery-{name}"));
            let advice = self.words.say_with(&format!("word-undelivered-{name}"), "why", why);
            (name, told, Some(advice))
        };
        Some(match &message.delivery {
            Delivery::Heard => return None,
            Delivery::Given => word("given"),
            Delivery::Waiting => word("waiting"),
            Delivery::Sending { .. } => word("sending"),
            Delivery::Sent { .. } => word("sent"),
            Delivery::Refused { why, .. } => advice("refused", why),
            Delivery::Unknown { .. } => advice("unknown", ""),
            Delivery::Dropped { why, .. } => advice("dropped", &self.closed(why)),
        })
    }

    /// Why she could not be written to any more, in words where it is a reason that we know.
    fn closed(&self, why: &str) -> String {
        match [Closed::Unfollowed, Closed::Silent, Closed::Answered].into_iter().find(|one| one.name() == why)
        {
            Some(closed) => self.words.say(shut(closed)),
            None if why == ELSEWHERE => self.words.say("fans-went-elsewhere"),
            None => why.to_owned(),
        }
    }

    /// Its words may be taken up again: it did not reach her.
    pub fn is_lost(&self, message: &Message) -> bool {
        let lost = matches!(message.delivery, Delivery::Refused { .. } | Delivery::Dropped { .. });
        lost && matches!(message.said, Said::ByShop(Reply::Text { .. }))
    }
}

/// The time of day in the shop's zone.
fn clock_time(at: OffsetDateTime) -> String {
    let at = at.to_offset(SHOP_ZONE);
    format!("{:02}:{:02}", at.hour(), at.minute())
}
