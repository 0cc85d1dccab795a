//! Rules as the merchant edits them: what is wrong, what somebody else saved, their order, and a box to try them in.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::fans::{ACCOUNT, LI, contains, rule};
use crate::support::page::Form;
use time::Duration;
use weipu::fans::rules::{Answer, Cause};
use weipu::sandbox::SandboxReply;
use weipu::staff::Role;

const LIST: &str = "/admin/fans/rules";
const RULE: &str = "form.rule";

async fn writes(member: &mut Buyer, change: impl FnOnce(Form) -> Form) -> u16 {
    let form = member.opens("/admin/fans/rules/new").await.form(RULE);
    member.submits(&change(form)).await.status.as_u16()
}

async fn rules(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM fan_rules").await
}

#[tokio::test]
async fn an_operator_writes_a_rule_and_the_next_fan_is_answered() {
    let shop = TestShop::open().await;
    shop.owner().await;
    shop.binds().await;
    assert_eq!(shop.weibo.sandbox.fan_says(LI, "包邮吗").await.reply, None);
    let mut operator = shop.member("小满", Role::Operator).await;
    let written = writes(&mut operator, |form| {
        form.with("rule-name", "包邮")
            .with("rule-words", "包邮，邮费\r\n运费")
            .with("rule-text-1", "满 99 元包邮。")
    });
    assert_eq!(written.await, 200);
    let page = operator.page();
    assert!(
        page.url.path() == LIST && page.has(".said") && page.body.contains("包邮 · 邮费 · 运费"),
        "{}",
        page.told()
    );
    shop.later(Duration::SECOND);
    let answer = shop.weibo.sandbox.fan_says(LI, "请问运费多少").await.reply;
    assert_eq!(answer, Some(SandboxReply::Text { text: "满 99 元包邮。".into() }));
    let said = "SELECT count(*) FROM fan_messages m JOIN fan_rules r ON r.id = m.rule WHERE r.name = '包邮'";
    assert_eq!(shop.count(said).await, 1);
    // Changed: it holds at once, and the words that were said stay.
    let edit = operator.page().link("td a").path().to_owned();
    let form = operator.opens(&edit).await.form(RULE).without("rule-on");
    operator.submits(&form).await;
    shop.later(Duration::SECOND);
    assert_eq!(shop.weibo.sandbox.fan_says(LI, "运费").await.reply, None);
    let form = operator.opens(&edit).await.form("#removal");
    assert!(operator.submits(&form).await.has(".said"));
    assert_eq!((rules(&shop).await, shop.words_with(LI).await.len()), (0, 4));
    let told = "SELECT count(*) FROM audit WHERE action LIKE '%-fan-rule'";
    assert_eq!(shop.count(told).await, 3);
}

