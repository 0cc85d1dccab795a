//! Refunds from the order's page: what she confirms is what goes back, once, however the form is sent.

use crate::calling_off::{Crossed, crossed};
use crate::parcels::{SHIP, audited, history, paid, path, standing};
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::{Form, Page};
use crate::support::{Duration, TestShop, minutes};
use futures_util::future::join_all;
use uuid::Uuid;
use weipu::sandbox::Fault;

pub const REFUND: &str = "form#refund";
pub const CONFIRM: &str = "form#confirm";

/// Somebody who has paid for several of these, and her order.
pub async fn paid_for(shop: &TestShop, sku: &str, pieces: u32) -> (Buyer, String) {
    let mut buyer = shop.buyer();
    let url = buyer.orders(sku, pieces).await.url.clone();
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.visits(url).await;
    (buyer, number)
}

/// Fills in the form of an order's refund; what she sees then is what it comes to.
pub async fn asks(owner: &mut Buyer, number: &str, fields: &[(&str, &str)]) -> Page {
    owner.opens(&format!("{}/refund", path(number))).await;
    let form = owner.page().form(REFUND).with("refund_reason", "壶嘴磕了");
    let form = fields.iter().fold(form, |form, (name, value)| form.with(name, *value));
    owner.submits(&form).await.clone()
}

pub fn confirming(page: &Page) -> Form {
    page.form(CONFIRM).with("confirmed", "1")
}

pub async fn refunds(owner: &mut Buyer, number: &str, fields: &[(&str, &str)]) -> Page {
    let form = confirming(&asks(owner, number, fields).await);
    owner.submits(&form).await.clone()
}

/// Weibo gets to know of it and gives the money back.
pub async fn weibo_gives_back(shop: &TestShop) {
    shop.work().await;
    shop.later(Duration::seconds(3));
    shop.weibo.delivers().await;
}

fn without(form: Form, name: &str) -> Form {
    let fields = form.fields.into_iter().filter(|(field, _)| field != name).collect();
    Form { fields, ..form }
}

#[tokio::test]
async fn everything_goes_back_and_on_the_shelf_and_the_buyer_follows_it() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid_for(&shop, "longjing-1", 2).await;
    let mut owner = shop.owner().await;
    assert_eq!(
        owner.opens(&path(&number)).await.link("#to-refund").path(),
        format!("{}/refund", path(&number))
    );
    let page = asks(&mut owner, &number, &[]).await;
    assert_eq!(page.text(".sum b"), "¥256.00", "{}", page.told());
    assert!(page.text(".sum").contains("还能退 ¥256.00") && page.text("#restocked").contains("2 件"));
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 0, "looking gives nothing back");
    let page = owner.submits(&confirming(&page)).await.clone();
    assert_eq!((page.url.path(), page.has("p.said")), (path(&number).as_str(), true));
    assert!(!page.has(SHIP) && !page.has("#to-refund"), "nothing to send, nothing left");
    assert_eq!(page.attribute("[data-refund]", "data-state"), "begun");
    assert!(page.text(".refunds").contains("壶嘴磕了") && page.text(".refunds").contains("明前龙井"));
    assert_eq!((shop.stock("longjing-1").await, audited(&shop, "refund-order").await), (18, 1));
    let seen = buyer.looks_again().await;
    assert_eq!((seen.payment(), seen.text("h1")), ("paid".into(), "正在退款".into()));
    assert!(seen.text("p.back").contains("¥256.00 正在") && !seen.has("#repost"));
    assert_eq!(buyer.opens("/orders").await.text(".tag"), "退款中");

    weibo_gives_back(&shop).await;
    let page = owner.looks_again().await;
    assert_eq!(page.attribute("[data-refund]", "data-state"), "succeeded");
    assert_eq!(history(page), ["placed", "cashier", "paid", "refunding", "refunded"]);
    assert_eq!(shop.stock("longjing-1").await, 20);
    let seen = buyer.opens(&format!("/orders/{number}")).await;
    assert_eq!((seen.payment(), seen.text("h1")), ("refunded".into(), "已退款".into()));
    assert!(seen.text("p.back").contains("¥256.00 已退回"), "{}", seen.told());
    assert!(seen.text(".timeline").contains("退款已到账 ¥256.00"));
    assert_eq!(buyer.opens("/orders").await.text(".tag"), "已退款");
    let again = owner.opens(&format!("{}/refund", path(&number))).await;
    assert!(!again.has(REFUND) && again.has(".empty"), "nothing is left");
    let reason = &shop.weibo.sandbox.refunds()[0].reason;
    assert_eq!(reason, "壶嘴磕了", "the buyer reads it at Weibo");
    shop.closes().await;
}

