//! Bought: in the client, on the desktop by code and by its own cashier, in another browser, and all at once.

use crate::support::browser::TOO_OLD;
use crate::support::buyer::ADDRESS;
use crate::support::{TestShop, minutes};

#[tokio::test]
async fn she_buys_in_the_client() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    let page = buyer.opens("/p/longjing").await;
    assert_eq!(page.attribute("body", "data-route"), "client");
    buyer.chooses("longjing-1", 2).await;
    let page = buyer.checks_out().await;
    assert_eq!((page.payment(), page.closure()), ("none".into(), "open".into()));
    assert_eq!(shop.stock("longjing-1").await, 18);
    let page = buyer.pays().await;
    assert_eq!(page.payment(), "confirming", "Weibo has not said so yet");
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
    assert_eq!(shop.stock("longjing-1").await, 18);
}

#[tokio::test]
async fn a_phone_that_scans_the_code_pays_and_learns_nothing_of_the_buyer() {
    let shop = TestShop::open().await;
    let mut desktop = shop.desktop();
    let page = desktop.orders("longjing-1", 1).await;
    assert_eq!(page.attribute("body", "data-route"), "desktop");
    assert!(page.has(".qr svg"), "the code");
    let link = page.attribute("#link", "value").parse().unwrap();

    let mut phone = shop.buyer();
    let cashier = phone.visits(link).await;
    assert!(cashier.has("form.pay"), "{}", cashier.told());
    let page = phone.presses_pay().await;
    assert_eq!(page.payment(), "confirming");
    for (_, hers) in ADDRESS {
        assert!(!page.body.contains(hers), "{hers} on a stranger's phone");
    }
    shop.weibo.delivers().await;
    assert_eq!(phone.looks_again().await.payment(), "paid");
    let page = desktop.looks_again().await;
    assert_eq!(page.payment(), "paid");
    assert!(page.body.contains(ADDRESS[0].1), "the buyer sees where it goes");
    shop.closes().await;
}

#[tokio::test]
async fn she_pays_at_the_pc_cashier() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let cashier = buyer.goes_to_the_cashier().await;
    assert!(cashier.has("body.cashier-desktop"), "{}", cashier.told());
    assert_eq!(buyer.presses_pay().await.payment(), "confirming");
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn in_another_mobile_browser_she_is_led_into_weibo_or_to_the_web_cashier() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    let page = buyer.orders("mug", 1).await;
    assert_eq!(page.attribute("body", "data-route"), "mobile");
    assert!(page.attribute("#open", "href").starts_with("sinaweibo://browser?url=http%3A%2F%2F"));
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn of_three_payments_for_one_order_one_is_kept() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("longjing-1", 3).await;
    let order = buyer.page().clone();
    let link = order.link("#pc");

    // Three cashiers are open at once: on the desktop, on a phone that scanned, in her own client.
    buyer.visits(link.clone()).await;
    let mut stranger = shop.buyer();
    stranger.visits(link.clone()).await;
    let mut client = shop.buyer();
    client.browser.cookies = buyer.browser.cookies.clone();
    client.visits(link.clone()).await;
    for payer in [&mut buyer, &mut stranger, &mut client] {
        payer.presses_pay().await;
    }
    assert_eq!(shop.weibo.sandbox.payments().len(), 3, "three attempts, three payments");
    shop.weibo.delivers().await;

    let page = buyer.visits(order.url.clone()).await;
    assert_eq!(page.payment(), "paid");
    assert!(page.text("p.advice").contains("768.00"), "the surplus of two is told: {}", page.told());
    shop.closes().await;
    assert_eq!(shop.count("SELECT count(*) FROM payments WHERE kind = 'pay'").await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM payments WHERE kind = 'surplus'").await, 2);
    assert_eq!(shop.stock("longjing-1").await, 17);
}

#[tokio::test]
async fn going_twice_on_the_same_way_is_one_payment() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let order = buyer.page().clone();
    buyer.goes_to_the_cashier().await;
    let first = buyer.page().clone();
    buyer.visits(order.url).await;
    buyer.goes_to_the_cashier().await;
    buyer.presses_pay().await;
    let again = buyer.submits(&first.form("form.pay")).await;
    assert_eq!(again.status, 409, "Weibo takes it once: {}", again.told());
    shop.weibo.delivers().await;
    shop.closes().await;
    assert_eq!(shop.weibo.sandbox.payments().len(), 1);
}

#[tokio::test]
async fn she_leaves_the_cashier_and_comes_again() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    let page = buyer.presses("form.leave").await;
    assert_eq!(page.payment(), "pending", "nothing is confirmed, nothing refused");
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn too_old_a_client_gets_advice_and_no_cashier() {
    let shop = TestShop::open().await;
    let mut buyer = shop.visitor(TOO_OLD);
    let page = buyer.orders("mug", 1).await;
    assert_eq!(page.attribute("body", "data-route"), "client-too-old");
    assert!(page.has("p.advice") && !page.has("#pay") && !page.has("#pc"), "{}", page.told());
    let link = page.attribute("#link", "value").parse().unwrap();
    let page = buyer.visits(link).await;
    assert_eq!((page.status.as_u16(), page.has("form.pay")), (200, false), "{}", page.told());
    assert_eq!(shop.weibo.sandbox.payments(), [], "Weibo was not bothered");
    shop.closes().await;
    assert_eq!(shop.stock("mug").await, 5, "given back");
}

#[tokio::test]
async fn a_cancelled_order_leads_to_no_cashier() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let link = buyer.page().link("#pay");
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    let page = buyer.visits(link).await;
    assert_eq!((page.closure(), page.has("form.pay")), ("expired".into(), false));
    shop.closes().await;
}

#[tokio::test]
async fn the_waiting_page_hears_of_the_payment() {
    let shop = TestShop::open().await;
    shop.hears_of_changes();
    let mut desktop = shop.desktop();
    desktop.orders("mug", 1).await;
    let watch = desktop.page().attribute("main", "data-watch");
    let tag = desktop.page().attribute("main", "data-tag");
    let mut events = desktop.browser.listens(&format!("{watch}/events?t={tag}")).await;
    assert!(events.next().await.contains(r#""payment":"none""#));
    desktop.goes_to_the_cashier().await;
    assert!(events.next().await.contains(r#""payment":"pending""#));
    desktop.presses_pay().await;
    shop.weibo.delivers().await;
    assert!(events.until(r#""payment":"paid""#).await);
    let state = desktop.opens(&format!("{watch}/state?t={tag}")).await;
    assert!(state.body.contains(r#""payment":"paid""#), "{}", state.told());
    drop(events);
    shop.closes().await;
}
