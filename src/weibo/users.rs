//! What Weibo tells of a person (oauth-and-statuses.md §1.4). Little of it is there for people who did not
//! authorise the app.

use super::answer::Answer;
use super::client::{CallError, Client, below};
use secrecy::SecretString;
use url::Url;

const SHOW: &str = "/2/users/show.json";

/// A Weibo account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub uid: i64,
    pub screen_name: String,
    /// 180 px wide, else 50 px; http or https.
    pub avatar: Option<Url>,
    pub description: Option<String>,
    pub location: Option<String>,
    pub gender: Option<Gender>,
    pub verified: Option<bool>,
    pub followers: Option<i64>,
    /// Whether this person follows the one whose token asks.
    pub follows_us: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    Male,
    Female,
}

impl Client {
    /// Looks up one account; an answer about another one is not believed.
    pub async fn show_user(&self, token: &SecretString, uid: i64) -> Result<User, CallError> {
        let mut address = below(&self.settings().addresses.api, SHOW);
        address.query_pairs_mut().append_pair("uid", &uid.to_string());
        let user = User::read(&self.get(&address, token).await?.api()?)?;
        if user.uid == uid { Ok(user) } else { Err(CallError::garbled("id")) }
    }
}

impl User {
    fn read(answer: &Answer) -> Result<User, CallError> {
        let gender = answer.text("gender");
        Ok(User {
            uid: answer
                .whole("id")
                .or_else(|| answer.whole("idstr"))
                .ok_or_else(|| CallError::garbled("id"))?,
            screen_name: answer.text("screen_name").ok_or_else(|| CallError::garbled("screen_name"))?,
            avatar: picture(answer, "avatar_large").or_else(|| picture(answer, "profile_image_url")),
            description: answer.text("description"),
            location: answer.text("location"),
            gender: match gender.as_deref() {
                Some("m") => Some(Gender::Male),
                Some("f") => Some(Gender::Female),
                _ => None,
            },
            verified: answer.boolean("verified"),
            followers: answer.whole("followers_count"),
            follows_us: answer.boolean("follow_me"),
        })
    }
}

fn picture(answer: &Answer, name: &str) -> Option<Url> {
    let address = Url::parse(&answer.text(name)?).ok()?;
    matches!(address.scheme(), "http" | "https").then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weibo::testing::{Weibo, token};

    const SHOWN: &str = r#"{"id":7000000002,"idstr":"7000000002","screen_name":"小王🍵","gender":"f",
        "profile_image_url":"https://tvax1.sinaimg.cn/50.jpg","avatar_large":"https://tvax1.sinaimg.cn/180.jpg",
        "followers_count":"12","verified":false,"follow_me":true,"status":{"id":1}}"#;

    #[actix_web::test]
    async fn a_person_is_shown_and_the_token_stays_out_of_the_address() {
        let weibo = Weibo::answers(200, SHOWN).await;
        let user = weibo.client().show_user(&token(), 7_000_000_002).await.unwrap();
        assert_eq!((user.uid, user.screen_name.as_str()), (7_000_000_002, "小王🍵"));
        assert_eq!(user.avatar.unwrap().as_str(), "https://tvax1.sinaimg.cn/180.jpg");
        assert_eq!(
            (user.gender, user.followers, user.follows_us),
            (Some(Gender::Female), Some(12), Some(true))
        );
        let asked = weibo.asked();
        assert!(asked.starts_with("GET /2/users/show.json?uid=7000000002 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains("authorization: oauth2 2.00testonlytoken\r\n"), "{asked}");
    }

    #[actix_web::test]
    async fn a_stranger_needs_only_an_id_and_a_name() {
        let weibo =
            Weibo::answers(200, r#"{"idstr":"5","screen_name":"x","avatar_large":"javascript:1"}"#).await;
        let user = weibo.client().show_user(&token(), 5).await.unwrap();
        assert_eq!((user.avatar, user.gender, user.verified), (None, None, None));
    }

    #[actix_web::test]
    async fn an_answer_about_somebody_else_is_not_believed() {
        let weibo = Weibo::answers(200, SHOWN).await;
        let other = weibo.client().show_user(&token(), 5).await;
        assert!(matches!(other, Err(CallError::Unknown(_))));
    }
}
