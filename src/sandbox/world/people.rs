//! The accounts of the pretend Weibo, and who holds the drawn phone.

use super::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account. `colour` names a tint of its drawn avatar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub uid: String,
    pub name: String,
    pub letter: String,
    pub colour: String,
    pub location: String,
    pub gender: String,
    pub verified: bool,
    pub follows: BTreeSet<String>,
}

/// What was last chosen on the desk: the account and the client of the drawn phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    pub account: Option<String>,
    pub client: Option<String>,
}

/// The merchant first, then three people.
pub fn first_people(seller_id: &str) -> Vec<Person> {
    let person = |uid: &str, name: &str, letter: &str, colour: &str, location: &str, gender: &str| Person {
        uid: uid.into(),
        name: name.into(),
        letter: letter.into(),
        colour: colour.into(),
        location: location.into(),
        gender: gender.into(),
        verified: uid == seller_id,
        follows: BTreeSet::new(),
    };
    vec![
        person(seller_id, "山间小铺", "山", "sand", "浙江 杭州", "n"),
        person("7000000002", "阿梨的茶桌", "梨", "jade", "上海", "f"),
        person("7000000003", "老周在路上", "周", "sky", "四川 成都", "m"),
        person("7000000004", "Mia米娅", "M", "plum", "海外 新加坡", "f"),
    ]
}

impl World {
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    pub fn person(&self, uid: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.uid == uid)
    }

    /// The first of the wished-for accounts that exists, else the one chosen on the desk, else the first buyer.
    pub fn acting(&self, wished: [Option<&str>; 2]) -> Option<&Person> {
        wished
            .into_iter()
            .flatten()
            .chain(self.desk.account.as_deref())
            .find_map(|uid| self.person(uid))
            .or_else(|| self.people.get(1))
    }

    /// Lets one account follow another; asked twice, it stays one.
    pub fn follow(&mut self, uid: &str, followed: &str) {
        if let Some(person) = self.people.iter_mut().find(|person| person.uid == uid) {
            person.follows.insert(followed.to_owned());
        }
        self.fan_follows_in_the_stream(uid);
    }

    /// The inverse.
    pub fn unfollow(&mut self, uid: &str, followed: &str) {
        if let Some(person) = self.people.iter_mut().find(|person| person.uid == uid) {
            person.follows.remove(followed);
        }
    }

    pub fn followers(&self, uid: &str) -> usize {
        self.people.iter().filter(|person| person.follows.contains(uid)).count()
    }
}
