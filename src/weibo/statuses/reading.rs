//! Seeing what was posted. The pages that the rest of this module follows name no such call: these are the ones of
//! Weibo's public wiki, `statuses/show` and `statuses/user_timeline`. Both tell only of the person whose token asks.
//! Whether an app may call them Weibo decides, so where they are is a setting, and either can be switched off.

use crate::weibo::answer::Answer;
use crate::weibo::client::{CallError, Client, below};
use secrecy::SecretString;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use url::Url;

/// The code of a refusal of our own: the merchant has switched this question off.
pub const UNREAD: &str = "unread";

/// Of the wiki's page of `statuses/show`: it is gone.
const GONE: &str = "20101";

/// By which calls statuses are read; by none where there is no path. The default is what Weibo's public wiki says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// GET with `id`: one status.
    pub one: Option<String>,
    /// GET without more: the latest of hers.
    pub own: Option<String>,
}

impl Default for Reading {
    fn default() -> Reading {
        let path = |path: &str| Some(path.to_owned());
        Reading { one: path("/2/statuses/show.json"), own: path("/2/statuses/user_timeline.json") }
    }
}

/// A status as Weibo shows it to its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub id: i64,
    /// Its author, where Weibo names one.
    pub uid: Option<i64>,
    pub text: String,
    pub said_at: Option<OffsetDateTime>,
    /// The status that it says again.
    pub original: Option<i64>,
}

/// The latest statuses of the person whose token asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub statuses: Vec<Seen>,
    /// There are no others.
    pub whole: bool,
}

impl Own {
    /// Whether all that she has said since `at` is among them.
    pub fn reach_back_to(&self, at: OffsetDateTime) -> bool {
        self.whole || self.statuses.iter().any(|seen| seen.said_at.is_some_and(|said| said < at))
    }
}

impl Client {
    /// Whether it can be seen that a status stands.
    pub fn sees_statuses(&self) -> bool {
        self.settings().reading.one.is_some()
    }

    /// The status of this id, one of the token owner's; nothing when Weibo shows it no more. Switched off, it is
    /// refused with [`UNREAD`].
    pub async fn status(&self, token: &SecretString, id: i64) -> Result<Option<Seen>, CallError> {
        let mut address = self.call(self.settings().reading.one.as_deref())?;
        address.query_pairs_mut().append_pair("id", &id.to_string());
        let answer = match self.get(&address, token).await?.api() {
            Err(CallError::Refused { code, .. }) if code == GONE => return Ok(None),
            answer => answer?,
        };
        let seen = Seen::read(&answer)?;
        if seen.id == id { Ok(Some(seen)) } else { Err(CallError::garbled("id")) }
    }

    /// The latest statuses of the token's owner, newest first. Switched off, it is refused with [`UNREAD`].
    pub async fn own_statuses(&self, token: &SecretString) -> Result<Own, CallError> {
        let address = self.call(self.settings().reading.own.as_deref())?;
        let answer = self.get(&address, token).await?.api()?;
        // Without the list it is no answer: that she has said nothing must be said.
        let listed = answer.value("statuses").filter(|list| list.is_array()).and(answer.objects("statuses"));
        let listed = listed.ok_or_else(|| CallError::garbled("statuses"))?;
        let statuses: Vec<Seen> = listed.iter().map(Seen::read).collect::<Result<_, _>>()?;
        let there = i64::try_from(statuses.len()).unwrap_or(i64::MAX);
        let whole = answer.whole("total_number").is_some_and(|total| total <= there);
        Ok(Own { statuses, whole })
    }

    fn call(&self, path: Option<&str>) -> Result<Url, CallError> {
        let path = path.ok_or_else(|| CallError::refused(UNREAD, "the merchant has switched it off"))?;
        Ok(below(&self.settings().addresses.api, path))
    }
}

impl Seen {
    fn read(answer: &Answer) -> Result<Seen, CallError> {
        let id = |answer: &Answer| answer.whole("id").or_else(|| answer.whole("idstr"));
        Ok(Seen {
            id: id(answer).ok_or_else(|| CallError::garbled("id"))?,
            uid: answer.object("user").as_ref().and_then(id),
            text: answer.text("text").unwrap_or_default(),
            said_at: answer.text("created_at").and_then(|text| said_at(&text)),
            original: answer.object("retweeted_status").as_ref().and_then(id),
        })
    }
}

