//! A member who may only look: nothing on a page invites to change anything, and what is sent all the same is refused.

use crate::support::{Browser, Device, PASSWORD, office};
use serde_json::json;
use std::collections::BTreeSet;

/// What everybody may send: what is about himself.
fn is_own(path: &str) -> bool {
    path == "/admin/sign-out" || path.starts_with("/admin/account/")
}

const PAGES: &[&str] = &[
    "",
    "/products",
    "/products/1",
    "/products/1/variants",
    "/products/1/preview",
    "/categories",
    "/categories/1",
    "/stock",
    "/stock?view=all",
    "/stock/knit-socks-1",
    "/transfers",
    "/orders",
    "/money",
    "/money/refunds",
    "/money/notices",
    "/account",
];

#[tokio::test]
async fn who_may_only_look_finds_nothing_to_send() -> anyhow::Result<()> {
    let shop = office()?;
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    let bought = owner.orders(shop, "weifang-kite").await?.number;
    owner.goes_to(&shop.at("/admin/staff")).await?;
    owner.picks("#role", "read_only").await?;
    owner.clicks("#invite button").await?;
    let link = owner.attribute("#link", "value").await?;
    owner.keeps("invitation").await?;

    let his = Browser::open(Device::DESKTOP).await?;
    his.goes_to(&link).await?;
    his.keeps("invited").await?;
    his.gives("小看", PASSWORD).await?;
    his.sees(".rail").await?;
    let order = format!("/orders/{bought}");
    let pages = PAGES.iter().copied().chain([order.as_str()]);
    let (mut wrong, mut led) = (Vec::new(), BTreeSet::new());
    for path in pages {
        his.goes_to(&shop.at(&format!("/admin{path}"))).await?;
        if his.address().await? != shop.at(&format!("/admin{path}")) {
            wrong.push(format!("{path} leads to {}", his.address().await?));
        }
        his.sees("h1").await?;
        for link in his.links().await? {
            led.insert(link);
        }
        let sendable = his.sendable().await?;
        if sendable.iter().any(|it| !is_own(it)) || !sendable.iter().any(|it| it == "/admin/sign-out") {
            wrong.push(format!("{path}: {sendable:?}"));
        }
        his.keeps(&format!("read-only{}", path.replace(['/', '?', '='], "-"))).await?;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    for (path, fields) in [
        ("/admin/products", json!({ "do": "take-off", "product": "1" })),
        ("/admin/products/1", json!({ "name-zh": "别的" })),
        ("/admin/stock/knit-socks-1/corrections", json!({ "stock-to": "0", "stock-why": "count" })),
        ("/admin/settings/delivery", json!({ "freight": "0" })),
        ("/admin/staff/invitations", json!({ "role": "owner" })),
    ] {
        assert_eq!(his.posts(path, fields).await?, 403, "{path}");
    }
    for path in ["/admin/staff", "/admin/settings", "/admin/products/1/pictures"] {
        assert!(!led.contains(path), "a link leads to {path}");
        his.goes_to(&shop.at(path)).await?;
        his.has_no("form[method=post]").await?;
    }
    his.keeps("refused").await
}

impl Browser {
    /// Where the links of the page lead to.
    async fn links(&self) -> anyhow::Result<Vec<String>> {
        let links = "[...document.links].map(it => it.pathname)";
        Ok(serde_json::from_value(self.value_of(links).await?)?)
    }
}
