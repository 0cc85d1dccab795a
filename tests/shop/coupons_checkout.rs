//! Coupons at the checkout: the best one is chosen, what is charged is what was shown, none is used twice, and one
//! whose order is closed unpaid is hers again.

use crate::calling_off::{Crossed, crossed_by};
use crate::parcels::{cancels, path, standing};
use crate::support::coupons::{fen, off};
use crate::support::desk::{ALI, ZHOU};
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use weipu::catalog::ProductId;
use weipu::coupons::{Lasts, Off, Percent, Terms, Wanted};

const CODE: &str = "coupon_code";

fn told(page: &Page) -> (u16, String) {
    (page.status.as_u16(), if page.has("[aria-invalid=true]") { page.wrong(CODE) } else { String::new() })
}

#[tokio::test]
async fn the_best_is_chosen_and_what_is_shown_is_charged() {
    let shop = TestShop::open().await;
    let percent = Off::Percent { percent: Percent::new(20).unwrap(), cap: None };
    let terms = Terms { off: percent, threshold: fen(0), products: Vec::new() };
    shop.gives(&off(500, 0), ALI).await;
    let best = shop.gives(&Wanted { terms, ..off(1, 0) }, ALI).await;
    shop.gives(&off(5_000, 50_000), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    let page = ali.checks("mug", 1).await;
    let offered = page.all("[type=radio][name=coupon]", "value");
    assert_eq!((offered.len(), offered[0].as_str(), offered[2].as_str()), (3, best.code.as_str(), ""));
    assert_eq!((page.value("coupon"), page.text("#discount")), (best.code.as_str().into(), "−¥7.98".into()));
    // 39.90 − 7.98
    assert!(page.due().contains("31.92"), "{}", page.due());
    let page = ali.checks_out().await;
    assert!(page.text("aside").contains("−¥7.98") && page.body.contains("31.92"), "{}", page.told());
    let number = ali.order();
    assert_eq!(shop.state(&best).await, "used");
    assert!(ali.checks("mug", 1).await.text("#discount").contains("5.00"), "the next best");
    ali.opens(&format!("/orders/{number}")).await;
    ali.pays().await;
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&number)).await;
    assert!(page.text("#discount").contains("7.98") && page.has("#coupon"), "{}", page.told());
    shop.closes().await;
    let row =
        "SELECT count(*) FROM orders WHERE discount_fen = 798 AND total_fen = 3192 AND payment = 'paid'";
    assert_eq!(shop.count(row).await, 1);
    assert_eq!(shop.count("SELECT sum(paid_fen)::bigint FROM order_lines").await, 3_192);
}

