//! Whatever the rules are and whatever a fan does, at most one message comes of it, and Weibo would take it.

use super::composing::{Goods, Part, compose, products as wanted};
use super::engine::{Moment, Not, Ready, compile};
use super::rule::{Answer, Cause, Happening, Hours, ORDERS_TEXT_LIMIT, Rule, RuleId};
use crate::catalog::ProductId;
use crate::coupons::CouponId;
use crate::fans::codes::{Life, Scene};
use crate::weibo::messages::{Article, Content, Event, Format, Reply, TEXT_LIMIT, write_reply};
use proptest::prelude::*;
use std::collections::HashMap;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// A Saturday, noon in Beijing.
const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);
const COUPON: &str = "https://shop.example/coupons/a2b3c4d5?by=rule";
const LINK: &str = "https://shop.example/m/0123456789012345678901";

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn rule(cause: Cause) -> Rule {
    Rule {
        name: "一条规则".into(),
        is_on: true,
        cause,
        hours: None,
        answer: Answer::Text { texts: words(&["在的"]) },
        begins_at: None,
        ends_at: None,
        goes_on: false,
    }
}

fn says(content: &Content, text: &str, cause: Cause) -> Result<(), Not> {
    let moment = Moment { content, text, first_contact: false, at: NOON };
    Ready::new(RuleId(1), rule(cause)).judge(&moment)
}

fn hears(text: &str, cause: Cause) -> bool {
    says(&Content::Text, text, cause).is_ok()
}

fn event(event: Event) -> Content {
    Content::Event { event }
}

#[test]
fn words_are_heard_whatever_their_width_and_case() {
    let exact = || Cause::Exact { words: words(&["包邮", "Hello"]) };
    for (text, heard) in [
        ("包邮", true),
        (" 包邮　", true),
        ("ＨＥＬＬＯ", true),
        ("hello", true),
        ("包邮吗", false),
        ("", false),
    ] {
        assert_eq!(hears(text, exact()), heard, "{text}");
    }
    assert!(hears("请问这个包邮吗？", Cause::Contains { words: words(&["包邮"]) }));
    assert!(!hears("你好", Cause::Contains { words: words(&["", " "]) }), "nothing is in every text");
    assert!(hears("订单 26117KQ4M2X9 到哪了", Cause::Pattern { pattern: "[0-9a-z]{12}".into() }));
    assert!(!hears("你好", Cause::Pattern { pattern: "(".into() }), "a broken pattern hears nothing");
    let picture = Content::Image { file: None };
    assert_eq!(says(&picture, "包邮", exact()), Err(Not::Other), "Weibo's own words are not hers");
    assert_eq!(says(&picture, "包邮", Cause::Anything), Ok(()));
}

#[test]
fn what_she_did_is_told_apart() {
    let (key, ticket) = (String::from("QR_LIMIT_SCENE_77"), String::new());
    let scan = event(Event::ScanFollow { key, ticket });
    let code = |life, number| Cause::Scene { key: Scene { life, number } };
    for (cause, heard) in [
        (code(Life::Permanent, 77), true),
        (code(Life::Temporary, 77), false),
        (code(Life::Permanent, 7), false),
        (Cause::Event { event: Happening::Scan }, true),
        (Cause::Event { event: Happening::Follow }, true),
        (Cause::Event { event: Happening::Subscribe }, false),
        (Cause::Menu { key: "QR_LIMIT_SCENE_77".into() }, false),
        (Cause::Anything, false),
        (Cause::FirstContact, false),
    ] {
        assert_eq!(says(&scan, "", cause.clone()).is_ok(), heard, "{cause:?}");
    }
    let on_screen = event(Event::Scan { key: "QR_SCENE_77".into(), ticket: String::new() });
    assert_eq!(says(&on_screen, "", code(Life::Temporary, 77)), Ok(()));
    assert_eq!(says(&on_screen, "", code(Life::Permanent, 77)), Err(Not::Other));
    for strange in ["77", "QR_SCENE_", "QR_SCENE_+77", "QR_SCENE_99999999999", "qr_scene_77", "X_77"] {
        let scan = event(Event::Scan { key: strange.into(), ticket: String::new() });
        assert_eq!(says(&scan, "", code(Life::Temporary, 77)), Err(Not::Other), "{strange}");
    }
    let kept = serde_json::to_value(code(Life::Permanent, 77)).unwrap();
    assert_eq!(kept, serde_json::json!({ "kind": "scene", "key": "QR_LIMIT_SCENE_77" }));
    assert_eq!(serde_json::from_value::<Cause>(kept).unwrap(), code(Life::Permanent, 77));
    let click = event(Event::Click { key: "NEW".into() });
    assert_eq!(says(&click, "", Cause::Menu { key: "NEW".into() }), Ok(()));
    assert_eq!(says(&click, "", Cause::Menu { key: "new".into() }), Err(Not::Other));
    let first = Moment { content: &Content::Text, text: "hi", first_contact: true, at: NOON };
    assert_eq!(Ready::new(RuleId(1), rule(Cause::FirstContact)).judge(&first), Ok(()));
}

