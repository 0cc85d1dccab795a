//! The meta tags of a page, read as forgivingly as pages are written. Pure.

/// Every meta tag that has a name (or property) and a content, in order; names in small letters.
pub fn metas(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let (name, inside) = (word.to_ascii_lowercase(), &rest[word.len()..]);
        let (attributes, behind) = attributes(inside);
        rest = behind;
        match name.as_str() {
            // What stands in these is no markup.
            "script" | "style" | "title" | "textarea" => rest = behind_end(rest, &name),
            "meta" => found.extend(meta(&attributes)),
            _ => {}
        }
    }
    found
}

fn meta(attributes: &[(String, String)]) -> Option<(String, String)> {
    let of = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let name = of("property").or_else(|| of("name"))?;
    Some((name.trim().to_ascii_lowercase(), of("content")?.clone()))
}

/// What stands behind the end tag of this name.
fn behind_end<'a>(text: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    // As many bytes in small letters as before: only ASCII is changed.
    text.to_ascii_lowercase().find(&end).map_or("", |at| &text[at + end.len()..])
}

/// The attributes of a tag, and what stands behind its end.
fn attributes(mut text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if text.is_empty() {
            return (found, "");
        }
        if let Some(behind) = text.strip_prefix('>') {
            return (found, behind);
        }
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
        // A stray `=` is a name of its own: something is always taken.
        let first = text.chars().next().map_or(1, char::len_utf8);
        let end = text[first..].find(ends).map_or(text.len(), |at| first + at);
        let name = text[..end].to_ascii_lowercase();
        text = text[end..].trim_start();
        let Some(behind) = text.strip_prefix('=') else {
            found.push((name, String::new()));
            continue;
        };
        let (value, behind) = value(behind.trim_start());
        found.push((name, decoded(value)));
        text = behind;
    }
}

/// A value, and what stands behind it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at(end)
}

/// With what is written as `&amp;`, `&#38;` or `&#x26;` in its place. Other names are left as they are.
fn decoded(text: &str) -> String {
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        all.push_str(before);
        let known = behind.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        let (c, after) = known.unwrap_or(('&', behind));
        all.push(c);
        rest = after;
    }
    all + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        return code.and_then(char::from_u32).filter(|c| *c != '\0');
    }
    let named = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}')];
    named.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::metas;
    use proptest::prelude::*;

    #[test]
    fn tags_are_found_however_they_are_written() {
        let page = r#"<!doctype html><html><head>
            <!-- <meta property="og:title" content="in a comment"> -->
            <title><meta property="og:title" content="in a title"></title>
            <script>const x = '<meta property="og:title" content="in a script">';</SCRIPT>
            <META content='茶 &amp; "杯" &#38; &#x26; &nope; & x' PROPERTY = "og:Title" />
            <meta name=weibo:type content=product><meta charset="utf-8"><meta name="empty" content="">
            <link rel="icon"><meta property="og:image"
               content="https://shop.example/a.jpg?a=1&#38;b=2"><p a=">" b><meta name="last" content="unclosed"#;
        assert_eq!(
            metas(page),
            [
                ("og:title", "茶 & \"杯\" & & &nope; & x"),
                ("weibo:type", "product"),
                ("empty", ""),
                ("og:image", "https://shop.example/a.jpg?a=1&b=2"),
                ("last", "unclosed"),
            ]
            .map(|(name, content)| (name.to_owned(), content.to_owned()))
        );
    }

    proptest! {
        #[test]
        fn whatever_a_page_is_it_is_read_to_its_end(page in "(<|>|meta|script|!--|/|=|\"|'|&|#|x|;|茶| |a|content){0,60}") {
            let _ = metas(&page);
        }
    }
}