#[tokio::test]
async fn another_choice_changes_the_total_and_she_is_told_before_she_orders() {
    let shop = TestShop::open().await;
    shop.gives(&off(1_000, 0), ALI).await;
    let other = shop.gives(&off(500, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.checks("mug", 1).await;
    let form = ali.filled_in();
    for (choice, due) in [("", "39.90"), (other.code.as_str(), "34.90")] {
        let page = ali.submits(&form.clone().with("coupon", choice)).await;
        assert_eq!(page.status.as_u16(), 409, "{}", page.told());
        assert!(page.has("#wrongs a[href='#total']") && page.due().contains(due), "{}", page.due());
        assert_eq!((page.value("coupon"), page.value("recipient")), (choice.into(), "林阿梨".into()));
        // Counted again on purpose nobody refuses anything.
        let page = ali.submits(&form.clone().with("coupon", choice).with("recount", "1")).await;
        assert_eq!((page.status.as_u16(), page.has("#wrongs")), (200, false), "{}", page.told());
        assert!(page.due().contains(due) && page.value("recipient") == "林阿梨");
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    let page = ali.checks_out().await;
    assert!(page.body.contains("34.90"), "{}", page.told());
    assert_eq!(shop.state(&other).await, "used");
    shop.closes().await;
}

#[tokio::test]
async fn a_code_that_takes_nothing_off_is_refused_by_its_field_and_nothing_typed_is_lost() {
    let shop = TestShop::open().await;
    let mut ali = shop.signed_in_as(ALI).await;
    let anothers = shop.gives(&off(1_000, 0), ZHOU).await;
    let dear = shop.gives(&off(1_000, 10_000), ALI).await;
    let terms = Terms { products: vec![ProductId(2)], ..off(1_000, 0).terms };
    let others = shop.gives(&Wanted { terms, ..off(1_000, 0) }, ALI).await;
    let short = shop.gives(&Wanted { lasts: Lasts::Days(1), ..off(1_000, 0) }, ALI).await;
    let used = shop.gives(&off(2_000, 0), ALI).await;
    ali.orders("socks-1", 1).await;
    assert_eq!(shop.state(&used).await, "used");
    shop.later(Duration::days(1));
    ali.checks("mug", 1).await;
    let form = ali.filled_in();
    for (code, why) in [
        ("7KQ4-M2X9-AB3C", "没有这张"),
        ("x", "没有这张"),
        ("'; DROP TABLE coupons; --", "没有这张"),
        ("\0", "没有这张"),
        (anothers.code.as_str(), "别的账号"),
        (dear.code.as_str(), "满 ¥100.00"),
        (others.code.as_str(), "不能用于这件商品"),
        (short.code.as_str(), "过期"),
        (used.code.as_str(), "用过了"),
    ] {
        for form in [form.clone(), form.clone().with("recount", "1")] {
            let page = ali.submits(&form.with(CODE, code).with("note", "请轻放")).await;
            let (status, words) = told(page);
            assert!([409, 422].contains(&status) && words.contains(why), "{code}: {status} {words}");
            assert_eq!((page.value("note"), page.value("street")), ("请轻放".into(), "龙井路 1 号".into()));
            assert_eq!(page.value(CODE).trim(), code.trim().replace('\0', "\u{fffd}"), "what she typed");
            assert!(page.due().contains("39.90"), "nothing is taken off");
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 1, "that of the socks");
    // As people type it.
    let nice = shop.gives(&off(1_500, 0), ALI).await;
    let typed = nice.code.grouped().to_lowercase();
    let page = ali.submits(&form.with(CODE, typed).with("recount", "1")).await;
    assert_eq!((page.value("coupon"), page.value(CODE)), (nice.code.as_str().into(), String::new()));
    assert!(page.due().contains("24.90"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn a_wrong_code_beside_a_choice_leaves_the_choice_and_its_total() {
    let shop = TestShop::open().await;
    let chosen = shop.gives(&off(1_000, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.checks("mug", 1).await;
    for recount in [false, true] {
        let form = ali.filled_in().with(CODE, "7KQ4-M2X9-AB3C");
        let form = if recount { form.with("recount", "1") } else { form };
        let page = ali.submits(&form).await;
        assert!(page.wrong(CODE).contains("没有这张"), "{}", page.told());
        assert_eq!(
            (page.value("coupon"), page.value("shown_discount")),
            (chosen.code.as_str().into(), "1000".into())
        );
        assert!(page.due().contains("29.90"), "{}", page.due());
    }
    let form = ali.filled_in().with(CODE, "");
    let page = ali.submits(&form).await;
    assert!(page.url.path().starts_with("/orders/") && page.body.contains("29.90"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn among_hundreds_of_hers_what_holds_is_found_and_what_was_typed_is_chosen() {
    let shop = TestShop::open().await;
    let dear = shop.has_coupon(&Wanted { each: 100, total: 1_000, ..off(1_000, 900_000) }).await;
    let low = shop.has_coupon(&Wanted { each: 100, total: 1_000, ..off(100, 0) }).await;
    let her = shop.knows(ALI).await;
    for coupon in [dear.id, low.id] {
        for _ in 0..100 {
            shop.tries_to_give(coupon, her).await.unwrap();
        }
    }
    let last = shop.gives(&Wanted { lasts: Lasts::Days(30), ..off(500, 0) }, ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    let page = ali.checks("mug", 1).await;
    assert_eq!(
        page.all("[type=radio][name=coupon]", "value").len(),
        101,
        "those that are too dear are not among them"
    );
    let form = ali.filled_in().with(CODE, last.code.grouped());
    let page = ali.submits(&form.with("recount", "1")).await;
    assert_eq!((page.value("coupon"), page.value(CODE)), (last.code.as_str().into(), String::new()));
    let page = ali.checks_out().await;
    assert!(page.url.path().starts_with("/orders/") && page.body.contains("34.90"), "{}", page.told());
    assert_eq!(shop.state(&last).await, "used");
    shop.closes().await;
}

#[tokio::test]
async fn a_guest_is_asked_to_sign_in_and_nobody_uses_what_is_anothers() {
    let shop = TestShop::open().await;
    let given = shop.gives(&off(1_000, 0), ALI).await;
    let mut guest = shop.phone();
    let page = guest.checks("mug", 2).await;
    assert!(!page.has("[name=coupon]") && page.link("#coupon-sign-in").as_str().contains("next="));
    let form = guest.filled_in().with("coupon", given.code.as_str());
    let (status, words) = told(guest.submits(&form).await);
    assert!(status == 409 && words.contains("登录"), "{status} {words}");
    let page = guest.opens("/checkout?variant=mug&quantity=2").await.link("#coupon-sign-in");
    guest.visits(page).await;
    let page = guest.signs_in_as(ALI).await;
    assert_eq!((page.url.path(), page.value("quantity")), ("/checkout", "2".into()));
    assert_eq!(page.value("coupon"), given.code.as_str());
    let mut zhou = shop.signed_in_as(ZHOU).await;
    zhou.checks("mug", 1).await;
    let form = zhou.filled_in().with("coupon", given.code.as_str());
    assert!(told(zhou.submits(&form).await).1.contains("别的账号"));
    assert_eq!(shop.state(&given).await, "open");
}

#[tokio::test]
async fn two_checkouts_at_once_use_one_coupon_once() {
    for round in 0..4 {
        let shop = TestShop::open().await;
        let given = shop.gives(&off(1_000, 0), ALI).await;
        let (mut one, mut two) = (shop.signed_in_as(ALI).await, shop.signed_in_as(ALI).await);
        one.checks("mug", 1).await;
        two.checks("socks-1", 1).await;
        let (first, second) = (one.filled_in(), two.filled_in());
        let (a, b) = tokio::join!(one.submits(&first), two.submits(&second));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{round}");
        let refused = if a.status == 409 { a } else { b };
        assert!(told(refused).1.contains("用过了"), "{}", refused.told());
        let discounted = "SELECT count(*) FROM orders WHERE discount_fen = 1000";
        assert_eq!((shop.count(discounted).await, shop.state(&given).await), (1, "used".into()));
        shop.closes().await;
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_order_with_one_coupon() {
    let shop = TestShop::open().await;
    shop.gives(&off(1_000, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.checks("mug", 1).await;
    let form = ali.filled_in();
    let mut again = shop.desktop();
    again.browser.cookies = ali.browser.cookies.clone();
    let (a, b) = tokio::join!(ali.submits(&form), again.submits(&form));
    assert_eq!((a.status.as_u16(), a.url.path()), (200, b.url.path()), "{}", b.told());
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 1);
    // The same form without the coupon is another wish.
    let page = ali.submits(&form.with("coupon", "").with("shown_discount", "0")).await;
    assert_eq!(page.status.as_u16(), 409);
    shop.closes().await;
}

#[tokio::test]
async fn an_order_that_nobody_pays_gives_its_coupon_back() {
    let shop = TestShop::open().await;
    let given = shop.gives(&off(1_000, 0), ALI).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.orders("mug", 1).await;
    let number = ali.order();
    assert_eq!(shop.state(&given).await, "used");
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!(
        (ali.looks_again().await.closure(), shop.state(&given).await),
        ("expired".into(), "open".into())
    );
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&number)).await;
    assert!(page.text("#coupon").contains("退还") && page.text("#discount").contains("10.00"));
    ali.orders("mug", 1).await;
    let number = ali.order();
    assert_eq!(shop.state(&given).await, "used", "she can use it again");
    cancels(&mut owner, &number).await;
    assert_eq!(shop.state(&given).await, "open");
    shop.closes().await;
    assert_eq!(shop.count("SELECT count(*) FROM coupon_uses").await, 2, "each order remembers it");
}

#[tokio::test]
async fn one_that_is_taken_back_while_it_is_used_is_not_hers_again() {
    let shop = TestShop::open().await;
    let (unpaid, paid) = (shop.gives(&off(1_000, 0), ALI).await, shop.gives(&off(500, 0), ALI).await);
    let mut ali = shop.signed_in_as(ALI).await;
    ali.orders("mug", 1).await;
    ali.orders("socks-1", 1).await;
    ali.pays().await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    for (given, first) in [(&unpaid, true), (&paid, true), (&unpaid, false)] {
        let taken = weipu::coupons::take_back(&mut tx, given.id, shop.clock.now()).await.unwrap();
        assert_eq!(taken, first, "the wish is kept once");
    }
    tx.commit().await.unwrap();
    assert_eq!(shop.state(&unpaid).await, "used", "what she was promised for this order holds");
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!((shop.state(&unpaid).await, shop.state(&paid).await), ("taken_back".into(), "used".into()));
    assert!(!ali.checks("mug", 1).await.has("#discount"));
    shop.closes().await;
}

/// The only teapot, ordered with a coupon, called off while she paid.
async fn crossed_with_a_coupon(shop: &TestShop) -> (Crossed, weipu::coupons::Given) {
    let given = shop.gives(&off(1_000, 0), ALI).await;
    let crossed = crossed_by(shop, shop.signed_in_as(ALI).await).await;
    assert_eq!(shop.state(&given).await, "open", "its order was called off");
    (crossed, given)
}

#[tokio::test]
async fn late_money_opens_the_order_again_with_its_coupon() {
    let shop = TestShop::open().await;
    let (Crossed { mut owner, number, notice, .. }, given) = crossed_with_a_coupon(&shop).await;
    // Its time is over by now, but was not when she ordered.
    shop.runs("UPDATE coupons SET paused_at = now(), ended_at = now()").await;
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
        assert_eq!(standing(owner.opens(&path(&number)).await), ["paid", "none", "open"]);
        assert_eq!(shop.state(&given).await, "used");
    }
    let mut ali = shop.signed_in_as(ALI).await;
    assert!(!ali.checks("mug", 1).await.has("#discount"));
    shop.closes().await;
}

#[tokio::test]
async fn late_money_goes_back_where_another_order_has_used_the_coupon() {
    let shop = TestShop::open().await;
    let (Crossed { mut owner, number, notice, .. }, given) = crossed_with_a_coupon(&shop).await;
    let mut ali = shop.signed_in_as(ALI).await;
    ali.orders("mug", 1).await;
    let second = ali.order();
    assert_eq!(shop.state(&given).await, "used");
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
        assert_eq!(standing(owner.opens(&path(&number)).await), ["late", "none", "cancelled"]);
        assert_eq!(shop.stock("teapot").await, 1, "the teapot is there for others");
    }
    let uses =
        "SELECT count(*) FROM coupons_given g JOIN orders o ON o.id = g.order_id WHERE o.closed_at IS NULL";
    assert_eq!(shop.count(uses).await, 1);
    cancels(&mut owner, &second).await;
    assert_eq!(shop.state(&given).await, "open");
    shop.closes().await;
}

#[tokio::test]
async fn late_money_whose_goods_are_gone_leaves_the_coupon_hers() {
    let shop = TestShop::open().await;
    let (Crossed { mut owner, number, notice, .. }, given) = crossed_with_a_coupon(&shop).await;
    shop.buyer().orders("teapot", 1).await;
    assert_eq!(shop.weibo.tells(notice).await.body, "success");
    assert_eq!(standing(owner.opens(&path(&number)).await), ["late", "none", "cancelled"]);
    assert_eq!(shop.state(&given).await, "open");
    shop.closes().await;
}
