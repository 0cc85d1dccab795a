//! A member who may only look: nothing on a page invites to change anything, and what is sent all the same is refused.

use crate::support::{Browser, Device, PASSWORD, office};
use serde_json::json;

/// What everybody may send, from every page.
const OWN: &str = "/admin/sign-out";

const PAGES: &[&str] = &[
    "",
    "/products",
    "/products/1",
    "/products/1/variants",
    "/products/1/pictures",
    "/products/1/preview",
    "/categories",
    "/categories/1",
    "/stock",
    "/stock?view=all",
    "/stock/knit-socks-1",
    "/transfers",
    "/orders",
    "/settings",
    "/settings/delivery",
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
    let mut wrong = Vec::new();
    for path in pages {
        his.goes_to(&shop.at(&format!("/admin{path}"))).await?;
        if his.address().await? != shop.at(&format!("/admin{path}")) {
            wrong.push(format!("{path} leads to {}", his.address().await?));
        }
        his.sees("h1").await?;
        let sendable = his.sendable().await?;
        if sendable != [OWN] {
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
    for path in ["/admin/staff", "/admin/settings/weibo"] {
        his.goes_to(&shop.at(path)).await?;
        assert!(his.sendable().await?.iter().all(|it| it == OWN), "{path}");
        his.keeps(&format!("refused{}", path.replace('/', "-"))).await?;
    }
    Ok(())
}
