//! The frame of the back office: the rail, who is at the desk, and what the last step has left to say.

use crate::actor::Actor;
use crate::figures::Takings;
use crate::staff::{May, Member};
use crate::text::Language;
use crate::web::Shop;
use crate::web::page::Page;
use crate::web::staff::Staff;
use crate::web::who::Reader;
use crate::web::words::Words;
use std::ops::Deref;

/// Where in the rail a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Today,
    Catalog,
    Orders,
    Fans,
    Sharing,
    Money,
    Settings,
}

impl Section {
    /// In the order of the rail: where each leads, and the key of its name.
    pub const RAIL: [(Section, &str, &str); 7] = [
        (Section::Today, "/admin", "rail-today"),
        (Section::Catalog, "/admin/products", "rail-catalog"),
        (Section::Orders, "/admin/orders", "rail-orders"),
        (Section::Fans, "/admin/fans", "rail-fans"),
        (Section::Sharing, "/admin/sharing", "rail-sharing"),
        (Section::Money, "/admin/money", "rail-money"),
        (Section::Settings, "/admin/settings", "rail-settings"),
    ];
}

/// What every page of the back office knows. Stands in templates as `page`.
pub struct Desk {
    page: Page,
    pub member: Member,
    /// For the field `token` of every form: `{% call admin::token(page) %}`.
    pub form_token: String,
    /// The key of what to say first.
    pub said: Option<String>,
    /// The first thing that this member still has to do before the shop can open: where, and the key of why.
    pub first_step: Option<(&'static str, &'static str)>,
    /// The money does not add up somewhere.
    pub breached: bool,
    section: Section,
    to_ship: i64,
    /// Conversations in which nobody has read something.
    unread: i64,
    /// What about money waits for somebody.
    money: i64,
}

/// Where Weibo's keys are entered.
pub const WEIBO: &str = "/admin/settings/weibo";

/// The rail tells no more than that there are many.
const MANY: i64 = 99;

impl Desk {
    pub async fn new<P>(shop: &Shop, reader: &Reader, staff: &Staff<P>, section: Section) -> Desk {
        let said = staff.said();
        Desk { said, ..Desk::unsaid(shop, reader, staff, section).await }
    }

    /// The same for who only looks again: what there is to say waits.
    pub async fn unsaid<P>(shop: &Shop, reader: &Reader, staff: &Staff<P>, section: Section) -> Desk {
        let member = staff.member.clone();
        let page =
            Page { words: Words(member.language), other_language: None, ..Page::new(shop, reader).await };
        let first_step = first_step(shop, &page, &member).await;
        let to_ship = shop.pages.to_ship(&shop.db, MANY + 1).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the orders to send cannot be counted");
            0
        });
        let unread = if member.may(May::TalkToFans) {
            shop.pages.unread(&shop.db, MANY + 1).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "what fans wrote cannot be counted");
                0
            })
        } else {
            0
        };
        let money = shop.pages.money(&shop.db, MANY + 1).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what waits about money cannot be counted");
            0
        });
        let breached = shop.pages.breached(&shop.db).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether the money adds up cannot be read");
            false
        });
        Desk {
            page,
            member,
            form_token: staff.form_token(),
            said: None,
            first_step,
            breached,
            section,
            to_ship,
            unread,
            money,
        }
    }

    /// Whoever may not change the settings has her own account there; who may not talk to fans finds none.
    pub fn rail(&self) -> impl Iterator<Item = (Section, &'static str, &'static str)> {
        let hers = Section::RAIL.into_iter().filter(|(section, ..)| match section {
            Section::Fans => self.may(May::TalkToFans),
            _ => true,
        });
        hers.map(|(section, path, key)| match section {
            Section::Settings if !self.may(May::EditSettings) => (section, "/admin/account", key),
            _ => (section, path, key),
        })
    }

    pub fn is_in(&self, section: &Section) -> bool {
        self.section == *section
    }

    /// The number beside a name in the rail, when something waits there, and the key of what it counts.
    pub fn badge(&self, section: &Section) -> Option<(String, &'static str)> {
        match section {
            Section::Orders => Some((told(self.to_ship)?, "rail-waiting")),
            Section::Fans => Some((told(self.unread)?, "rail-fans-unread")),
            Section::Money => Some((told(self.money)?, "rail-money-waiting")),
            Section::Today | Section::Catalog | Section::Sharing | Section::Settings => None,
        }
    }

    pub fn may(&self, what: May) -> bool {
        self.member.may(what)
    }

    /// Who did it, in words.
    pub fn who(&self, by: &Actor) -> String {
        let name = by.staff_name().map(str::to_owned);
        name.unwrap_or_else(|| self.say(&format!("word-actor-{}", by.kind())))
    }

    /// A sum over many orders, in yuan: it may be far beyond what one can cost.
    pub fn sum(&self, fen: &i64) -> Takings {
        Takings(*fen)
    }

    pub fn is_english(&self) -> bool {
        self.words.0 == Language::English
    }
}

/// A shop that nobody has named, or that cannot take payments, is not open yet.
async fn first_step(shop: &Shop, page: &Page, member: &Member) -> Option<(&'static str, &'static str)> {
    if !page.profile.is_named() && member.may(May::EditSettings) {
        return Some(("/admin/settings", "first-step-name"));
    }
    let connected = shop.weibo().await.is_ok();
    (!connected && member.may(May::HoldKeys)).then_some((WEIBO, "first-step-weibo"))
}

fn told(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1..=MANY => Some(count.to_string()),
        _ => Some(format!("{MANY}+")),
    }
}

impl Deref for Desk {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_rail_counts_as_far_as_one_takes_in() {
        let all = [0, 1, 99, 100, 4_000].map(told);
        assert_eq!(all.map(Option::unwrap_or_default), ["", "1", "99", "99+", "99+"]);
    }
}