#[tokio::test]
async fn pieces_go_back_in_portions_and_the_rest_is_sent() {
    let shop = TestShop::open().await;
    let (mut buyer, number) = paid_for(&shop, "longjing-1", 3).await;
    let mut owner = shop.owner().await;
    let page = asks(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "4")]).await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity-1").as_str()), (422, "最多还能退 3 件"));
    assert_eq!(page.value_of(REFUND, "quantity-1"), "4", "kept as it was typed");
    assert!(page.text("#wrongs").contains("明前龙井"));
    let page = refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "2")]).await;
    assert!(page.has(SHIP) && page.has("#to-refund"), "one is still to be sent");
    weibo_gives_back(&shop).await;
    assert_eq!(shop.stock("longjing-1").await, 19);
    let seen = buyer.looks_again().await;
    assert_eq!((seen.payment(), seen.text("h1")), ("partly_refunded".into(), "付款成功".into()));
    assert!(seen.text("p.back").contains("¥256.00 已退回"));
    assert_eq!(buyer.opens("/en/orders").await.text(".tag"), "Partly refunded");

    crate::parcels::ships(&mut owner, &number, "sf", "SF1234567890123").await;
    let page = owner.opens(&format!("{}/refund", path(&number))).await;
    assert!(page.text(".facts").contains("¥128.00") && page.text(REFUND).contains("/ 1"));
    let ticked = page.form(REFUND).fields.iter().any(|(name, _)| name.starts_with("restock"));
    assert!(!ticked, "what is on its way is not on the shelf");
    refunds(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "1")]).await;
    weibo_gives_back(&shop).await;
    assert_eq!(
        (shop.stock("longjing-1").await, buyer.opens(&format!("/orders/{number}")).await.payment()),
        (19, "refunded".into())
    );
    assert_eq!(standing(owner.opens(&path(&number)).await), ["paid", "shipped", "open"]);
    shop.closes().await;
}

#[tokio::test]
async fn what_cannot_be_given_back_is_told_by_the_field_and_kept() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    let long = "长".repeat(101);
    for (fields, field, said) in [
        (&[("way", "amount"), ("amount", "39.91")][..], "amount", "¥39.90"),
        (&[("way", "amount"), ("amount", "0")], "amount", "大于 0"),
        (&[("way", "amount"), ("amount", "-1")], "amount", "大于 0"),
        (&[("way", "amount"), ("amount", "1.234")], "amount", "两位小数"),
        (&[("way", "amount"), ("amount", "9\0")], "amount", "大于 0"),
        (&[("way", "pieces"), ("quantity-1", "2")], "quantity-1", "1 件"),
        (&[("way", "pieces"), ("quantity-1", "99999999999")], "quantity-1", "整数"),
        (&[("way", "pieces"), ("quantity-1", "+1")], "quantity-1", "整数"),
        (&[("refund_reason", "  ")], "refund_reason", "请填写"),
        (&[("refund_reason", &long)], "refund_reason", "100"),
        (&[("refund_reason", "a\0b")], "refund_reason", "无法打印"),
    ] {
        let page = asks(&mut owner, &number, fields).await;
        assert_eq!(page.status, 422, "{fields:?}");
        assert!(page.wrong(field).contains(said), "{fields:?}: {}", page.wrong(field));
        assert!(!page.has(CONFIRM));
        let (name, typed) = fields.last().unwrap();
        // No page can hold that character.
        let typed = typed.replace('\0', "\u{fffd}");
        assert_eq!(page.value_of(REFUND, name).trim(), typed.trim(), "kept");
    }
    for fields in [
        &[("way", "pieces")][..],
        &[("way", "")],
        &[("way", "gift")],
        &[("way", "pieces"), ("quantity-9", "1")],
    ] {
        let page = asks(&mut owner, &number, fields).await;
        assert_eq!((page.status.as_u16(), page.has("fieldset.wrong .why")), (422, true), "{fields:?}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 0);
    let page = asks(&mut owner, &number, &[("way", "amount"), ("amount", "39.90")]).await;
    let back = owner.submits(&page.form(CONFIRM).with("change", "1")).await;
    assert_eq!((back.status.as_u16(), back.value_of(REFUND, "amount").as_str()), (200, "39.90"));
    shop.closes().await;
}

#[tokio::test]
async fn fifty_of_the_same_form_at_once_are_one_refund() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid_for(&shop, "longjing-1", 3).await;
    let mut owner = shop.owner().await;
    let form = confirming(&asks(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "1")]).await);
    let cookies = owner.browser.cookies.clone();
    let sent = join_all((0..50).map(|_| {
        let (mut same, form) = (shop.desktop(), form.clone());
        same.browser.cookies = cookies.clone();
        async move { same.browser.send(Ask::form(&form)).await }
    }))
    .await;
    for answer in sent {
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, path(&number).as_str()));
    }
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 1);
    assert_eq!(audited(&shop, "refund-order").await, 1);
    weibo_gives_back(&shop).await;
    owner.submits(&form).await;
    assert_eq!(
        shop.count("SELECT sum(refunded_fen)::bigint FROM orders").await,
        12_800,
        "an hour later, too"
    );
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_has_changed_since_she_looked_is_shown_again_and_not_done() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid_for(&shop, "longjing-1", 2).await;
    let mut owner = shop.owner().await;
    let stale = confirming(&asks(&mut owner, &number, &[]).await);
    refunds(&mut owner, &number, &[("way", "amount"), ("amount", "100")]).await;
    let page = owner.submits(&stale).await.clone();
    assert_eq!(page.status, 409, "{}", page.told());
    assert!(page.text("#refused").contains("¥156.00") && page.text(".sum b") == "¥156.00");
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 1, "nothing was done");
    // Shown something, sent something else.
    for (name, value) in [("shown", "1"), ("way", "pieces"), ("shown", "x"), ("key", "1")] {
        let answer = owner.submits(&confirming(&page).with(name, value)).await;
        assert!(matches!(answer.status.as_u16(), 200 | 409 | 422), "{name}: {}", answer.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 1, "what was not shown is not done");
    owner.submits(&confirming(&page)).await;
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 2);
    weibo_gives_back(&shop).await;
    // The form of the first, with another reason: another request.
    let page = owner.submits(&stale.clone().with("shown", "15600").with("refund_reason", "别的")).await;
    assert_eq!((page.status.as_u16(), page.has(".empty")), (409, true), "{}", page.told());
    let late = owner.submits(&without(stale, "key")).await;
    assert_eq!((late.status.as_u16(), late.has("#refused")), (409, true), "nothing is left");
    shop.closes().await;
}

