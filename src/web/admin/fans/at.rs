//! A conversation in the hands of somebody at the desk: what all that she does there has in common.

use super::list::Address;
use super::talk::{Typed, draw};
use crate::db::Tx;
use crate::fans::desk::Refused;
use crate::fans::{Closed, SayError};
use crate::staff::audit::{self, Change};
use crate::staff::permission::TalkToFans;
use crate::web::form::Fields;
use crate::web::page::see_other;
use crate::web::staff::Staff;
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::Value;
use time::OffsetDateTime;

pub struct At<'a> {
    pub fan: i64,
    /// Which list stands beside it.
    pub address: Address,
    pub shop: &'a Shop,
    pub reader: &'a Reader,
    pub staff: &'a Staff<TalkToFans>,
}

impl<'a> At<'a> {
    pub fn of(
        fan: i64,
        form: &Fields,
        staff: &'a Staff<TalkToFans>,
        shop: &'a Shop,
        reader: &'a Reader,
    ) -> At<'a> {
        At { fan, address: Address::parse(&form.text("list")), shop, reader, staff }
    }

    pub fn words(&self) -> Words {
        Words(self.staff.language)
    }

    pub fn now(&self) -> OffsetDateTime {
        self.shop.clock.now()
    }

    /// A line in the audit log about this conversation: never what was said.
    pub async fn record(
        &self,
        tx: &mut Tx,
        action: &'static str,
        (before, after): (Option<Value>, Option<Value>),
    ) -> Result<(), Error> {
        let subject = format!("fan {}", self.fan);
        let change = Change { action, subject: &subject, before, after };
        Ok(audit::record(tx, self.staff, change, self.now()).await?)
    }

    /// On to the conversation, which says what was done.
    pub fn go_on(&self, says: &'static str) -> Result<HttpResponse, Error> {
        self.staff.says_next(says)?;
        Ok(see_other(&self.address.of(self.fan)))
    }

    /// The conversation as it is now, with what was typed and why it will not do.
    pub async fn again(&self, status: StatusCode, typed: Typed) -> Result<HttpResponse, Error> {
        draw(status, self, typed).await
    }

    /// The same, where nothing was typed.
    pub async fn refuse(&self, why: Refused) -> Result<HttpResponse, Error> {
        let refused = match why {
            Refused::Nobody => return Err(Error::NotFound),
            Refused::Taken(Some(name)) => self.words().say_with("fans-taken", "name", name),
            Refused::Taken(None) => self.words().say("fans-taken-nobody"),
            Refused::Unseen => self.words().say("fans-unseen"),
            Refused::When => self.words().say("fans-snooze-when"),
            Refused::Unexpected(error) => return Err(error.into()),
        };
        let typed = Typed { refused: Some(refused), ..Typed::default() };
        self.again(StatusCode::CONFLICT, typed).await
    }

    /// The same, where she may not be written to: the words stay in the form.
    pub async fn unsaid(&self, why: SayError, typed: Typed) -> Result<HttpResponse, Error> {
        let refused = match why {
            SayError::Closed(why) => self.words().say(shut(why)),
            SayError::Nobody => return Err(Error::NotFound),
            SayError::Unexpected(error) => return Err(error.into()),
        };
        self.again(StatusCode::CONFLICT, Typed { refused: Some(refused), ..typed }).await
    }
}

/// The key of why she may not be written to, and of what can be done.
pub fn shut(why: Closed) -> &'static str {
    match why {
        Closed::Unfollowed => "fans-shut-unfollowed",
        Closed::Silent => "fans-shut-silent",
        Closed::Answered => "fans-shut-answered",
    }
}
