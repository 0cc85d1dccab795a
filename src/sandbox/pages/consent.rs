//! The page of `OAuth2` on which a person lets the application act for them (oauth-and-statuses.md §1.1).

use crate::sandbox::world::World;
use crate::sandbox::world::people::Person;
use crate::weibo::signature::Params;
use askama::Template;

/// The scope that becomes a choice: to follow the application's account (§1.6).
const FOLLOW: &str = "follow_app_official_microblog";
/// The others that the document names.
const SCOPES: [(&str, &str); 7] = [
    ("email", "看到你的邮箱"),
    ("direct_messages_read", "读你的私信"),
    ("direct_messages_write", "替你发私信"),
    ("friendships_groups_read", "看到你的好友分组"),
    ("friendships_groups_write", "改你的好友分组"),
    ("statuses_to_me_read", "看到定向给你的微博"),
    ("invitation_write", "替你发邀请"),
];

/// Whether the application may act for a person.
#[derive(Template)]
#[template(path = "sandbox/consent.html")]
pub struct ConsentPage {
    /// What the application asked, to be sent again with the decision.
    pub asked: Params,
    pub merchant: String,
    pub scopes: Vec<Scope>,
    pub offers_follow: bool,
    pub people: Vec<Person>,
    pub acting: String,
    /// How much room it takes.
    pub display: &'static str,
    pub english: bool,
}

/// One thing that the application asks for.
pub struct Scope {
    pub name: String,
    pub label: &'static str,
}

impl ConsentPage {
    pub fn new(world: &World, seller: &str, params: &Params, wished: [Option<&str>; 2]) -> ConsentPage {
        let mut asked = params.clone();
        asked.retain(|name, _| !matches!(name.as_str(), "account" | "decision" | "follow"));
        let value = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        let scopes = || value("scope").split(',').map(str::trim).filter(|name| !name.is_empty());
        ConsentPage {
            offers_follow: scopes().any(|name| name == FOLLOW || name == "all"),
            scopes: scopes().flat_map(told).collect(),
            display: display(value("display")),
            english: value("language") == "en",
            asked,
            merchant: world.person(seller).map_or_else(|| seller.to_owned(), |person| person.name.clone()),
            people: world.people().to_vec(),
            acting: world.acting(wished).map(|person| person.uid.clone()).unwrap_or_default(),
        }
    }
}

/// What a scope stands for; the follow is a choice of its own.
fn told(name: &str) -> Vec<Scope> {
    let known = |(name, label): &(&str, &'static str)| Scope { name: (*name).to_owned(), label };
    match name {
        "all" => SCOPES.iter().map(known).collect(),
        FOLLOW => Vec::new(),
        name => {
            vec![SCOPES.iter().find(|(one, _)| *one == name).map_or_else(
                || Scope { name: name.chars().take(60).collect(), label: "没见过的权限" },
                known,
            )]
        }
    }
}

/// The displays of §1.1, the older names among them; any other is the usual one.
fn display(asked: &str) -> &'static str {
    match asked {
        "mobile" => "mobile",
        "wap" | "wap1.2" | "wap2.0" => "wap",
        "client" => "client",
        "popup" | "js" | "apponweibo" => "popup",
        _ => "default",
    }
}
