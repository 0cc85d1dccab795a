//! Orders that the staff calls off before they are paid, and money that comes all the same.

use crate::parcels::{CANCEL, at_the_cashier, audited, cancels, history, paid, path, standing};
use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use crate::support::{TestShop, minutes};
use std::time::Duration;
use weipu::sandbox::Fault;
use weipu::weibo::signature::Params;

/// The only teapot, paid by whoever was at the cashier when the owner called her order off.
pub struct Crossed {
    pub buyer: Buyer,
    pub owner: Buyer,
    pub number: String,
    /// What Weibo has not told the shop yet, and does not tell by itself.
    pub notice: Params,
}

pub async fn crossed(shop: &TestShop) -> Crossed {
    crossed_by(shop, shop.buyer()).await
}

/// The same, by this buyer.
pub async fn crossed_by(shop: &TestShop, mut buyer: Buyer) -> Crossed {
    shop.weibo.always(Fault::Silent);
    buyer.orders("teapot", 1).await;
    let number = buyer.order();
    buyer.goes_to_the_cashier().await;
    let mut owner = shop.owner().await;
    cancels(&mut owner, &number).await;
    buyer.presses_pay().await;
    Crossed { buyer, owner, number, notice: Weibo::notice_of(&shop.weibo.payment()) }
}

#[tokio::test]
async fn an_unpaid_order_is_called_off_after_weibo_was_asked_and_gives_its_goods_back_once() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = at_the_cashier(&shop, "teapot").await;
    let mut owner = shop.owner().await;
    let page = cancels(&mut owner, &number).await;
    assert_eq!(standing(&page), ["pending", "none", "cancelled"], "{}", page.told());
    assert_eq!(history(&page), ["placed", "cashier", "cancelled"]);
    let told = page.text("[data-event=cancelled]");
    assert!(told.contains("买家说不要了") && told.contains("阿山"), "{told}");
    let asked = shop.weibo.sandbox.traffic().iter().filter(|call| call.path.ends_with("/query")).count();
    assert!(asked > 0, "Weibo was asked first");
    assert_eq!(shop.stock("teapot").await, 1);
    let page = buyer.looks_again().await;
    assert_eq!((page.closure(), page.text("h1")), ("cancelled".into(), "店家已取消".into()));
    assert!(!page.body.contains("买家说不要了") && !page.has("#pay"), "the reason is for the staff");
    assert!(page.text(".timeline").contains("店家取消了订单"));
    assert!(buyer.opens("/orders").await.text(".tag").contains("已取消"));
    assert_eq!(audited(&shop, "cancel-order").await, 1);
    shop.later(minutes(31));
    shop.closes().await;
    assert_eq!(shop.stock("teapot").await, 1, "its time being over gives nothing back again");
    assert_eq!(shop.count("SELECT count(*) FROM stock_movements WHERE reason = 'cancellation'").await, 1);
    assert_eq!(standing(owner.looks_again().await)[2], "cancelled");
}

#[tokio::test]
async fn an_order_whose_cashier_nobody_opened_is_called_off_too() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    let number = buyer.order();
    let mut owner = shop.owner().await;
    assert_eq!(standing(&cancels(&mut owner, &number).await), ["none", "none", "cancelled"]);
    assert_eq!(shop.stock("teapot").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_was_paid_a_moment_ago_is_found_out_and_not_called_off() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::Silent);
    let (mut buyer, number) = at_the_cashier(&shop, "teapot").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&number)).await;
    let form = owner.page().form(CANCEL).with("cancel_reason", "缺货");
    buyer.pays().await;
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 409);
    assert_eq!(standing(page), ["paid", "none", "open"], "Weibo said so when it was asked");
    assert!(page.text("#refused").contains("付款") && !page.has(CANCEL));
    assert_eq!((shop.stock("teapot").await, audited(&shop, "cancel-order").await), (0, 0));
    shop.closes().await;
}

