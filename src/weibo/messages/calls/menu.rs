//! The menu at Weibo (fans-service.md §8). What Weibo takes is there at once; phones show it a day later.

use super::super::Menu;
use crate::weibo::{CallError, Client};

const CREATE: &str = "/2/messages/menu/create.json";
const SHOW: &str = "/2/messages/menu/show.json";
const DELETE: &str = "/2/messages/menu/delete.json";

impl Client {
    /// Puts this menu in the place of whatever is there.
    pub async fn save_menu(&self, menu: &Menu) -> Result<(), CallError> {
        let menus = serde_json::to_string(menu).map_err(|error| CallError::Unknown(error.into()))?;
        self.post_fans(&self.messages_at(CREATE), &[("menus", &menus)]).await.map(drop)
    }

    /// The menu that is there; without a button when there is none.
    pub async fn menu(&self) -> Result<Menu, CallError> {
        let answer = self.get_fans(&self.messages_at(SHOW)).await?;
        let menu = answer.value("menu").ok_or_else(|| CallError::garbled("menu"))?;
        Menu::shown(menu).ok_or_else(|| CallError::garbled("menu"))
    }

    pub async fn delete_menu(&self) -> Result<(), CallError> {
        self.post_fans(&self.messages_at(DELETE), &[]).await.map(drop)
    }
}
