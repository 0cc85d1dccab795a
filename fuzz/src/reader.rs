//! The reader of Weibo's JSON, which the client keeps to itself.

#[path = "../../src/weibo/answer.rs"]
mod answer;

use answer::Answer;
use serde_json::Value;

/// Reads a body under these names and holds what is read against what JSON says.
pub fn read(body: &[u8]) {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let object = json.as_ref().and_then(Value::as_object);
    let Some(answer) = Answer::parse(body) else {
        assert!(object.is_none(), "an object was not read");
        return;
    };
    let object = object.expect("only an object is an answer");
    for (name, value) in object {
        let text = answer.text(name);
        let expected = match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
            _ => None,
        };
        assert_eq!(text, expected, "{name}");
        assert_eq!(answer.whole(name), text.as_ref().and_then(|text| text.parse().ok()), "{name}");
        assert_eq!(answer.boolean(name), value.as_bool(), "{name}");
        assert_eq!(answer.object(name).is_some(), value.is_object(), "{name}");
        let all = answer.objects(name).map(|all| all.len());
        match value {
            Value::Object(one) => assert_eq!(all, Some(usize::from(!one.is_empty()))),
            Value::Array(list) if list.iter().all(Value::is_object) => assert_eq!(all, Some(list.len())),
            Value::Null => assert_eq!(all, Some(0)),
            Value::String(text) if text.is_empty() => assert_eq!(all, Some(0)),
            _ => assert_eq!(all, None),
        }
        read_text(text.as_deref().unwrap_or_default());
    }
}

/// Numbers and times as they stand in an answer or a notice.
fn read_text(text: &str) {
    if let Some(number) = answer::positive(text) {
        assert!(number > 0 && text.trim_start_matches('0') == number.to_string(), "{text}");
    }
    if let Some(at) = answer::beijing_time(text) {
        let there = at.to_offset(crate::clock::SHOP_ZONE);
        let form = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        assert_eq!(there.format(form).expect("a time that was read"), text);
    }
}