#[tokio::test]
async fn what_weibo_would_refuse_is_refused_here_and_stays_typed() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let long = "长".repeat(300);
    let fields: &[(&str, &[(&str, &str)])] = &[
        ("rule-name", &[("rule-name", "")]),
        ("rule-name", &[("rule-name", "a\u{0}b")]),
        ("rule-words", &[("rule-words", " ，\n")]),
        ("rule-words", &[("rule-words", "a\u{7}")]),
        ("rule-pattern", &[("rule-cause", "pattern"), ("rule-pattern", "(")]),
        ("rule-pattern", &[("rule-cause", "pattern"), ("rule-pattern", "((((a{99}){99}){99}){99})")]),
        ("rule-event", &[("rule-cause", "event"), ("rule-event", "unfollow")]),
        ("rule-key", &[("rule-cause", "menu"), ("rule-key", "")]),
        ("rule-scene", &[("rule-cause", "scene"), ("rule-scene", "-1")]),
        ("rule-scene", &[("rule-cause", "scene"), ("rule-scene", "12")]),
        ("rule-cause", &[("rule-cause", "mood")]),
        ("rule-hours-from", &[("rule-hours", "within"), ("rule-hours-from", "25:00")]),
        ("rule-ends", &[("rule-begins", "2026-12-02T00:00"), ("rule-ends", "2026-12-01T00:00")]),
        ("rule-begins", &[("rule-begins", "soon")]),
        ("rule-text-1", &[("rule-text-1", "")]),
        ("rule-text-2", &[("rule-text-2", &long)]),
        ("rule-text-1", &[("rule-answer", "orders"), ("rule-text-1", &long[..600])]),
        ("rule-products", &[("rule-answer", "products"), ("rule-products", "")]),
        ("rule-products", &[("rule-answer", "products"), ("rule-products", "no-such-tea")]),
        ("rule-products", &[("rule-answer", "products"), ("rule-products", "'; DROP")]),
        ("rule-hours", &[("rule-hours", "weekends")]),
        ("rule-hours", &[("rule-hours", "")]),
        ("rule-longitude", &[("rule-answer", "place"), ("rule-latitude", "30.2741")]),
        (
            "rule-longitude",
            &[("rule-answer", "place"), ("rule-longitude", "180.01"), ("rule-latitude", "30")],
        ),
        (
            "rule-latitude",
            &[("rule-answer", "place"), ("rule-longitude", "120"), ("rule-latitude", "北纬30")],
        ),
        ("rule-latitude", &[("rule-answer", "place"), ("rule-longitude", "120"), ("rule-latitude", "NaN")]),
        (
            "rule-text-1",
            &[("rule-answer", "place"), ("rule-longitude", "1"), ("rule-latitude", "2"), ("rule-text-1", "")],
        ),
        ("rule-coupon", &[("rule-answer", "coupon")]),
        ("rule-coupon", &[("rule-answer", "coupon"), ("rule-coupon", "7")]),
        ("rule-answer", &[("rule-answer", "gold")]),
    ];
    for (wrong, typed) in fields {
        let good = |form: Form| {
            form.with("rule-name", "规则").with("rule-words", "你好").with("rule-text-1", "在的")
        };
        let change =
            |form: Form| typed.iter().fold(good(form), |form, (name, value)| form.with(name, *value));
        assert_eq!(writes(&mut owner, change).await, 422, "{typed:?}");
        let page = owner.page();
        assert!(page.has(&format!("#{wrong}-wrong")), "{typed:?} {}", page.told());
        assert!(page.has("#wrongs"), "{}", page.told());
    }
    assert_eq!(rules(&shop).await, 0);
}

#[tokio::test]
async fn two_who_edit_one_rule_do_not_overwrite_each_other() {
    let shop = TestShop::open().await;
    let id = shop.says_when(contains("你好"), "在的").await.0;
    let mut owner = shop.owner().await;
    let mut operator = shop.member("小满", Role::Operator).await;
    let path = format!("{LIST}/{id}");
    let hers = owner.opens(&path).await.form(RULE).with("rule-text-1", "我在");
    let his = operator.opens(&path).await.form(RULE).with("rule-text-1", "稍等");
    let removal = operator.page().form("#removal");
    assert!(owner.submits(&hers).await.has(".said"));
    let again = operator.submits(&his).await;
    assert_eq!((again.status.as_u16(), again.text(".stored span")), (409, "我在".to_owned()));
    assert!(again.body.contains("稍等"), "{}", again.told());
    let form = operator.page().form(RULE);
    assert!(operator.submits(&form).await.has(".said"), "knowing what was there she may");
    assert_eq!(operator.submits(&removal).await.status, 409, "what has changed since is not taken away");
    assert_eq!(rules(&shop).await, 1);
    assert_eq!(operator.opens(&format!("{LIST}/999")).await.status, 404);
}

