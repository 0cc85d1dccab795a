//! Other people's readers of pages in front of a running shop: what a product's page says of itself they find, all of
//! it, and it is what the shop tells Weibo.

use crate::kept::{self, Kept, Wanted};
use crate::{python, root};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// The names of Weibo's own meta tags.
const WEIBOS: [&str; 8] = [
    "weibo:type",
    "weibo:product:title",
    "weibo:product:description",
    "weibo:product:url",
    "weibo:product:image",
    "weibo:product:full_image",
    "weibo:product:create_at",
    "weibo:product:update_at",
];

/// A demo with its goods, for as long as these tests run.
struct Shop {
    address: String,
    _running: Kept,
}

static SHOP: OnceCell<Shop> = OnceCell::const_new();

async fn product_page() -> String {
    let shop = SHOP.get_or_init(async || open().unwrap()).await;
    format!("{}/p/spring-longjing", shop.address)
}

fn open() -> anyhow::Result<Shop> {
    // Held open together, so that they differ.
    let held: Vec<TcpListener> =
        (0..4).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    let names = ["WEIPU_BIND", "WEIPU_OPERATIONS_BIND", "WEIPU_SANDBOX_BIND", "WEIPU_PHONE_BIND"];
    let mut settings = Vec::new();
    for (name, listener) in names.into_iter().zip(&held) {
        settings.push((name, listener.local_addr()?.to_string()));
    }
    let address = format!("http://{}", settings[0].1);
    drop(held);
    let folder = kept::folder()?;
    settings.push(("WEIPU_DATA_DIR", folder.join("data").display().to_string()));
    let wanted = Wanted {
        program: Path::new(env!("CARGO_BIN_EXE_weipu")),
        arguments: &["demo"],
        settings: &settings,
        signal: "INT",
    };
    let (running, ()) = kept::start(&folder, &wanted, |line| line.contains("Ctrl-C").then_some(()))?;
    Ok(Shop { address, _running: running })
}

/// What a reader prints.
async fn finds(reader: &mut Command) -> Value {
    let reader = reader.env("PAGE", product_page().await).env("NO_PROXY", "*").env("no_proxy", "*");
    let ran = reader.env("PYTHONDONTWRITEBYTECODE", "1").output().await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Where the cover is, from what a reader found.
fn is_cover(found: &Value, page: &str, width: u32) -> bool {
    let shop = page.split("/p/").next().unwrap();
    let found = found.as_str().unwrap_or_default();
    found.starts_with(&format!("{shop}/pictures/")) && found.ends_with(&format!("-{width}.jpg"))
}

#[actix_web::test]
async fn extruct_finds_the_card_and_every_offer() {
    let page = product_page().await;
    let found = finds(Command::new(python().await).arg(root().join("tests/peers/page_reader.py"))).await;
    let said = &found["opengraph"][0];
    for (name, value) in [
        ("og:type", "product"),
        ("og:url", page.as_str()),
        ("og:title", "明前龙井"),
        ("og:description", "清明前手采一芽一叶，豆香清甜。"),
        ("og:image:width", "750"),
        ("og:image:height", "750"),
        ("og:locale", "zh_CN"),
    ] {
        assert_eq!(said[name], value, "{name}: {said}");
    }
    assert!(said["og:site_name"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(is_cover(&said["og:image"], &page, 750), "{said}");

    let [product] = found["json-ld"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((&product["@type"], &product["name"]), (&json!("Product"), &json!("明前龙井")));
    assert_eq!((&product["url"], &product["category"]), (&json!(page), &json!("茶与饮")));
    assert_eq!(product["description"], said["og:description"]);
    assert!(is_cover(&product["image"][0], &page, 1080), "{product}");
    let offers = &product["offers"];
    let range = json!(["AggregateOffer", "CNY", "128.00", "588.00", 3]);
    let told =
        ["@type", "priceCurrency", "lowPrice", "highPrice", "offerCount"].map(|name| offers[name].clone());
    assert_eq!(Value::from(told.to_vec()), range);
    let prices =
        [("spring-longjing-1", "128.00"), ("spring-longjing-2", "298.00"), ("spring-longjing-3", "588.00")];
    let each = offers["offers"].as_array().unwrap();
    assert_eq!(each.len(), 3);
    for (offer, (sku, price)) in each.iter().zip(prices) {
        assert_eq!(
            (&offer["sku"], &offer["price"], &offer["priceCurrency"]),
            (&json!(sku), &json!(price), &json!("CNY"))
        );
        assert_eq!(offer["availability"], "https://schema.org/InStock");
        assert_eq!(offer["url"], format!("{page}?variant={sku}"));
    }
}

#[actix_web::test]
async fn open_graph_scraper_finds_the_card_and_weibos_own_tags() {
    let page = product_page().await;
    let modules = Command::new(root().join(".ci/peers-node")).output().await.unwrap();
    assert!(modules.status.success(), "{}", String::from_utf8_lossy(&modules.stderr));
    let mut reader = Command::new("node");
    reader
        .arg(root().join("tests/peers/node/page_reader.js"))
        .env("NODE_PATH", String::from_utf8(modules.stdout).unwrap().trim())
        .env("NAMES", WEIBOS.join(" "));
    let found = finds(&mut reader).await;
    for (name, value) in [
        ("ogType", "product"),
        ("ogUrl", page.as_str()),
        ("ogTitle", "明前龙井"),
        ("ogDescription", "清明前手采一芽一叶，豆香清甜。"),
        ("ogLocale", "zh_CN"),
    ] {
        assert_eq!(found[name], value, "{name}: {found}");
    }
    let picture = &found["ogImage"][0];
    assert!(is_cover(&picture["url"], &page, 750), "{found}");
    let size = ["width", "height"].map(|side| picture[side].to_string().trim_matches('"').to_owned());
    assert_eq!(size, ["750", "750"], "{picture}");
    let weibos = &found["customMetaTags"];
    for name in WEIBOS {
        assert!(weibos[name].as_str().is_some_and(|said| !said.is_empty()), "{name}: {weibos}");
    }
    assert_eq!(
        (&weibos["weibo:type"], &weibos["weibo:product:title"]),
        (&json!("product"), &json!("明前龙井"))
    );
    assert_eq!(weibos["weibo:product:url"], page);
    assert!(is_cover(&weibos["weibo:product:full_image"], &page, 1080), "{weibos}");
}
