//! A fan writes, a rule answers, a person takes over and sends a card, and the fan buys.

use crate::support::{Browser, Device, Shop, office};
use anyhow::ensure;

const MIA: i64 = 7_000_000_004;
const SAID: &str = "document.querySelectorAll('main.chat .line:not(.mine)').length";

#[tokio::test]
async fn who_writes_is_answered_by_a_rule_then_by_a_person_and_buys() -> anyhow::Result<()> {
    let shop = office()?;
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    owner.goes_to(&shop.at("/admin/fans/rules/new")).await?;
    owner.fills("#rule-name", "风筝").await?;
    owner.picks("#rule-cause", "contains").await?;
    owner.fills("#rule-words", "风筝").await?;
    owner.fills("#rule-text-1", "潍坊的风筝，今天发货。").await?;
    owner.clicks("form.rule p > button.button").await?;
    owner.sees("p.said").await?;

    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&format!("{}/sandbox/fans", shop.sandbox)).await?;
    her.clicks("details.menu summary").await?;
    her.clicks(&format!("button[name=account][value='{MIA}']")).await?;
    her.writes("还有风筝吗？").await?;
    her.until(&format!("{SAID} === 1")).await?;
    ensure!(her.text("main.chat .line:not(.mine)").await?.contains("今天发货"));

    owner.goes_to(&shop.at(&format!("/admin/fans/{MIA}"))).await?;
    owner.clicks("#take button").await?;
    owner.sees("p.said").await?;
    her.writes("风筝怎么选？").await?;
    owner.until("document.querySelector('#said').textContent.includes('风筝怎么选')").await?;
    owner.clicks("#answer a[href*='/cards']").await?;
    owner.fills("#product", "weifang").await?;
    owner.clicks("form.filters button").await?;
    owner.clicks(".cards button[value=weifang-kite]").await?;
    owner.sees("[data-delivery=sent]").await?;
    owner.keeps("fan-card-sent").await?;

    her.goes_to(&format!("{}/sandbox/fans", shop.sandbox)).await?;
    her.sees("main.chat a.article").await?;
    ensure!(her.value_of(SAID).await? == 2, "the rule is silent while a person has it");
    her.keeps("fan-card").await?;
    her.buys_from_the_card(shop).await
}

impl Browser {
    /// In the chat of the sandbox.
    async fn writes(&self, words: &str) -> anyhow::Result<()> {
        self.types("form.write input[name=text]", words).await?;
        self.clicks("form.write button").await?;
        self.until(&format!("document.querySelector('main.chat').textContent.includes('{words}')")).await
    }

    async fn buys_from_the_card(&self, shop: &Shop) -> anyhow::Result<()> {
        let card = self.attribute("main.chat a.article", "href").await?;
        ensure!(card.contains("/p/weifang-kite"), "{card} leads to the product");
        self.goes_to(&card).await?;
        self.opens_the_sheet().await?;
        self.chooses("weifang-kite-1").await?;
        self.clicks("button.buy").await?;
        self.fills_in().await?;
        let order = self.places().await?;
        self.clicks("a#pay").await?;
        self.pays(shop).await?;
        self.learns_of_the_payment().await?;
        ensure!(!order.number.is_empty());
        Ok(())
    }
}
