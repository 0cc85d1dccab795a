//! One's own account: password, language, second factor, sessions, and proving again who one is.

pub mod confirm;
pub mod factor;
pub mod overview;
pub mod password;
pub mod sessions;

use crate::staff::audit::{self, Change};
use crate::staff::permission::Own;
use crate::staff::{self, NotIn, Password, Weak};
use crate::web::admin::desk::Desk;
use crate::web::admin::door::{wait_in_words, welcome};
use crate::web::form::Wrongs;
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::Value;

/// A field that is wrong, and with which status the page is shown again.
struct Mistake {
    wrongs: Wrongs,
    status: StatusCode,
    not: Option<NotIn>,
}

impl Mistake {
    /// The password, or a code, was not accepted.
    fn not_in(frame: &Desk, not: NotIn, field: &'static str, wrong: String) -> Mistake {
        let mut wrongs = Wrongs::default();
        let status = match not {
            NotIn::Wrong => {
                wrongs.add(field, wrong);
                StatusCode::UNPROCESSABLE_ENTITY
            }
            NotIn::Wait(wait) => {
                wrongs.add(field, wait_in_words(frame, wait));
                StatusCode::TOO_MANY_REQUESTS
            }
        };
        Mistake { wrongs, status, not: Some(not) }
    }

    fn field(field: &'static str, words: String) -> Mistake {
        let mut wrongs = Wrongs::default();
        wrongs.add(field, words);
        Mistake { wrongs, status: StatusCode::UNPROCESSABLE_ENTITY, not: None }
    }

    /// Whoever has to wait is told for how long.
    fn finish(&self, response: HttpResponse) -> HttpResponse {
        match self.not {
            Some(NotIn::Wait(wait)) => crate::web::admin::door::retry_after(response, wait),
            _ => response,
        }
    }
}

/// One line in the audit log about oneself.
async fn record(
    tx: &mut crate::db::Tx,
    staff: &Staff<Own>,
    action: &'static str,
    (before, after): (Option<Value>, Option<Value>),
    shop: &Shop,
) -> Result<(), Error> {
    let change = Change { action, subject: &staff.subject(), before, after };
    Ok(audit::record(tx, staff, change, shop.clock.now()).await?)
}

/// Whether this is her password; what to show when it is not.
async fn asks_password(
    shop: &Shop,
    frame: &Desk,
    staff: &Staff<Own>,
    field: &'static str,
    typed: String,
) -> Result<Option<Mistake>, Error> {
    let checked = staff::check_password(&shop.db, &shop.keys, &staff.seat, typed, shop.clock.now()).await?;
    Ok(checked.err().map(|not| Mistake::not_in(frame, not, field, frame.say("wrong-own-password"))))
}

/// A new password of hers, or why it will not do.
fn chosen(frame: &Desk, staff: &Staff<Own>, typed: String) -> Result<Password, String> {
    let names = [frame.shop_name.zh.as_str(), frame.shop_name.en.as_str(), staff.name.as_str()];
    Password::choose(typed, &names).map_err(|weak: Weak| welcome::weakness(frame, weak))
}
