//! The browser that comes back from the cashier: it settles nothing, whatever it says.

use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::buyer::{ADDRESS, Buyer};
use crate::support::page::Page;
use weipu::sandbox::Fault;
use weipu::weibo::signature::{Params, write_form};

async fn at_the_cashier(shop: &TestShop) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    buyer
}

/// As if the last payment had been made.
fn fields(shop: &TestShop) -> Params {
    let mut fields = shop.weibo.payment().fields();
    fields.insert("status".into(), "PAY_STATUS_SUCCESS".into());
    fields
}

async fn returns(shop: &TestShop, buyer: &mut Buyer, fields: &Params) -> Page {
    let mut url = shop.base.join("/return/weibo/pay").unwrap();
    url.set_query(Some(&write_form(fields)));
    buyer.visits(url).await.clone()
}

#[tokio::test]
async fn neither_an_unsigned_nor_a_signed_return_settles() {
    let shop = TestShop::open().await;
    let mut buyer = at_the_cashier(&shop).await;
    for fields in [fields(&shop), shop.weibo.signed(fields(&shop))] {
        let page = returns(&shop, &mut buyer, &fields).await;
        assert_eq!(page.payment(), "confirming", "{}", page.told());
        assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);
    }
    // The job that it hastened asks, and Weibo says that nobody has paid.
    shop.work().await;
    assert_eq!(buyer.looks_again().await.payment(), "pending");
    shop.closes().await;
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);
}

#[tokio::test]
async fn a_wrongly_signed_return_is_refused_in_her_language() {
    let shop = TestShop::open().await;
    let mut buyer = at_the_cashier(&shop).await;
    let mut altered = shop.weibo.signed(fields(&shop));
    altered.insert("total_amount".into(), "1".into());
    let page = returns(&shop, &mut buyer, &altered).await;
    assert_eq!((page.status.as_u16(), page.text("h1")), (400, "无法识别".into()));
    let half = fields(&shop).into_iter().chain([("sign".to_owned(), "AAAA".to_owned())]).collect();
    assert_eq!(returns(&shop, &mut buyer, &half).await.status, 400);
    shop.closes().await;
}

#[tokio::test]
async fn an_unsigned_return_is_refused_where_a_signature_is_required() {
    let shop = TestShop::with_weibo(|weibo| weibo.require_signed_return = true).await;
    let mut buyer = at_the_cashier(&shop).await;
    assert_eq!(returns(&shop, &mut buyer, &fields(&shop)).await.status, 400);
    let signed = shop.weibo.signed(fields(&shop));
    assert_eq!(returns(&shop, &mut buyer, &signed).await.payment(), "confirming");
    shop.closes().await;
}

#[tokio::test]
async fn a_return_without_our_token_finds_nothing() {
    let shop = TestShop::open().await;
    let mut buyer = at_the_cashier(&shop).await;
    for extra in ["", "x", "0123456789012345678901", "\u{202e}", "' OR ''='"] {
        let mut fields = fields(&shop);
        fields.insert("extra".into(), extra.into());
        let page = returns(&shop, &mut buyer, &shop.weibo.signed(fields)).await;
        assert_eq!(page.status, 404, "{extra:?}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_return_for_an_attempt_of_another_order_changes_nothing() {
    let shop = TestShop::open().await;
    let mut hers = at_the_cashier(&shop).await;
    let other = fields(&shop)["out_pay_id"].clone();
    let mut mine = at_the_cashier(&shop).await;
    let mut fields = fields(&shop);
    fields.insert("out_pay_id".into(), other);
    let page = returns(&shop, &mut mine, &shop.weibo.signed(fields)).await;
    assert_eq!(page.payment(), "pending");
    hers.opens("/orders").await;
    let page = hers.follows("a.listed").await;
    assert_eq!(page.payment(), "pending");
    shop.closes().await;
}

#[tokio::test]
async fn the_notice_may_come_before_the_return() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::BeforeReturn);
    let mut buyer = at_the_cashier(&shop).await;
    assert_eq!(buyer.presses_pay().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn an_unsigned_return_of_weibos_shows_confirming() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::ReturnUnsigned);
    let mut buyer = at_the_cashier(&shop).await;
    assert_eq!(buyer.presses_pay().await.payment(), "confirming");
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn a_posted_return_becomes_a_get_that_knows_her_again() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::ReturnPosted);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.presses_pay().await;
    let form = buyer.page().form("main form");
    // A browser sends no Lax cookie with another site's POST.
    let posted = buyer.browser.send(Ask::form(&form).of_another_site()).await;
    assert_eq!(posted.status, 303, "{}", posted.told());
    let page = buyer.visits(posted.link_of_location()).await;
    assert_eq!((page.payment(), page.url.path().starts_with("/orders/")), ("confirming".into(), true));
    shop.closes().await;
}

#[tokio::test]
async fn a_browser_that_lost_its_cookie_sees_how_it_stands_and_no_more() {
    let shop = TestShop::open().await;
    let mut buyer = at_the_cashier(&shop).await;
    buyer.browser.cookies.clear();
    let page = buyer.presses_pay().await;
    assert_eq!((page.status.as_u16(), page.payment()), (200, "confirming".into()));
    assert!(ADDRESS.iter().all(|(_, hers)| !page.body.contains(hers)), "{}", page.told());
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}
