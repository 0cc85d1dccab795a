//! axe looks at every page of the back office, on a phone and on a desktop, light and dark, and finds nothing to
//! complain about.

use crate::support::{Browser, Device, shop};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// See vendor/README.md.
const AXE: &str = include_str!("vendor/axe.min.js");
const ROUTES: &str = concat!(
    include_str!("../../src/web/admin/routes.rs"),
    include_str!("../../src/web/admin/routes/sharing.rs")
);

/// Where each address that can be opened leads in this test; a new one needs a line here. `{n}` is the number of an
/// order that waits for payment, `{p}` that of one that is paid. The door is looked at on the way in.
const PAGES: &[(&str, &[&str])] = &[
    ("", &["", "?days=7", "?days=30"]),
    ("/sign-in", &[]),
    ("/sign-in/code", &[]),
    ("/welcome/{link}", &["/welcome/none"]),
    ("/account", &["/account"]),
    ("/account/password", &["/account/password"]),
    ("/account/second-factor", &["/account/second-factor"]),
    ("/account/recovery-codes", &["/account/recovery-codes"]),
    ("/account/sessions", &["/account/sessions"]),
    ("/account/confirm", &["/account/confirm"]),
    ("/staff", &["/staff"]),
    ("/staff/{id}", &["/staff/1"]),
    ("/audit", &["/audit"]),
    ("/products", &["/products", "/products?q=nothing"]),
    ("/products/new", &["/products/new"]),
    ("/products/{id}", &["/products/1"]),
    ("/products/{id}/variants", &["/products/1/variants"]),
    ("/products/{id}/pictures", &["/products/1/pictures"]),
    ("/products/{id}/preview", &["/products/1/preview"]),
    // A shopper's page inside the one above.
    ("/products/{id}/preview/page", &[]),
    ("/categories", &["/categories"]),
    ("/categories/new", &["/categories/new"]),
    ("/categories/{id}", &["/categories/1"]),
    ("/sharing/relations", &["/sharing/relations", "/sharing/relations?days=365&kind=like"]),
    ("/sharing/reposts", &["/sharing/reposts"]),
    ("/sharing/reposts/gifts/new", &["/sharing/reposts/gifts/new"]),
    ("/sharing/reposts/gifts/{id}", &["/sharing/reposts/gifts/1"]),
    ("/coupons", &["/coupons"]),
    ("/coupons/new", &["/coupons/new"]),
    ("/coupons/{id}", &["/coupons/1"]),
    ("/sharing/partners", &["/sharing/partners"]),
    ("/sharing/partners/new", &["/sharing/partners/new"]),
    ("/sharing/partners/{id}", &["/sharing/partners/1"]),
    // A table to be saved.
    ("/sharing/partners/{id}/statements/{month}", &[]),
    ("/stock", &["/stock", "/stock?view=all", "/stock?q=nothing"]),
    ("/stock/{sku}", &["/stock/knit-socks-1"]),
    ("/transfers", &["/transfers"]),
    ("/transfers/orders", &["/transfers/orders"]),
    // Files, and what is there only after one was sent.
    ("/transfers/template", &[]),
    ("/transfers/{id}", &[]),
    ("/transfers/{id}/file", &[]),
    ("/transfers/{id}/orders", &[]),
    ("/transfers/{id}/wrong-rows", &[]),
    ("/orders", &["/orders", "/orders?state=to-ship", "/orders?state=received", "/orders?q=nobody"]),
    ("/orders/packing-slips", &["/orders/packing-slips?n={p}"]),
    ("/orders/{number}", &["/orders/{n}", "/orders/{p}"]),
    ("/orders/{number}/packing-slip", &["/orders/{p}/packing-slip"]),
    ("/orders/{number}/refund", &["/orders/{p}/refund", "/orders/{n}/refund"]),
    ("/money", &["/money"]),
    ("/money/refunds", &["/money/refunds"]),
    ("/money/notices", &["/money/notices"]),
    ("/money/checks", &["/money/checks"]),
    ("/money/reconciliations", &["/money/reconciliations"]),
    // What is there only after a day was compared.
    ("/money/reconciliations/{id}", &[]),
    ("/money/reconciliations/{id}/file", &[]),
    ("/fans", &["/fans", "/fans?show=all", "/fans?q=nobody"]),
    ("/fans/broadcasts", &["/fans/broadcasts"]),
    ("/fans/broadcasts/new", &["/fans/broadcasts/new", "/fans/broadcasts/new?group=101&name=x"]),
    // What is there only after one was written.
    ("/fans/broadcasts/{id}", &[]),
    ("/fans/broadcasts/{id}/edit", &[]),
    ("/fans/groups", &["/fans/groups"]),
    ("/fans/subscribers", &["/fans/subscribers"]),
    ("/fans/rules", &["/fans/rules"]),
    ("/fans/rules/new", &["/fans/rules/new"]),
    ("/fans/rules/trial", &["/fans/rules/trial", "/fans/rules/trial?what=text&text=hi"]),
    // What is there only once somebody has written one.
    ("/fans/rules/{id}", &[]),
    ("/fans/menu", &["/fans/menu"]),
    ("/fans/menu/live", &["/fans/menu/live"]),
    ("/fans/codes", &["/fans/codes", "/fans/codes?away=true"]),
    ("/fans/codes/new", &["/fans/codes/new"]),
    // What is there only after a code was made, and pictures.
    ("/fans/codes/{id}", &[]),
    ("/fans/codes/{id}/picture", &[]),
    ("/fans/codes/{id}/poster", &[]),
    ("/fans/{uid}/picture", &[]),
    ("/sharing", &["/sharing", "/sharing?q=nothing"]),
    ("/sharing/cards/{id}", &["/sharing/cards/1"]),
    ("/sharing/campaigns", &["/sharing/campaigns"]),
    ("/sharing/posts", &["/sharing/posts"]),
    ("/sharing/posts/new", &["/sharing/posts/new", "/sharing/posts/new?product=1"]),
    ("/sharing/account", &["/sharing/account"]),
    // What is there only after one was made, pictures, and the way to Weibo.
    ("/sharing/campaigns/{id}", &[]),
    ("/sharing/posts/{id}", &[]),
    ("/sharing/links/{code}/code.png", &[]),
    ("/sharing/links/{code}/code.svg", &[]),
    ("/sharing/account/connection", &[]),
    ("/fans/canned", &["/fans/canned"]),
    ("/fans/figures", &["/fans/figures"]),
    ("/fans/settings", &["/fans/settings"]),
    // A line that stays open; and what is there only after a fan has written: `office::desk` looks at it.
    ("/fans/events", &[]),
    ("/fans/{uid}", &[]),
    ("/fans/{uid}/cards", &[]),
    ("/fans/{uid}/media/{message}", &[]),
    ("/settings", &["/settings"]),
    ("/settings/delivery", &["/settings/delivery"]),
    ("/settings/messages", &["/settings/messages"]),
    ("/cards", &["/cards", "/cards?url=http://elsewhere.example/"]),
    ("/settings/weibo", &["/settings/weibo"]),
    ("/settings/fans", &["/settings/fans"]),
];

