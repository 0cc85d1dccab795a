//! What came back: an answer, and when it is a page, what a person would see and press.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// In bytes, as it was sent.
    pub length: usize,
}

/// A form as a browser would send it.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: Url,
    pub post: bool,
    pub fields: Vec<(String, String)>,
}

/// A link, and the frame that it says it opens in.
#[derive(Debug)]
pub struct Link {
    pub url: Url,
    pub target: String,
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    pub fn has(&self, css: &str) -> bool {
        self.html().select(&selector(css)).next().is_some()
    }

    /// The text of the first element that fits.
    pub fn text(&self, css: &str) -> String {
        let html = self.html();
        let Some(found) = html.select(&selector(css)).next() else { panic!("no {css} on {}", self.told()) };
        found.text().collect::<String>().trim().to_owned()
    }

    /// The text of every element that fits.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let told = |element: scraper::ElementRef| element.text().collect::<String>().trim().to_owned();
        self.html().select(&selector(css)).map(told).collect()
    }

    pub fn count(&self, css: &str) -> usize {
        self.html().select(&selector(css)).count()
    }

    /// An attribute of the first element that fits.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let html = self.html();
        let found = html.select(&selector(css)).find_map(|element| element.attr(name).map(str::to_owned));
        found.unwrap_or_else(|| panic!("no {name} of {css} on {}", self.told()))
    }

    /// An attribute of every element that fits and has it.
    pub fn all(&self, css: &str, name: &str) -> Vec<String> {
        self.html()
            .select(&selector(css))
            .filter_map(|element| element.attr(name))
            .map(str::to_owned)
            .collect()
    }

    /// The address a link leads to.
    pub fn link(&self, css: &str) -> Url {
        self.url.join(&self.attribute(css, "href")).unwrap()
    }

    /// All that can be followed, and the frame that each says it opens in.
    pub fn links(&self) -> Vec<Link> {
        let (html, css) = (self.html(), selector("a[href]"));
        let links = html.select(&css).map(|a| Link {
            url: self.url.join(a.attr("href").unwrap()).unwrap(),
            target: a.attr("target").unwrap_or_default().to_owned(),
        });
        links.filter(|link| link.url.fragment() != Some("main")).collect()
    }

    /// Where it redirects to.
    pub fn link_of_location(&self) -> Url {
        self.url.join(self.header("location")).unwrap()
    }

    /// The value of a field, as it would be sent.
    pub fn value(&self, name: &str) -> String {
        self.value_of("form", name)
    }

    /// As [`Page::value`], where there are several forms.
    pub fn value_of(&self, form: &str, name: &str) -> String {
        let fields = self.form(form).fields;
        fields.into_iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no field {name}")).1
    }

    /// How the order stands, by its mark.
    pub fn payment(&self) -> String {
        self.attribute("main", "data-payment")
    }

    pub fn closure(&self) -> String {
        self.attribute("main", "data-closure")
    }

    /// The words that are tied to a field which is wrong.
    pub fn wrong(&self, field: &str) -> String {
        let input = format!("[name={field}][aria-invalid=true]");
        let id = self.attribute(&input, "aria-describedby");
        self.text(&format!("[id={id}]"))
    }

    /// The form, its fields as they stand.
    pub fn form(&self, css: &str) -> Form {
        let html = self.html();
        let Some(form) = html.select(&selector(css)).next() else { panic!("no {css} on {}", self.told()) };
        let action = form.attr("action").unwrap_or_default();
        let action = if action.is_empty() { self.url.clone() } else { self.url.join(action).unwrap() };
        let post = form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let fields =
            form.select(&selector("input[name], textarea[name], select[name]")).filter_map(field).collect();
        Form { action, post, fields }
    }

    /// It refuses, in this language, and offers a way on.
    pub fn refuses_in(&self, language: &str) {
        assert!(self.status.is_client_error(), "{}", self.told());
        assert_eq!(self.attribute("html", "lang"), language, "{}", self.told());
        assert!(!self.text("h1").is_empty() && self.has("main a, main button"), "{}", self.told());
    }

    /// For a test that fails.
    pub fn told(&self) -> String {
        format!("{} {}\n{}", self.status, self.url, self.body)
    }
}

/// What an element adds to its form.
fn field(element: ElementRef<'_>) -> Option<(String, String)> {
    let name = element.attr("name")?.to_owned();
    if element.attr("disabled").is_some() {
        return None;
    }
    if element.value().name() == "textarea" {
        let text: String = element.text().collect();
        return Some((name, text.strip_prefix('\n').map(str::to_owned).unwrap_or(text)));
    }
    if element.value().name() == "select" {
        let chosen = |css: &str| element.select(&selector(css)).next().and_then(|o| o.attr("value"));
        return Some((name, chosen("option[selected]").or_else(|| chosen("option"))?.to_owned()));
    }
    let ticked = matches!(element.attr("type"), Some("radio" | "checkbox"));
    if ticked && element.attr("checked").is_none() {
        return None;
    }
    Some((name, element.attr("value").unwrap_or_default().to_owned()))
}

impl Form {
    /// With this box not ticked.
    pub fn without(mut self, name: &str) -> Form {
        self.fields.retain(|(n, _)| n != name);
        self
    }

    /// The same with this field filled in.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Form {
        let value = value.into();
        match self.fields.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = value,
            None => self.fields.push((name.to_owned(), value)),
        }
        self
    }

    /// The same as another of its buttons sends it.
    pub fn to(mut self, action: Url) -> Form {
        self.action = action;
        self
    }

    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}
