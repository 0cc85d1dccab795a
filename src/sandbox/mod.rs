//! A pretend Weibo with its own state, spoken to over HTTP; knows nothing of a shop.
//! `world` is state and rules, `http` what others call, `deliver` the notices,
//! `push` and `fans` what fans do, `crawl` what reads a shop's pages, `phone` the drawn phone's way out.

mod clients;
mod crawl;
mod deliver;
mod demo;
mod fans;
mod faults;
mod frame;
mod http;
mod pages;
mod phone;
mod push;
mod save;
#[cfg(test)]
mod tests;
mod traffic;
mod world;

pub use crawl::Read;
pub use deliver::{Delivery, Outcome};
pub use demo::{KNOWN_FINGERPRINTS, demo_merchant_private_key, demo_platform_public_key};
pub use faults::{Fault, Faults, Lasting};
pub use push::{FanAnswer, SignedPacket};
pub use traffic::{Direction, Exchange};
pub use world::book::{Account, Book};
pub use world::fans::menu::{Button, Leaf, Menu};
pub use world::fans::packet::Did;
pub use world::fans::push::Push as FanPush;
pub use world::fans::reply::{SandboxArticle, SandboxReply};
pub use world::fans::rules::Rules as FansRules;
pub use world::fans::sending::{Broadcast, End as BroadcastEnd, To as Audience};
pub use world::fans::window::Window;
pub use world::fans::{Fan, Format as FansFormat, Line, Said};
pub use world::limits::Limits;
pub use world::messages::Message;
pub use world::notices::Notice;
pub use world::pay::{Order, PayError, Payment, State};
pub use world::people::Person;
pub use world::refunds::{Refund, RefundState};
pub use world::statuses::{Card, SayError, Status};

use crate::clock::Clock;
use crate::weibo::signature::{SigningKey, VerifyingKey};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use traffic::Traffic;
use url::Url;
use world::World;
use world::pay::Merchant;

/// Who is admitted to this Weibo, and where things are.
#[derive(Clone)]
pub struct Settings {
    pub app_key: String,
    pub app_secret: String,
    pub seller_id: String,
    /// Of the merchant's account, for the fans service (fans-service.md §9).
    pub fans_token: String,
    pub merchant_public: VerifyingKey,
    /// Signs notices and returns.
    pub platform_key: SigningKey,
    /// The sandbox's own base address.
    pub public_url: Url,
    /// The shop behind the drawn phone, and the application's registered domain.
    pub shop_url: Option<Url>,
    /// Where the phone's routes are bound; without it the phone's links open in the browser.
    pub phone_url: Option<Url>,
    /// The state survives a restart in this file.
    pub save_to: Option<PathBuf>,
}

/// A handle on one pretend Weibo; clones share it.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    settings: Settings,
    merchant: Merchant,
    /// Whose signature a forged notice carries.
    stranger: SigningKey,
    clock: Clock,
    world: Mutex<World>,
    traffic: Mutex<Traffic>,
    sending: tokio::sync::Mutex<()>,
    pushing: tokio::sync::Mutex<()>,
    sender: reqwest::Client,
    phone: reqwest::Client,
}

impl Sandbox {
    /// Goes on from what was saved. Fails when that cannot be read.
    pub fn new(settings: Settings, clock: Clock) -> anyhow::Result<Sandbox> {
        let saved = settings.save_to.as_deref().map(save::load).transpose()?.flatten();
        let merchant = Merchant {
            app_key: settings.app_key.clone(),
            seller_id: settings.seller_id.clone(),
            key: settings.merchant_public.clone(),
        };
        Ok(Sandbox(Arc::new(Inner {
            world: Mutex::new(saved.unwrap_or_else(|| World::new(&settings.seller_id))),
            merchant,
            stranger: SigningKey::parse(demo_merchant_private_key())?,
            clock,
            traffic: Mutex::default(),
            sending: tokio::sync::Mutex::default(),
            pushing: tokio::sync::Mutex::default(),
            sender: deliver::sender()?,
            phone: phone::caller()?,
            settings,
        })))
    }