#[test]
fn a_rule_that_may_not_speak_says_why() {
    let anything = || rule(Cause::Anything);
    let judge = |rule| {
        let moment = Moment { content: &Content::Text, text: "在吗", first_contact: false, at: NOON };
        Ready::new(RuleId(1), rule).judge(&moment)
    };
    assert_eq!(judge(anything()), Ok(()));
    assert_eq!(judge(Rule { is_on: false, ..anything() }), Err(Not::Off));
    assert_eq!(judge(Rule { begins_at: Some(NOON + Duration::SECOND), ..anything() }), Err(Not::NotYet));
    assert_eq!(judge(Rule { begins_at: Some(NOON), ..anything() }), Ok(()));
    assert_eq!(judge(Rule { ends_at: Some(NOON), ..anything() }), Err(Not::Over));
    let weekdays = [true, true, true, true, true, false, false];
    let open = Hours { days: weekdays, from: 9 * 60, until: 18 * 60, outside: false };
    assert_eq!(judge(Rule { hours: Some(open), ..anything() }), Err(Not::Hours));
    assert_eq!(judge(Rule { hours: Some(Hours { outside: true, ..open }), ..anything() }), Ok(()));
}

#[test]
fn hours_go_past_midnight_with_the_day_they_began_on() {
    let mut days = [false; 7];
    days[4] = true;
    let friday_night = Hours { days, from: 22 * 60, until: 2 * 60, outside: false };
    for (at, open) in [
        (datetime!(2026-11-20 21:59 +8), false),
        (datetime!(2026-11-20 22:00 +8), true),
        (datetime!(2026-11-21 01:59 +8), true),
        (datetime!(2026-11-20 17:59:59 UTC), true),
        (datetime!(2026-11-21 02:00 +8), false),
        (datetime!(2026-11-21 22:00 +8), false),
    ] {
        assert_eq!(friday_night.hold(at), open, "{at}");
    }
    let all_day = Hours { from: 0, until: 0, ..friday_night };
    assert!(all_day.hold(datetime!(2026-11-20 00:00 +8)) && all_day.hold(datetime!(2026-11-20 23:59 +8)));
    assert!(!all_day.hold(datetime!(2026-11-21 00:00 +8)));
    for (text, minute) in [("09:30", Some(570)), ("23:59", Some(1439)), (" 00:00 ", Some(0))] {
        assert_eq!(Hours::parse_clock(text), minute);
        assert_eq!(minute.map(Hours::clock).as_deref(), Some(text.trim()));
    }
    for bad in ["", "9:30", "24:00", "12:60", "-1:00", "12", "12:00:00", "+9:30"] {
        assert_eq!(Hours::parse_clock(bad), None, "{bad}");
    }
}

#[test]
fn patterns_that_would_take_long_end_at_once_or_are_refused() {
    let pattern = compile("(a+)+$").unwrap();
    let text = format!("{}b", "a".repeat(60_000));
    assert!(!pattern.is_match(&text), "linear in what is looked at");
    assert!(hears(&text, Cause::Pattern { pattern: "(a|aa)*$".into() }), "cut before its end");
    for bomb in ["(((((a{100}){100}){100}){100}){100})", "", &"(".repeat(100), &"a".repeat(201), "\\p{Foo}"] {
        assert!(compile(bomb).is_none(), "{bomb}");
    }
}

