//! The account in whose name the shop posts: connected by whoever left for it and said yes, and forgotten when told so.

use crate::studio_posts::{MERCHANT, can_post, returns_with, said_so, stands, state, writes};
use crate::support::{TestShop, minutes};
use weipu::sandbox::Fault;
use weipu::staff::Role;

#[tokio::test]
async fn an_account_whose_leave_is_over_posts_nothing_and_everybody_is_told() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    // By its own time.
    let id = writes(&mut owner, &shop, "过期").await;
    let form = owner.page().form("#later").with("post-at", "2026-11-21T13:00");
    owner.submits(&form).await;
    shop.runs("UPDATE speaker SET expires_at = '2026-11-21 04:30Z'").await;
    shop.later(minutes(60));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "过期")), ("held".into(), 0));
    assert!(!owner.page().has("#send"), "there is nobody to post");
    assert!(owner.opens("/admin").await.has("#posts-waiting"));
    returns_with(&mut owner, MERCHANT).await;
    owner.presses("#confirm").await;
    owner.opens(&format!("/admin/sharing/posts/{id}")).await;
    // Or as Weibo says when it is asked.
    shop.weibo.will(Fault::TokenExpired);
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!(stands(&mut owner, id).await, "refused");
    assert!(owner.page().text("#why").contains("21327"), "{}", owner.page().told());
    let page = owner.opens("/admin/sharing").await;
    assert_eq!(page.attribute("#speaker", "data-stands"), "over");
    returns_with(&mut owner, MERCHANT).await;
    owner.presses("#confirm").await;
    owner.opens(&format!("/admin/sharing/posts/{id}")).await;
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "过期")), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn an_account_is_connected_only_by_who_left_and_said_yes() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    // The wrong one: she says no.
    let page = returns_with(&mut owner, "7000000003").await;
    assert!(page.text("#offered").contains("老周在路上"), "{}", page.told());
    let yes = page.form("#confirm");
    owner.presses("#not-it").await;
    assert!(!owner.page().has("#offered"));
    assert_eq!(owner.submits(&yes).await.status, 409, "what she said no to is gone");
    // She says no at Weibo.
    owner.opens("/admin/sharing/account").await;
    owner.follows("#connect").await;
    let form = owner.page().form("form[action='/oauth2/authorize']").with("decision", "refuse");
    assert!(!owner.submits(&form).await.has("#offered"));
    assert_eq!(owner.page().url.path(), "/admin/sharing/account");
    // A state works once, and in the browser that left with it.
    owner.follows("#connect").await;
    let consent = owner.page().url.clone();
    let state = consent.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut stranger = shop.desktop();
    stranger.opens("/").await;
    let stolen = format!("/oauth/weibo/callback?state={state}&code=x");
    assert_eq!(stranger.opens(&stolen).await.status, 400);
    assert_eq!(owner.opens(&stolen).await.status, 400, "it was brought back, by whomever");
    // A buyer who signs in on the same browser connects nothing.
    owner.opens("/oauth/weibo?next=/admin/sharing/account").await;
    owner.signs_in().await;
    assert!(!owner.page().has("#offered"), "{}", owner.page().told());
    assert_eq!(shop.count("SELECT count(*) FROM speaker").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_disconnected_account_is_forgotten() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "走了").await;
    let form = owner.page().form("#later").with("post-at", "2026-11-21T13:00");
    owner.submits(&form).await;
    owner.opens("/admin/sharing/account").await;
    owner.presses("#remove").await;
    assert_eq!(shop.count("SELECT count(*) FROM speaker").await, 0);
    shop.later(minutes(60));
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, said_so(&shop, "走了")), ("held".into(), 0));
    let mut reader = shop.member("小看", Role::ReadOnly).await;
    let page = reader.opens(&format!("/admin/sharing/posts/{id}")).await;
    assert!(!page.has("#send") && !page.has("#rewrite") && !page.has("#discard"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn the_first_one_of_a_shop_says_what_it_needs() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/sharing/posts").await;
    assert!(page.has("a[href='/admin/sharing/posts/new']"), "{}", page.told());
    owner.opens("/admin/sharing/posts/new").await;
    let form = owner.page().form("#post").with("post-text", "开张了");
    let page = owner.submits(&form).await;
    assert!(page.has("#go a[href='/admin/sharing/account']") && !page.has("#send"), "{}", page.told());
    assert!(page.text("#whole").contains("/s/"), "the whole shop has a link too");
    shop.closes().await;
}

/// Somebody else's account, on which the shop must not post by mistake.
const ANOTHER: &str = "7000000003";

#[tokio::test]
async fn what_was_scheduled_does_not_go_in_another_accounts_name() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    let id = writes(&mut owner, &shop, "换号").await;
    let form = owner.page().form("#later").with("post-at", "2026-11-21T13:00");
    let page = owner.submits(&form).await;
    assert_eq!((page.text("#meant"), page.has("#against")), ("@山间小铺".into(), false), "{}", page.told());
    owner.opens("/admin/sharing/account").await;
    owner.presses("#remove").await;
    stands(&mut owner, id).await;
    assert!(owner.page().has("#against"), "nobody can post it");
    returns_with(&mut owner, ANOTHER).await;
    owner.presses("#confirm").await;
    stands(&mut owner, id).await;
    assert_eq!(owner.page().text("#meant"), format!("UID {MERCHANT}"));
    assert!(owner.page().has("#against"), "{}", owner.page().told());
    shop.later(minutes(60));
    shop.work().await;
    let anywhere = || shop.weibo.sandbox.statuses().iter().filter(|one| one.text.starts_with("换号")).count();
    assert_eq!((stands(&mut owner, id).await, anywhere()), ("held".into(), 0));
    // She sees the name of now, and says yes to it.
    assert!(owner.page().text("#go").contains("老周在路上"), "{}", owner.page().told());
    owner.presses("#send").await;
    shop.work().await;
    assert_eq!((stands(&mut owner, id).await, anywhere()), ("done".into(), 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_scheduled_beyond_the_leave_is_told_so() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    shop.runs("UPDATE speaker SET expires_at = '2026-11-21 05:00Z'").await;
    writes(&mut owner, &shop, "太远").await;
    assert!(owner.page().text("#leave-until").contains("13:00"), "{}", owner.page().told());
    for (at, warned) in [("2026-11-21T12:59", false), ("2026-11-21T13:00", true)] {
        let form = owner.page().form("#later").with("post-at", at);
        let page = owner.submits(&form).await;
        assert_eq!((state(page), page.has("#against")), ("scheduled".into(), warned), "{at}");
        owner.presses("#recall").await;
    }
    shop.closes().await;
}

#[tokio::test]
async fn an_account_whose_token_nobody_can_open_is_not_called_good() {
    let shop = TestShop::open().await;
    let mut owner = can_post(&shop).await;
    shop.runs("UPDATE speaker SET token_sealed = '\\x01'").await;
    let page = owner.opens("/admin/sharing/account").await;
    assert_eq!(page.attribute("#stands", "data-stands"), "over");
    assert_eq!(owner.opens("/admin/sharing").await.attribute("#speaker", "data-stands"), "over");
    assert!(owner.opens("/admin").await.has("#posts-waiting"), "Today says so");
    writes(&mut owner, &shop, "打不开").await;
    assert!(!owner.page().has("#send"), "{}", owner.page().told());
    shop.closes().await;
}

#[tokio::test]
async fn who_leaves_twice_connects_twice_and_enters_the_shop_never() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut forms = Vec::new();
    for _ in 0..2 {
        owner.opens("/admin/sharing/account").await;
        owner.follows("#connect").await;
        let form = owner.page().form("form[action='/oauth2/authorize']");
        forms.push(form.with("account", MERCHANT).with("decision", "allow"));
    }
    for form in forms.iter().rev() {
        let page = owner.submits(form).await;
        assert_eq!(page.url.path(), "/admin/sharing/account", "{}", page.told());
        assert!(page.text("#offered").contains("山间小铺"), "{}", page.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0, "nobody has signed in as a buyer");
    owner.presses("#confirm").await;
    assert_eq!(shop.count("SELECT count(*) FROM speaker").await, 1);
    // What is wrong with the shop's own settings is told in words.
    owner.follows("#connect").await;
    let state = owner.page().url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let page = owner.opens(&format!("/oauth/weibo/callback?state={state}&error=x&error_code=21321")).await;
    assert!(page.status.as_u16() >= 400, "{} {}", page.status, page.told());
    shop.closes().await;
}
