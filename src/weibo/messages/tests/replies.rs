//! Replies: written as the documents have them, and checked before.

use super::*;

fn tea() -> Reply {
    let article = |name: &str, summary: &str, image: &str, id: u8| Article {
        display_name: name.into(),
        summary: summary.into(),
        image: format!("https://shop.example/img/{image}"),
        url: format!("https://shop.example/h5/item?id={id}"),
    };
    Reply::Articles {
        articles: vec![
            article("春茶上新", "明前龙井 50g", "tea-280x155.jpg", 42),
            article("茶具套装", "", "set-64x64.png", 43),
        ],
    }
}

fn hello() -> Reply {
    Reply::Text { text: "你好 A+B & 欢迎".into() }
}

fn place() -> Reply {
    Reply::Position { longitude: "120.1551".into(), latitude: "30.2741".into() }
}

pub fn written(reply: &Reply, format: Format) -> Option<String> {
    let at = datetime!(2026-03-05 02:20:31 UTC);
    write_reply(reply, FAN, SHOP, at, format).map(|body| String::from_utf8(body).unwrap())
}

#[test]
fn replies_are_written_as_the_documents_have_them() {
    for (line, reply) in fixture!("replies.jsonl").lines().zip([hello(), tea(), place()]) {
        assert_eq!(written(&reply, Format::Json).as_deref(), Some(line));
    }
    let Reply::Articles { articles } = tea() else { unreachable!() };
    let one = Reply::Articles { articles: articles[..1].to_vec() };
    for (line, reply) in fixture!("replies.xml.txt").lines().zip([hello(), one]) {
        assert_eq!(written(&reply, Format::Xml).as_deref(), Some(line));
    }
    assert_eq!(written(&place(), Format::Xml), None);
}

#[test]
fn both_flavours_of_the_data_decode_to_the_same() {
    let written: Value = serde_json::from_str(&written(&hello(), Format::Json).unwrap()).unwrap();
    let other = "%7B%22text%22%3A%22%E4%BD%A0%E5%A5%BD+A%2BB+%26+%E6%AC%A2%E8%BF%8E%22%7D";
    let decoded = |data: &str| form_urlencoded::parse(data.as_bytes()).next().unwrap().0.into_owned();
    let expected = r#"{"text":"你好 A+B & 欢迎"}"#;
    assert_eq!([decoded(written["data"].as_str().unwrap()), decoded(other)], [expected, expected]);
}

#[test]
fn what_weibo_would_refuse_is_found_before() {
    use ReplyFault::*;
    let text = |count| Reply::Text { text: "字".repeat(count) }.check();
    assert_eq!([text(1), text(299)], [Ok(()), Ok(())]);
    assert_eq!([text(0), text(300)], [Err(vec![Empty]), Err(vec![TooLong])]);
    assert_eq!([tea().check(), place().check()], [Ok(()), Ok(())]);
    let Reply::Articles { articles } = tea() else { unreachable!() };
    let cards = |count| Reply::Articles { articles: articles.iter().cycle().take(count).cloned().collect() };
    assert_eq!(
        [cards(8).check(), cards(9).check(), cards(0).check()],
        [Ok(()), Err(vec![TooMany]), Err(vec![Empty])]
    );
    for wrong in ["", "/p/1", "shop.example", "//shop.example", "javascript:1", "https://", "https://a b"] {
        let mut articles = articles.clone();
        articles[1].url = wrong.into();
        assert_eq!(Reply::Articles { articles }.check(), Err(vec![ArticleUrl(1)]), "{wrong}");
    }
    let bare = Article { display_name: " ".into(), image: "a.png".into(), ..articles[0].clone() };
    assert_eq!(Reply::Articles { articles: vec![bare] }.check(), Err(vec![ArticleName(0), ArticleImage(0)]));
    for (longitude, latitude) in [("", "1"), ("1", ""), ("181", "1"), ("1", "1e1"), ("１", "1")] {
        let place = Reply::Position { longitude: longitude.into(), latitude: latitude.into() };
        assert_eq!(place.check(), Err(vec![Coordinates]));
    }
}
