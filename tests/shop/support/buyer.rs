//! Somebody who buys: what she sees is `page`, what she does are verbs.

use super::browser::{Ask, Browser};
use super::page::{Form, Page};
use reqwest::StatusCode;
use url::Url;

pub struct Buyer {
    pub browser: Browser,
    seen: Option<Page>,
}

/// A form filled in as it should be.
pub const ADDRESS: [(&str, &str); 6] = [
    ("recipient", "林阿梨"),
    ("phone", "13800138000"),
    ("province", "浙江省"),
    ("city", "杭州市"),
    ("district", "西湖区"),
    ("street", "龙井路 1 号"),
];

impl Buyer {
    pub fn new(browser: Browser) -> Buyer {
        Buyer { browser, seen: None }
    }

    /// What she sees.
    pub fn page(&self) -> &Page {
        self.seen.as_ref().expect("she has opened something")
    }

    /// Whether this stands on the page in front of her, if there is one.
    pub fn has_seen(&self, css: &str) -> bool {
        self.seen.as_ref().is_some_and(|page| page.has(css))
    }

    pub async fn asks(&mut self, ask: Ask) -> &Page {
        let page = self.browser.go(ask).await;
        self.seen.insert(page)
    }

    pub async fn opens(&mut self, path: &str) -> &Page {
        let url = self.browser.at(path);
        self.asks(Ask::get(url)).await
    }

    pub async fn visits(&mut self, url: Url) -> &Page {
        self.asks(Ask::get(url)).await
    }

    /// The same page again.
    pub async fn looks_again(&mut self) -> &Page {
        let url = self.page().url.clone();
        self.visits(url).await
    }

    pub async fn submits(&mut self, form: &Form) -> &Page {
        self.asks(Ask::form(form)).await
    }

    pub async fn presses(&mut self, form: &str) -> &Page {
        let form = self.page().form(form);
        self.submits(&form).await
    }

    pub async fn follows(&mut self, link: &str) -> &Page {
        let url = self.page().link(link);
        self.visits(url).await
    }

    /// On a product's page: so many of this variant.
    pub async fn chooses(&mut self, sku: &str, quantity: u32) -> &Page {
        let form = self.page().form("#buy").with("variant", sku).with("quantity", quantity.to_string());
        self.submits(&form).await
    }

    /// The checkout form with her address in it.
    pub fn filled_in(&self) -> Form {
        let form = self.page().form("form.split");
        ADDRESS.iter().fold(form, |form, (name, value)| form.with(name, *value))
    }

    /// At the checkout: her address, and the order is placed.
    pub async fn checks_out(&mut self) -> &Page {
        let form = self.filled_in();
        let page = self.submits(&form).await;
        assert_eq!((page.status, page.has("main[data-payment]")), (StatusCode::OK, true), "{}", page.told());
        page
    }

    /// From the shelf to a placed order.
    pub async fn orders(&mut self, sku: &str, quantity: u32) -> &Page {
        self.opens(&format!("/checkout?variant={sku}&quantity={quantity}")).await;
        self.checks_out().await
    }

    pub async fn orders_in_english(&mut self, sku: &str) -> &Page {
        self.opens(&format!("/en/checkout?variant={sku}")).await;
        self.checks_out().await
    }

    /// The number of the order that she looks at.
    pub fn order(&self) -> String {
        self.page().url.path().rsplit('/').next().unwrap().to_owned()
    }

    /// From the order's page to the cashier, by the button or, on a desktop, by the link beside the code.
    pub async fn goes_to_the_cashier(&mut self) -> &Page {
        let page = self.follows("#pay, #pc").await;
        assert!(page.has("form.pay"), "{}", page.told());
        page
    }

    /// At the cashier.
    pub async fn presses_pay(&mut self) -> &Page {
        self.presses("form.pay").await
    }

    pub async fn pays(&mut self) -> &Page {
        self.goes_to_the_cashier().await;
        self.presses_pay().await
    }

    /// At Weibo's consent page: yes. In the client, who agreed before is not asked again and is back already.
    pub async fn signs_in(&mut self) -> &Page {
        const CONSENT: &str = "form[action='/oauth2/authorize']";
        if self.page().has(CONSENT) {
            let form = self.page().form(CONSENT).with("decision", "allow");
            self.submits(&form).await;
        }
        self.page()
    }
}
