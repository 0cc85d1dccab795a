//! Sessions of the staff, how often anybody may try, and being asked once more.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::staff::{OWNER, PASSWORD};
use crate::support::{Duration, TestShop, minutes};
use reqwest::header::HeaderName;
use weipu::staff::Role;

/// Which status the door answers to this name and password.
async fn tries(person: &mut Buyer, name: &str, password: &str) -> u16 {
    person.opens("/admin/sign-in").await;
    let form = person.page().form("form").with("name", name).with("password", password);
    person.submits(&form).await.status.as_u16()
}

async fn is_in(person: &mut Buyer) -> bool {
    person.opens("/admin").await.url.path() == "/admin"
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_after_a_week_anyway() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.later(minutes(11 * 60 + 59));
    assert!(is_in(&mut owner).await);
    shop.later(minutes(12 * 60));
    assert!(!is_in(&mut owner).await, "twelve hours of nothing");
    shop.signs_in(&mut owner, OWNER).await;
    for _ in 0..15 {
        shop.later(minutes(11 * 60));
        assert!(is_in(&mut owner).await);
    }
    shop.later(minutes(3 * 60 + 1));
    assert!(!is_in(&mut owner).await, "a week");
    weipu::staff::sweep(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM staff_sessions").await, 0);
}

#[tokio::test]
async fn sessions_that_are_over_do_not_hide_those_that_are_open() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let half_way = "INSERT INTO staff_sessions (staff_id, begun_at, confirmed_at, seen_at, browser, address)
        SELECT staff_id, begun_at, confirmed_at, seen_at + interval '1 hour', browser, address
        FROM staff_sessions CROSS JOIN generate_series(1, 250)";
    sqlx::raw_sql(half_way).execute(&mut shop.database.connect().await).await.unwrap();
    let too_long = "UPDATE staff_sessions SET complete_at = begun_at, begun_at = begun_at - interval '8 days'
        WHERE complete_at IS NULL AND id % 2 = 0";
    sqlx::raw_sql(too_long).execute(&mut shop.database.connect().await).await.unwrap();
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let open = weipu::staff::seats_of(&mut conn, weipu::staff::StaffId(1), shop.clock.now()).await.unwrap();
    assert_eq!(open.len(), 1);
    assert!(is_in(&mut owner).await);
}

#[tokio::test]
async fn being_there_is_written_down_once_a_minute() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let seen = "SELECT extract(epoch FROM seen_at)::bigint FROM staff_sessions";
    let at_first = shop.count(seen).await;
    shop.later(Duration::seconds(59));
    owner.opens("/admin").await;
    assert_eq!(shop.count(seen).await, at_first);
    shop.later(Duration::seconds(2));
    owner.opens("/admin").await;
    assert_eq!(shop.count(seen).await, at_first + 61);
}

#[tokio::test]
async fn she_sees_where_she_is_signed_in_and_ends_what_she_does_not_know() {
    let shop = TestShop::open().await;
    let mut desktop = shop.owner().await;
    let (mut phone, mut client) = (shop.phone(), shop.buyer());
    shop.later(minutes(2));
    shop.signs_in(&mut phone, OWNER).await;
    shop.signs_in(&mut client, OWNER).await;
    let page = desktop.opens("/admin/account/sessions").await;
    assert!(page.text("tr[data-own]").contains("Chrome · Linux"), "{}", page.told());
    for other in ["Safari · iPhone", "Weibo · iPhone", "127.0.0.1"] {
        assert!(page.body.contains(other), "{other}");
    }
    let form = page.form("tr:not([data-own]) form");
    desktop.submits(&form).await;
    assert_eq!(desktop.submits(&form).await.status, 404, "it has ended");
    let still = [is_in(&mut phone).await, is_in(&mut client).await];
    assert_eq!(still.iter().filter(|is_in| **is_in).count(), 1);
    desktop.opens("/admin/account/sessions").await;
    desktop.presses("#end-others").await;
    assert!(!is_in(&mut phone).await && !is_in(&mut client).await && is_in(&mut desktop).await);
    let mut operator = shop.member("小运", Role::Operator).await;
    let token = operator.opens("/admin/account").await.attribute("[name=token]", "value");
    let theirs = shop.count("SELECT min(id) FROM staff_sessions").await;
    let url = operator.browser.at(&format!("/admin/account/sessions/{theirs}/end"));
    assert_eq!(operator.asks(Ask::post(url, format!("token={token}"))).await.status, 404, "not hers");
    assert!(is_in(&mut desktop).await);
}

