//! Many at once: nobody buys what is not there, and nobody buys twice by pressing twice.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use futures_util::future::join_all;
use reqwest::StatusCode;
use std::collections::BTreeSet;

/// Somebody with the checkout form filled in, about to press.
async fn about_to_order(shop: &TestShop, sku: &str) -> (Buyer, Ask) {
    let mut buyer = shop.phone();
    buyer.opens(&format!("/checkout?variant={sku}")).await;
    let press = Ask::form(&buyer.filled_in());
    (buyer, press)
}

#[tokio::test]
async fn fifty_buyers_of_five_pieces_make_five_orders() {
    let shop = TestShop::open().await;
    let mut ready = Vec::new();
    for _ in 0..50 {
        ready.push(about_to_order(&shop, "mug").await);
    }
    let pages: Vec<Page> =
        join_all(ready.into_iter().map(async |(mut buyer, press)| buyer.asks(press).await.clone())).await;
    let (sold, refused): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.status == StatusCode::OK);
    assert_eq!((sold.len(), refused.len()), (5, 45));
    for page in refused {
        assert_eq!((page.status, page.wrong("quantity").contains('0')), (StatusCode::CONFLICT, true));
        assert_eq!(page.value("street"), "龙井路 1 号", "nothing is lost");
    }
    assert_eq!((shop.stock("mug").await, shop.count("SELECT count(*) FROM orders").await), (0, 5));
    shop.is_sound(true).await;
    shop.closes().await;
    assert_eq!(shop.stock("mug").await, 5);
}

#[tokio::test]
async fn twenty_presses_of_one_button_are_one_order() {
    let shop = TestShop::open().await;
    let (buyer, press) = about_to_order(&shop, "mug").await;
    let again = || Ask { headers: press.headers.clone(), ..Ask::post(press.url.clone(), press.body.clone()) };
    let mut presses: Vec<Buyer> = (0..20).map(|_| shop.phone()).collect();
    let pages =
        join_all(presses.iter_mut().map(async |buyer| buyer.asks(again()).await.url.path().to_owned())).await;
    assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), 1, "{pages:?}");
    assert_eq!((shop.stock("mug").await, shop.count("SELECT count(*) FROM orders").await), (4, 1));
    drop(buyer);
    shop.closes().await;
}

#[tokio::test]
async fn two_presses_for_the_last_piece_are_one_order() {
    let shop = TestShop::open().await;
    let (_, press) = about_to_order(&shop, "teapot").await;
    let again = || Ask { headers: press.headers.clone(), ..Ask::post(press.url.clone(), press.body.clone()) };
    let (mut a, mut b) = (shop.phone(), shop.phone());
    let (a, b) = tokio::join!(a.asks(again()), b.asks(again()));
    assert_eq!((a.status, b.status, a.url.path()), (StatusCode::OK, StatusCode::OK, b.url.path()));
    shop.closes().await;
}

#[tokio::test]
async fn the_same_form_with_other_content_is_shown_again_and_then_is_an_order_of_its_own() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    let form = buyer.filled_in();
    buyer.submits(&form).await;
    let changed = form.clone().with("recipient", "林小梨");
    let page = buyer.submits(&changed).await;
    assert_eq!((page.status, page.value("recipient")), (StatusCode::CONFLICT, "林小梨".into()));
    assert_ne!(page.value("key"), form.fields.iter().find(|(name, _)| name == "key").unwrap().1);
    buyer.checks_out().await;
    // The first form once more, days later: its own order, not a third.
    shop.later(minutes(20));
    buyer.submits(&form).await;
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 2);
    shop.closes().await;
}

#[tokio::test]
async fn two_tabs_are_two_orders() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    let first = buyer.filled_in();
    buyer.opens("/checkout?variant=mug&quantity=2").await;
    let second = buyer.filled_in();
    buyer.submits(&first).await;
    buyer.submits(&second).await;
    let page = buyer.opens("/orders").await;
    assert_eq!(page.body.matches("card listed").count(), 2, "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn two_workers_do_each_job_once() {
    let shop = TestShop::open().await;
    for _ in 0..6 {
        shop.phone().orders("longjing-1", 1).await;
    }
    shop.later(minutes(31));
    tokio::join!(shop.work(), shop.work(), shop.work());
    assert_eq!((shop.stock("longjing-1").await, shop.jobs().await.len()), (20, 0));
    shop.closes().await;
}
