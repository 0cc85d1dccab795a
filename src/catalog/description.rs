//! What a merchant writes about a product, in Markdown, as markup that can do nothing but be read.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

/// Markup that only [`render`] makes: of a fixed list of elements, without scripts, styles and pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SafeHtml {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Quotes and lists stand in each other this deep; beyond it they are read as if they ended.
const DEEPEST: usize = 12;

/// Draws Markdown. A line break is one, as it was typed; HTML is shown, not obeyed; a picture is its words.
pub fn render(markdown: &str) -> SafeHtml {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut html, shallow(events.filter_map(tame)));
    SafeHtml(ALLOWED.clean(&html).to_string())
}

/// Changes what a shop's page cannot have.
fn tame(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::SoftBreak => Some(Event::HardBreak),
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            let level = below(level);
            Some(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level)))),
        event => Some(event),
    }
}

/// The page has its own first and second headings.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// Leaves out quotes and lists that stand too deep: a thousand `>` would cost seconds to draw.
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut depth = 0_usize;
    events.filter(move |event| match event {
        Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
            depth -= 1;
            depth < DEEPEST
        }
        _ => true,
    })
}

static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "a",
        "blockquote",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    let mut allowed = Builder::empty();
    allowed
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener"));
    allowed
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use scraper::Html;

    fn drawn(markdown: &str) -> String {
        render(markdown).to_string().trim().replace('\n', "")
    }

    #[test]
    fn plain_text_looks_as_it_was_typed() {
        assert_eq!(
            drawn("春茶。\n开封后请冷藏。\n\n手工制作。"),
            "<p>春茶。<br>开封后请冷藏。</p><p>手工制作。</p>"
        );
        assert_eq!(drawn("80 < 85 & 三克"), "<p>80 &lt; 85 &amp; 三克</p>");
        assert_eq!(drawn(""), "");
    }

    #[test]
    fn markdown_is_drawn_below_the_pages_own_headings() {
        assert_eq!(drawn("# 产地\n## 年份"), "<h3>产地</h3><h3>年份</h3>");
        assert_eq!(drawn("- **一**\n- *二*"), "<ul><li><strong>一</strong></li><li><em>二</em></li></ul>");
        assert_eq!(
            drawn("[看](https://weibo.com/u/1)"),
            "<p><a href=\"https://weibo.com/u/1\" rel=\"nofollow noopener\">看</a></p>"
        );
        let table = drawn("|尺码|胸围|\n|:-|-:|\n|L|110|");
        assert!(table.starts_with("<table><thead><tr><th>尺码</th>"), "{table}");
        assert_eq!(drawn("![一只杯子](https://evil.example/x.png)"), "<p>一只杯子</p>");
        assert_eq!(drawn("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>");
    }

    #[test]
    fn a_thousand_quotes_in_each_other_are_drawn_at_once() {
        for deep in [">".repeat(20_000), "- ".repeat(10_000), "*a ".repeat(6_000), "[".repeat(20_000)] {
            let html = drawn(&format!("{deep}x"));
            assert!(html.matches("<blockquote>").count() <= DEEPEST);
            holds_only_what_is_allowed(&html);
        }
    }

    const CORPUS: &str = include_str!("description_attacks.txt");

    #[test]
    fn no_known_attack_survives() {
        let attacks: Vec<&str> = CORPUS.lines().filter(|line| !line.is_empty()).collect();
        assert!(attacks.len() >= 60, "{}", attacks.len());
        for attack in attacks {
            for around in [
                "{}",
                "# {}",
                "- {}",
                "> {}",
                "|a|\n|-|\n|{}|",
                "[x]({})",
                "`{}`",
                "**{}**",
                "<{}>",
                "\n\n{}\n\n",
            ] {
                holds_only_what_is_allowed(&render(&around.replace("{}", attack)).to_string());
            }
        }
        holds_only_what_is_allowed(&render(CORPUS).to_string());
    }

    /// Read again as a browser would: no element, no attribute and no address but those allowed.
    fn holds_only_what_is_allowed(html: &str) {
        let page = Html::parse_fragment(html);
        for element in page.root_element().descendent_elements() {
            let name = element.value().name();
            let known = "html p br hr h3 h4 h5 h6 ul ol li strong em a blockquote code pre table thead tbody tr th td";
            assert!(known.split(' ').any(|k| k == name), "<{name}> in {html}");
            for (attribute, value) in element.value().attrs() {
                let fits = match attribute {
                    "href" => value.starts_with("https://") || value.starts_with("http://"),
                    "rel" => value == "nofollow noopener",
                    _ => false,
                };
                assert!(name == "a" && fits, "{attribute}={value} in {html}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_that_can_be_typed_becomes_more_than_text(
            text in "(<|>|\"|'|\\[|\\]|\\(|\\)|!|`|#|\\*|-|\\||\n| |&|;|:|=|/|script|img|svg|a|onerror|href|src|javascript:|data:|style|https://x|&#x6a;|\\\\|茶){0,60}"
        ) {
            holds_only_what_is_allowed(&render(&text).to_string());
        }

        #[test]
        fn nothing_at_all_does(text in ".{0,200}") {
            holds_only_what_is_allowed(&render(&text).to_string());
        }
    }
}
