//! A whole shop in one process, for trying and for developing: private Postgres, demo goods, sandbox.

use crate::actor::Actor;
use crate::app::{self, App, Parts};
use crate::catalog;
use crate::clock::Clock;
use crate::config::Config;
use crate::coupons::{self, Off};
use crate::files::Files;
use crate::money::Money;
use crate::partners;
use crate::sandbox::{self, Card, Sandbox};
use crate::seal::Keyring;
use crate::sharing::gifts;
use crate::staff;
use crate::text::Text;
use crate::web::{self, Shop};
use crate::weibo::signature::{SigningKey, VerifyingKey};
use crate::weibo::{self, Addresses};
use actix_web::web::Data;
use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// Made on the first run and kept: a file that only this user reads.
pub const SECRET_KEY: &str = "secret-key";

/// The shop answers within some seconds of its start.
const BINDINGS: u32 = 10;
const BETWEEN_BINDINGS: Duration = Duration::from_secs(1);

/// Runs until Ctrl-C.
pub async fn run(config: Config) -> anyhow::Result<()> {
    // The ports first: what fails shall fail at once.
    let shop_port = app::listen(config.bind)?;
    let operations_port = app::listen(config.operations_bind)?;
    let sandbox_port = app::listen(config.sandbox_bind)?;
    let phone_port = app::listen(config.phone_bind)?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(&config.data_dir)
        .with_context(|| format!("making the data folder {}", config.data_dir.display()))?;
    println!("微铺 Weipu: starting Postgres …");
    let mut app = open(&config).await?;
    app.shop.easel = catalog::demo::Easel::of_the_demo()?;
    app.prepare().await?;
    if catalog::demo::stock_the_demo(&app.shop.db, app.shop.clock.now()).await? {
        give_coupons(&app.shop).await?;
        find_a_partner(&app.shop).await?;
    }
    let weibo = Sandbox::new(
        sandbox_settings(&config, Some(app.shop.settings.public_url.clone()))?,
        Clock::system(),
    )?;
    post_cards(&app.shop, &weibo).await?;

    let data = Data::new(app.shop.clone());
    let (weibo_pages, phone) = (weibo.clone(), weibo.clone());
    let servers = vec![
        app::shop_server(&app.shop, shop_port)?,
        app::plain_server(operations_port, move |cfg| web::operations::routes(cfg, &data))?,
        app::plain_server(sandbox_port, move |cfg| weibo_pages.routes(cfg))?,
        app::plain_server(phone_port, move |cfg| phone.phone_routes(cfg))?,
    ];
    tokio::spawn(app.shop.changes.clone().listen(app.worker.db.clone()));
    tokio::spawn(web::keep_books(app.shop.clone()));
    tokio::spawn(app.worker.clone().run());
    tokio::spawn(weibo.clone().run());
    tokio::spawn(bind_fans(weibo, app.shop.settings.public_url.clone()));
    greet(&config, &app.shop).await?;
    let stopped = app::until_stopped(servers, &app.shop.changes).await;
    web::write_books(&app.shop).await;
    stopped?;
    println!("\n微铺 Weipu: stopped. Everything is kept in {}.", config.data_dir.display());
    Ok(())
}

/// Whether a demo was run in this data folder: its first start makes a key, which a shop for real has to be given.
pub fn is_set_up(config: &Config) -> bool {
    config.keys.is_none() && config.data_dir.join(SECRET_KEY).exists()
}

/// All parts of the demo, nothing of it started but Postgres.
pub async fn open(config: &Config) -> anyhow::Result<App> {
    let (database, postgres) = app::connect(config).await?;
    let public_url = match &config.public_url {
        Some(url) => url.clone(),
        None => base(config.bind)?,
    };
    let sandbox = base(config.sandbox_bind)?;
    let script = config.weibo.script_url.clone().unwrap_or_else(|| sandbox.clone());
    let keys = match &config.keys {
        Some(keys) => keys.clone(),
        None => own_keys(&config.data_dir)?,
    };
    let mut web = app::web_settings(config, public_url, &script)?;
    if let (Some(light), None) = (&mut web.light, &config.light.frames) {
        light.frames.push(sandbox.origin().ascii_serialization());
    }
    App::new(Parts {
        database,
        postgres,
        keys,
        files: Files::at(&app::files(config))?,
        weibo: weibo_settings(config, &sandbox)?.into(),
        web,
        clock: Clock::system(),
    })
}

