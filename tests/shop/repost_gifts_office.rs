//! Campaigns for reposts in the back office: made, changed as far as nobody was promised anything else, paused, ended.

use crate::parcels::audited;
use crate::reposts::{has_bought, says};
use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::coupons::off;
use crate::support::page::Form;
use weipu::coupons::Open;
use weipu::sharing::gifts::{self, Gift, GiftId};
use weipu::staff::Role;

const LIST: &str = "/admin/sharing/reposts";

impl TestShop {
    async fn gift(&self, id: i64) -> Gift {
        gifts::find(&mut self.database.connect().await, GiftId(id)).await.unwrap().unwrap()
    }
}

async fn new(owner: &mut Buyer) -> Form {
    let form = owner.opens(&format!("{LIST}/gifts/new")).await.form("#edit");
    form.with("gift-name", "春茶").with("gift-coupon", "1")
}

#[tokio::test]
async fn a_campaign_is_made_found_changed_and_written_down() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert!(owner.opens(LIST).await.has(".empty"));
    assert!(owner.opens(&format!("{LIST}/gifts/new")).await.has("#no-coupons"));
    shop.has_coupon(&off(1_000, 10_000)).await;
    shop.has_coupon(&off(2_000, 10_000)).await;
    let form = new(&mut owner).await;
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/sharing/reposts/gifts/1"));
    let page = owner.opens(LIST).await;
    assert!(page.text("#gift-1").contains("满 ¥100.00 减 ¥10.00"), "{}", page.told());
    let mut buyer = has_bought(&shop).await;
    let gift = buyer.page().attribute("#gift-ask", "value");
    let form = buyer.page().form("#repost form").with("gift", gift);
    buyer.submits(&form).await;
    shop.work().await;
    let page = owner.opens(LIST).await;
    assert_eq!(page.text("#gift-1 .promised"), "1 / 100");
    let row = format!("#repost-{}", buyer.order());
    assert!(page.text(&row).contains("已发出") && page.has(&format!("{row} a[href*='/status/']")));
    let page = owner.opens("/admin/sharing/reposts/gifts/1").await;
    assert_eq!((page.text("#issued"), page.has("#promised")), ("1".into(), true));
    let form = page.form("#edit");
    let page = owner.submits(&form.clone().with("gift-coupon", "2")).await;
    assert_eq!((page.status.as_u16(), page.has("#gift-coupon-wrong")), (422, true), "{}", page.told());
    let page = owner.submits(&form.clone().with("gift-total", "0")).await;
    assert_eq!(page.status, 422);
    assert_eq!(owner.submits(&form.with("gift-total", "1")).await.status, 200);
    assert_eq!((shop.gift(1).await.wanted.total, shop.gift(1).await.promised), (1, 1));
    assert_eq!((audited(&shop, "add-gift").await, audited(&shop, "change-gift").await), (1, 1));
    shop.closes().await;
}

#[tokio::test]
async fn pressed_twice_it_is_one_and_typed_over_it_asks_once_more() {
    let shop = TestShop::open().await;
    shop.has_coupon(&off(1_000, 0)).await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    let mut again = shop.desktop();
    again.browser.cookies = owner.browser.cookies.clone();
    let (a, b) = tokio::join!(owner.submits(&form), again.submits(&form));
    let first = "/admin/sharing/reposts/gifts/1";
    assert_eq!((a.url.path(), b.url.path()), (first, first), "{}", b.told());
    let count = "SELECT count(*) FROM repost_gifts";
    assert_eq!((shop.count(count).await, audited(&shop, "add-gift").await), (1, 1));
    let page = owner.submits(&form.with("gift-total", "20")).await;
    assert_eq!((page.status.as_u16(), page.wrong("gift-name").contains("春茶")), (409, true));
    let form = page.form("#edit");
    assert_eq!(owner.submits(&form).await.status, 200);
    assert_eq!(shop.count(count).await, 2);
}

#[tokio::test]
async fn nonsense_is_told_by_its_field_and_all_of_it_stays() {
    let shop = TestShop::open().await;
    shop.has_coupon(&off(1_000, 0)).await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    let long = "茶".repeat(31);
    for (field, value) in [
        ("gift-name", ""),
        ("gift-name", "\0"),
        ("gift-name", &*long),
        ("gift-coupon", ""),
        ("gift-coupon", "99"),
        ("gift-coupon", "x"),
        ("gift-total", "0"),
        ("gift-total", "-1"),
        ("gift-total", "1000001"),
        ("gift-from", ""),
        ("gift-until", "gestern"),
        ("gift-until", "2001-01-01T00:00"),
    ] {
        let page = owner.submits(&form.clone().with(field, value)).await;
        assert_eq!((page.status.as_u16(), page.wrong(field).is_empty()), (422, false), "{field} {value:?}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM repost_gifts").await, 0);
    let forged = form.clone().with("token", "x");
    assert_eq!(owner.submits(&forged).await.status, 403);
}

#[tokio::test]
async fn of_two_who_change_it_the_second_sees_what_the_first_saved() {
    let shop = TestShop::open().await;
    shop.has_coupon(&off(1_000, 0)).await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    let form = owner.submits(&form).await.form("#edit");
    owner.submits(&form.clone().with("gift-name", "甲")).await;
    let page = owner.submits(&form.with("gift-name", "乙")).await;
    assert_eq!(page.status, 409);
    assert!(page.text(".stored").contains('甲'), "{}", page.told());
    let form = page.form("#edit");
    owner.submits(&form).await;
    assert_eq!(shop.gift(1).await.wanted.name, "乙");
}

#[tokio::test]
async fn it_is_paused_goes_on_and_ends_for_good() {
    let shop = TestShop::open().await;
    shop.has_coupon(&off(1_000, 0)).await;
    let mut owner = shop.owner().await;
    let form = new(&mut owner).await;
    let page = owner.submits(&form).await;
    let (edit, pause) = (page.form("#edit"), page.form("#pause"));
    let mut buyer = has_bought(&shop).await;
    assert!(buyer.page().has("#gift-ask"));
    let order = buyer.page().url.clone();
    let yes = buyer.page().form("#repost form").with("gift", "1.1");
    let open = async || shop.gift(1).await.open(shop.clock.now());
    owner.submits(&pause).await;
    owner.submits(&pause).await;
    assert_eq!((open().await, audited(&shop, "pause-gift").await), (Open::Paused, 1));
    let page = buyer.submits(&yes).await;
    assert_eq!((page.status.as_u16(), page.has("#gift-ask")), (409, false), "{}", page.told());
    owner.opens("/admin/sharing/reposts/gifts/1").await;
    owner.presses("#resume").await;
    assert_eq!(open().await, Open::Yes);
    let end = owner.page().form("#end");
    owner.submits(&end).await;
    owner.submits(&end).await;
    assert_eq!(
        (open().await, owner.page().has("#end"), audited(&shop, "end-gift").await),
        (Open::Over, false, 1)
    );
    assert_eq!(owner.submits(&pause).await.status, 409);
    assert_eq!(owner.submits(&edit).await.status, 409);
    assert!(!buyer.visits(order).await.has("#gift-ask"));
    says(&mut buyer, "没有券也好").await;
    let mut reader = shop.member("看客", Role::ReadOnly).await;
    let page = reader.opens("/admin/sharing/reposts/gifts/1").await;
    assert_eq!((page.status.as_u16(), page.has("#edit button")), (200, false));
    assert_eq!(reader.opens("/admin/sharing/reposts/gifts/9").await.status, 404);
    shop.closes().await;
}