/// Runs axe on the page that stands there, and tells what it found: the rule, where, and why.
const LOOK: &str = r#"
const done = arguments[arguments.length - 1];
// What is in motion or folded away is looked at as it ends.
for (const it of document.querySelectorAll("details")) it.open = true;
axe.run(document, { resultTypes: ["violations"] }).then(
  found => done(found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`))),
  error => done([`axe failed: ${error}`]));
"#;

/// The addresses that can be opened, as they stand in the table.
fn opened() -> BTreeSet<&'static str> {
    let routes = ROUTES.split(".route(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    routes
        .filter(|(_, rest)| rest.trim_start_matches([',', ' ', '\n']).starts_with("get()"))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn every_address_that_can_be_opened_is_looked_at() {
    let looked_at: BTreeSet<&str> = PAGES.iter().map(|(pattern, _)| *pattern).collect();
    assert!(opened().contains("") && opened().len() > 1, "the table is read");
    assert_eq!(opened().difference(&looked_at).collect::<Vec<_>>(), Vec::<&&str>::new(), "not looked at");
    assert_eq!(
        looked_at.difference(&opened()).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "not there any more"
    );
}

#[tokio::test]
async fn axe_finds_nothing_on_a_phone() -> anyhow::Result<()> {
    axe_finds_nothing(Device::ANDROID).await
}

#[tokio::test]
async fn axe_finds_nothing_on_a_desktop() -> anyhow::Result<()> {
    axe_finds_nothing(Device::DESKTOP).await
}

async fn axe_finds_nothing(device: Device) -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(device).await?;
    her.goes_to(&shop.at("/admin/sign-in")).await?;
    let mut wrong = complaints(&her, "the door").await?;
    her.is_the_owner(shop).await?;
    let outside = Browser::open(device).await?;
    outside.knocks(&shop.at("/admin/sign-in")).await?;
    wrong.extend(complaints(&outside, "the door asks for a code").await?);
    drop(outside);
    let waiting = her.orders(shop, "new-year-envelope").await?;
    let paid = her.orders(shop, "weifang-kite").await?;
    her.clicks("a#pay, a#pc").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    for path in PAGES.iter().flat_map(|(_, paths)| *paths) {
        let path = path.replace("{n}", &waiting.number).replace("{p}", &paid.number);
        her.goes_to(&shop.at(&format!("/admin{path}"))).await?;
        for scheme in ["light", "dark"] {
            her.prefers(scheme).await?;
            wrong.extend(complaints(&her, &format!("{path} {scheme}")).await?);
            her.keeps(&format!("admin{path}-{scheme}").replace(['/', '?', '&', '='], "-")).await?;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    Ok(())
}

/// What axe has against the page that stands there, and whether it sticks out of its screen.
pub async fn complaints(her: &Browser, page: &str) -> anyhow::Result<Vec<String>> {
    her.client.execute(AXE, vec![]).await.context("bringing axe")?;
    let found = her.client.execute_async(LOOK, vec![]).await?;
    let found = found.as_array().context("axe answers a list")?;
    let width = her.value_of("document.documentElement.scrollWidth").await?;
    ensure!(width.as_u64().is_some(), "a page is so many pixels wide");
    let too_wide = (width != json!(her.device.width)).then(|| format!("{width} pixels wide"));
    let found = found.iter().filter_map(Value::as_str).map(ToOwned::to_owned).chain(too_wide);
    Ok(found.map(|what| format!("{page}, {}: {what}", her.device.name)).collect())
}

/// That a complaint reaches a test: a page that we spoil.
#[tokio::test]
async fn axe_is_heard() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::DESKTOP).await?;
    her.goes_to(&shop.at("/admin/sign-in")).await?;
    assert_eq!(complaints(&her, "whole").await?, Vec::<String>::new());
    let spoil = "document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')";
    her.client.execute(spoil, vec![]).await?;
    let found = complaints(&her, "spoilt").await?.join("\n");
    assert!(found.contains("html-has-lang") && found.contains("label"), "{found}");
    Ok(())
}