/// `http://127.0.0.1:8080/`
pub fn base(address: SocketAddr) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!("http://{address}/"))?)
}

/// The sandbox as this configuration has it.
pub fn sandbox_settings(config: &Config, shop: Option<Url>) -> anyhow::Result<sandbox::Settings> {
    let save = config.data_dir.join("sandbox.json");
    let save = config.data_dir.is_dir().then_some(save);
    let mut settings = sandbox::Settings::demo(base(config.sandbox_bind)?, shop, save)?;
    settings.phone_url = Some(base(config.phone_bind)?);
    Ok(settings)
}

/// What is not configured is the sandbox's.
pub fn weibo_settings(config: &Config, sandbox: &Url) -> anyhow::Result<weibo::Settings> {
    let set = &config.weibo;
    let demo = sandbox::Settings::demo(sandbox.clone(), None, None)?;
    let own = set.private_key.as_ref().map(ExposeSecret::expose_secret);
    let merchant_key = SigningKey::parse(own.unwrap_or(sandbox::demo_merchant_private_key()));
    let public_keys = set.public_keys.as_deref().unwrap_or(sandbox::demo_platform_public_key());
    let mut addresses = Addresses {
        pay: sandbox.clone(),
        api: sandbox.clone(),
        oauth: sandbox.clone(),
        oauth_mobile: sandbox.clone(),
        share: sandbox.clone(),
        messages: sandbox.clone(),
        upload: sandbox.clone(),
    };
    app::weibo_addresses(set, &mut addresses);
    let app_secret = set.app_secret.clone().unwrap_or_else(|| SecretString::from(demo.app_secret));
    let token = set.fans_token.clone().unwrap_or_else(|| SecretString::from(demo.fans_token));
    let secret = set.fans_secret.clone().unwrap_or_else(|| app_secret.clone());
    Ok(weibo::Settings {
        app_key: set.app_key.clone().unwrap_or(demo.app_key),
        app_secret,
        seller_id: set.seller_id.clone().unwrap_or(demo.seller_id),
        merchant_key: merchant_key.context("WEIBO_PAY_PRIVATE_KEY")?,
        platform_keys: VerifyingKey::parse_all(public_keys).context("WEIBO_PAY_PUBLIC_KEY")?,
        fans: Some(weibo::FansKeys { token, secret }),
        addresses,
        reading: app::reading(set),
        require_signed_return: set.require_signed_return,
        known_since: None,
        https_only: false,
        timeout: weibo::DEFAULT_TIMEOUT,
    })
}

