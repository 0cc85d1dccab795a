//! Many at once: prices in the matrix, and goods off the shelf in the list.

use crate::support::{Browser, Device, Shop, office};
use fantoccini::Locator;

#[tokio::test]
async fn ticked_rows_and_all_rows_of_a_choice_get_a_price() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.is_the_owner(shop).await?;
    her.goes_to(&shop.at("/admin/stock?q=knit-socks-1")).await?;
    her.clicks("tr[data-sku=knit-socks-1] a[href^='/admin/products/']").await?;
    her.clicks(".tabs a[href$='/variants']").await?;
    her.sees("#matrix").await?;
    assert_eq!(her.values("price-").await?, ["49.00"; 5]);

    // Green and navy, both in two sizes, and oatmeal in the small one.
    for row in [1, 5] {
        her.ticks("#matrix", row).await?;
    }
    her.changes_many("ticked", "price", "58").await?;
    assert_eq!(her.values("price-").await?, ["58.00", "49.00", "49.00", "49.00", "58.00"]);
    her.keeps("bulk-price").await?;
    her.picks_named("#rows", "藏青").await?;
    let navy = her.value_of("document.querySelector('#rows').value").await?;
    her.changes_many(navy.as_str().unwrap_or_default(), "percent", "-10").await?;
    let wanted = ["58.00", "49.00", "44.10", "44.10", "58.00"];
    assert_eq!(her.values("price-").await?, wanted);

    let shopper = Browser::open(Device::CLIENT).await?;
    shopper.goes_to(&shop.at("/p/knit-socks?variant=knit-socks-4")).await?;
    assert_eq!(shopper.text("#due").await?, "¥49.00", "nothing is changed before it is saved");
    her.is_told_after(".bulk button[value=save]").await?;
    assert_eq!(her.values("price-").await?, wanted);
    shopper.goes_to(&shop.at("/p/knit-socks?variant=knit-socks-4")).await?;
    assert_eq!(shopper.text("#due").await?, "¥44.10");
    Ok(())
}

#[tokio::test]
async fn ticked_goods_leave_the_shelf_together() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.is_the_owner(shop).await?;
    her.goes_to(&shop.at("/admin/products?state=shown")).await?;
    her.keeps("products").await?;
    her.picks_named(".filters #category", "果园").await?;
    her.clicks(".filters button").await?;
    her.sees("#products").await?;
    let before = her.rows().await?;
    assert!(before >= 3, "{before} are shown");
    let gone = [her.name_of_row(1).await?, her.name_of_row(2).await?];
    for row in [1, 2] {
        her.ticks("#products", row).await?;
    }
    her.keeps("products-ticked").await?;
    her.clicks(".bulk button[value=take-off]").await?;
    her.sees("p.said").await?;
    her.keeps("products-taken-off").await?;
    assert_eq!(her.rows().await?, before - 2, "the list stays filtered");
    for name in &gone {
        assert!(!her.text("#products").await?.contains(name.as_str()), "{name} is still there");
        is_in_the_shop(shop, name, false).await?;
    }
    let stays = her.name_of_row(1).await?;
    is_in_the_shop(shop, &stays, true).await
}

/// What stands beneath the bar or the rail at the bottom while it has the focus.
const COVERED: &str = "JSON.stringify([...document.querySelectorAll('tbody input:not([type=hidden]), tbody a')].filter(it => { \
     it.focus(); \
     const { top, bottom } = it.getBoundingClientRect(); \
     return [...document.querySelectorAll('.bulk, .rail')].some(bar => { \
         const box = bar.getBoundingClientRect(), at = getComputedStyle(bar).position; \
         return at !== 'static' && box.bottom >= innerHeight - 60 && box.top > 0 && top < box.bottom && bottom > box.top + 1; \
     }); }).map(it => it.outerHTML.slice(0, 80)))";

#[tokio::test]
async fn whatever_has_the_focus_is_above_the_bar() -> anyhow::Result<()> {
    let shop = office()?;
    for device in [Device::DESKTOP, Device::CLIENT] {
        let her = Browser::open(device).await?;
        her.is_the_owner(shop).await?;
        her.goes_to(&shop.at("/admin/products?state=shown")).await?;
        her.ticks("#products", 1).await?;
        assert_eq!(her.value_of(COVERED).await?, "[]", "the list");
        her.goes_to(&shop.at("/admin/stock?q=knit-socks-1")).await?;
        her.clicks("tr[data-sku=knit-socks-1] a[href^='/admin/products/']").await?;
        her.clicks(".tabs a[href$='/variants']").await?;
        her.sees("#matrix").await?;
        her.ticks("#matrix", 1).await?;
        assert_eq!(her.value_of(COVERED).await?, "[]", "the matrix");
    }
    Ok(())
}

/// As a shopper who looks for it sees.
async fn is_in_the_shop(shop: &Shop, name: &str, wanted: bool) -> anyhow::Result<()> {
    let shopper = Browser::open(Device::CLIENT).await?;
    shopper.goes_to(&shop.at("/")).await?;
    shopper.goes_to(&shop.at(&format!("/search?q={name}"))).await?;
    let tiles = shopper.client.find_all(Locator::Css("a.tile .name")).await?;
    let mut found = false;
    for tile in tiles {
        found |= tile.text().await? == name;
    }
    assert_eq!(found, wanted, "{name}");
    Ok(())
}

impl Browser {
    async fn changes_many(&self, rows: &str, what: &str, by: &str) -> anyhow::Result<()> {
        self.picks("#rows", rows).await?;
        self.picks("#what", what).await?;
        self.fills("#by", by).await?;
        self.is_told_after("button[value=apply]").await
    }

    async fn rows(&self) -> anyhow::Result<usize> {
        Ok(self.client.find_all(Locator::Css("#products tbody tr")).await?.len())
    }

    async fn name_of_row(&self, row: usize) -> anyhow::Result<String> {
        self.text(&format!("#products tbody tr:nth-child({row}) th a")).await
    }
}
