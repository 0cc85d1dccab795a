//! QR codes with a number of their own: made, shown, printed, counted.

pub mod file;
pub mod list;
pub mod new;
pub mod one;

use crate::fans::codes::{self, CodeId, FanCode};
use crate::web::{Error, Shop};

pub const PATH: &str = "/admin/fans/codes";

async fn found(shop: &Shop, id: i64) -> Result<FanCode, Error> {
    codes::find(&mut *shop.db.reader().await?, CodeId(id)).await?.ok_or(Error::NotFound)
}

fn subject(id: CodeId) -> String {
    format!("code {}", id.0)
}
