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
  if (!seen(it) || it.matches(".skip") || inSentence(it)) continue;
  const { width, height } = (it.closest("label") ?? it).getBoundingClientRect();
  if (Math.min(width, height) < 24) wrong.push(`${width} x ${height}: ${it.outerHTML.slice(0, 120)}`);
}
const primary = document.querySelector("button.buy");
if (primary) {
  const { top, bottom, height } = primary.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) wrong.push(`the button ends at ${bottom} of ${innerHeight}`);
  if (height < 44) wrong.push(`the button is ${height} px high`);
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
const PAGES: [&str; 6] = [
    "/",
    "/c/tea",
    "/p/spring-longjing",
    "/p/brown-sugar-boba",
    "/p/knit-socks",
    "/checkout?variant=spring-longjing-3&quantity=2",
];

#[tokio::test]
async fn every_page_fits_every_phone() -> anyhow::Result<()> {
    every_page_fits(Device::CLIENT, &[(320, 568), (375, 667), (390, 844), (430, 932)]).await
}

#[tokio::test]
async fn every_page_fits_a_desktop() -> anyhow::Result<()> {
    every_page_fits(Device::DESKTOP, &[(1280, 800)]).await
}

async fn every_page_fits(device: Device, sizes: &[(u32, u32)]) -> anyhow::Result<()> {
    let shop = shop()?;
    let buyer = Browser::open(device).await?;
    let waiting = buyer.orders(shop, "new-year-envelope").await?;
    let paid = buyer.orders(shop, "weifang-kite").await?;
    buyer.clicks("a#pay, a#pc").await?;
    buyer.pays(shop).await?;
    buyer.learns_of_the_payment().await?;
    let mut pages = PAGES.map(ToOwned::to_owned).to_vec();
    // By their links, which open them in any browser.
    let path = |address: &str| address.split_once("/orders/").map(|(_, order)| format!("/orders/{order}"));
    pages.extend([waiting, paid].iter().filter_map(|order| path(&order.address)));
    pages.push("/orders".to_owned());

    let mut wrong = Vec::new();
    for &(width, height) in sizes {
        // A browser for each size: the driver gives a phone its size once and for all.
        let browser = Browser::open(Device { width, height, ..device }).await?;
        for scheme in ["light", "dark"] {
            browser.prefers(scheme).await?;
            for (page, language) in pages.iter().flat_map(|page| [(page, ""), (page, "/en")]) {
                browser.goes_to(&shop.at(&format!("{language}{page}"))).await?;
                let found = browser.client.execute_async(WRONG, vec![json!(width)]).await?;
                let found = found.as_array().cloned().unwrap_or_default();
                let found = found.iter().filter_map(Value::as_str).map(ToOwned::to_owned);
                let found = found.chain(browser.complaints().await?);
                wrong.extend(found.map(|what| format!("{language}{page} {width} {scheme}: {what}")));
                if matches!(width, 320 | 1280) || scheme == "dark" && width == 390 {
                    let name = page.trim_start_matches('/').replace(['/', '?', '&', '='], "-");
                    let language = language.trim_start_matches('/');
                    browser.keeps(&format!("fits-{width}-{scheme}-{language}-{name}")).await?;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