#[tokio::test]
async fn what_is_typed_into_a_rule_that_was_removed_makes_a_new_one() {
    let shop = TestShop::open().await;
    let id = shop.says_when(contains("你好"), "在的").await.0;
    let mut owner = shop.owner().await;
    let mut operator = shop.member("小满", Role::Operator).await;
    let path = format!("{LIST}/{id}");
    let hers = owner.opens(&path).await.form(RULE).with("rule-text-1", "稍等，马上来");
    let bad = hers.clone().with("rule-name", "");
    let removal = operator.opens(&path).await.form("#removal");
    operator.submits(&removal).await;
    assert_eq!(operator.submits(&removal).await.url.path(), LIST, "pressed twice it is gone all the same");
    for form in [&bad, &hers] {
        let again = owner.submits(form).await;
        assert_eq!((again.status.as_u16(), again.has("#gone"), again.has("#removal")), (409, true, false));
        assert!(again.body.contains("稍等，马上来"), "{}", again.told());
    }
    let form = owner.page().form(RULE);
    assert!(owner.submits(&form).await.has(".said"), "{}", owner.page().told());
    assert_eq!(rules(&shop).await, 1);
    assert_eq!(owner.opens(&format!("{LIST}/999")).await.status, 404);
}

#[tokio::test]
async fn a_place_is_a_place_in_json_and_its_words_in_xml() {
    let shop = TestShop::open().await;
    shop.binds().await;
    let mut owner = shop.owner().await;
    let written = writes(&mut owner, |form| {
        form.with("rule-name", "门店")
            .with("rule-words", "地址")
            .with("rule-answer", "place")
            .with("rule-longitude", " 120.1551 ")
            .with("rule-latitude", "30.2741")
            .with("rule-text-1", "门店在北山街 1 号")
    });
    assert_eq!(written.await, 200, "{}", owner.page().told());
    let tried = owner.opens(&format!("{LIST}/trial?what=text&text=地址")).await;
    assert!(tried.text(".told").contains("120.1551, 30.2741"), "{}", tried.told());
    let edit = owner.opens(LIST).await.link("td a").path().to_owned();
    assert_eq!(owner.opens(&edit).await.value_of(RULE, "rule-longitude"), "120.1551");
    let said = shop.weibo.sandbox.fan_says(LI, "地址").await.reply;
    let Some(SandboxReply::Position { longitude, latitude }) = said else { panic!("{said:?}") };
    assert_eq!((longitude.as_str(), latitude.as_str()), ("120.1551", "30.2741"));
    let xml = format!(
        "<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{LI}</FromUserName><CreateTime>1795233300</CreateTime>\
         <MsgType>text</MsgType><Content>地址</Content></xml>"
    );
    let answer = shop.hears(xml).await;
    assert!(answer.body.contains("门店在北山街 1 号"), "{}", answer.body);
    shop.runs("UPDATE fans_service SET format = 'xml'").await;
    let tried = owner.opens(&format!("{LIST}/trial?what=text&text=地址")).await;
    assert!(tried.text(".told").contains("门店在北山街 1 号"), "the box says what is said: {}", tried.told());
}

#[tokio::test]
async fn the_order_is_changed_without_a_script_and_decides() {
    let shop = TestShop::open().await;
    for text in ["一", "二", "三"] {
        shop.says_when(Cause::Anything, text).await;
    }
    shop.binds().await;
    let mut owner = shop.owner().await;
    let last = "tbody tr:last-child form";
    for expected in ["一", "三"] {
        let answer = shop.weibo.sandbox.fan_says(LI, expected).await.reply;
        assert_eq!(answer, Some(SandboxReply::Text { text: expected.into() }));
        for row in [last, "tbody tr:nth-child(2) form"] {
            let form = owner.opens(LIST).await.form(row).with("to", "up");
            owner.submits(&form).await;
        }
        shop.later(Duration::SECOND);
    }
    let form = owner.opens(LIST).await.form("tbody tr:first-child form").with("to", "up");
    assert_eq!(owner.submits(&form).await.status, 200, "the first has nowhere to go");
    let sideways = owner.page().form(last).with("to", "left");
    assert_eq!(owner.submits(&sideways).await.status, 422);
    // Both at once: each moves, and no two stand in one place.
    let mut other = shop.member("小满", Role::Operator).await;
    let (a, b) = (
        owner.opens(LIST).await.form(last).with("to", "up"),
        other.opens(LIST).await.form(last).with("to", "up"),
    );
    tokio::join!(owner.submits(&a), other.submits(&b));
    assert_eq!(shop.count("SELECT count(DISTINCT place) FROM fan_rules").await, 3);
}

