//! The menu below the conversation: what is typed wrong is said by its field, versions stay, and whether Weibo has
//! one is told as it is known.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::line::Line;
use crate::support::page::Form;
use time::Duration;
use weipu::actor::Actor;
use weipu::fans::menus;
use weipu::staff::Role;

const MENU: &str = "/admin/fans/menu";
const CREATE: &str = "/2/messages/menu/create.json";
const SHOW: &str = "/2/messages/menu/show.json";
const DELETE: &str = "/2/messages/menu/delete.json";

async fn at_the_menu() -> (TestShop, Line, Buyer) {
    let (shop, line) = TestShop::with_line().await;
    let mut owner = shop.owner().await;
    owner.opens(MENU).await;
    (shop, line, owner)
}

/// A button that answers, and one with a page below it.
fn filled(owner: &Buyer, first: &str) -> Form {
    let form = owner.page().form("#menu");
    [
        ("b1-name", first),
        ("b1-kind", "click"),
        ("b1-value", "NEW"),
        ("b3-name", "我的"),
        ("b3-kind", "group"),
        ("b3-2-name", "订单"),
        ("b3-2-kind", "view"),
        ("b3-2-value", "https://shop.example/orders"),
    ]
    .into_iter()
    .fold(form, |form, (name, value)| form.with(name, value))
}

/// The first version whole, a later one with another name.
async fn saves(owner: &mut Buyer, first: &str) {
    let form = match owner.page().value_of("#menu", "b2-name").as_str() {
        "我的" => owner.page().form("#menu").with("b1-name", first),
        _ => filled(owner, first),
    };
    assert_eq!(owner.submits(&form).await.text(".said"), "保存好了。点“发布”才会换上。");
}

async fn publishes(owner: &mut Buyer, version: i64) -> String {
    owner.presses(&format!("#publish-{version}")).await;
    state(owner)
}

/// What the page says became of the last change.
fn state(owner: &Buyer) -> String {
    owner.page().attribute("#live [data-state]", "data-state")
}

