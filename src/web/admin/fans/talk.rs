//! The conversation with one fan: what was said, how long she may be answered, whose it is, and the form to answer.

use super::answer::fresh;
use super::at::{At, shut};
use super::beside::{Beside, to_send};
use super::inbox::frame;
use super::links::has_refund;
use super::list::{Address, List, initial, span};
use super::shown::{Day, File, Teller, by_day};
use crate::coupons::{Coupon, Given};
use crate::fans::desk::{self, Canned, CannedId};
use crate::fans::{self, Author, Conversation, Fan, Message, MessageId, Said, State, Window};
use crate::orders::Order;
use crate::staff::permission::TalkToFans;
use crate::staff::{self, May};
use crate::web::admin::desk::Desk;
use crate::web::admin::orders::tag;
use crate::web::finish::POLICY;
use crate::web::form::{Fields, Wrongs};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Query, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::messages::{Reply, TEXT_LIMIT};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::Data;
use askama::Template;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// So many messages are shown at once.
const MESSAGES: i64 = 50;

#[derive(Template)]
#[template(path = "admin/fans/talk.html")]
struct TalkPage {
    page: Desk,
    list: List,
    fan: Fan,
    /// Nothing where nothing was ever said.
    conversation: Option<Conversation>,
    days: Vec<Day>,
    /// The last and the first message that are shown.
    seen: Option<MessageId>,
    earliest: Option<MessageId>,
    /// Words of before stand here, not the latest.
    earlier: bool,
    read: Option<(OffsetDateTime, String)>,
    beside: Beside,
    /// What can be sent to her.
    coupons: Vec<Coupon>,
    canned: Vec<(CannedId, Canned)>,
    /// Who may look after it.
    people: Vec<(i64, String)>,
    teller: Teller,
    /// So long after a person last wrote the rules speak again.
    idle: Duration,
    now: OffsetDateTime,
    typed: Typed,
}

/// The form as it was sent, and why nothing was.
#[derive(Default)]
pub struct Typed {
    pub text: String,
    /// Nothing in a form that was tampered with.
    pub form: Option<Uuid>,
    pub seen: Option<i64>,
    pub wrongs: Wrongs,
    pub refused: Option<String>,
}

impl Typed {
    pub fn of(form: &Fields) -> Typed {
        Typed {
            text: form.text("text"),
            form: Uuid::parse_str(&form.text("form")).ok(),
            seen: form.text("seen").parse().ok(),
            ..Typed::default()
        }
    }
}

impl TalkPage {
    async fn read(
        conn: &mut PgConnection,
        at: &At<'_>,
        page: Desk,
        mut typed: Typed,
    ) -> Result<TalkPage, Error> {
        let fan = fans::find(conn, at.fan).await?.ok_or(Error::NotFound)?;
        let before = at.address.before.map(MessageId);
        let messages = fans::latest(conn, at.fan, before, MESSAGES).await?;
        if let Some(again) = at.address.again.filter(|_| typed.text.is_empty()) {
            typed.text = said(conn, at.fan, MessageId(again)).await?.unwrap_or_default();
        }
        typed.form.get_or_insert_with(fresh);
        let full = messages.len() == usize::try_from(MESSAGES).unwrap_or_default();
        Ok(TalkPage {
            page,
            list: List::read(conn, &at.address, Some(at.fan), at.shop, at.staff).await?,
            conversation: fans::conversation(conn, at.fan).await?,
            seen: messages.first().map(|message| message.id),
            earliest: messages.last().filter(|_| full).map(|message| message.id),
            earlier: before.is_some(),
            days: by_day(messages),
            read: desk::last_read(conn, at.fan).await?,
            beside: Beside::of(conn, at.fan).await?,
            coupons: to_send(conn, at.now()).await?,
            canned: desk::canned(conn).await?,
            people: people(conn).await?,
            teller: Teller {
                words: Words(at.staff.language),
                manners: desk::manners(conn).await?,
                now: at.now(),
            },
            idle: desk::idle(conn).await?,
            now: at.now(),
            fan,
            typed,
        })
    }

    fn initial(&self) -> String {
        initial(&self.fan.name()).to_string()
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    /// Until when she may be answered, and the key of how that is told.
    fn open(&self) -> Option<(OffsetDateTime, &'static str)> {
        match self.fan.window(self.now) {
            Window::Open { until } => Some((until, "fans-open")),
            Window::Once { until } => Some((until, "fans-once")),
            Window::Closed(_) => None,
        }
    }

    fn left(&self, until: &OffsetDateTime) -> String {
        span(self.page.words, *until - self.now)
    }

    fn millis(&self, until: &OffsetDateTime) -> i128 {
        until.unix_timestamp_nanos() / 1_000_000
    }

    /// Why she may not be written to, and what can be done: the key of that.
    fn shut(&self) -> Option<&'static str> {
        match self.fan.window(self.now) {
            Window::Closed(why) => Some(shut(why)),
            Window::Open { .. } | Window::Once { .. } => None,
        }
    }

