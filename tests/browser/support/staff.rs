//! Somebody of the staff in front of the back office.

use super::{Browser, Shop};
use anyhow::ensure;
use tokio::sync::Mutex;

const NAME: &str = "阿山";
const PASSWORD: &str = "三只小猪在山里卖春茶";

/// Whether the owner's account has been made. One at a time: her link works once.
static MADE: Mutex<bool> = Mutex::const_new(false);

impl Browser {
    /// The owner, at the first page of the back office. Whoever comes first makes her account by the link that the
    /// shop has printed; the others sign in.
    pub async fn is_the_owner(&self, shop: &Shop) -> anyhow::Result<()> {
        let mut made = MADE.lock().await;
        let door = if *made { shop.at("/admin/sign-in") } else { shop.welcome.clone() };
        self.goes_to(&door).await?;
        self.types("input[name=name]", NAME).await?;
        self.types("input[name=password]", PASSWORD).await?;
        self.clicks("main form button").await?;
        self.sees(".rail").await?;
        *made = true;
        let address = self.address().await?;
        ensure!(address == shop.at("/admin"), "signed in and at {address}");
        Ok(())
    }
}
