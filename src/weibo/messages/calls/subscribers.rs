//! Who subscribes, page by page (fans-service.md §9).

use crate::weibo::answer::{Answer, positive};
use crate::weibo::{CallError, Client};
use serde_json::Value;

const GET: &str = "/2/messages/subscribers/get.json";

/// One page of at most 10,000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribers {
    /// Of all pages, where that is said.
    pub total: Option<i64>,
    pub uids: Vec<i64>,
    /// Where the next page begins; nothing at the end.
    pub next: Option<i64>,
}

impl Client {
    /// The page that begins at `next_uid`, the first one without.
    pub async fn subscribers(&self, next_uid: Option<i64>) -> Result<Subscribers, CallError> {
        let mut address = self.messages_at(GET);
        if let Some(next) = next_uid {
            address.query_pairs_mut().append_pair("next_uid", &next.to_string());
        }
        let answer = self.get_fans(&address).await?;
        Ok(Subscribers {
            total: answer.whole("total"),
            uids: uids(&answer)?,
            next: answer.whole("next_uid").filter(|next| *next > 0),
        })
    }
}

/// In `data.uids` or in `uids`, whichever is there.
fn uids(answer: &Answer) -> Result<Vec<i64>, CallError> {
    let data = answer.object("data");
    let list = data.as_ref().and_then(|data| data.value("uids")).or_else(|| answer.value("uids"));
    let garbled = || CallError::garbled("uids");
    match list {
        Some(Value::Array(list)) => list.iter().map(|uid| uid_of(uid).ok_or_else(garbled)).collect(),
        // At the end there may be none.
        None | Some(Value::Null) if answer.whole("count") == Some(0) => Ok(Vec::new()),
        _ => Err(garbled()),
    }
}

fn uid_of(uid: &Value) -> Option<i64> {
    match uid {
        Value::String(text) => positive(text),
        Value::Number(number) => number.as_i64().filter(|uid| *uid > 0),
        _ => None,
    }
}
