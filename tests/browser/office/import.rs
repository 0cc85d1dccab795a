//! Five thousand rows from a file, twenty of which are wrong.

use crate::support::{Browser, Device, office};
use fantoccini::Locator;
use std::fmt::Write;

const ROWS: usize = 5000;
/// One row in so many has a price that is none.
const WRONG_EVERY: usize = 250;

/// Written by a spreadsheet: with its mark at the beginning and its line ends.
fn table() -> String {
    let mut table = "\u{feff}商品编号,商品名称,分类,上架,SKU,价格,库存\r\n".to_owned();
    for row in 1..=ROWS {
        let price = if row % WRONG_EVERY == 0 { "面议" } else { "12.80" };
        let _ = write!(table, "import-{row},进口瓷盘{row},文玩,是,import-{row},{price},3\r\n");
    }
    table
}

#[tokio::test]
async fn five_thousand_rows_come_in_and_twenty_do_not() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.is_the_owner(shop).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("供应商.csv");
    std::fs::write(&file, table())?;
    her.goes_to(&shop.at("/admin/transfers")).await?;
    her.keeps("transfers").await?;
    her.attaches("#file", &[file]).await?;
    her.clicks("#import button").await?;
    her.sees("#state").await?;
    her.keeps("import-runs").await?;

    her.client.refresh().await?;
    her.comes_to("checked").await?;
    her.keeps("import-checked").await?;
    assert_eq!(her.counts().await?, ["4980", "0", "0", "20"]);
    assert_eq!(her.client.find_all(Locator::Css("#mistakes tbody tr")).await?.len(), 20);
    let first = her.text("#mistakes tbody tr:first-child").await?;
    assert!(first.contains("251") && first.contains("import-250") && first.contains("面议"), "{first}");
    let wrong = her.attribute("#wrong-rows", "href").await?;
    let wrong = her.reads(&wrong).await?;
    assert_eq!(wrong.matches("面议").count(), 20, "{wrong}");
    assert!(!wrong.contains("12.80"), "only those: {wrong}");
    her.goes_to(&shop.at("/p/import-1")).await?;
    her.has_no("button.buy").await?;
    her.client.back().await?;

    her.clicks("#import button").await?;
    her.sees("#state:not([data-state=checked])").await?;
    her.keeps("import-comes-in").await?;
    her.client.refresh().await?;
    her.comes_to("done").await?;
    her.keeps("import-done").await?;
    assert_eq!(her.counts().await?, ["4980", "0", "0", "20"]);

    let shopper = Browser::open(Device::CLIENT).await?;
    // What came in is made ready for the search by and by.
    for _ in 0..3 {
        shopper.goes_to(&shop.at("/search?q=进口瓷盘4321")).await?;
        if shopper.sees("a.tile[href='/p/import-4321']").await.is_ok() {
            break;
        }
    }
    shopper.keeps("import-found").await?;
    shopper.clicks("a.tile[href='/p/import-4321']").await?;
    assert_eq!(shopper.text("#due").await?, "¥12.80");
    shopper.clicks("button.buy").await?;
    shopper.fills_in().await?;
    shopper.places().await?;
    shopper.goes_to(&shop.at("/p/import-250")).await?;
    shopper.has_no("button.buy").await
}

impl Browser {
    /// The page says so by itself, and shows how far it is until then.
    async fn comes_to(&self, state: &str) -> anyhow::Result<()> {
        let end = format!("#state[data-state={state}]");
        let mut seen = String::new();
        for _ in 0..6 {
            if self.sees(&end).await.is_ok() {
                return Ok(());
            }
            let now = self.text(".progress label").await?;
            anyhow::ensure!(now != seen, "stands still at {now}");
            seen = now;
        }
        self.sees(&end).await.map(|_| ())
    }

    /// New, changed, unchanged, wrong.
    async fn counts(&self) -> anyhow::Result<[String; 4]> {
        Ok([
            self.text("#new").await?,
            self.text("#changed").await?,
            self.text("#unchanged").await?,
            self.text("#wrong").await?,
        ])
    }
}