    /// While a person has it the rules are silent: until when.
    fn silence(&self) -> Option<String> {
        let conversation = self.conversation.as_ref()?;
        let until =
            conversation.human_at.filter(|_| conversation.is_with_a_person(self.idle, self.now))? + self.idle;
        Some(self.page.say_with("fans-silent", "time", shop_time(until)))
    }

    fn state(&self) -> Option<String> {
        match self.conversation.as_ref()?.state {
            State::Open => None,
            State::Snoozed { until } => Some(self.page.say_with("fans-until", "time", shop_time(until))),
            State::Closed => Some(self.page.say("word-fans-closed")),
        }
    }

    fn is_over(&self) -> bool {
        self.conversation.as_ref().is_none_or(|conversation| conversation.state != State::Open)
    }

    fn unread(&self) -> i32 {
        self.conversation.as_ref().map_or(0, |conversation| conversation.unread)
    }

    fn assigned(&self) -> Option<&(i64, String)> {
        self.conversation.as_ref()?.assigned.as_ref()
    }

    fn is_mine(&self) -> bool {
        self.assigned().is_some_and(|(id, _)| *id == self.page.member.id.0)
    }

    fn is_with(&self, person: &i64) -> bool {
        self.assigned().is_some_and(|(id, _)| id == person)
    }

    /// What this message said, to be changed and sent again.
    fn again(&self, message: &Message) -> String {
        let query = self.list.address.query();
        let and = if query.is_empty() { "" } else { "&" };
        format!("/admin/fans/{}?{query}{and}again={}#answer", self.fan.uid, message.id.0)
    }

    fn before(&self, earliest: &MessageId) -> String {
        let query = self.list.address.query();
        let and = if query.is_empty() { "" } else { "&" };
        format!("/admin/fans/{}?{query}{and}before={}", self.fan.uid, earliest.0)
    }

    fn most(&self) -> usize {
        TEXT_LIMIT - 1
    }

    fn tag(&self, order: &Order) -> (String, &'static str) {
        tag(self.page.words, order, false)
    }

    fn has_refund(&self, order: &Order) -> bool {
        has_refund(order)
    }

    fn terms(&self, coupon: &Coupon) -> String {
        self.page.words.coupon(&coupon.wanted.terms)
    }

    /// How one of hers stands.
    fn given(&self, given: &Given) -> String {
        self.page.say(&format!("word-given-{}", given.name_of_state(self.now)))
    }

    /// The mark of one more form.
    fn fresh(&self) -> Uuid {
        fresh()
    }

    fn sees_buyers(&self) -> bool {
        self.page.may(May::SeeBuyers)
    }
}

/// What a message of ours with this fan said.
async fn said(conn: &mut PgConnection, fan: i64, id: MessageId) -> Result<Option<String>, Error> {
    let message = fans::message(conn, id).await?.filter(|message| message.fan == fan);
    Ok(message.and_then(|message| match (message.author, message.said) {
        (Author::Staff { .. }, Said::ByShop(Reply::Text { text })) => Some(text),
        _ => None,
    }))
}

/// Everybody who may answer fans, by account and name.
pub async fn people(conn: &mut PgConnection) -> Result<Vec<(i64, String)>, Error> {
    let all = staff::everybody(conn).await?;
    let here = all.into_iter().filter(|one| one.disabled_at.is_none() && one.member.may(May::TalkToFans));
    Ok(here.map(|one| (one.member.id.0, one.member.name)).collect())
}

/// `GET /admin/fans/{uid}`
pub async fn show(
    staff: Staff<TalkToFans>,
    fan: Path<i64>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At { fan: *fan, address: address.into_inner(), shop: &shop, reader: &reader, staff: &staff };
    draw(StatusCode::OK, &at, Typed::default()).await
}

/// The conversation as it is now, with what was typed.
pub async fn draw(status: StatusCode, at: &At<'_>, typed: Typed) -> Result<HttpResponse, Error> {
    let frame = frame(at.shop, at.reader, at.staff, &at.address).await;
    let mut conn = at.shop.db.reader().await?;
    let drawn = TalkPage::read(&mut conn, at, frame, typed).await?;
    drop(conn);
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        // Voices are played here.
        .insert_header((CONTENT_SECURITY_POLICY, format!("{POLICY}; media-src 'self'")))
        .body(drawn.render()?))
}