#[tokio::test]
async fn cards_show_what_is_on_the_shelf_at_its_price_and_nothing_else() {
    let shop = TestShop::open().await;
    shop.owner().await;
    shop.binds().await;
    let mut operator = shop.member("小满", Role::Operator).await;
    let pictures = "INSERT INTO pictures (product_id, position, name)
        SELECT id, 0, '0123456789abcdef' FROM products WHERE slug IN ('mug', 'longjing')";
    shop.runs(pictures).await;
    let products = format!("{}\r\n/p/longjing?x=1\r\nmug", shop.base.join("/p/mug").unwrap());
    let status = writes(&mut operator, |form| {
        form.with("rule-name", "推荐")
            .with("rule-words", "推荐")
            .with("rule-answer", "products")
            .with("rule-products", products)
    })
    .await;
    assert_eq!(status, 200, "{}", operator.page().told());
    let answer = shop.weibo.sandbox.fan_says(LI, "有什么推荐").await;
    let Some(SandboxReply::Articles { articles }) = answer.reply else { panic!("{answer:?}") };
    let names: Vec<_> = articles.iter().map(|card| card.display_name.as_str()).collect();
    assert_eq!(names, ["山间杯", "明前龙井"], "in the merchant's order, each once");
    for card in &articles {
        assert!(card.summary.starts_with('¥') && card.url.starts_with(shop.base.as_str()), "{card:?}");
        assert!(card.image.starts_with(shop.base.as_str()) && card.image.ends_with("-375.jpg"), "{card:?}");
        assert_eq!(shop.phone().visits(card.url.parse().unwrap()).await.status, 200);
    }
    shop.runs("UPDATE products SET on_shelf = false").await;
    shop.later(Duration::SECOND);
    assert_eq!(shop.weibo.sandbox.fan_says(LI, "推荐").await.reply, None);
}

#[tokio::test]
async fn the_box_shows_which_would_answer_and_why_the_others_would_not() {
    let shop = TestShop::open().await;
    let off =
        weipu::fans::rules::Rule { is_on: false, ..rule(Cause::Anything, Answer::Human { texts: vec![] }) };
    shop.has_rule(off).await;
    shop.says_when(contains("发票"), "可以开发票").await;
    shop.says_when(contains("包邮"), "满 99 元包邮").await;
    shop.says_when(Cause::Anything, "<b>在的</b>").await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/fans/rules/trial").await.form(".trial");
    assert!(!owner.page().has(".verdicts"));
    let page = owner.submits(&form.with("text", "包邮吗")).await;
    assert_eq!(page.text(".told .bubble"), "满 99 元包邮");
    assert_eq!(page.text(".verdicts li:nth-child(1) .tag"), "没有启用");
    assert_eq!(page.text(".verdicts li:nth-child(2) .tag"), "条件不符合");
    assert_eq!(page.text("[data-speaks=true] .tag"), "由它回答");
    assert!(page.text(".verdicts li:nth-child(4) .tag").contains("不再继续"), "{}", page.told());
    let page = owner.opens("/admin/fans/rules/trial?what=text&text=%3Cscript%3E&at=2026-11-22T03:00").await;
    assert!(
        page.text(".told .bubble") == "<b>在的</b>" && !page.body.contains("<script>"),
        "{}",
        page.told()
    );
    for strange in
        ["what=nothing", "what=follow", "what=scan&key=7", "what=click&key=%00", "at=never&what=image"]
    {
        assert_eq!(owner.opens(&format!("/admin/fans/rules/trial?{strange}")).await.status, 200, "{strange}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM fan_messages").await, 0);
}

#[tokio::test]
async fn who_only_answers_fans_changes_no_rule() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut service = shop.member("小雪", Role::Service).await;
    assert_eq!(service.opens(LIST).await.status, 403);
    assert_eq!(service.opens("/admin/fans").await.status, 200);
    assert!(!service.page().has("a[href='/admin/fans/rules']"));
}
