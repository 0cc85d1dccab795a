//! The pages about money: what waits for somebody is there, and goes away when it is seen to.

use crate::parcels::{audited, paid, path};
use crate::refunds_desk::{paid_for, refunds, weibo_gives_back};
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{Duration, TestShop};
use weipu::sandbox::Fault;
use weipu::staff::Role;

const RETRY: &str = "form[action$='/retry']";
const ASIDE: &str = "form[action$='/aside']";
const BACK: &str = "form[action*='/surplus/']";

async fn decides_everything_herself(shop: &TestShop) {
    shop.runs("UPDATE shop SET refund_itself_fen = 0").await;
}

/// Paid on two ways at once: the second has to go back.
async fn paid_twice(shop: &TestShop) -> (Buyer, String) {
    let mut desktop = shop.desktop();
    let page = desktop.orders("longjing-1", 1).await;
    let (link, url) = (page.attribute("#link", "value").parse().unwrap(), page.url.clone());
    let number = desktop.order();
    let mut phone = shop.buyer();
    phone.visits(link).await;
    desktop.pays().await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    desktop.visits(url).await;
    (desktop, number)
}

/// The number beside the section's name in the rail.
async fn badge(owner: &mut Buyer, shop: &TestShop) -> String {
    shop.app.shop.pages.recount();
    let page = owner.opens("/admin/money").await;
    let link = ".rail a[href='/admin/money']";
    if page.has(&format!("{link} .count")) { page.text(&format!("{link} .count")) } else { String::new() }
}

fn numbers(page: &Page) -> Vec<String> {
    (1..=4).map(|n| page.text(&format!(".todo li:nth-child({n}) b"))).collect()
}

#[tokio::test]
async fn a_refund_that_failed_is_seen_and_sent_again_under_its_number() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    assert_eq!(badge(&mut owner, &shop).await, "");
    assert!(owner.page().has(".empty"), "nothing waits");
    shop.weibo.will(Fault::RefundRefused);
    refunds(&mut owner, &number, &[]).await;
    assert_eq!(numbers(owner.opens("/admin/money").await), ["0", "0", "1", "0"]);
    weibo_gives_back(&shop).await;
    assert_eq!(badge(&mut owner, &shop).await, "1");
    assert_eq!(numbers(owner.page()), ["0", "1", "0", "0"]);
    assert_eq!(owner.opens("/admin").await.text(".todo a[href='/admin/money#failed'] b"), "1");
    let page = owner.opens(&path(&number)).await;
    assert_eq!(page.attribute("[data-refund]", "data-state"), "failed");
    assert!(page.text(".refunds .why").contains("微博说"), "{}", page.told());
    assert!(page.has("form[action$='/shipment']"), "the money is here: it can be sent");
    assert_eq!(buyer.looks_again().await.payment(), "paid");

    let again = page.form(RETRY);
    owner.submits(&again).await;
    assert_eq!(owner.page().attribute("[data-refund]", "data-state"), "begun");
    assert_eq!(owner.submits(&again).await.status, 409, "it did not fail any more");
    assert!(owner.page().has("#refused"));
    weibo_gives_back(&shop).await;
    assert_eq!(buyer.looks_again().await.payment(), "refunded");
    assert_eq!(badge(&mut owner, &shop).await, "");
    assert_eq!(
        (shop.count("SELECT count(*) FROM refunds").await, audited(&shop, "retry-refund").await),
        (1, 1)
    );
    assert_eq!(shop.stock("mug").await, 5);
    shop.closes().await;
}

#[tokio::test]
async fn a_refund_that_failed_can_be_put_aside_and_does_not_come_back_twice() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    shop.weibo.will(Fault::RefundRefused);
    refunds(&mut owner, &number, &[]).await;
    weibo_gives_back(&shop).await;
    let page = owner.opens("/admin/money").await.clone();
    // Given back with another refund meanwhile: the first must not give the same piece back again.
    refunds(&mut owner, &number, &[("way", "amount"), ("amount", "0.01")]).await;
    weibo_gives_back(&shop).await;
    assert_eq!(owner.submits(&page.form(RETRY)).await.status, 409, "less is left than it was");
    let put = owner.submits(&page.form(ASIDE)).await;
    assert_eq!((put.url.path(), put.has("p.said"), put.has("#failed")), ("/admin/money", true, false));
    assert_eq!(owner.submits(&page.form(ASIDE)).await.status, 409, "once is enough");
    assert_eq!((badge(&mut owner, &shop).await.as_str(), audited(&shop, "put-refund-aside").await), ("", 1));
    let list = owner.opens("/admin/money/refunds").await;
    assert!(
        list.text("table").contains("失败") && list.text("table").contains("已到账"),
        "it stays in the list"
    );
    shop.closes().await;
}

