//! Where somebody may be led who has signed in: a path of ours, whatever a browser makes of it. Pure.

/// More than any address of ours.
const LONGEST: usize = 500;

/// Whether this is a path of ours and nothing that a browser reads as another host. Our paths are of a few letters,
/// without an empty segment, a dot segment or anything encoded; what stands behind `?` and `#` cannot lead away.
pub fn is_own_path(next: &str) -> bool {
    let (path, rest) = next.split_at(next.find(['?', '#']).unwrap_or(next.len()));
    let Some(segments) = path.strip_prefix('/') else { return false };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    let segment = |name: &str| !name.is_empty() && name != "." && name != ".." && name.bytes().all(plain);
    // One slash may stand at the end.
    let segments = segments.strip_suffix('/').unwrap_or(segments);
    next.len() < LONGEST
        && (path == "/" || segments.split('/').all(segment))
        && !rest.chars().any(|c| c == '\\' || c.is_control())
}

/// The same without what stands behind `?`: that may open what is another's.
pub fn without_query(path: &str) -> &str {
    &path[..path.find(['?', '#']).unwrap_or(path.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    /// Shapes that lead, or once led, some browser or some server away.
    fn away() -> Vec<String> {
        serde_json::from_str(include_str!("../../tests/fixtures/led_away.json")).unwrap()
    }

    #[test]
    fn nobody_is_led_away() {
        let long = format!("/{}", "a".repeat(600));
        assert_eq!(away().len(), 38);
        for shape in away().iter().map(String::as_str).chain([
            "/orders\r\nSet-Cookie: a=b",
            "/x?a=\\\\evil.example",
            &long,
        ]) {
            assert!(!is_own_path(shape), "{shape:?}");
        }
    }

    #[test]
    fn our_own_pages_are_ours() {
        let shop = Url::parse("https://shop.example/").unwrap();
        for own in [
            "/",
            "/?page=2",
            "/en",
            "/en/",
            "/orders/2611-7KQ4-M2X9?t=abc_-",
            "/en/p/tea#x",
            "/search?q=茶&page=2",
            "/checkout?variant=longjing-1.a&quantity=2",
            "/p/tea?next=//evil.example",
        ] {
            assert!(is_own_path(own), "{own}");
            assert_eq!(shop.join(own).unwrap().origin(), shop.origin(), "{own}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_passes_stays_on_our_host(next in "[/\\\\.a-z%0-9@:?#\t ]{0,12}") {
            let shop = Url::parse("https://shop.example/").unwrap();
            if is_own_path(&next) {
                let led = shop.join(&next).unwrap();
                proptest::prop_assert_eq!(led.origin(), shop.origin());
                proptest::prop_assert!(!led.path().starts_with("//"));
            }
        }
    }

    #[test]
    fn what_may_open_something_is_left_behind() {
        assert_eq!(without_query("/orders/1?t=abc"), "/orders/1");
        assert_eq!(without_query("/p/tea#x?y"), "/p/tea");
    }
}
