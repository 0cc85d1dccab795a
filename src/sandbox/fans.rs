//! A fan's hands, for tests and for the chat page: each verb is what she does in the client, and is answered with
//! what the shop said to the push.

use super::push::{FanAnswer, SignedPacket};
use super::world::World;
use super::world::fans::menu::Menu;
use super::world::fans::packet::{Did, Packet};
use super::world::fans::reply::SandboxReply;
use super::world::fans::rules::Rules;
use super::world::fans::sending::Broadcast;
use super::world::fans::{Format, Line};
use super::{Sandbox, world::fans::Fan};

impl Sandbox {
    pub async fn fan_says(&self, uid: i64, text: &str) -> FanAnswer {
        self.fan_does(uid, Did::Said { text: text.into() }).await
    }

    pub async fn fan_sends_picture(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Picture).await
    }

    pub async fn fan_sends_voice(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Voice).await
    }

    /// Degrees, as they are to be written.
    pub async fn fan_is_at(&self, uid: i64, longitude: &str, latitude: &str) -> FanAnswer {
        self.fan_does(uid, Did::At { longitude: longitude.into(), latitude: latitude.into() }).await
    }

    pub async fn fan_follows(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Followed).await
    }

    pub async fn fan_unfollows(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Unfollowed).await
    }

    /// By the button.
    pub async fn fan_subscribes(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Subscribed { keyword: None }).await
    }

    /// By the button.
    pub async fn fan_unsubscribes(&self, uid: i64) -> FanAnswer {
        self.fan_does(uid, Did::Unsubscribed { keyword: None }).await
    }

    /// Scans a code with parameters, by its key, `QR_SCENE_123`; who does not follow yet begins to by it.
    pub async fn fan_scans(&self, uid: i64, key: &str) -> FanAnswer {
        let (followed, ticket) = {
            let world = self.world();
            let code = world.code_with_key(key);
            if code.is_some_and(|code| !code.is_good(self.now())) {
                return FanAnswer { trouble: Some("the code is over".into()), ..FanAnswer::default() };
            }
            // One that this Weibo has not made is taken all the same.
            let ticket = code.map_or_else(|| "TESTONLYTICKET0001".to_owned(), |code| code.ticket.clone());
            (!world.fan(uid).follows, ticket)
        };
        self.fan_does(uid, Did::Scanned { key: key.into(), ticket, followed }).await
    }

    /// Presses a button of the menu that has this key.
    pub async fn fan_clicks(&self, uid: i64, key: &str) -> FanAnswer {
        self.fan_does(uid, Did::Clicked { key: key.into() }).await
    }

    /// Presses a button of the menu that leads here.
    pub async fn fan_views(&self, uid: i64, url: &str) -> FanAnswer {
        self.fan_does(uid, Did::Viewed { url: url.into() }).await
    }

    /// Names the shop in a status of hers with this id, or in a comment.
    pub async fn fan_mentions(&self, uid: i64, in_comment: bool, id: &str, text: &str) -> FanAnswer {
        self.fan_does(uid, Did::Mentioned { in_comment, id: id.into(), text: text.into() }).await
    }

    /// Any of these.
    pub async fn fan_does(&self, uid: i64, did: Did) -> FanAnswer {
        let packet = self.note_deed(uid, did);
        self.push(packet).await
    }

    /// The same without the push: what a test sends itself, twice, late, or all at once.
    pub fn fan_packet(&self, uid: i64, did: Did) -> SignedPacket {
        let packet = self.note_deed(uid, did);
        self.packed(&packet)
    }

    /// Everything between a fan and the shop, oldest first.
    pub fn fan_chat(&self, uid: i64) -> Vec<Line> {
        self.deliver_broadcasts();
        self.world().chat(uid)
    }

    /// What the shop said to a fan in any way, oldest first.
    pub fn said_to(&self, uid: i64) -> Vec<SandboxReply> {
        self.fan_chat(uid).iter().filter_map(|line| line.reply().cloned()).collect()
    }

    /// How it stands with a fan.
    pub fn fan(&self, uid: i64) -> Fan {
        self.world().fan(uid)
    }

    /// Oldest first, as they stand now.
    pub fn broadcasts(&self) -> Vec<Broadcast> {
        self.deliver_broadcasts();
        self.world().broadcasts().to_vec()
    }

    /// As it was published last.
    pub fn fans_menu(&self) -> Option<Menu> {
        self.world().fans.menu.clone()
    }

    /// In which words packets are pushed from now on.
    pub fn set_fans_format(&self, format: Format) {
        self.change(|world, _| world.fans.format = format);
    }

    pub fn fans_format(&self) -> Format {
        self.world().fans.format
    }

    pub fn fans_rules(&self) -> Rules {
        self.world().fans.rules.clone()
    }

    pub fn set_fans_rules(&self, rules: Rules) {
        self.change(|world, _| world.fans.rules = rules);
    }

    /// Delivers what is due. Saves nothing when there is nothing: this is asked all the time.
    pub(super) fn deliver_broadcasts(&self) {
        if self.world().has_broadcasts_to_deliver(self.now()) {
            self.change(World::deliver_broadcasts);
        }
    }

    fn note_deed(&self, uid: i64, did: Did) -> Packet {
        let receiver = self.0.settings.seller_id.parse().unwrap_or(0);
        self.change(|world, now| world.fan_did(uid, did, receiver, now))
    }
}