#[tokio::test]
async fn pieces_that_came_back_with_another_refund_do_not_come_back_again() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid_for(&shop, "longjing-1", 2).await;
    let mut owner = shop.owner().await;
    let one = [("way", "pieces"), ("quantity-1", "1")];
    shop.weibo.will(Fault::RefundRefused);
    refunds(&mut owner, &number, &one).await;
    weibo_gives_back(&shop).await;
    let failed = owner.opens(&path(&number)).await.form(RETRY);
    refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "2"), ("restock-1", "1")]).await;
    assert_eq!(owner.submits(&failed).await.status, 409);
    weibo_gives_back(&shop).await;
    assert_eq!(shop.stock("longjing-1").await, 20);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_above_the_limit_waits_for_somebody_and_goes_back_once() {
    let shop = TestShop::open().await;
    decides_everything_herself(&shop).await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    let (mut buyer, number) = paid_twice(&shop).await;
    assert!(buyer.page().text("p.back").contains("多付了 ¥128.00"), "{}", buyer.page().told());
    let mut owner = shop.owner().await;
    assert_eq!(badge(&mut owner, &shop).await, "1");
    assert_eq!(owner.opens("/admin").await.text(".todo a[href='/admin/money#owed'] b"), "1");
    assert!(owner.opens(&path(&number)).await.text(".alarm").contains("128.00"));
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    let seen = reader.opens("/admin/money").await;
    assert!(seen.has("#owed") && !seen.has(BACK), "who may only look finds no button");
    // Weibo cannot do it at first.
    shop.weibo.will(Fault::RefundFailsLater);
    owner.opens("/admin/money").await;
    let page = owner.presses(BACK).await;
    assert_eq!((page.url.path(), page.has("#owed"), page.has("#under-way")), ("/admin/money", false, true));
    assert!(buyer.looks_again().await.text("p.back").contains("多付的 ¥128.00 正在"));
    weibo_gives_back(&shop).await;
    assert_eq!(badge(&mut owner, &shop).await, "1", "one thing, although it is owed and has failed");
    let form = owner.page().form(BACK);
    owner.submits(&form).await;
    assert_eq!(owner.submits(&form).await.status, 409, "it is on its way");
    weibo_gives_back(&shop).await;
    assert!(buyer.looks_again().await.text("p.back").contains("多付的 ¥128.00 已退回"));
    assert_eq!((buyer.page().payment().as_str(), badge(&mut owner, &shop).await.as_str()), ("paid", ""));
    let given = "SELECT count(*) FROM refunds WHERE state = 'succeeded'";
    assert_eq!((shop.count(given).await, audited(&shop, "send-back").await), (1, 2));
    assert_eq!(
        shop.weibo.sandbox.refunds().len(),
        2,
        "Weibo ended the first: under its number nothing goes back"
    );
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_refused_is_sent_back_under_its_number() {
    let shop = TestShop::open().await;
    decides_everything_herself(&shop).await;
    paid_twice(&shop).await;
    let mut owner = shop.owner().await;
    shop.weibo.will(Fault::RefundRefused);
    for _ in 0..2 {
        owner.opens("/admin/money").await;
        owner.presses(BACK).await;
        weibo_gives_back(&shop).await;
    }
    assert_eq!(shop.count("SELECT count(*) FROM refunds WHERE state = 'succeeded'").await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_took_and_failed_is_given_back_anew() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    shop.weibo.will(Fault::RefundFailsLater);
    refunds(&mut owner, &number, &[]).await;
    weibo_gives_back(&shop).await;
    let page = owner.opens("/admin/money").await;
    assert!(page.has("#failed") && !page.has(RETRY), "under its number nothing goes back any more");
    assert_eq!(page.link("#failed td.do a").path(), format!("{}/refund", path(&number)));
    refunds(&mut owner, &number, &[]).await;
    weibo_gives_back(&shop).await;
    assert_eq!((shop.stock("mug").await, shop.count("SELECT refunded_fen FROM orders").await), (5, 3_990));
    shop.closes().await;
}

#[tokio::test]
async fn a_number_that_is_another_orders_does_nothing() {
    let shop = TestShop::open().await;
    decides_everything_herself(&shop).await;
    let (_, number) = paid_twice(&shop).await;
    let (_, other) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/money").await.form(BACK);
    let pay_id = form.action.path().rsplit('/').next().unwrap().to_owned();
    for to in [format!("{}/surplus/{pay_id}", path(&other)), format!("{}/surplus/1", path(&number))] {
        let mut forged = form.clone();
        forged.action.set_path(&to);
        assert_eq!(owner.submits(&forged).await.status, 409, "{to}");
    }
    for end in ["surplus/%00", "surplus/a'b", "refunds/x%00/retry", "refunds/1/retry", "refunds/1/aside"] {
        let mut forged = form.clone();
        forged.action = shop.base.join(&format!("{}/{end}", path(&number))).unwrap();
        let status = owner.submits(&forged).await.status.as_u16();
        assert!(matches!(status, 400 | 404 | 409), "{end}: {status}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_message_that_nobody_can_believe_is_shown_word_for_word_until_it_is_seen_to() {
    let shop = TestShop::open().await;
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.weibo.will(Fault::OneFen);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    let mut owner = shop.owner().await;
    assert_eq!(owner.opens("/admin").await.link("[role=alert] a").path(), "/admin/money/notices");
    assert_eq!(badge(&mut owner, &shop).await, "1");
    let page = owner.opens("/admin/money/notices").await.clone();
    assert_eq!(page.text(".doubted h2"), "金额不符");
    assert!(page.text(".doubted pre").contains("total_amount=1"), "{}", page.told());
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    let seen = reader.opens("/admin/money/notices").await;
    assert!(
        seen.text(".doubted h2") == "金额不符"
            && !seen.body.contains("total_amount")
            && !seen.has("main form")
    );
    let mut finance = shop.member("小账", Role::Finance).await;
    assert!(finance.opens("/admin/money/notices").await.has(".doubted pre"));
    let form = page.form("main form");
    for odd in ["", "x", "\0", "x\ny"] {
        let answer = owner.submits(&form.clone().with("digest", odd)).await;
        assert!(matches!(answer.status.as_u16(), 200 | 404), "{odd:?}");
    }
    for _ in 0..2 {
        let after = owner.submits(&form).await;
        assert!(after.has(".empty") && after.has("p.said"), "{}", after.told());
    }
    assert_eq!((audited(&shop, "see-to-notice").await, badge(&mut owner, &shop).await.as_str()), (1, ""));
    assert!(!owner.opens("/admin").await.has("[role=alert]"));
    shop.closes().await;
}

#[tokio::test]
async fn all_refunds_are_listed_page_by_page() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid_for(&shop, "longjing-1", 1).await;
    let mut owner = shop.owner().await;
    assert!(owner.opens("/admin/money/refunds").await.has(".empty"));
    for _ in 0..51 {
        refunds(&mut owner, &number, &[("way", "amount"), ("amount", "0.01")]).await;
    }
    let page = owner.opens("/admin/money/refunds").await.clone();
    assert_eq!(page.body.matches("data-refund=").count(), 50);
    assert!(page.text("table").contains("壶嘴磕了"));
    let page = owner.follows(".pager a[rel=next]").await;
    assert_eq!((page.body.matches("data-refund=").count(), page.has(".pager a[rel=next]")), (1, false));
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    assert!(!reader.opens("/admin/money/refunds").await.body.contains("壶嘴磕了"), "words about a buyer");
    for odd in ["x", "-1", "99999999999999999999", "%00"] {
        assert_eq!(owner.opens(&format!("/admin/money/refunds?before={odd}")).await.status, 200, "{odd}");
    }
    weibo_gives_back(&shop).await;
    shop.closes().await;
}

#[tokio::test]
async fn refunds_stand_among_the_figures_of_the_day_on_which_they_are_back() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    shop.later(Duration::days(1));
    let mut owner = shop.owner().await;
    refunds(&mut owner, &number, &[("way", "amount"), ("amount", "9.90")]).await;
    assert_eq!(owner.opens("/admin").await.text(".numbers div:nth-child(5) b"), "¥0.00", "not back yet");
    weibo_gives_back(&shop).await;
    for folded in [false, true] {
        for days in ["1", "7", "30"] {
            let page = owner.opens(&format!("/admin?days={days}")).await;
            assert_eq!(page.text(".numbers div:nth-child(5) dt"), "退款");
            assert_eq!(page.text(".numbers div:nth-child(5) b"), "¥9.90", "{days} {folded}");
            assert!(page.text("#chart-told").contains("退款 ¥9.90"));
            let last = page.text(".figures tbody tr:last-child td:last-child");
            assert_eq!(last, "¥9.90", "the table says the same");
        }
        shop.app.worker.fold_figures().await.unwrap();
    }
    shop.closes().await;
}
