//! Groups into which the shop sorts its fans (fans-service.md §7.2).

use super::trouble::Trouble;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const UNGROUPED: u64 = 0;
pub const BLACKLIST: u64 = 1;
const MOST: usize = 500;
const NAME_LIMIT: usize = 30;
const FIRST: u64 = 101;

/// The shop's own, by number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Groups {
    names: BTreeMap<u64, String>,
    made: u64,
}

/// One group as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    pub id: u64,
    pub name: String,
    /// Fans in it.
    pub count: usize,
    /// 0 those that are always there, 2 the shop's own.
    pub rule_type: u8,
}

impl World {
    /// The two that are always there, then the shop's own.
    pub fn groups(&self) -> Vec<Group> {
        let always = [(UNGROUPED, "未分组".to_owned(), 0), (BLACKLIST, "黑名单".to_owned(), 0)];
        let own = self.fans.groups.names.iter().map(|(id, name)| (*id, name.clone(), 2));
        let group = |(id, name, rule_type)| {
            let count =
                self.fans().filter(|(_, fan)| fan.group == id && (fan.follows || fan.subscribes)).count();
            Group { id, name, count, rule_type }
        };
        always.into_iter().chain(own).map(group).collect()
    }

    pub fn has_group(&self, id: u64) -> bool {
        id == UNGROUPED || id == BLACKLIST || self.fans.groups.names.contains_key(&id)
    }

    pub fn create_group(&mut self, name: &str) -> Result<u64, Trouble> {
        let name = named(name)?;
        let groups = &mut self.fans.groups;
        if groups.names.len() >= MOST {
            return Err(Trouble::TooManyGroups);
        }
        let id = FIRST + groups.made;
        groups.made += 1;
        groups.names.insert(id, name);
        Ok(id)
    }

    pub fn rename_group(&mut self, id: u64, name: &str) -> Result<(), Trouble> {
        let name = named(name)?;
        *self.fans.groups.names.get_mut(&id).ok_or(Trouble::NoGroup)? = name;
        Ok(())
    }

    /// Its fans are in none then.
    pub fn delete_group(&mut self, id: u64) -> Result<(), Trouble> {
        self.fans.groups.names.remove(&id).ok_or(Trouble::NoGroup)?;
        for fan in self.fans.known.values_mut().filter(|fan| fan.group == id) {
            fan.group = UNGROUPED;
        }
        Ok(())
    }

    pub fn group_of(&self, uid: i64) -> Result<u64, Trouble> {
        let fan = self.fan(uid);
        if fan.follows || fan.subscribes { Ok(fan.group) } else { Err(Trouble::NoSuchUser) }
    }

    pub fn move_to_group(&mut self, uid: i64, id: u64) -> Result<(), Trouble> {
        self.group_of(uid)?;
        if !self.has_group(id) {
            return Err(Trouble::NoGroup);
        }
        self.fan_mut(uid).group = id;
        Ok(())
    }
}

fn named(name: &str) -> Result<String, Trouble> {
    let name = name.trim();
    let fits = (1..=NAME_LIMIT).contains(&name.chars().count());
    if fits { Ok(name.to_owned()) } else { Err(Trouble::GroupName) }
}