#[tokio::test]
async fn a_form_that_was_used_for_another_refund_gets_a_key_of_its_own() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid_for(&shop, "longjing-1", 2).await;
    let mut owner = shop.owner().await;
    let form = confirming(&asks(&mut owner, &number, &[("way", "amount"), ("amount", "10")]).await);
    owner.submits(&form).await;
    let page = owner.submits(&form.clone().with("amount", "11").with("shown", "1100")).await.clone();
    assert_eq!(page.status, 409);
    assert!(page.text("#refused").contains("另一笔"));
    let key: Uuid = page.value_of(CONFIRM, "key").parse().unwrap();
    assert_ne!(key.to_string(), form.fields.iter().find(|(name, _)| name == "key").unwrap().1);
    owner.submits(&confirming(&page)).await;
    assert_eq!(shop.count("SELECT sum(back_fen)::bigint FROM orders").await, 2_100);
    weibo_gives_back(&shop).await;
    shop.closes().await;
}

#[tokio::test]
async fn money_goes_out_only_after_the_password_was_given_lately() {
    let shop = TestShop::open().await;
    let (_buyer, number) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    let form = confirming(&asks(&mut owner, &number, &[]).await);
    shop.later(minutes(10));
    assert_eq!(owner.submits(&form).await.url.path(), "/admin/account/confirm");
    assert_eq!(owner.opens(&format!("{}/refund", path(&number))).await.url.path(), "/admin/account/confirm");
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn what_was_not_paid_is_not_given_back() {
    let shop = TestShop::open().await;
    let (_, paid) = paid(&shop, "mug").await;
    let mut owner = shop.owner().await;
    let form = confirming(&asks(&mut owner, &paid, &[]).await);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let unpaid = buyer.order();
    assert!(!owner.opens(&path(&unpaid)).await.has("#to-refund"));
    assert!(owner.opens(&format!("{}/refund", path(&unpaid))).await.has(".empty"));
    let mut forged = form;
    forged.action.set_path(&format!("{}/refund", path(&unpaid)));
    assert_eq!(owner.submits(&forged).await.status, 409);
    assert_eq!(owner.opens("/admin/orders/2611-0000-0000/refund").await.status, 404);
    assert_eq!(shop.count("SELECT count(*) FROM refunds").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn what_came_late_goes_back_without_its_goods_which_others_have() {
    let shop = TestShop::open().await;
    shop.runs("UPDATE shop SET refund_itself_fen = 0").await;
    let Crossed { mut buyer, mut owner, number, notice } = crossed(&shop).await;
    shop.buyer().orders("teapot", 1).await;
    shop.weibo.tells(notice).await;
    let page = asks(&mut owner, &number, &[("way", "pieces"), ("quantity-1", "1"), ("restock-1", "1")]).await;
    assert_eq!(page.status, 422, "no pieces are offered");
    let page = asks(&mut owner, &number, &[("restock", "1")]).await;
    assert_eq!((page.text(".sum b").as_str(), page.text("#restocked").as_str()), ("¥880.00", "不放回库存"));
    shop.weibo.stops(Fault::Silent);
    owner.submits(&confirming(&page)).await;
    let seen = buyer.opens(&format!("/orders/{number}")).await;
    assert!(seen.payment() == "late" && seen.text("p.back").contains("正在"), "{}", seen.told());
    weibo_gives_back(&shop).await;
    let seen = buyer.looks_again().await;
    assert!(seen.payment() == "late" && seen.text("p.back").contains("已退回"), "{}", seen.told());
    assert_eq!(buyer.opens("/orders").await.text(".tag"), "已退款");
    shop.closes().await;
}