    /// Weibo's own paths, and people's pages under `/sandbox/`.
    pub fn routes(&self, cfg: &mut actix_web::web::ServiceConfig) {
        http::routes(self, cfg);
    }

    /// Sends notices and pushes as they fall due, for ever.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.deliver_due().await;
            self.push_due().await;
        }
    }

    /// Switches a fault on, or off with `None`.
    pub fn set_fault(&self, fault: Fault, lasting: Option<Lasting>) {
        self.change(|world, _| match lasting {
            Some(lasting) => world.faults.switch_on(fault, lasting),
            None => world.faults.switch_off(fault),
        });
    }

    pub fn faults(&self) -> Faults {
        self.world().faults.clone()
    }

    /// How late a late notice is.
    pub fn set_late_minutes(&self, minutes: u32) {
        self.change(|world, _| world.faults.set_late_minutes(minutes));
    }

    /// Seconds before each try to send a notice, the first included.
    pub fn set_schedule(&self, waits_seconds: Vec<u32>) {
        self.change(|world, _| world.notices.set_schedule(waits_seconds));
    }

    /// Oldest first.
    pub fn payments(&self) -> Vec<Payment> {
        self.world().payments.clone()
    }

    /// What was paid and given back, in all and of each payment.
    pub fn book(&self) -> Book {
        self.end_refunds();
        self.world().book()
    }

    /// Oldest first, as they stand now.
    pub fn refunds(&self) -> Vec<Refund> {
        self.end_refunds();
        self.world().refunds().to_vec()
    }

    /// How many seconds the next refunds take; a fresh sandbox's take three.
    pub fn set_refund_seconds(&self, seconds: u32) {
        self.change(|world, _| world.set_refund_seconds(seconds));
    }

    /// A refund that has ended turns out to have ended the other way. False when it cannot be so.
    pub fn turn_refund(&self, out_refund_id: &str) -> bool {
        self.change(|world, now| world.turn_refund(out_refund_id, now))
    }

    /// Private messages to buyers, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.world().messages().to_vec()
    }

    /// Notices that still wait to be sent, or sent again.
    pub fn waiting_notices(&self) -> Vec<Notice> {
        self.world().notices.waiting().to_vec()
    }

    /// Newest first.
    pub fn statuses(&self) -> Vec<Status> {
        self.world().stream().cloned().collect()
    }

    pub fn people(&self) -> Vec<Person> {
        self.world().people().to_vec()
    }

    /// Oldest first.
    pub fn traffic(&self) -> Vec<Exchange> {
        self.traffic_log().iter().cloned().collect()
    }

    /// Posts a status as `user`, with a card if there is one.
    pub fn say(&self, user: &str, text: &str, card: Option<Card>) -> Result<Status, SayError> {
        self.change(|world, now| world.say(user, text, card, now).cloned())
    }

    /// Deletes a status, as its author would.
    pub fn delete_status(&self, id: u64) -> Result<(), SayError> {
        self.change(|world, _| world.delete_status(id))
    }

    /// Ends the refunds whose time has come. Saves nothing when there are none: this is asked all the time.
    fn end_refunds(&self) {
        if self.world().has_refunds_to_end(self.now()) {
            self.change(World::end_refunds);
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    /// The world, to look at.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world and saves it.
    fn change<T>(&self, how: impl FnOnce(&mut World, OffsetDateTime) -> T) -> T {
        let mut world = self.world();
        let result = how(&mut world, self.now());
        if let Some(path) = &self.0.settings.save_to
            && let Err(error) = save::save(&world, path)
        {
            tracing::error!(error = format!("{error:#}"), "the sandbox's state was not saved");
        }
        result
    }

    fn traffic_log(&self) -> MutexGuard<'_, Traffic> {
        self.0.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, exchange: Exchange) {
        self.traffic_log().note(exchange);
    }
}