fn own_keys(data_dir: &Path) -> anyhow::Result<Keyring> {
    let path = data_dir.join(SECRET_KEY);
    if !path.exists() {
        let fresh = path.with_extension("new");
        let mut file =
            fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
        file.write_all(Keyring::fresh().as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
    }
    let text = fs::read_to_string(&path)?;
    Keyring::parse(text.trim()).with_context(|| format!("{}: delete it to begin anew", path.display()))
}

/// The demo's own products, not those that somebody adds to them, each get a card in the sandbox's stream, as a
/// merchant would post them.
async fn post_cards(shop: &Shop, weibo: &Sandbox) -> anyhow::Result<()> {
    if !weibo.statuses().is_empty() {
        return Ok(());
    }
    for slug in catalog::demo::slugs()?.into_iter().rev() {
        let mut conn = shop.db.reader().await?;
        let Some(product) = catalog::find_product(&mut conn, &slug).await? else { continue };
        drop(conn);
        let picture = product.cover().map(|p| p.file(catalog::Width::Px375, catalog::Format::Jpeg));
        let picture =
            picture.and_then(|file| shop.settings.public_url.join(&format!("/pictures/{file}")).ok());
        let card = Card {
            url: shop.settings.public_url.join(&format!("/p/{slug}"))?.to_string(),
            title: product.name.zh.clone(),
            image: picture.map(|url| url.to_string()).unwrap_or_default(),
            price: format!("¥{}", product.price_range().0),
            stock: format!("余 {} 件", product.variants.iter().map(|v| u64::from(v.stock)).sum::<u64>()),
        };
        let said = weibo.say("7000000001", &product.summary.zh, Some(card));
        let status = said.map_err(|error| anyhow::anyhow!("posting a card: {error:?}"))?;
        let mut tx = shop.db.begin().await?;
        catalog::mark_status(&mut tx, product.id, i64::try_from(status.id)?).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// One that everybody may take, 10 yuan off from 100, and one for reposts.
async fn give_coupons(shop: &Shop) -> anyhow::Result<()> {
    let now = shop.clock.now();
    let yuan = |text| Money::parse_yuan(text).context("an amount of the demo's coupon");
    let wanted = coupons::Wanted {
        name: Text { zh: "见面礼".into(), en: "Welcome".into() },
        terms: coupons::Terms { off: Off::Fixed(yuan("10")?), threshold: yuan("100")?, products: Vec::new() },
        total: 1_000,
        each: 1,
        given_from: now,
        given_until: now + time::Duration::days(365),
        lasts: coupons::Lasts::Days(30),
        listed: true,
    };
    let thanks = coupons::Wanted {
        name: Text { zh: "转发礼".into(), en: "Thanks".into() },
        terms: coupons::Terms { off: Off::Fixed(yuan("5")?), threshold: yuan("50")?, products: Vec::new() },
        listed: false,
        ..wanted.clone()
    };
    let mut tx = shop.db.begin().await?;
    coupons::create(&mut tx, Uuid::new_v4(), &wanted, now).await?;
    let (coupon, _) = coupons::create(&mut tx, Uuid::new_v4(), &thanks, now).await?;
    let (starts_at, ends_at) = (thanks.given_from, thanks.given_until);
    let gift = gifts::Wanted { name: "买家转发".into(), coupon, total: thanks.total, starts_at, ends_at };
    gifts::create(&mut tx, Uuid::new_v4(), &gift, now).await?;
    Ok(tx.commit().await?)
}

/// Somebody who has not taken her invitation yet.
async fn find_a_partner(shop: &Shop) -> anyhow::Result<()> {
    let rate = partners::Rate::parse("10").context("the rate of the demo's partner")?;
    let mut tx = shop.db.begin().await?;
    partners::add(&mut tx, Uuid::new_v4(), ("阿梨的茶桌", rate), &Actor::Shop, shop.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// What fans do in the sandbox is told to this shop, as soon as it listens.
async fn bind_fans(weibo: Sandbox, shop: Url) {
    let Ok(hook) = shop.join("/hooks/weibo/fans") else { return };
    let mut trouble = String::new();
    for _ in 0..BINDINGS {
        match weibo.bind_fans(hook.as_str()).await {
            Ok(()) => return,
            Err(why) => trouble = why,
        }
        tokio::time::sleep(BETWEEN_BINDINGS).await;
    }
    tracing::warn!(trouble, "the sandbox did not bind the shop: fans are not heard");
}

async fn greet(config: &Config, shop: &Shop) -> anyhow::Result<()> {
    let link = staff::first_owner_link(&shop.db, shop.clock.now()).await?;
    let public = &shop.settings.public_url;
    println!();
    println!("  店铺 Shop        {public}");
    println!("  沙箱 Sandbox     {}sandbox/", base(config.sandbox_bind)?);
    match link {
        Some(link) => println!("  后台 Back office {public}admin/welcome/{link}   (works once, for a day)"),
        None => println!("  后台 Back office {public}admin"),
    }
    println!();
    println!("  Ctrl-C stops everything; it goes on where it was with the next start.");
    let _ = std::io::stdout().flush();
    Ok(())
}
