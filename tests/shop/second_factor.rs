//! The code after the password: enrolling, giving it, losing the phone, and everything that is not that.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::staff::{OWNER, PASSWORD, code_of, secret_on};
use crate::support::{TestShop, minutes};
use weipu::staff::{self, Role};

/// Half way in: her password was right.
async fn half_in(shop: &TestShop, name: &str) -> Buyer {
    let mut member = shop.desktop();
    member.opens("/admin/sign-in").await;
    let form = member.page().form("form").with("name", name).with("password", PASSWORD);
    let page = member.submits(&form).await;
    assert_eq!(page.url.path(), "/admin/sign-in/code", "{}", page.told());
    member
}

/// Which status the code page answers to this.
async fn gives(member: &mut Buyer, code: &str) -> (u16, String) {
    let url = member.browser.at("/admin/sign-in/code");
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
    let page = member.asks(Ask::post(url, body)).await;
    (page.status.as_u16(), page.url.path().to_owned())
}

#[tokio::test]
async fn who_needs_a_second_factor_reaches_nothing_before_she_has_one() {
    let shop = TestShop::open().await;
    shop.owner().await;
    for role in [Role::Owner, Role::Finance] {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let owner = staff::everybody(&mut tx).await.unwrap().remove(0).member;
        let link = staff::invite(&mut tx, &owner, role, shop.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut member = shop.desktop();
        member.opens(&format!("/admin/welcome/{link}")).await;
        let form = member.page().form("form").with("name", role.name()).with("password", PASSWORD);
        assert!(member.submits(&form).await.has("#enrol"));
        for closed in ["/admin", "/admin/staff", "/admin/audit", "/admin/staff/1"] {
            assert_eq!(member.opens(closed).await.url.path(), "/admin/account/second-factor", "{closed}");
        }
        for open in ["/admin/account", "/admin/account/password", "/admin/account/sessions"] {
            assert_eq!(member.opens(open).await.url.path(), open);
        }
        member.opens("/admin/account/second-factor").await;
        let before = member.browser.cookies["weipu"].clone();
        let wrong = member.page().form("#enrol").with("code", "000000");
        let page = member.submits(&wrong).await;
        assert_eq!((page.status.as_u16(), page.wrong("code").is_empty()), (422, false));
        shop.enrols(&mut member, role.name()).await;
        assert_ne!(member.browser.cookies["weipu"], before, "a session of another name");
        assert_eq!(member.opens("/admin").await.url.path(), "/admin");
    }
    let mut operator = shop.member("小运", Role::Operator).await;
    assert_eq!(operator.opens("/admin").await.url.path(), "/admin", "she may do without");
}

#[tokio::test]
async fn a_code_works_once_and_only_in_its_time() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.later(minutes(5));
    owner.opens("/admin/account/second-factor").await;
    let secret = secret_on(owner.page());
    let enrol = owner.page().form("#enrol").with("code", code_of(&secret, shop.step()));
    assert!(owner.submits(&enrol).await.has("ol.codes"));
    shop.later(minutes(5));
    let now = shop.step();
    let mut member = half_in(&shop, OWNER).await;
    for wrong in [code_of(&secret, now - 2), code_of(&secret, now + 2), String::new(), "12345".into()] {
        assert_eq!(gives(&mut member, &wrong).await.0, 422, "{wrong:?}");
    }
    let code = code_of(&secret, now - 1);
    assert_eq!(gives(&mut member, &format!("{} {}", &code[..3], &code[3..])).await, (200, "/admin".into()));
    let mut again = half_in(&shop, OWNER).await;
    assert_eq!(gives(&mut again, &code).await.0, 422, "it was used");
    assert_eq!(gives(&mut again, &code_of(&secret, now - 2)).await.0, 422, "older ones are void too");
    let (mut a, mut b) = (half_in(&shop, OWNER).await, half_in(&shop, OWNER).await);
    let code = code_of(&secret, now);
    let (a, b) = tokio::join!(gives(&mut a, &code), gives(&mut b, &code));
    let mut both = [a.0, b.0];
    both.sort_unstable();
    assert_eq!(both, [200, 422], "of two who use it at once, one is in");
}

#[tokio::test]
async fn half_in_is_not_in_and_not_for_long() {
    let shop = TestShop::open().await;
    shop.owner().await;
    shop.later(minutes(1));
    let mut member = half_in(&shop, OWNER).await;
    for closed in ["/admin", "/admin/account", "/admin/staff", "/admin/account/second-factor"] {
        let url = member.browser.at(closed);
        let page = member.browser.send(Ask::get(url)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/admin/sign-in/code"), "{closed}");
    }
    let half = member.browser.cookies["weipu"].clone();
    shop.later(minutes(11));
    let code = shop.code(OWNER);
    assert_eq!(gives(&mut member, &code).await.1, "/admin/sign-in", "too late");
    let mut member = half_in(&shop, OWNER).await;
    let before = member.browser.cookies["weipu"].clone();
    assert_eq!(gives(&mut member, &code).await, (200, "/admin".into()));
    assert!(
        member.browser.cookies["weipu"] != before && before != half,
        "each step has a session of its own"
    );
    let mut thief = shop.desktop();
    thief.browser.cookies.insert("weipu".into(), before);
    assert_eq!(thief.opens("/admin").await.url.path(), "/admin/sign-in", "that before the code is over");
}

#[tokio::test]
async fn a_recovery_code_works_once_in_place_of_the_phone() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/account/recovery-codes").await;
    let page = owner.presses("#reissue").await;
    let file = page.attribute("a[download]", "href");
    let codes: Vec<String> = file.split_once(',').unwrap().1.split("%0A").map(str::to_owned).collect();
    assert_eq!((codes.len(), codes[0].len()), (10, 19), "{codes:?}");
    assert_eq!(page.text("ol.codes code"), codes[0]);
    assert!(!owner.opens("/admin/account/recovery-codes").await.body.contains(&codes[0]), "shown once");

    let mut member = half_in(&shop, OWNER).await;
    assert_eq!(gives(&mut member, &codes[0].to_lowercase()).await, (200, "/admin".into()));
    let mut again = half_in(&shop, OWNER).await;
    assert_eq!(gives(&mut again, &codes[0]).await.0, 422, "used");
    assert!(member.opens("/admin/account").await.body.contains("还剩 9 个"));
    let everything = shop.everything_stored().await;
    assert!(
        codes.iter().all(|code| !everything.contains(code) && !everything.contains(&code.replace('-', "")))
    );
    assert!(codes.iter().all(|code| !shop.logged().contains(code)));

    owner.opens("/admin/account/recovery-codes").await;
    owner.presses("#reissue").await;
    assert_eq!(gives(&mut again, &codes[1]).await.0, 422, "replaced");
}

