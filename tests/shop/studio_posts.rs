//! What the shop says on Weibo in its own name: once, at its time, and never by itself a second time.

use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use secrecy::ExposeSecret;
use url::Url;
use weipu::sharing::speaker;

/// The shop's own account.
pub const MERCHANT: &str = "7000000001";

/// Goes to Weibo with this account, comes back, and sees which one it is.
pub async fn returns_with(staff: &mut Buyer, account: &str) -> Page {
    staff.opens("/admin/sharing/account").await;
    staff.follows("#connect").await;
    let form = staff.page().form("form[action='/oauth2/authorize']");
    let form = form.with("account", account).with("decision", "allow");
    staff.submits(&form).await.clone()
}

/// Somebody of the staff whose shop can post.
pub async fn can_post(shop: &TestShop) -> Buyer {
    let mut owner = shop.owner().await;
    let page = returns_with(&mut owner, MERCHANT).await;
    assert!(page.text("#offered").contains("山间小铺"), "{}", page.told());
    let page = owner.presses("#confirm").await;
    assert_eq!(page.attribute("#stands", "data-stands"), "good", "{}", page.told());
    owner
}

/// Writes a post about the mug, and stands before it.
pub async fn writes(staff: &mut Buyer, shop: &TestShop, text: &str) -> i64 {
    let mug = shop.id_of("mug").await;
    staff.opens(&format!("/admin/sharing/posts/new?product={mug}")).await;
    let form = staff.page().form("#post").with("post-text", text);
    let page = staff.submits(&form).await;
    page.url.path().rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{}", page.told()))
}

pub fn state(page: &Page) -> String {
    page.attribute("#state", "data-state")
}

pub async fn stands(staff: &mut Buyer, id: i64) -> String {
    state(staff.opens(&format!("/admin/sharing/posts/{id}")).await)
}

/// What stands on Weibo, the latest first.
pub fn said(shop: &TestShop) -> Vec<String> {
    let all = shop.weibo.sandbox.statuses();
    all.into_iter().filter(|status| status.uid == MERCHANT).map(|status| status.text).collect()
}

/// How many of them begin so.
pub fn said_so(shop: &TestShop, text: &str) -> usize {
    said(shop).iter().filter(|said| said.starts_with(text)).count()
}

#[tokio::test]
async fn a_post_goes_out_once_with_its_link_and_what_it_brings_is_counted() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    // Clicks are counted by the minute, and moments are not whole minutes.
    shop.later(Duration::seconds(30));
    let id = writes(&mut owner, &shop, "新到一批陶杯").await;
    assert_eq!(state(owner.page()), "draft");
    let form = owner.page().form("#send");
    owner.submits(&form).await;
    owner.submits(&form).await;
    shop.work().await;
    let page = owner.submits(&form).await;
    assert_eq!(page.url.path(), format!("/admin/sharing/posts/{id}"), "it has gone: the page says so");
    assert_eq!((state(page), said_so(&shop, "新到一批陶杯")), ("done".into(), 1), "{:?}", said(&shop));
    let link = said(&shop)[0].rsplit(' ').next().unwrap().to_owned();
    let path = Url::parse(&link).unwrap().path().to_owned();

    let mut buyer = shop.buyer();
    assert_eq!(buyer.opens(&path).await.url.path(), "/p/mug");
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    let page = owner.opens(&format!("/admin/sharing/posts/{id}")).await;
    let step = |name: &str| page.text(&format!("#funnel tr[data-step='{name}'] td"));
    assert_eq!(["clicks", "placed", "paid", "reposted"].map(step), ["1", "1", "1", "0"]);

    assert!(!page.has("#settle"), "Weibo has said its id: nobody corrects that");
    // One press, and buyers repost it.
    let status = page.text("#status");
    owner.presses("#make-own").await;
    assert!(owner.page().has("#own .tag.jade"), "{}", owner.page().told());
    assert_eq!(
        shop.count("SELECT weibo_status_id FROM products WHERE slug = 'mug'").await.to_string(),
        status
    );
    buyer.looks_again().await;
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    let form = buyer.page().form("#repost form").with("text", "好看");
    buyer.submits(&form).await;
    let newest = shop.weibo.sandbox.statuses().remove(0);
    assert_eq!(newest.reposts.map(|id| id.to_string()), Some(status));
    let page = owner.opens(&format!("/admin/sharing/posts/{id}")).await;
    assert_eq!(page.text("#funnel tr[data-step='reposted'] td"), "1");
    let (keys, now) = (&shop.app.shop.keys, shop.clock.now());
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let token = speaker::voice(&mut conn, keys, now).await.unwrap().unwrap().token;
    drop(conn);
    let (stored, logged) = (shop.everything_stored().await, shop.logged());
    assert!(
        [stored, logged].iter().all(|text| !text.contains(token.expose_secret())),
        "nobody reads the token"
    );
    shop.closes().await;
}