fn cards() -> Goods {
    let card = |id: i64| Article {
        display_name: format!("茶 {id}"),
        summary: "¥39.90".into(),
        image: format!("https://shop.example/pictures/{id}-375.jpg"),
        url: format!("https://shop.example/p/{id}"),
    };
    let cards = (1..=12).map(|id| (ProductId(id), card(id))).collect();
    let coupons = HashMap::from([(CouponId(1), COUPON.to_owned())]);
    Goods { cards, coupons }
}

fn products(ids: &[i64]) -> Answer {
    Answer::Products { products: ids.iter().copied().map(ProductId).collect() }
}

fn composed(rules: &[(Answer, bool)]) -> (Option<Reply>, Vec<Part>, bool) {
    let ready: Vec<Ready> = (1..)
        .zip(rules)
        .map(|(id, (answer, goes_on))| {
            let rule = Rule { answer: answer.clone(), goes_on: *goes_on, ..rule(Cause::Anything) };
            Ready::new(RuleId(id), rule)
        })
        .collect();
    let all = compose(&ready, &cards(), 1);
    (all.reply(LINK, Format::Json), all.parts.iter().map(|(_, part)| *part).collect(), all.human)
}

#[test]
fn a_coupon_is_a_link_to_its_page_and_nothing_where_it_is_not_given() {
    let coupon = |id, texts: &[&str]| Answer::Coupon { texts: words(texts), coupon: CouponId(id) };
    let (reply, parts, _) = composed(&[(coupon(1, &["送您一张券"]), false)]);
    let text = format!("送您一张券\n{COUPON}");
    assert_eq!((reply, parts), (Some(Reply::Text { text }), vec![Part::Answers]));
    let (reply, _, _) = composed(&[(coupon(1, &[]), false)]);
    assert_eq!(reply, Some(Reply::Text { text: COUPON.to_owned() }));
    let text = || Answer::Text { texts: words(&["在的"]) };
    let (reply, parts, _) = composed(&[(coupon(2, &["送您一张券"]), false), (text(), false)]);
    assert_eq!(reply, Some(Reply::Text { text: "在的".into() }), "the next rule speaks");
    assert_eq!(parts, [Part::NothingLeft, Part::Answers]);
    let long = "券".repeat(400);
    let (reply, ..) = composed(&[(coupon(1, &[&long]), false)]);
    let Some(Reply::Text { text }) = reply else { panic!("a text") };
    assert!(text.chars().count() < TEXT_LIMIT && text.ends_with(COUPON));
}

#[test]
fn cards_are_joined_and_whatever_else_comes_later_is_left_out() {
    use Part::{Answers, Behind, Calls, Joins, LeftOut, NothingLeft};
    let text = || Answer::Text { texts: words(&["在的"]) };
    let human = || Answer::Human { texts: vec![] };
    let (reply, parts, _) = composed(&[
        (products(&[99]), false),
        (products(&[1, 2, 3]), true),
        (text(), true),
        (products(&[3, 4, 5, 6, 7, 8, 9]), true),
        (products(&[10]), true),
        (human(), false),
        (text(), false),
    ]);
    assert_eq!(parts, [NothingLeft, Answers, LeftOut, Joins, LeftOut, Calls, Behind]);
    let Some(Reply::Articles { articles }) = reply else { panic!("{reply:?}") };
    let names: Vec<_> = articles.iter().map(|article| article.display_name.as_str()).collect();
    assert_eq!(names, ["茶 1", "茶 2", "茶 3", "茶 4", "茶 5", "茶 6", "茶 7", "茶 8"]);
    let (reply, parts, called) = composed(&[(text(), false), (human(), false)]);
    assert_eq!(
        (reply, parts, called),
        (Some(Reply::Text { text: "在的".into() }), vec![Answers, Behind], false)
    );
    let (reply, parts, called) = composed(&[(human(), true), (text(), true)]);
    assert_eq!(
        (reply, parts, called),
        (Some(Reply::Text { text: "在的".into() }), vec![Calls, Answers], true)
    );
}

