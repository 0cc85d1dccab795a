//! The merchant's own groups of fans at Weibo (fans-service.md §7.2).

use crate::weibo::answer::Answer;
use crate::weibo::{CallError, Client};
use serde_json::json;

const CREATE: &str = "/2/messages/custom_rule/create.json";
const GET: &str = "/2/messages/custom_rule/get.json";
const UPDATE: &str = "/2/messages/custom_rule/update.json";
const DELETE: &str = "/2/messages/custom_rule/delete.json";
const OF_FAN: &str = "/2/messages/custom_rule/getid.json";
const MOVE: &str = "/2/messages/custom_rule/member/update.json";

/// 0 is who is in no group, 1 the black list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: i64,
    pub name: String,
    /// How many are in it, where that is said.
    pub count: Option<i64>,
}

impl Client {
    /// All groups.
    pub async fn groups(&self) -> Result<Vec<Group>, CallError> {
        let answer = self.get_fans(&self.messages_at(GET)).await?;
        let groups = answer.objects("groups").ok_or_else(|| CallError::garbled("groups"))?;
        groups.iter().map(group).collect()
    }

    /// Makes a group and gives what Weibo made of it.
    pub async fn create_group(&self, name: &str) -> Result<Group, CallError> {
        let body = json!({"group": {"name": name}}).to_string();
        let answer = self.post_fans_json(&self.messages_at(CREATE), body).await?;
        group(&answer.object("group").ok_or_else(|| CallError::garbled("group"))?)
    }

    pub async fn rename_group(&self, id: i64, name: &str) -> Result<(), CallError> {
        self.post_fans(&self.messages_at(UPDATE), &[("id", &id.to_string()), ("name", name)]).await.map(drop)
    }

    pub async fn delete_group(&self, id: i64) -> Result<(), CallError> {
        self.post_fans(&self.messages_at(DELETE), &[("id", &id.to_string())]).await.map(drop)
    }

    /// The group a fan is in.
    pub async fn group_of(&self, fan: i64) -> Result<i64, CallError> {
        let fan = fan.to_string();
        let answer = self.post_fans(&self.messages_at(OF_FAN), &[("follower_id", &fan)]).await?;
        answer.whole("groupid").ok_or_else(|| CallError::garbled("groupid"))
    }

    pub async fn move_to_group(&self, fan: i64, group: i64) -> Result<(), CallError> {
        let fields = [("follower_id", &*fan.to_string()), ("to_groupid", &*group.to_string())];
        self.post_fans(&self.messages_at(MOVE), &fields).await.map(drop)
    }
}

fn group(answer: &Answer) -> Result<Group, CallError> {
    Ok(Group {
        id: answer.whole("id").ok_or_else(|| CallError::garbled("id"))?,
        name: answer.text("name").unwrap_or_default(),
        count: answer.whole("count"),
    })
}
