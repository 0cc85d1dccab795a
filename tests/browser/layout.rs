//! Each page at each width, light and dark, in both languages: nothing sticks out, jumps or complains.

use crate::support::{Browser, Device, shop};
use serde_json::{Value, json};

/// What is wrong with the page that stands there, as a list; `width` is the screen's.
const WRONG: &str = r#"
const [width, done] = arguments;
const wrong = [], root = document.documentElement;
if (root.scrollWidth > width) {
  const out = [...document.body.querySelectorAll("*")].find(it => it.getBoundingClientRect().right > width + 1);
  wrong.push(`${root.scrollWidth} px wide, by ${out?.outerHTML.slice(0, 120)}`);
}
const seen = it => it.checkVisibility({ visibilityProperty: true }) && it.getBoundingClientRect().width > 0;
// A link inside a sentence is as high as its line (WCAG 2.5.8).
const inSentence = it => getComputedStyle(it).display === "inline" && it.parentElement.matches("p, li, small");
for (const it of document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, summary")) {
  // What nobody sees answers the Enter key alone.
  if (!seen(it) || it.matches(".skip, .unseen") || inSentence(it)) continue;
  const { width, height } = (it.closest("label") ?? it).getBoundingClientRect();
  if (Math.min(width, height) < 24) wrong.push(`${width} x ${height}: ${it.outerHTML.slice(0, 120)}`);
}
const primary = document.querySelector("button.buy");
if (primary) {
  const { top, bottom, height } = primary.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) wrong.push(`the button ends at ${bottom} of ${innerHeight}`);
  if (height < 44) wrong.push(`the button is ${height} px high`);
}
for (const it of document.querySelectorAll('#due, .row .label')) {
  const words = document.createRange();
  words.selectNodeContents(it);
  const lines = new Set([...words.getClientRects()].map(({ top }) => Math.round(top)));
  if (lines.size > 1) wrong.push(`broken in two: ${it.textContent}`);
}
let moved = 0;
const count = list => list.filter(it => !it.hadRecentInput).forEach(it => { moved += it.value; });
const watch = new PerformanceObserver(list => count(list.getEntries()));
watch.observe({ type: "layout-shift", buffered: true });
requestAnimationFrame(() => requestAnimationFrame(() => {
  count(watch.takeRecords());
  if (moved > 0.02) wrong.push(`things move by ${moved}`);
  done(wrong);
}));
"#;

/// Pages that anybody may see; the orders' come on top.
const PAGES: [&str; 8] = [
    "/",
    "/c/tea",
    "/p/spring-longjing",
    "/p/brown-sugar-boba",
    "/p/knit-socks",
    "/light",
    "/light/p/spring-longjing",
    "/checkout?variant=spring-longjing-3&quantity=2",
];

/// A client on a phone with another screen.
const fn phone(width: u32, height: u32) -> Device {
    Device { width, height, ..Device::CLIENT }
}

#[tokio::test]
async fn every_page_fits_a_screen_of_320() -> anyhow::Result<()> {
    every_page_fits(phone(320, 568)).await
}

#[tokio::test]
async fn every_page_fits_a_screen_of_375() -> anyhow::Result<()> {
    every_page_fits(phone(375, 667)).await
}

#[tokio::test]
async fn every_page_fits_a_screen_of_390() -> anyhow::Result<()> {
    every_page_fits(phone(390, 844)).await
}

#[tokio::test]
async fn every_page_fits_a_screen_of_430() -> anyhow::Result<()> {
    every_page_fits(phone(430, 932)).await
}

#[tokio::test]
async fn every_page_fits_a_desktop() -> anyhow::Result<()> {
    every_page_fits(Device::DESKTOP).await
}

async fn every_page_fits(device: Device) -> anyhow::Result<()> {
    let shop = shop()?;
    let browser = Browser::open(device).await?;
    let waiting = browser.orders(shop, "new-year-envelope").await?;
    let paid = browser.orders(shop, "weifang-kite").await?;
    browser.clicks("a#pay, a#pc").await?;
    browser.pays(shop).await?;
    browser.learns_of_the_payment().await?;
    let mut pages = PAGES.map(ToOwned::to_owned).to_vec();
    pages.extend([waiting, paid].map(|order| format!("/orders/{}", order.number)));
    pages.push("/orders".to_owned());

    let mut wrong = Vec::new();
    let width = device.width;
    for scheme in ["light", "dark"] {
        browser.prefers(scheme).await?;
        for (page, language) in pages.iter().flat_map(|page| [(page, ""), (page, "/en")]) {
            browser.goes_to(&shop.at(&format!("{language}{page}"))).await?;
            let found = browser.client.execute_async(WRONG, vec![json!(width)]).await?;
            let found = found.as_array().cloned().unwrap_or_default();
            let found = found.iter().filter_map(Value::as_str).map(ToOwned::to_owned);
            let found = found.chain(browser.complaints().await?);
            wrong.extend(found.map(|what| format!("{language}{page} {width} {scheme}: {what}")));
            let name = format!("{width}-{scheme}{language}{page}").replace(['/', '?', '&', '='], "-");
            browser.keeps(&name).await?;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