/// The names of the menu's buttons at Weibo.
fn there(shop: &TestShop) -> Vec<String> {
    let menu = serde_json::to_value(shop.weibo.sandbox.fans_menu()).unwrap();
    let buttons = menu["button"].as_array().cloned().unwrap_or_default();
    buttons.iter().map(|button| button["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_menu_is_saved_drawn_published_rolled_back_and_taken_away() {
    let (shop, _line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    assert_eq!(there(&shop), Vec::<String>::new(), "saving shows nothing to fans");
    assert_eq!(owner.page().text(".phone-menu .bar"), "新品订单我的");
    assert_eq!(publishes(&mut owner, 1).await, "done");
    assert_eq!(there(&shop), ["新品", "我的"], "an empty row in between is no button");
    saves(&mut owner, "上新").await;
    assert_eq!(publishes(&mut owner, 2).await, "done");
    assert_eq!(there(&shop), ["上新", "我的"]);
    assert!(owner.page().has("[data-version='2'] .tag.jade") && !owner.page().has("[data-version='1'] .tag"));
    assert_eq!(publishes(&mut owner, 1).await, "done");
    assert_eq!(there(&shop), ["新品", "我的"]);
    owner.opens("/admin/fans/menu?from=1").await;
    assert_eq!(owner.page().value_of("#menu", "b1-name"), "新品");
    let form = owner.page().form("#menu").with("b1-name", "上新");
    assert_eq!(owner.submits(&form).await.text(".said"), "和上一版一样，没有另存。");
    owner.presses("#remove").await;
    assert_eq!((state(&owner).as_str(), there(&shop).len()), ("done", 0));
    assert!(!owner.page().has("[data-version] .tag"));
    assert_eq!(shop.count("SELECT count(*) FROM fan_menus").await, 2);
    let audit = "SELECT count(*) FROM audit WHERE action IN ('save-menu', 'publish-menu', 'remove-menu')";
    assert_eq!(shop.count(audit).await, 6);
    shop.closes().await;
}

#[tokio::test]
async fn what_weibo_would_refuse_is_said_by_its_field_and_nothing_is_kept() {
    let (shop, line, mut owner) = at_the_menu().await;
    for (field, value) in [
        ("b1-name", "六个字符的名"),
        ("b1-name", " "),
        ("b1-kind", ""),
        ("b1-kind", "dance"),
        ("b1-value", ""),
        ("b1-value", &"k".repeat(129)),
        ("b1-value", "a\u{1}b"),
        ("b3-kind", "click"),
        ("b3-2-value", "shop.example/orders"),
        ("b3-2-value", "javascript:alert(1)"),
        ("b3-2-kind", ""),
        ("b3-2-name", &"长".repeat(14)),
    ] {
        owner.opens(MENU).await;
        let form = filled(&owner, "新品").with(field, value);
        let page = owner.submits(&form).await;
        assert_eq!(page.status.as_u16(), 422, "{field}={value}");
        assert!(page.has(&format!("#{field}-wrong")), "{field}={value}: {}", page.text("#wrongs"));
        assert_eq!(page.value_of("#menu", "b3-name"), "我的", "what was typed stays");
    }
    owner.opens(MENU).await;
    let nothing = owner.page().form("#menu");
    assert_eq!(owner.submits(&nothing).await.status.as_u16(), 422);
    let nul = filled(&owner, "新\0品");
    assert_eq!(owner.submits(&nul).await.status.as_u16(), 422);
    assert_eq!(shop.count("SELECT count(*) FROM fan_menus").await, 0);
    assert_eq!(line.calls(CREATE), 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_preview_draws_what_is_typed_and_keeps_nothing() {
    let (shop, _line, mut owner) = at_the_menu().await;
    let form = filled(&owner, "<b>新</b>").to(shop.base.join("/admin/fans/menu/preview").unwrap());
    let page = owner.submits(&form).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text(".phone-menu .bar").contains("<b>新</b>"));
    assert_eq!(shop.count("SELECT count(*) FROM fan_menus").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_about_and_told_as_it_is() {
    let (shop, line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    publishes(&mut owner, 1).await;
    saves(&mut owner, "上新").await;
    line.cut(CREATE);
    assert_eq!(publishes(&mut owner, 2).await, "missing", "Weibo shows the first");
    assert_eq!(there(&shop), ["新品", "我的"]);
    assert!(owner.page().has("[data-version='1'] .tag.jade"), "and fans see it");
    assert_eq!(publishes(&mut owner, 1).await, "done", "lost, and there all the same");
    line.cut(SHOW);
    assert_eq!(publishes(&mut owner, 2).await, "unknown");
    assert_eq!(owner.page().text(".said"), "没有收到微博的回答，不知道成没成。");
    owner.presses("#check").await;
    assert_eq!(state(&owner), "unknown");
    line.mend();
    owner.presses("#check").await;
    assert_eq!(state(&owner), "missing");
    assert_eq!(publishes(&mut owner, 2).await, "done");
    assert!(!owner.page().has("#check"));
    line.cut(DELETE);
    owner.presses("#remove").await;
    assert_eq!((state(&owner).as_str(), there(&shop).len()), ("missing", 2));
    shop.closes().await;
}

#[tokio::test]
async fn a_refusal_is_told_in_weibos_words_and_fans_see_what_they_saw() {
    let (shop, line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    line.says(CREATE, r#"{"request":"/2/messages/menu/create.json","error_code":26401,"error":"<i>no</i>"}"#);
    assert_eq!(publishes(&mut owner, 1).await, "refused");
    assert!(owner.page().text("#live").contains("26401 <i>no</i>"));
    assert!(!owner.page().has("#check") && there(&shop).is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_is_told_to_wait() {
    let (shop, line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    let mut other = shop.member("operator", Role::Operator).await;
    other.opens(MENU).await;
    line.holds(CREATE);
    let (first, second) = tokio::join!(publishes(&mut owner, 1), async {
        line.arrives().await;
        let form = other.page().form("#publish-1");
        let status = other.submits(&form).await.status.as_u16();
        line.lets_go();
        status
    });
    assert_eq!((first.as_str(), second), ("done", 409));
    assert_eq!(line.calls(CREATE), 1);
    shop.closes().await;
}

#[tokio::test]
async fn what_a_killed_shop_left_is_asked_about_after_a_minute() {
    let (shop, _line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let by = Actor::Staff { id: 1, name: "阿山".into() };
    let begun = menus::begin(&mut tx, Some(menus::MenuId(1)), &by, shop.clock.now()).await.unwrap();
    assert!(begun.is_ok());
    tx.commit().await.unwrap();
    owner.opens(MENU).await;
    assert_eq!(state(&owner), "asking");
    assert!(!owner.page().has("#check"), "it may still be under way");
    shop.later(Duration::minutes(1));
    owner.opens(MENU).await;
    owner.presses("#check").await;
    assert_eq!(state(&owner), "missing");
    assert_eq!(publishes(&mut owner, 1).await, "done");
    shop.closes().await;
}

#[tokio::test]
async fn ours_is_held_against_what_weibo_shows_and_that_can_be_kept() {
    let (shop, line, mut owner) = at_the_menu().await;
    saves(&mut owner, "新品").await;
    publishes(&mut owner, 1).await;
    let page = owner.opens("/admin/fans/menu/live").await;
    assert!(page.has("#differences .tag.jade") && !page.has("#keep"));
    owner.opens(MENU).await;
    saves(&mut owner, "上新").await;
    let page = owner.opens("/admin/fans/menu/live?with=2").await;
    assert_eq!(page.text("#differences tbody"), "按钮 1上新 · 回一条消息 · NEW新品 · 回一条消息 · NEW");
    owner.presses("#keep").await;
    assert_eq!(owner.page().value_of("#menu", "b1-name"), "新品");
    assert_eq!(shop.count("SELECT count(*) FROM fan_menus").await, 3);
    line.cut(SHOW);
    assert!(owner.opens("/admin/fans/menu/live").await.has("#unknown"));
    assert_eq!(owner.opens("/admin/fans/menu/live?with=99").await.status.as_u16(), 404);
    shop.closes().await;
}