#[test]
fn no_card_is_made_for_a_rule_that_will_not_speak() {
    let text = || Answer::Text { texts: words(&["在的"]) };
    let human = || Answer::Human { texts: vec![] };
    for (rules, expected) in [
        (vec![(text(), false), (products(&[1]), false)], &[][..]),
        (vec![(text(), true), (products(&[1]), false)], &[1]),
        (vec![(products(&[1]), false), (products(&[2]), false)], &[1, 2]),
        (vec![(products(&[1]), true), (text(), false), (products(&[2]), false)], &[1, 2]),
        (vec![(products(&[1]), true), (human(), false), (products(&[2]), false)], &[1]),
        (vec![(Answer::Text { texts: vec![] }, false), (products(&[2]), false)], &[2]),
    ] {
        let ready: Vec<Ready> = (1..)
            .zip(rules)
            .map(|(id, (answer, goes_on))| {
                Ready::new(RuleId(id), Rule { answer, goes_on, ..rule(Cause::Anything) })
            })
            .collect();
        let ids: Vec<i64> = wanted(&ready.iter().collect::<Vec<_>>()).iter().map(|id| id.0).collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn the_link_to_her_orders_is_always_whole() {
    let long = "长".repeat(ORDERS_TEXT_LIMIT);
    let (reply, _, _) = composed(&[(Answer::Orders { texts: vec![long.clone()] }, false)]);
    assert_eq!(reply, Some(Reply::Text { text: format!("{long}\n{LINK}") }));
    let (reply, _, _) = composed(&[(Answer::Orders { texts: vec![] }, false)]);
    assert_eq!(reply, Some(Reply::Text { text: LINK.into() }));
}

#[test]
fn of_several_texts_the_message_decides_which() {
    let texts = words(&["一", "二", "三"]);
    let ready = [Ready::new(RuleId(1), Rule { answer: Answer::Text { texts }, ..rule(Cause::Anything) })];
    let said = |message| compose(&ready, &Goods::default(), message).reply("", Format::Json);
    let mut heard: Vec<_> = (1..40).map(|message| format!("{:?}", said(message))).collect();
    assert_eq!(said(7), said(7));
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), 3, "each has its turn");
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let texts = || prop::collection::vec("[a-z在]{1,299}", 1..4);
    prop_oneof![
        texts().prop_map(|texts| Answer::Text { texts }),
        prop::collection::vec("[a-z在]{1,150}", 0..3).prop_map(|texts| Answer::Orders { texts }),
        prop::collection::vec("[a-z在]{1,299}", 0..3).prop_map(|texts| Answer::Human { texts }),
        prop::collection::vec(1i64..20, 1..9).prop_map(|ids| products(&ids)),
        (-180f64..=180.0, -90f64..=90.0, texts()).prop_map(|(longitude, latitude, texts)| Answer::Place {
            longitude: format!("{longitude:.6}"),
            latitude: format!("{latitude:.6}"),
            texts
        }),
        (prop::collection::vec("[a-z在]{1,150}", 0..3), 1i64..3)
            .prop_map(|(texts, id)| Answer::Coupon { texts, coupon: CouponId(id) }),
    ]
}

proptest! {
    #[test]
    fn whatever_speaks_weibo_would_take_it(
        rules in prop::collection::vec((any_answer(), any::<bool>()), 0..8), message in any::<i64>()
    ) {
        let ready: Vec<Ready> = (1..).zip(rules).map(|(id, (answer, goes_on))| {
            Ready::new(RuleId(id), Rule { answer, goes_on, ..rule(Cause::Anything) })
        }).collect();
        let all = compose(&ready, &cards(), message);
        for (format, reply) in [Format::Json, Format::Xml].map(|format| (format, all.reply(LINK, format))) {
            let Some(reply) = reply else { continue };
            prop_assert_eq!(reply.check(), Ok(()));
            prop_assert!(write_reply(&reply, 2, 1, NOON, format).is_some(), "{:?} cannot say it", format);
            if let Reply::Text { text } = &reply {
                prop_assert!(text.chars().count() < TEXT_LIMIT);
                prop_assert!(!all.needs_link() || text.ends_with(LINK));
            }
        }
        let answers = all.parts.iter().filter(|(_, part)| *part == Part::Answers).count();
        prop_assert_eq!(answers, usize::from(all.reply(LINK, Format::Json).is_some()));
        prop_assert_eq!(all.parts.len(), ready.len());
        prop_assert_eq!(all, compose(&ready, &cards(), message), "another answer the second time");
    }

    #[test]
    fn no_pattern_makes_a_rule_panic(pattern in ".{0,40}", text in ".{0,80}") {
        hears(&text, Cause::Pattern { pattern });
    }
}
