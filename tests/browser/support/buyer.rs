//! A person who buys, in the steps in which people do.

use super::{Browser, Shop};
use anyhow::{Context, ensure};
use serde_json::Value;

/// Where the parcel goes, field by field.
pub const PARCEL: [(&str, &str); 6] = [
    ("recipient", "林小满"),
    ("phone", "13812346620"),
    ("province", "浙江省"),
    ("city", "杭州市"),
    ("district", "西湖区"),
    ("street", "龙井路 1 号 3 单元 502"),
];

/// An order as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Absolute, with what opens it.
    pub address: String,
    pub number: String,
}

impl Browser {
    /// Lets the shop act for her and comes back to `then`. In the client Weibo asks once: of those who share a shop
    /// another may have been asked before.
    pub async fn lets_the_shop_act(&self, then: &str) -> anyhow::Result<()> {
        let allow = "button[value=allow]";
        self.until(&format!("document.querySelector(\"{allow}, {then}\") !== null")).await?;
        if self.value_of(&format!("document.querySelector(\"{allow}\") !== null")).await? == true {
            self.clicks(allow).await?;
        }
        self.sees(then).await.map(|_| ())
    }

    /// From the address of a product to its order, which waits for payment.
    pub async fn orders(&self, shop: &Shop, slug: &str) -> anyhow::Result<Order> {
        self.goes_to(&shop.at(&format!("/p/{slug}"))).await?;
        self.clicks("button.buy").await?;
        self.fills_in().await?;
        self.places().await
    }

    /// Opens the sheet of variants when it is not open.
    pub async fn opens_the_sheet(&self) -> anyhow::Result<()> {
        self.has_no("#choose[open]").await?;
        self.clicks("#choose > summary").await?;
        self.sees("#choose[open] .options").await.map(|_| ())
    }

    pub async fn chooses(&self, sku: &str) -> anyhow::Result<()> {
        let radio = format!("input[name=variant][value='{sku}']");
        self.clicks(&radio).await?;
        self.until(&format!("document.querySelector(\"{radio}\").checked")).await
    }

    pub async fn fills_in(&self) -> anyhow::Result<()> {
        for (field, text) in PARCEL {
            self.types(&format!("input[name={field}]"), text).await?;
        }
        self.types("textarea[name=note]", "放门口就好").await
    }

    pub async fn places(&self) -> anyhow::Result<Order> {
        self.clicks(".submit button").await?;
        self.sees("main[data-payment]").await?;
        let address = self.address().await?;
        let (_, path) = address.split_once("/orders/").context("on an order's page")?;
        let number = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        ensure!(self.payment().await? == "none", "a new order waits for payment");
        Ok(Order { address, number })
    }

    /// In front of the sandbox's cashier: takes the account and pays; what comes back is the shop's.
    pub async fn pays(&self, shop: &Shop) -> anyhow::Result<()> {
        self.sees("main.till form.pay").await?;
        let address = self.address().await?;
        ensure!(address.starts_with(&shop.sandbox), "{address} is no cashier");
        self.clicks("form.pay button").await?;
        self.sees("main[data-payment]").await.map(|_| ())
    }

    /// How the page says that the payment stands.
    pub async fn payment(&self) -> anyhow::Result<String> {
        self.attribute("main[data-payment]", "data-payment").await
    }

    /// Waits for the page to say so by itself.
    pub async fn learns_of_the_payment(&self) -> anyhow::Result<()> {
        self.sees("main[data-payment=paid]").await?;
        ensure!(self.payment().await? == "paid", "the page says so too");
        Ok(())
    }
}

impl Shop {
    /// Exactly one payment for an order is paid, and it is paid with this amount in fen.
    pub fn took_once(&self, number: &str, fen: i64) -> anyhow::Result<()> {
        let payments = self.payments()?;
        // The number of an attempt begins with that of its order.
        let ours = number.replace('-', "");
        let is_its =
            |payment: &&Value| payment["out_pay_id"].as_str().is_some_and(|id| id.starts_with(&ours));
        let paid: Vec<&Value> =
            payments.iter().filter(is_its).filter(|payment| payment["state"]["status"] == "paid").collect();
        ensure!(paid.len() == 1, "paid {} times for {number}: {payments:?}", paid.len());
        ensure!(paid[0]["total_fen"] == fen, "not {fen} fen: {}", paid[0]);
        Ok(())
    }
}
