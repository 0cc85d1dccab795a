//! The menu below the conversation with the shop's account: drawn, kept, compared with what is there, published.

pub mod change;
pub mod edit;
mod form;
pub mod live;

use crate::fans::menus::{self, MenuId, Version};
use crate::web::shop::order::shop_time;
use crate::web::{Error, Shop};
use crate::weibo::messages::Button;

pub const PATH: &str = "/admin/fans/menu";

/// Of a list of the past, nobody looks further back.
const VERSIONS: i64 = 30;

/// A version as the list shows it.
pub struct Kept {
    pub id: i64,
    pub when: String,
    pub by: String,
    /// The names of its buttons.
    pub names: String,
}

impl Kept {
    fn of(version: &Version) -> Kept {
        let names: Vec<_> = version.menu.buttons.iter().map(Button::name).collect();
        Kept {
            id: version.id.0,
            when: shop_time(version.saved_at),
            by: version.by.clone(),
            names: names.join(" · "),
        }
    }
}

/// The version of this number; without one the last that was saved, if any was.
async fn version(shop: &Shop, asked: Option<i64>) -> Result<Option<Version>, Error> {
    let mut conn = shop.db.reader().await?;
    match asked {
        Some(id) => Ok(Some(menus::find(&mut conn, MenuId(id)).await?.ok_or(Error::NotFound)?)),
        None => Ok(menus::latest(&mut conn, 1).await?.pop()),
    }
}
