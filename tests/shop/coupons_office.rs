//! Coupons in the back office: made, changed as far as nobody was promised anything else, paused, ended.

use crate::parcels::audited;
use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::coupons::off;
use crate::support::desk::ALI;
use crate::support::page::Form;
use weipu::coupons::{Off, Open};
use weipu::staff::Role;

async fn new(owner: &mut Buyer) -> Form {
    let form = owner.opens("/admin/coupons/new").await.form("#edit");
    form.with("name-zh", "满100减10").with("coupon-amount", "10").with("coupon-threshold", "100")
}

#[tokio::test]
async fn a_coupon_is_made_found_changed_and_written_down() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert!(owner.opens("/admin/coupons").await.has(".empty"));
    let form = new(&mut owner).await.with("coupon-products", shop.base.join("/p/mug?x=1").unwrap().as_str());
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/coupons/1"), "{}", page.told());
    let link = page.link("#page");
    assert_eq!(page.value_of("#edit", "coupon-products"), "mug");
    let page = owner.opens("/admin/coupons").await;
    assert!(page.text("#coupon-1").contains("满 ¥100.00 减 ¥10.00"), "{}", page.told());
    assert_eq!((page.text("#coupon-1 .given"), page.text("#coupon-1 .left")), ("0".into(), "100".into()));
    let mut ali = shop.signed_in_as(ALI).await;
    ali.visits(link).await;
    ali.presses("#take").await;
    let page = owner.opens("/admin/coupons/1").await;
    assert_eq!((page.text("#given"), page.has("#promised")), ("1".into(), true));
    // What is closed is not sent; what is sent all the same is refused.
    let form = page.form("#edit").with("coupon-total", "2");
    let page = owner.submits(&form.clone().with("coupon-amount", "99").with("coupon-kind", "fixed")).await;
    assert_eq!((page.status.as_u16(), page.has("#coupon-kind-wrong")), (422, true), "{}", page.told());
    assert_eq!(owner.submits(&form).await.status, 200);
    let kept = shop.coupon(weipu::coupons::CouponId(1)).await;
    assert_eq!((kept.wanted.total, kept.given), (2, 1));
    assert!(matches!(kept.wanted.terms.off, Off::Fixed(amount) if amount.fen() == 1_000));
    assert_eq!((audited(&shop, "add-coupon").await, audited(&shop, "change-coupon").await), (1, 1));
}

#[tokio::test]
async fn pressed_twice_it_is_one_and_typed_over_it_asks_once_more() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    let mut again = shop.desktop();
    again.browser.cookies = owner.browser.cookies.clone();
    let (a, b) = tokio::join!(owner.submits(&form), again.submits(&form));
    assert_eq!((a.url.path(), b.url.path()), ("/admin/coupons/1", "/admin/coupons/1"), "{}", b.told());
    assert_eq!(owner.submits(&form).await.url.path(), "/admin/coupons/1");
    let count = "SELECT count(*) FROM coupons";
    assert_eq!((shop.count(count).await, audited(&shop, "add-coupon").await), (1, 1));
    let page = owner.submits(&form.with("coupon-amount", "20")).await;
    assert_eq!((page.status.as_u16(), page.wrong("name-zh").contains("满100减10")), (409, true));
    let form = page.form("#edit");
    assert_eq!(owner.submits(&form).await.status, 200);
    assert_eq!((shop.count(count).await, audited(&shop, "add-coupon").await), (2, 2));
}

#[tokio::test]
async fn nonsense_is_told_by_its_field_and_all_of_it_stays() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    for (field, value) in [
        ("name-zh", ""),
        ("name-zh", "\0"),
        ("coupon-amount", "0"),
        ("coupon-amount", "-1"),
        ("coupon-amount", "1.234"),
        ("coupon-amount", "99999999999"),
        ("coupon-threshold", "x"),
        ("coupon-total", "0"),
        ("coupon-total", "1000001"),
        ("coupon-each", "101"),
        ("coupon-until", "2001-01-01T00:00"),
        ("coupon-from", "gestern"),
        ("coupon-days", "0"),
        ("coupon-products", "no-such-product"),
        ("coupon-products", "\0"),
        ("coupon-kind", "gold"),
        ("coupon-lasts", ""),
    ] {
        let page = owner.submits(&form.clone().with(field, value)).await;
        assert_eq!((page.status.as_u16(), page.wrong(field).is_empty()), (422, false), "{field} {value:?}");
        assert_eq!(
            page.value_of("#edit", "coupon-threshold"),
            if field == "coupon-threshold" { value } else { "100" }
        );
    }
    let percent = form.clone().with("coupon-kind", "percent");
    for (field, value) in [("coupon-percent", "0"), ("coupon-percent", "100"), ("coupon-cap", "0")] {
        let sent = percent.clone().with("coupon-percent", "20").with(field, value);
        assert!(!owner.submits(&sent).await.wrong(field).is_empty(), "{field} {value}");
    }
    let early = form.with("coupon-lasts", "until").with("coupon-usable-until", "2026-11-22T00:00");
    assert!(!owner.submits(&early).await.wrong("coupon-usable-until").is_empty(), "it could not be used");
    assert_eq!(shop.count("SELECT count(*) FROM coupons").await, 0);
}

#[tokio::test]
async fn fewer_than_were_given_cannot_be_and_a_stale_form_overwrites_nothing() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    for account in 1..=3 {
        let one = shop.knows(account).await;
        shop.tries_to_give(coupon.id, one).await.unwrap();
    }
    let form = owner.opens("/admin/coupons/1").await.form("#edit");
    let page = owner.submits(&form.clone().with("coupon-total", "2")).await;
    assert!(page.wrong("coupon-total").contains('3'), "{}", page.told());
    assert_eq!(owner.submits(&form.clone().with("name-zh", "甲")).await.status, 200);
    let page = owner.submits(&form.with("name-zh", "乙")).await;
    assert_eq!((page.status.as_u16(), page.text(".stored span")), (409, "甲".into()), "{}", page.told());
    assert_eq!(page.value_of("#edit", "name-zh"), "乙");
    let form = page.form("#edit");
    assert_eq!(owner.submits(&form).await.status, 200, "sent once more it counts");
    assert_eq!(shop.coupon(coupon.id).await.wanted.name.zh, "乙");
}

#[tokio::test]
async fn it_is_paused_goes_on_and_ends_for_good() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    let open = async || shop.coupon(coupon.id).await.open(shop.clock.now());
    let mut anybody = shop.phone();
    assert!(anybody.opens("/p/mug").await.has("a.coupon"));
    let pause = owner.opens("/admin/coupons/1").await.form("#pause");
    owner.submits(&pause).await;
    owner.submits(&pause).await;
    assert_eq!((open().await, audited(&shop, "pause-coupon").await), (Open::Paused, 1));
    assert!(!anybody.opens("/p/mug").await.has("a.coupon"), "at once");
    owner.opens("/admin/coupons/1").await;
    owner.presses("#resume").await;
    assert_eq!(open().await, Open::Yes);
    let end = owner.page().form("#end");
    owner.submits(&end).await;
    assert_eq!((open().await, owner.page().has("#end")), (Open::Over, false));
    assert_eq!(owner.submits(&pause).await.status, 409);
    let mut reader = shop.member("看客", Role::ReadOnly).await;
    let page = reader.opens("/admin/coupons/1").await;
    assert_eq!((page.status.as_u16(), page.has("#edit button")), (200, false));
}
