//! What the shop says on Weibo: written, looked at, sent now or at a time, and what came of it.

pub mod compose;
pub mod control;
pub mod list;
pub mod outcome;
pub mod show;

use super::PATH;
use crate::db::Tx;
use crate::sharing::posts::{self, NotNow, Post, PostId};
use crate::staff::audit::{Change, record};
use crate::staff::permission::EditSharing;
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use crate::weibo::statuses::TextFault;
use actix_web::http::StatusCode;

async fn found(shop: &Shop, id: i64) -> Result<Post, Error> {
    let found = posts::find(&mut *shop.db.reader().await?, PostId(id)).await?;
    found.ok_or(Error::NotFound)
}

fn address(id: PostId) -> String {
    format!("{PATH}/posts/{}", id.0)
}

/// What is said to whoever did something to a post that stands otherwise than she saw. Who comes too late with a press
/// is led to the page, which says how it stands.
fn too_late(why: NotNow) -> Option<Error> {
    match why {
        NotNow::NoSuch => Some(Error::NotFound),
        NotNow::Stale => Some(Error::Refused(StatusCode::CONFLICT, "error-post-stale")),
        NotNow::State | NotNow::Text(_) => None,
    }
}

/// The key of what is wrong with a text.
fn wrong_text(fault: TextFault) -> &'static str {
    match fault {
        TextFault::Empty => "wrong-missing",
        TextFault::TooLong => "post-too-long",
        TextFault::Topic => "post-topic",
        TextFault::NoAddress => "post-no-address",
    }
}

async fn note(
    tx: &mut Tx,
    staff: &Staff<EditSharing>,
    (action, id, after): (&'static str, PostId, serde_json::Value),
    shop: &Shop,
) -> Result<(), Error> {
    let subject = format!("post {}", id.0);
    let change = Change { action, subject: &subject, before: None, after: Some(after) };
    Ok(record(tx, staff, change, shop.clock.now()).await?)
}
