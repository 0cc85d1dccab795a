//! Bought: in the client, on the desktop by code and by its own cashier, in another browser, and all at once.

use crate::support::TestShop;

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
