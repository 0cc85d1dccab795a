//! The chat on the drawn phone: a fan in front of the shop's account, what was said, and all she can do.

use crate::clock::SHOP_ZONE;
use crate::sandbox::world::World;
use crate::sandbox::world::fans::codes::Code;
use crate::sandbox::world::fans::files::Kind;
use crate::sandbox::world::fans::menu::{Button, Leaf};
use crate::sandbox::world::fans::packet::Did;
use crate::sandbox::world::fans::reply::{SandboxArticle, SandboxReply};
use crate::sandbox::world::fans::window::Window;
use crate::sandbox::world::fans::{Fan, Line, Said};
use crate::sandbox::world::people::Person;
use askama::Template;
use time::{OffsetDateTime, macros::format_description};

/// How many lines are drawn.
const SHOWN: usize = 60;

#[derive(Template)]
#[template(path = "sandbox/fans.html")]
pub struct FansPage {
    pub shop: Person,
    pub fan: Person,
    pub people: Vec<Person>,
    pub standing: Fan,
    pub window: String,
    pub bubbles: Vec<Bubble>,
    pub menu: Vec<Button>,
    /// Codes that can be scanned now.
    pub codes: Vec<Code>,
    pub is_bound: bool,
    /// What the shop has not taken yet.
    pub waiting: usize,
    /// Without the phone's way out a link opens beside the sandbox.
    pub has_phone: bool,
}

/// One line as it is drawn.
pub struct Bubble {
    pub time: String,
    pub is_mine: bool,
    pub what: What,
    /// A word about how the shop came to say it.
    pub note: &'static str,
}

pub enum What {
    Words(String),
    /// In the middle: something happened.
    Event(String),
    Picture(u64),
    Voice(u64),
    Cards(Vec<SandboxArticle>),
}

/// What a code on paper leads to.
#[derive(Template)]
#[template(path = "sandbox/fans_scan.html")]
pub struct FansScanPage {
    pub shop: Person,
    pub fan: Person,
    pub ticket: String,
    /// Nothing when it is over, or none of ours.
    pub key: Option<String>,
}

impl FansPage {
    /// Nothing when there is nobody but the shop.
    pub fn new(world: &World, fan: &Person, has_phone: bool, now: OffsetDateTime) -> Option<FansPage> {
        let uid: i64 = fan.uid.parse().ok()?;
        let standing = world.fan(uid);
        let lines = world.chat(uid);
        let late = lines.len().saturating_sub(SHOWN);
        let (shop, people) = world.people().split_first()?;
        Some(FansPage {
            shop: shop.clone(),
            fan: fan.clone(),
            people: people.to_vec(),
            window: in_words(standing.window(&world.fans.rules, now)),
            standing,
            bubbles: lines[late..].iter().map(|line| Bubble::new(world, line)).collect(),
            menu: world.fans.menu.clone().unwrap_or_default().button,
            codes: world.codes().iter().filter(|code| code.is_good(now)).cloned().collect(),
            is_bound: world.fans.bound_to.is_some(),
            waiting: world.pushes_waiting().iter().filter(|push| push.packet.sender == uid).count(),
            has_phone,
        })
    }
}

impl Bubble {
    fn new(world: &World, line: &Line) -> Bubble {
        let format = format_description!("[hour]:[minute]");
        let (is_mine, what, note) = match &line.said {
            Said::Fan { did, file } => (true, of_fan(world, did, *file), ""),
            Said::Answer { reply } => (false, of_shop(reply), "自动回复"),
            Said::Service { reply } => (false, of_shop(reply), "客服消息"),
            Said::Broadcast { reply, .. } => (false, of_shop(reply), "群发"),
            Said::Invitation { text, url, logo } => {
                let card = SandboxArticle {
                    display_name: text.clone(),
                    summary: String::new(),
                    image: logo.clone(),
                    url: url.clone(),
                };
                (false, What::Cards(vec![card]), "邀请")
            }
        };
        Bubble { time: line.at.to_offset(SHOP_ZONE).format(format).unwrap_or_default(), is_mine, what, note }
    }
}

fn of_fan(world: &World, did: &Did, file: Option<u64>) -> What {
    if let Some(id) = file {
        return match world.file(id) {
            Some(Kind::Voice) => What::Voice(id),
            _ => What::Picture(id),
        };
    }
    match did {
        Did::Said { text } => What::Words(text.clone()),
        Did::Mentioned { in_comment, text, .. } => {
            What::Words(format!("{}：{text}", if *in_comment { "在评论里" } else { "在微博里" }))
        }
        Did::At { longitude, latitude } => What::Words(format!("📍 {longitude}, {latitude}")),
        Did::Followed => What::Event("关注了".into()),
        Did::Unfollowed => What::Event("取消了关注".into()),
        Did::Subscribed { .. } => What::Event("订阅了".into()),
        Did::Unsubscribed { .. } => What::Event("退订了".into()),
        Did::Scanned { key, followed, .. } => {
            What::Event(format!("扫了 {key}{}", if *followed { "，关注了" } else { "" }))
        }
        Did::Clicked { key } => What::Event(format!("点了菜单 {key}")),
        Did::Viewed { url } => What::Event(format!("点了菜单，打开 {url}")),
        Did::Picture | Did::Voice => What::Event(String::new()),
    }
}

fn of_shop(reply: &SandboxReply) -> What {
    match reply {
        SandboxReply::Text { text } => What::Words(text.clone()),
        SandboxReply::Articles { articles } => What::Cards(articles.clone()),
        SandboxReply::Position { longitude, latitude } => What::Words(format!("📍 {longitude}, {latitude}")),
    }
}

fn in_words(window: Window) -> String {
    let until =
        |at: OffsetDateTime| crate::sandbox::world::pay_time(at).chars().skip(5).take(11).collect::<String>();
    match window {
        Window::Open { until: at } => format!("店铺可以回到 {}", until(at)),
        Window::Once { until: at } => format!("店铺可以回一次，到 {}", until(at)),
        Window::Unfollowed => "取消了关注，店铺不能回".into(),
        Window::Answered => "这次提到已经回过了".into(),
        Window::Over => "店铺现在不能主动说话".into(),
    }
}