#[tokio::test]
async fn two_presses_at_once_are_one_post() {
    let shop = TestShop::open().await;
    let mut a = can_post(&shop).await;
    writes(&mut a, &shop, "同时").await;
    let form = a.page().form("#send");
    let mut b = shop.desktop();
    b.browser.cookies = a.browser.cookies.clone();
    tokio::join!(a.submits(&form), b.submits(&form));
    let (one, other) = tokio::join!(shop.app.worker.work_one(), shop.app.worker.work_one());
    one.unwrap();
    other.unwrap();
    shop.work().await;
    assert_eq!(said_so(&shop, "同时"), 1);
    shop.closes().await;
}

#[tokio::test]
async fn one_that_was_scheduled_goes_at_its_time_and_can_be_called_back() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "晚上见").await;
    // Noon at the shop.
    let form = owner.page().form("#later").with("post-at", "2026-11-21T18:30");
    assert_eq!(state(owner.submits(&form).await), "scheduled");
    assert!(owner.page().text("#due").contains("18:30"), "{}", owner.page().told());
    shop.later(minutes(6 * 60 + 29));
    shop.work().await;
    assert_eq!(said_so(&shop, "晚上见"), 0, "a minute before");
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "晚上见")), ("done".into(), 1));

    let id = writes(&mut owner, &shop, "不发了").await;
    let form = owner.page().form("#later").with("post-at", "2026-11-21T20:00");
    owner.submits(&form).await;
    let page = owner.presses("#recall").await;
    assert_eq!(state(page), "draft");
    shop.later(minutes(600));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "不发了")), ("draft".into(), 0));
    owner.presses("#discard").await;
    assert_eq!(state(owner.page()), "discarded");
    assert!(!owner.page().has("#send"));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_more_than_an_hour_late_waits_for_a_person() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    for (text, late, goes) in [("刚好", 60, true), ("太晚", 61, false)] {
        let id = writes(&mut owner, &shop, text).await;
        let at = shop.clock.now() + minutes(10 + 8 * 60);
        let typed = format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute());
        let form = owner.page().form("#later").with("post-at", typed);
        assert_eq!(state(owner.submits(&form).await), "scheduled");
        // The shop is down.
        let gone = at - minutes(8 * 60) - Duration::seconds(at.second().into()) - shop.clock.now();
        shop.later(gone + minutes(late));
        shop.work().await;
        assert_eq!(stands(&mut owner, id).await, if goes { "done" } else { "held" }, "{text}");
        assert_eq!(said_so(&shop, text), usize::from(goes));
    }
    assert!(owner.page().has("#why"));
    let page = owner.opens("/admin").await;
    assert!(page.text("#posts-waiting").contains('1'), "Today says so: {}", page.told());
    assert!(owner.opens("/admin/sharing").await.has("#waiting"));
    shop.closes().await;
}

#[tokio::test]
async fn a_product_that_was_taken_off_the_shelf_is_not_posted_about() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "下架了").await;
    let form = owner.page().form("#later").with("post-at", "2026-11-21T13:00");
    owner.submits(&form).await;
    shop.runs("UPDATE products SET on_shelf = false WHERE slug = 'mug'").await;
    shop.later(minutes(60));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "下架了")), ("held".into(), 0));
    assert!(owner.page().text("#why").contains("没有上架"), "{}", owner.page().told());
    shop.runs("UPDATE products SET on_shelf = true WHERE slug = 'mug'").await;
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "下架了")), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn words_that_weibo_would_not_take_are_shown_again() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let mug = shop.id_of("mug").await;
    owner.opens(&format!("/admin/sharing/posts/new?product={mug}")).await;
    let form = owner.page().form("#post");
    let long = "茶".repeat(140);
    let longer = "茶".repeat(2000);
    for text in ["", " \n ", "#话题# 上新", &long, &longer] {
        let page = owner.submits(&form.clone().with("post-text", text)).await;
        assert_eq!(page.status, 422, "{text:.20}");
        assert_eq!(page.text("textarea"), text.trim(), "kept");
    }
    assert_eq!(owner.submits(&form.clone().with("post-text", "a\0b")).await.status, 422);
    assert_eq!(shop.count("SELECT count(*) FROM posts").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM short_links").await, 0, "and no link is left over");
    let good = form.with("post-text", "好");
    owner.submits(&good).await;
    owner.submits(&good).await;
    assert_eq!(shop.count("SELECT count(*) FROM posts").await, 1, "one form makes one");
    let rewrite = owner.page().form("#rewrite");
    assert_eq!(owner.submits(&rewrite.clone().with("post-text", "#a#")).await.status, 422);
    owner.submits(&rewrite.clone().with("post-text", "很好")).await;
    let page = owner.submits(&rewrite.with("post-text", "最好")).await;
    assert_eq!(page.status, 409, "somebody was quicker");
    let later = owner.opens("/admin/sharing/posts").await.link("tr[data-post] a");
    owner.visits(later).await;
    for time in ["", "x", "2026-11-21T11:00", "2027-11-21T11:00"] {
        let form = owner.page().form("#later").with("post-at", time);
        assert_eq!(owner.submits(&form).await.status, 422, "{time}");
    }
    shop.closes().await;
}
