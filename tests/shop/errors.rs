//! What a member reads when something cannot be done, and the number in the rail that tells what waits.

use crate::parcels::{paid, ships};
use crate::support::TestShop;
use crate::support::browser::Ask;
use reqwest::header::ACCEPT_LANGUAGE;
use weipu::staff::Role;

const BADGE: &str = ".rail a[href='/admin/orders'] .count";

#[tokio::test]
async fn refusals_are_told_in_the_members_language() {
    let shop = TestShop::open().await;
    let _owner = shop.owner().await;
    let mut member = shop.member("Wei", Role::Service).await;
    for language in ["zh-CN", "en"] {
        let form = member.opens("/admin/account").await.form("form[action$='/language']");
        member.submits(&form.with("language", language)).await;
        let cases = [
            ("/admin/staff", 403),
            ("/admin/orders/2611-0000-0000", 404),
            ("/admin/nowhere", 404),
            ("/admin/products/nowhere/deep", 404),
        ];
        for (path, status) in cases {
            let page = member.opens(path).await;
            assert_eq!(page.status, status, "{path}");
            page.refuses_in(language);
            assert_eq!(page.link("main a").path(), "/admin", "{path}");
        }
        let expired = Ask::post(member.browser.at("/admin/account/language"), "token=x&language=en");
        let page = member.asks(expired).await;
        assert_eq!(page.status, 403);
        page.refuses_in(language);
    }
    let mut stranger = shop.desktop();
    assert_eq!(stranger.opens("/admin/nowhere").await.url.path(), "/admin/sign-in");
    assert_eq!(stranger.opens("/administrator").await.link("main a").path(), "/");
}

#[tokio::test]
async fn refusals_are_told_in_the_language_of_a_strangers_browser() {
    let shop = TestShop::open().await;
    let mut stranger = shop.desktop();
    for (query, wanted, language) in [
        ("", None, "zh-CN"),
        ("?lang=en", None, "en"),
        ("?lang=zh-CN", Some("en-GB"), "zh-CN"),
        ("", Some("en-GB,en;q=0.9,zh-CN;q=0.8"), "en"),
        ("", Some("de, zh-TW;q=0.8, en;q=0.5"), "zh-CN"),
        ("", Some("de"), "zh-CN"),
        ("", Some("*;q=x,,"), "zh-CN"),
    ] {
        let ask = Ask::get(stranger.browser.at(&format!("/admin/welcome/none{query}")));
        let page = match wanted {
            Some(wanted) => stranger.asks(ask.with(ACCEPT_LANGUAGE, wanted)).await,
            None => stranger.asks(ask).await,
        };
        assert_eq!(page.status, 410, "{wanted:?}");
        page.refuses_in(language);
    }
}

#[tokio::test]
async fn the_rail_tells_how_many_orders_wait_to_be_sent() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "longjing-1").await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/settings").await;
    assert_eq!(page.text(BADGE), "1");
    assert_eq!(page.text(".rail a[href='/admin/orders']"), "订单 1笔待发货", "also to who does not see it");
    let page = ships(&mut owner, &number, "sf", "SF1234567890123").await;
    assert!(page.has(".said") && !page.has(BADGE), "at once: {}", page.told());
    shop.closes().await;
}