#[tokio::test]
async fn a_new_password_asks_for_the_old_one_and_ends_every_other_session() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut other = shop.phone();
    shop.later(minutes(2));
    shop.signs_in(&mut other, OWNER).await;
    let before = owner.browser.cookies.clone();
    for (old, new, field) in [
        ("wrong password", "三只小猪在山里卖春茶", "old-password"),
        (PASSWORD, "123456789", "new-password"),
        (PASSWORD, "1234567890", "new-password"),
        (PASSWORD, "阿山阿山阿山阿山阿山", "new-password"),
        (PASSWORD, "Mountain Lane", "new-password"),
    ] {
        owner.opens("/admin/account/password").await;
        let form = owner.page().form("main form").with("old-password", old).with("new-password", new);
        let page = owner.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong(field).is_empty()), (422, false), "{new}");
        assert!(!page.body.contains(new), "never shown again");
    }
    let form = owner.page().form("main form").with("old-password", PASSWORD);
    let page = owner.submits(&form.with("new-password", "三只小猪在山里卖春茶")).await;
    assert_eq!((page.url.path(), page.has("[role=status]")), ("/admin/account", true), "{}", page.told());
    assert!(is_in(&mut owner).await && !is_in(&mut other).await);
    assert_eq!(tries(&mut other, OWNER, PASSWORD).await, 422, "the old one is void");
    assert_eq!(tries(&mut other, OWNER, "三只小猪在山里卖春茶").await, 200);
    let mut thief = shop.desktop();
    thief.browser.cookies = before;
    assert!(!is_in(&mut thief).await, "her session goes on under another key");
}

#[tokio::test]
async fn strangers_are_slowed_down_and_she_is_not_locked_out() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin").await;
    owner.presses("form[action='/admin/sign-out']").await;
    let (mut stranger, mut other) = (shop.phone(), shop.phone());
    for _ in 0..5 {
        assert_eq!(tries(&mut stranger, OWNER, "a wrong password").await, 422);
        assert_eq!(tries(&mut other, "nobody", "a wrong password").await, 422);
    }
    for (name, person) in [(OWNER, &mut stranger), ("nobody", &mut other)] {
        assert_eq!(tries(person, name, PASSWORD).await, 429, "{name}: the same whether she exists");
        let page = person.page();
        assert_eq!((page.header("retry-after"), page.wrong("password").contains("30")), ("30", true));
    }
    shop.signs_in(&mut owner, OWNER).await;
    assert!(is_in(&mut owner).await, "a browser in which she was before has tries of its own");
    shop.later(Duration::seconds(31));
    assert_eq!(tries(&mut stranger, OWNER, "a wrong password").await, 422);
    assert_eq!(tries(&mut stranger, OWNER, PASSWORD).await, 429, "and each pause is longer");
    assert_eq!(stranger.page().header("retry-after"), "60");
    shop.later(minutes(2));
    shop.signs_in(&mut stranger, OWNER).await;
}

#[tokio::test]
async fn many_at_once_are_as_many() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut crowd: Vec<Buyer> = (0..12).map(|_| shop.phone()).collect();
    let all = crowd.iter_mut().map(|person| tries(person, OWNER, "a wrong password"));
    let statuses = futures_util::future::join_all(all).await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn an_address_is_slowed_down_whatever_names_it_tries() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut stranger = shop.phone();
    for n in 0..30 {
        assert_eq!(tries(&mut stranger, &format!("nobody {n}"), "a wrong password").await, 422);
    }
    assert_eq!(tries(&mut stranger, "nobody else", "a wrong password").await, 429);
    let mut refused = "SELECT count(*) FROM audit WHERE action = 'refuse-sign-in'";
    assert_eq!(shop.count(refused).await, 30);
    refused = "SELECT count(*) FROM audit WHERE concat(staff_name, subject, before, after) LIKE '%nobody%'";
    assert_eq!(shop.count(refused).await, 0, "what was typed as a name may have been a password");
}

