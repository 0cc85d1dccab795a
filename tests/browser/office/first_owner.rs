//! The first owner comes by the link that the shop has printed, and from then on with a second factor.

use crate::support::{Browser, Device, NAME, PASSWORD, Shop, office};
use fantoccini::Locator;
use fantoccini::key::Key;

#[tokio::test]
async fn the_first_owner_enrols_and_comes_back() -> anyhow::Result<()> {
    // Her link works once: a shop of her own.
    let shop = Shop::another()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.goes_to(&shop.welcome).await?;
    her.keeps("welcome").await?;
    her.gives(NAME, "kurz").await?;
    her.sees("input[name=password][aria-invalid=true]").await?;
    her.gives(NAME, PASSWORD).await?;

    her.sees("#enrol").await?;
    her.keeps("enrolment").await?;
    for elsewhere in ["/admin", "/admin/orders"] {
        her.goes_to(&shop.at(elsewhere)).await?;
        assert_eq!(her.address().await?, shop.at("/admin/account/second-factor"), "nothing before that");
    }
    let mut authenticator = her.finds_an_authenticator().await?;
    let first = authenticator.code().await?;
    her.types("#enrol input[name=code]", &first).await?;
    her.clicks("#enrol button").await?;
    her.sees("ol.codes").await?;
    her.keeps("recovery-codes").await?;
    let recovery = her.text("ol.codes li:first-child code").await?;
    assert!(her.client.find_all(Locator::Css("ol.codes li")).await?.len() >= 8);
    her.clicks(".panel a.button[href='/admin']").await?;
    her.is_at_work(&shop).await?;
    her.keeps("today-of-a-new-owner").await?;

    her.leaves(&shop).await?;
    her.goes_to(&shop.welcome).await?;
    her.has_no("input[name=password]").await?;

    her.knocks(&shop.at("/admin/sign-in")).await?;
    her.answers(&first).await?;
    her.sees("#code-wrong").await?;
    her.keeps("used-code").await?;
    her.answers(&authenticator.code().await?).await?;
    her.is_at_work(&shop).await?;

    her.leaves(&shop).await?;
    her.knocks(&shop.at("/admin/sign-in")).await?;
    her.answers(&recovery).await?;
    her.is_at_work(&shop).await?;
    her.leaves(&shop).await?;
    her.knocks(&shop.at("/admin/sign-in")).await?;
    her.answers(&recovery).await?;
    her.sees("#code-wrong").await?;
    her.goes_to(&shop.at("/admin")).await?;
    assert_ne!(her.address().await?, shop.at("/admin"));
    her.sees("main.door").await.map(|_| ())
}

#[tokio::test]
async fn the_keyboard_alone_signs_in() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.is_the_owner(shop).await?;
    her.client.delete_all_cookies().await?;
    her.goes_to(&shop.at("/admin/sign-in")).await?;
    for text in [NAME, PASSWORD] {
        her.reaches("input").await?;
        her.client.active_element().await?.send_keys(text).await?;
    }
    her.presses(Key::Enter.into()).await?;
    her.sees("input[name=code]").await?;
    her.reaches("input[name=code]").await
}

impl Browser {
    /// Tab by tab.
    async fn reaches(&self, css: &str) -> anyhow::Result<()> {
        for _ in 0..10 {
            self.presses(Key::Tab.into()).await?;
            if self.value_of(&format!("document.activeElement.matches('{css}')")).await? == true {
                return Ok(());
            }
        }
        anyhow::bail!("the keyboard does not reach {css}")
    }

    async fn answers(&self, code: &str) -> anyhow::Result<()> {
        self.fills("input[name=code]", code).await?;
        self.clicks("main.door form button").await
    }

    async fn is_at_work(&self, shop: &Shop) -> anyhow::Result<()> {
        self.sees(".rail").await?;
        assert_eq!(self.address().await?, shop.at("/admin"));
        Ok(())
    }

    async fn leaves(&self, shop: &Shop) -> anyhow::Result<()> {
        self.clicks(".rail form[action='/admin/sign-out'] button").await?;
        self.sees("main.door").await?;
        self.goes_to(&shop.at("/admin")).await?;
        self.sees("input[name=password]").await.map(|_| ())
    }
}