/// While Weibo says nothing that can be trusted, the order stays.
async fn stays_in_doubt(fault: Fault) {
    let shop = TestShop::with_patience(Duration::from_millis(400)).await;
    let (mut buyer, number) = at_the_cashier(&shop, "teapot").await;
    let mut owner = shop.owner().await;
    shop.weibo.always(fault);
    let page = cancels(&mut owner, &number).await;
    assert_eq!(page.status, 409, "{fault:?}");
    assert_eq!(standing(&page), ["pending", "none", "open"], "{fault:?}");
    assert!(page.text("#refused").contains("几分钟"));
    assert_eq!(page.attribute("#cancel_reason", "value"), "买家说不要了", "kept as it was typed");
    assert_eq!((shop.stock("teapot").await, audited(&shop, "cancel-order").await), (0, 0));
    shop.weibo.stops(fault);
    assert_eq!(standing(&cancels(&mut owner, &number).await)[2], "cancelled", "{fault:?}");
    buyer.looks_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn an_order_stays_while_weibo_answers_500() {
    stays_in_doubt(Fault::QueryFails).await;
}

#[tokio::test]
async fn an_order_stays_while_weibo_answers_with_a_page_of_html() {
    stays_in_doubt(Fault::QueryGarbage).await;
}

#[tokio::test]
async fn an_order_stays_while_weibo_never_answers() {
    stays_in_doubt(Fault::QueryHangs).await;
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_doubted_for_ten_minutes() {
    let shop = TestShop::open().await;
    let (_buyer, number) = at_the_cashier(&shop, "teapot").await;
    let mut owner = shop.owner().await;
    shop.weibo.always(Fault::QueryUnknownCode);
    assert_eq!(cancels(&mut owner, &number).await.status, 409);
    shop.later(minutes(11));
    assert_eq!(standing(&cancels(&mut owner, &number).await)[2], "cancelled");
    shop.weibo.stops(Fault::QueryUnknownCode);
    shop.closes().await;
}

#[tokio::test]
async fn money_that_comes_after_all_opens_the_order_again() {
    let shop = TestShop::open().await;
    let Crossed { mut owner, notice, .. } = crossed(&shop).await;
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
        let page = owner.looks_again().await;
        assert_eq!(standing(page), ["paid", "none", "open"]);
        assert_eq!(history(page), ["placed", "cashier", "cancelled", "paid"]);
        assert!(page.text("[data-event=paid]").contains("重新打开"));
    }
    assert_eq!(shop.stock("teapot").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn money_that_comes_when_the_goods_are_gone_is_late() {
    let shop = TestShop::open().await;
    let Crossed { mut buyer, mut owner, number, notice } = crossed(&shop).await;
    shop.buyer().orders("teapot", 1).await;
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
        let page = owner.opens(&path(&number)).await;
        assert_eq!(standing(page), ["late", "none", "cancelled"]);
        assert_eq!(history(page), ["placed", "cashier", "cancelled", "late", "refunding"]);
        assert!(page.text("#late").contains("880.00") && !page.has(".alarm"), "it goes back by itself");
    }
    let seen = buyer.opens(&format!("/orders/{number}")).await;
    assert!(seen.text("main").contains("880.00"), "she is told what goes back");
    assert_eq!(cancels_again(&mut owner, &number).await, 409);
    shop.is_sound(false).await;
    shop.closes().await;
}

/// A form that was open since before.
async fn cancels_again(owner: &mut Buyer, number: &str) -> u16 {
    let mut form = owner.opens(&path(number)).await.form("form[action$='/notes']");
    form.action.set_path(&format!("{}/cancellation", path(number)));
    owner.submits(&form.with("cancel_reason", "x")).await.status.as_u16()
}

#[tokio::test]
async fn notices_and_calling_off_at_once_leave_one_truth() {
    for round in 0..6 {
        let shop = TestShop::open().await;
        shop.weibo.always(Fault::Silent);
        let (mut buyer, number) = at_the_cashier(&shop, "teapot").await;
        let mut owner = shop.owner().await;
        owner.opens(&path(&number)).await;
        let form = owner.page().form(CANCEL).with("cancel_reason", "缺货");
        buyer.goes_to_the_cashier().await;
        buyer.presses_pay().await;
        let notice = Weibo::notice_of(&shop.weibo.payment());
        let (answer, page) = tokio::join!(shop.weibo.tells(notice.clone()), owner.submits(&form));
        assert_eq!(answer.body, "success");
        // Whoever was first: the money is here and the one teapot is hers.
        assert!([200, 409].contains(&page.status.as_u16()), "{round}: {}", page.told());
        let page = owner.opens(&path(&number)).await;
        assert_eq!(standing(page), ["paid", "none", "open"], "{round}");
        assert_eq!(shop.stock("teapot").await, 0);
        shop.weibo.tells(notice).await;
        shop.closes().await;
    }
}

#[tokio::test]
async fn two_who_call_it_off_at_once_give_the_goods_back_once() {
    let shop = TestShop::open().await;
    let (_buyer, number) = at_the_cashier(&shop, "teapot").await;
    let mut owner = shop.owner().await;
    owner.opens(&path(&number)).await;
    let form = owner.page().form(CANCEL).with("cancel_reason", "缺货");
    let cookies = owner.browser.cookies.clone();
    let answers = futures_util::future::join_all((0..5).map(|_| {
        let (mut member, form) = (shop.desktop(), form.clone());
        member.browser.cookies.clone_from(&cookies);
        async move { member.submits(&form).await.status.as_u16() }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!((shop.stock("teapot").await, audited(&shop, "cancel-order").await), (1, 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_paid_or_closed_is_not_called_off_and_a_reason_is_given() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    assert!(!owner.opens(&path(&number)).await.has(CANCEL));
    assert_eq!(cancels_again(&mut owner, &number).await, 409);
    let (_other, expired) = at_the_cashier(&shop, "mug").await;
    owner.opens(&path(&expired)).await;
    for bad in ["", " ", "a\0b", &"长".repeat(201)] {
        let form = owner.page().form(CANCEL).with("cancel_reason", bad);
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong("cancel_reason").is_empty()), (422, false), "{bad:?}");
    }
    shop.later(minutes(33));
    shop.work().await;
    let page = owner.opens(&path(&expired)).await;
    assert_eq!(
        (standing(page)[2].as_str(), history(page)),
        ("expired", vec!["placed".into(), "cashier".into(), "expired".into()])
    );
    assert!(page.text("[data-event=expired]").contains("系统"));
    assert_eq!(cancels_again(&mut owner, &expired).await, 409);
    shop.closes().await;
}