#[tokio::test]
async fn a_forged_mark_of_a_known_browser_is_worth_nothing() {
    let shop = TestShop::open().await;
    let owner = shop.owner().await;
    let mark = owner.browser.cookies["weipu-known-1"].clone();
    let cookie = owner.browser.set_cookies.iter().find(|cookie| cookie.starts_with("weipu-known-1")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/admin") && cookie.contains("SameSite=Lax"));
    shop.member("小运", Role::Operator).await;
    let mut stranger = shop.phone();
    for _ in 0..5 {
        assert_eq!(tries(&mut stranger, "小运", "a wrong password").await, 422);
    }
    let forged = [mark.clone(), format!("{mark}x"), mark.replace('.', "x."), ".".into(), "x".into()];
    for mark in forged {
        stranger.browser.cookies.insert("weipu-known-2".into(), mark);
        assert_eq!(tries(&mut stranger, "小运", "a wrong password").await, 429);
    }
}

#[tokio::test]
async fn something_grave_asks_once_more_and_leads_on() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/staff").await;
    let invite = owner.page().form("#invite").with("role", "service");
    assert!(owner.submits(&invite).await.has("#link"), "she has just given both");
    shop.later(minutes(10));
    let invite = Ask::form(&invite).with(reqwest::header::REFERER, owner.browser.at("/admin/staff").as_str());
    let before = owner.browser.cookies["weipu"].clone();
    let page = owner.asks(invite).await;
    assert_eq!((page.url.path(), page.has("#confirm")), ("/admin/account/confirm", true));
    let form = page.form("#confirm");
    for (password, code) in
        [("wrong password", shop.code(OWNER)), (PASSWORD, "000000".into()), (PASSWORD, String::new())]
    {
        let page = owner.submits(&form.clone().with("password", password).with("code", code)).await;
        assert_eq!((page.status.as_u16(), page.wrong("password").is_empty()), (422, false));
    }
    let page = owner.submits(&form.with("password", PASSWORD).with("code", shop.code(OWNER))).await;
    assert_eq!((page.url.path(), page.has("p.said")), ("/admin/staff", true), "{}", page.told());
    assert_ne!(owner.browser.cookies["weipu"], before);
    let invite = owner.page().form("#invite").with("role", "service");
    assert!(owner.submits(&invite).await.has("#link"));
    assert_eq!(shop.count("SELECT count(*) FROM staff_links WHERE kind = 'invitation'").await, 2);

    shop.later(minutes(10));
    owner.opens("/admin/account/second-factor").await;
    let form = owner.page().form("#confirm").with("next", "https://evil.example/admin");
    let page = owner.submits(&form.with("password", PASSWORD).with("code", shop.code(OWNER))).await;
    assert_eq!((page.url.origin(), page.url.path()), (shop.base.origin(), "/admin"));
}

#[tokio::test]
async fn guessing_at_an_open_desk_is_slowed_down() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut operator = shop.member("小运", Role::Operator).await;
    for _ in 0..5 {
        operator.opens("/admin/account/confirm").await;
        let form = operator.page().form("#confirm").with("password", "a wrong password");
        assert_eq!(operator.submits(&form).await.status, 422);
    }
    operator.opens("/admin/account/password").await;
    let form = operator.page().form("main form").with("old-password", PASSWORD);
    let page = operator.submits(&form.with("new-password", "三只小猪在山里卖春茶")).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (429, "30"));
    let mut elsewhere = shop.phone();
    shop.signs_in(&mut elsewhere, "小运").await;
}

#[tokio::test]
async fn the_door_speaks_english_when_asked() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut visitor = shop.desktop();
    visitor.opens("/admin/sign-in").await;
    let page = visitor.follows("p.language a").await;
    assert_eq!((page.attribute("html", "lang"), page.text("h1")), ("en".into(), "Sign in".into()));
    let form = page.form("form").with("name", OWNER).with("password", "a wrong password");
    assert_eq!(visitor.submits(&form).await.attribute("html", "lang"), "en");
    let form = visitor.page().form("form").with("name", OWNER).with("password", PASSWORD);
    let page = visitor.submits(&form).await;
    assert_eq!((page.url.path(), page.attribute("html", "lang")), ("/admin/sign-in/code", "en".into()));
}

#[tokio::test]
async fn a_flood_from_everywhere_does_not_fill_the_log() {
    let shop = TestShop::with_web(|web| web.trusted_proxies = 1).await;
    shop.owner().await;
    let mut stranger = shop.phone();
    stranger.opens("/admin/sign-in").await;
    for n in 0..70 {
        let form = stranger.page().form("form").with("name", format!("nobody {n}")).with("password", "wrong");
        let from = HeaderName::from_static("x-forwarded-for");
        let page = stranger.asks(Ask::form(&form).with(from, &format!("203.0.113.{n}"))).await;
        assert_eq!(page.status, 422, "every one of another address and name");
    }
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action = 'refuse-sign-in'").await, 60);
}
