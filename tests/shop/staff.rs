//! The owner's first visit, the door, and who stays outside.

use crate::support::staff::{OWNER, PASSWORD};
use crate::support::{TestShop, minutes};
use weipu::staff;

async fn link(shop: &TestShop) -> String {
    let link = staff::first_owner_link(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    format!("/admin/welcome/{}", link.unwrap())
}

#[tokio::test]
async fn the_owners_link_works_once() {
    let shop = TestShop::open().await;
    let link = link(&shop).await;
    let mut owner = shop.desktop();
    owner.opens(&link).await;
    let form = owner.page().form("form").with("name", "阿山").with("password", PASSWORD);
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/account/second-factor"));
    let mut second = shop.desktop();
    assert_eq!(second.opens(&link).await.status, 410);
    assert_eq!(second.submits(&form).await.status, 410);
    let again = staff::first_owner_link(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    assert_eq!(again, None, "there is an owner");
    assert!(!shop.everything_stored().await.contains(PASSWORD));
    assert!(!shop.logged().contains(PASSWORD));
}

#[tokio::test]
async fn two_who_use_the_link_at_once_are_one_owner() {
    let shop = TestShop::open().await;
    let link = link(&shop).await;
    let (mut a, mut b) = (shop.desktop(), shop.desktop());
    let form = a.opens(&link).await.form("form").with("password", PASSWORD);
    let (first, second) = (form.clone().with("name", "甲"), form.with("name", "乙"));
    let (a, b) = tokio::join!(a.submits(&first), b.submits(&second));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    assert_eq!(shop.count("SELECT count(*) FROM staff").await, 1);
}

#[tokio::test]
async fn two_links_that_two_servers_made_at_once_make_one_owner() {
    for at_once in [true, false] {
        let shop = TestShop::open().await;
        let first = link(&shop).await;
        let mut conn = shop.database.connect().await;
        let again = "INSERT INTO staff_links (fingerprint, kind, role, expires_at)
                     SELECT $1, kind, role, expires_at FROM staff_links";
        sqlx::query(again).bind(weipu::seal::fingerprint("second")).execute(&mut conn).await.unwrap();
        let (mut a, mut b) = (shop.desktop(), shop.desktop());
        let in_a = a.opens(&first).await.form("form").with("name", "甲").with("password", PASSWORD);
        let in_b = b.opens("/admin/welcome/second").await.form("form");
        let in_b = in_b.with("name", "乙").with("password", PASSWORD);
        let (a, b) = if at_once {
            let (a, b) = tokio::join!(a.submits(&in_a), b.submits(&in_b));
            (a.status, b.status)
        } else {
            (a.submits(&in_a).await.status, b.submits(&in_b).await.status)
        };
        let mut statuses = [a.as_u16(), b.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410], "at once: {at_once}");
        assert_eq!(shop.count("SELECT count(*) FROM staff WHERE role = 'owner'").await, 1);
        assert_eq!(shop.count("SELECT count(*) FROM staff_links WHERE used_at IS NULL").await, 0);
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_link_still_works() {
    let shop = TestShop::open().await;
    let link = link(&shop).await;
    let mut owner = shop.desktop();
    owner.opens(&link).await;
    for weak in ["", "123456789", &"长".repeat(201)] {
        let form = owner.page().form("form").with("name", "阿山").with("password", weak);
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 422);
        assert!(page.wrong("password").contains("10"), "{}", page.told());
        assert_eq!((page.value("name"), page.value("password")), ("阿山".into(), String::new()));
    }
    for nobody in ["", "  ", "a\0b", "阿\u{200b}山", &"名".repeat(41)] {
        let form = owner.page().form("form").with("name", nobody).with("password", PASSWORD);
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong("name").is_empty()), (422, false), "{nobody:?}");
    }
    assert_eq!(owner.opens(&link).await.status, 200);
}

#[tokio::test]
async fn an_old_a_replaced_and_an_invented_link_are_dead() {
    let shop = TestShop::open().await;
    let replaced = link(&shop).await;
    let link = link(&shop).await;
    let mut owner = shop.desktop();
    assert_eq!(owner.opens(&replaced).await.status, 410);
    assert_eq!(owner.opens(&link).await.status, 200);
    shop.later(minutes(24 * 60 + 1));
    assert_eq!(owner.opens(&link).await.status, 410);
    assert_eq!(owner.opens("/admin/welcome/AAAAAAAAAAAAAAAAAAAAAA").await.status, 410);
}

#[tokio::test]
async fn the_door_opens_with_name_and_password_only() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let stolen = owner.browser.cookies.clone();
    owner.presses("form[action='/admin/sign-out']").await;
    assert_eq!(owner.page().url.path(), "/admin/sign-in");
    owner.browser.cookies = stolen;
    assert_eq!(owner.opens("/admin").await.url.path(), "/admin/sign-in", "the session is over");
    for (name, password) in
        [("阿山", "wrong password"), ("nobody", PASSWORD), ("阿山", ""), ("a\0b", "x"), ("' OR 1=1 --", "x")]
    {
        let form = owner.page().form("form").with("name", name).with("password", password);
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 422, "{name:?}");
        assert_eq!(page.wrong("password"), "名字或密码不对", "the same for every reason");
    }
    shop.later(minutes(1));
    shop.signs_in(&mut owner, OWNER).await;
}

#[tokio::test]
async fn a_member_who_is_gone_is_outside_at_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.count("DELETE FROM staff RETURNING 1::bigint").await;
    assert_eq!(owner.opens("/admin").await.url.path(), "/admin/sign-in");
}

#[tokio::test]
async fn the_owner_sees_orders_and_notices_that_do_not_match() {
    let shop = TestShop::open().await;
    shop.weibo.will(weipu::sandbox::Fault::OneFen);
    shop.weibo.sandbox.set_schedule(vec![0]);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 2).await;
    let number = buyer.order();
    buyer.pays().await;
    shop.weibo.delivers().await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin").await;
    assert!(page.body.contains(&number) && !page.body.contains("13800138000"));
    let doubted = owner.follows("[role=alert] a").await;
    assert!(doubted.text("main").contains("金额不符"), "{}", doubted.told());
    shop.closes().await;
}