/// `Fri Aug 28 00:00:00 +0800 2009`
fn said_at(text: &str) -> Option<OffsetDateTime> {
    const FORM: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
    );
    OffsetDateTime::parse(text, FORM).ok()
}

/// Where anybody can look at a status (oauth-and-statuses.md §3.5).
pub fn page_of(id: i64) -> String {
    format!("https://m.weibo.cn/status/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weibo::Settings;
    use crate::weibo::testing::{Weibo, settings, token};
    use time::macros::datetime;

    const ONE: &str = r#"{"id":5000000000000001,"text":"好茶 http://t.cn/A6","created_at":"Thu Mar 05 10:20:30 +0800 2026",
        "user":{"id":7000000002},"retweeted_status":{"idstr":"4900000000000001"}}"#;

    #[actix_web::test]
    async fn a_status_is_seen_and_the_token_stays_out_of_the_address() {
        let weibo = Weibo::answers(200, ONE).await;
        let seen = weibo.client().status(&token(), 5_000_000_000_000_001).await.unwrap().unwrap();
        assert_eq!((seen.uid, seen.original), (Some(7_000_000_002), Some(4_900_000_000_000_001)));
        assert_eq!(seen.said_at, Some(datetime!(2026-03-05 02:20:30 UTC)));
        let asked = weibo.asked();
        assert!(asked.starts_with("GET /2/statuses/show.json?id=5000000000000001 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains("authorization: oauth2 2.00testonlytoken\r\n"), "{asked}");
    }

    #[actix_web::test]
    async fn gone_is_gone_and_nothing_else_is() {
        let weibo = Weibo::answers(400, r#"{"error_code":20101,"error":"x"}"#).await;
        assert_eq!(weibo.client().status(&token(), 5).await.unwrap(), None);
        for (status, body) in [
            (400, r#"{"error_code":10014}"#),
            (400, r#"{"error_code":20112}"#),
            (404, "{}"),
            (500, "x"),
            (200, "{}"),
            (200, ONE),
        ] {
            let weibo = Weibo::answers(status, body).await;
            assert!(weibo.client().status(&token(), 5).await.is_err(), "{status} {body}");
        }
    }

    #[actix_web::test]
    async fn her_own_are_a_list_that_says_how_far_it_reaches() {
        let list = |more: &str| format!(r#"{{"statuses":[{ONE}]{more}}}"#);
        let own = async |body: String| Weibo::answers(200, &body).await.client().own_statuses(&token()).await;
        let some = own(list(r#","total_number":2"#)).await.unwrap();
        let said = datetime!(2026-03-05 02:20:30 UTC);
        assert_eq!((some.statuses.len(), some.whole), (1, false));
        assert!(some.reach_back_to(said + time::Duration::SECOND) && !some.reach_back_to(said));
        assert!(own(list(r#","total_number":"1""#)).await.unwrap().whole);
        assert!(
            !own(r#"{"statuses":[]}"#.to_owned()).await.unwrap().reach_back_to(said),
            "nothing is no proof"
        );
        for wrong in ["{}", r#"{"statuses":null}"#, r#"{"statuses":[1]}"#, r#"{"statuses":[{"text":"x"}]}"#] {
            assert!(matches!(own(wrong.to_owned()).await, Err(CallError::Unknown(_))), "{wrong}");
        }
    }

    #[actix_web::test]
    async fn switched_off_nobody_is_asked() {
        let weibo = Weibo::answers(200, ONE).await;
        let off = Reading { one: None, own: None };
        let client = Client::new(Settings { reading: off, ..settings(weibo.address()) }).unwrap();
        assert!(!client.sees_statuses());
        for refused in [client.status(&token(), 5).await.err(), client.own_statuses(&token()).await.err()] {
            assert!(matches!(refused, Some(CallError::Refused { code, .. }) if code == UNREAD));
        }
        assert!(!weibo.was_asked());
    }

    #[test]
    fn times_are_as_the_api_writes_them() {
        assert_eq!(said_at("Fri Aug 28 00:00:00 +0800 2009"), Some(datetime!(2009-08-27 16:00 UTC)));
        for bad in ["", "2009-08-28", "Fri Aug 28 00:00:00 2009", "Fri Aug 28 00:00:00 +0800 2009x"] {
            assert_eq!(said_at(bad), None, "{bad}");
        }
    }
}
