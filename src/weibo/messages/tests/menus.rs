//! Menus: the documents' example, and what Weibo would refuse.

use super::*;
use MenuWrong::*;

fn menu() -> Menu {
    let orders = Leaf::View { name: "订单".into(), url: "https://shop.example/orders".into() };
    let help = Leaf::Click { name: "客服".into(), key: "HELP".into() };
    Menu {
        buttons: vec![
            Button::Leaf(Leaf::Click { name: "新品".into(), key: "NEW".into() }),
            Button::Group { name: "我的".into(), leaves: vec![orders, help] },
        ],
    }
}

#[test]
fn the_documents_menu_is_written_and_read() {
    let documented = r#"{"button":[{"type":"click","name":"新品","key":"NEW"},{"name":"我的","sub_button":[{"type":"view","name":"订单","url":"https://shop.example/orders"},{"type":"click","name":"客服","key":"HELP"}]}]}"#;
    assert_eq!(serde_json::to_string(&menu()).unwrap(), documented);
    assert_eq!(serde_json::from_str::<Menu>(documented).unwrap(), menu());
    assert_eq!(menu().check(), Ok(()));
}

#[test]
fn a_menus_faults_are_found_with_their_places() {
    let at = |button, leaf, wrong| MenuFault { at: Some(MenuPlace { button, leaf }), wrong };
    let click = |name: &str, key: &str| Leaf::Click { name: name.into(), key: key.into() };
    let view = |url: &str| Leaf::View { name: "页".into(), url: url.into() };
    let of = |buttons| Menu { buttons }.check().unwrap_err();
    assert_eq!(of(vec![]), [MenuFault { at: None, wrong: MenuWrong::Buttons }]);
    let four = (0..4).map(|key| Button::Leaf(click("x", &key.to_string()))).collect();
    assert_eq!(of(four), [MenuFault { at: None, wrong: MenuWrong::Buttons }]);
    // Five characters of three bytes are 15 bytes, six 18.
    assert!(Menu { buttons: vec![Button::Leaf(click("五个字符吗", "k"))] }.check().is_ok());
    let found = of(vec![
        Button::Leaf(click("六个字符的名", "")),
        Button::Group { name: " ".into(), leaves: vec![] },
        Button::Group {
            name: "x".into(),
            leaves: vec![
                click(&"a".repeat(40), &"k".repeat(128)),
                click(&"a".repeat(41), &"k".repeat(129)),
                click("again", &"k".repeat(128)),
                view("/orders"),
                view(&format!("https://shop.example/{}", "a".repeat(236))),
            ],
        },
    ]);
    assert_eq!(
        found,
        [
            at(0, None, NameTooLong),
            at(0, None, KeyEmpty),
            at(1, None, NameEmpty),
            at(1, None, Leaves),
            at(2, Some(1), NameTooLong),
            at(2, Some(1), KeyTooLong),
            at(2, Some(2), KeyTwice),
            at(2, Some(3), UrlWrong),
            at(2, Some(4), UrlTooLong),
        ]
    );
}