#[tokio::test]
async fn of_two_who_use_a_recovery_code_at_once_one_is_in() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/account/recovery-codes").await;
    let code = owner.presses("#reissue").await.text("ol.codes code");
    let (mut a, mut b) = (half_in(&shop, OWNER).await, half_in(&shop, OWNER).await);
    let (a, b) = tokio::join!(gives(&mut a, &code), gives(&mut b, &code));
    let mut both = [a.0, b.0];
    both.sort_unstable();
    assert_eq!(both, [200, 422]);
    assert_eq!(shop.count("SELECT count(*) FROM staff_recovery_codes WHERE used_at IS NULL").await, 9);
}

#[tokio::test]
async fn the_password_alone_makes_no_recovery_codes() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/account/recovery-codes").await;
    let form = owner.page().form("#reissue").with("password", PASSWORD);
    let prints = "SELECT sum(hashtext(fingerprint::text))::bigint FROM staff_recovery_codes";
    let before = shop.count(prints).await;
    shop.later(minutes(11));
    assert_eq!(owner.submits(&form).await.url.path(), "/admin/account/confirm");
    assert_eq!(shop.count(prints).await, before, "none were made");
    assert_eq!(owner.opens("/admin/account/recovery-codes").await.url.path(), "/admin/account/confirm");
    let password = owner.page().form("#confirm").with("password", PASSWORD);
    assert_eq!(owner.submits(&password.clone().with("code", "000000")).await.status, 422);
    let page = owner.submits(&password.with("code", shop.code(OWNER))).await;
    assert_eq!(page.url.path(), "/admin/account/recovery-codes", "{}", page.told());
    assert!(owner.presses("#reissue").await.has("ol.codes"));
    assert_ne!(shop.count(prints).await, before);
}

#[tokio::test]
async fn the_secret_is_sealed_and_belongs_to_one_session() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/account/second-factor").await;
    let secret = secret_on(owner.page());
    let form = owner.page().form("#enrol").with("code", code_of(&secret, shop.step()));
    let mut operator = shop.member("小运", Role::Operator).await;
    operator.opens("/admin/account/second-factor").await;
    let sealed = form.fields.iter().find(|(name, _)| name == "secret").unwrap().1.clone();
    let theirs =
        operator.page().form("#enrol").with("secret", sealed).with("code", code_of(&secret, shop.step()));
    assert_eq!(operator.submits(&theirs).await.status, 403, "a secret that was made for somebody else");
    assert!(owner.submits(&form).await.has("ol.codes"));
    let everything = shop.everything_stored().await;
    for form in [data_encoding::HEXLOWER.encode(&secret), data_encoding::BASE32_NOPAD.encode(&secret)] {
        assert!(!everything.contains(&form) && !shop.logged().contains(&form));
    }
}

#[tokio::test]
async fn an_operator_may_take_it_off_and_an_owner_may_not() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let token = owner.opens("/admin/account").await.attribute("[name=token]", "value");
    let url = owner.browser.at("/admin/account/second-factor/removal");
    assert_eq!(owner.asks(Ask::post(url, format!("token={token}"))).await.status, 403);
    let mut operator = shop.member("小运", Role::Operator).await;
    operator.opens("/admin/account/second-factor").await;
    shop.enrols(&mut operator, "小运").await;
    operator.opens("/admin/account").await;
    operator.presses("form[action$='/removal']").await;
    assert_eq!(shop.count("SELECT count(*) FROM staff WHERE totp_sealed IS NOT NULL").await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM staff_recovery_codes").await, 10, "the owner's");
    shop.signs_in(&mut operator, "小运").await;
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let shop = TestShop::open().await;
    shop.owner().await;
    shop.later(minutes(1));
    let mut guesser = half_in(&shop, OWNER).await;
    for _ in 0..5 {
        assert_eq!(gives(&mut guesser, "000000").await.0, 422);
    }
    let code = shop.code(OWNER);
    assert_eq!(gives(&mut guesser, &code).await.0, 429, "even the right one is not looked at");
    assert_eq!(guesser.page().header("retry-after"), "60");
    let mut again = half_in(&shop, OWNER).await;
    assert_eq!(gives(&mut again, &code).await.0, 429, "another sign-in is no other budget");
    shop.later(minutes(2));
    let code = shop.code(OWNER);
    assert_eq!(gives(&mut again, &code).await, (200, "/admin".into()));
}
