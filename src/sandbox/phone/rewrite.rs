//! What must be written differently so that the phone stays on its own origin. Pure text.

use url::Url;

/// Cookies of the phone carry this before their name in the browser, and not before the shop.
const PHONES: &str = "phone-";
/// The desk's own choices, which the sandbox may see on the phone too.
const DESKS: &str = "sandbox_";

/// The three origins between which the phone translates.
pub struct Origins {
    phone: String,
    sandbox: String,
    shop: Option<String>,
    /// Who may frame the phone's screen.
    framers: String,
}

impl Origins {
    pub fn new(phone: &Url, sandbox: &Url, shop: Option<&Url>) -> Origins {
        let text = |url: &Url| url.origin().ascii_serialization();
        let mut framers = format!("'self' {}", text(sandbox));
        // The desk may have been opened by the machine's other name.
        for (one, other) in [("//127.0.0.1:", "//localhost:"), ("//localhost:", "//127.0.0.1:")] {
            if text(sandbox).contains(one) {
                framers = format!("{framers} {}", text(sandbox).replace(one, other));
            }
        }
        Origins { phone: text(phone), sandbox: text(sandbox), shop: shop.map(text), framers }
    }

    pub fn sandbox(&self) -> &str {
        &self.sandbox
    }

    fn others(&self) -> impl Iterator<Item = &str> {
        [Some(self.sandbox.as_str()), self.shop.as_deref()].into_iter().flatten()
    }

    /// An `Origin` or `Referer` of the phone as it would read at `own`.
    pub fn as_if_at(&self, text: &str, own: &str) -> String {
        match after_origin(text, &self.phone) {
            Some(rest) => format!("{own}{rest}"),
            None => text.to_owned(),
        }
    }

    /// A `Location` that leads to shop or sandbox leads to the phone.
    pub fn location(&self, text: &str) -> String {
        let rest = self.others().find_map(|origin| after_origin(text, origin));
        rest.map_or_else(|| text.to_owned(), |rest| format!("{}{rest}", self.phone))
    }

    /// A page on the phone that wants to be signed, or admitted, is the shop's own: `named` is the query or the
    /// form, as `path` is asked with it. Nothing where no page is named so.
    pub fn as_if_the_shops(&self, path: &str, named: &[u8]) -> Option<String> {
        let about_pages = ["/api/weibo/signature", "/sandbox/jsapi/check.js"].contains(&path);
        let shop = self.shop.as_ref().filter(|_| about_pages && !named.is_empty())?;
        let mut written = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(named) {
            match &*name {
                "url" => written.append_pair(&name, &self.as_if_at(&value, shop)),
                _ => written.append_pair(&name, &value),
            };
        }
        Some(written.finish())
    }

    /// A content security policy in which the phone stands for both, and only the desk may frame.
    pub fn policy(&self, text: &str) -> String {
        let mut policy = String::new();
        for directive in text.split(';').map(str::trim) {
            if directive.is_empty() || directive.to_ascii_lowercase().starts_with("frame-ancestors") {
                continue;
            }
            let words: Vec<_> = directive.split_whitespace().map(|word| self.location(word)).collect();
            policy.push_str(&words.join(" "));
            policy.push_str("; ");
        }
        format!("{policy}frame-ancestors {}", self.framers)
    }

    /// A page whose links, forms and sources stay on the phone. Other values keep what they say: a signed
    /// `return_url` in a hidden field would no longer fit its signature.
    pub fn page(&self, html: &str) -> String {
        let mut page = html.to_owned();
        for origin in self.others() {
            for before in
                ["href=\"", "action=\"", "src=\"", "data-jsapi=\"", "href='", "action='", "src='", "url="]
            {
                page = replace_before_path(&page, before, origin, &self.phone);
            }
        }
        page
    }
}

/// What follows `origin` at the beginning of `text`, when it is that origin and not one that begins alike.
fn after_origin<'a>(text: &'a str, origin: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(origin)?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#', '"', '\''])).then_some(rest)
}

fn replace_before_path(html: &str, before: &str, origin: &str, with: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at + before.len());
        out.push_str(head);
        rest = match after_origin(tail, origin) {
            Some(after) => {
                out.push_str(with);
                after
            }
            None => tail,
        };
    }
    out.push_str(rest);
    out
}

/// The `Cookie` header that the phone sends: its own cookies by their real names, and to the sandbox the desk's.
pub fn phones_cookies<'a>(headers: impl Iterator<Item = &'a str>, to_sandbox: bool) -> String {
    let sent: Vec<_> = headers
        .flat_map(|header| header.split(';'))
        .map(str::trim)
        .filter_map(|cookie| {
            cookie
                .strip_prefix(PHONES)
                .or_else(|| (to_sandbox && cookie.starts_with(DESKS)).then_some(cookie))
        })
        .collect();
    sent.join("; ")
}

/// A `Set-Cookie` under the name that it has in the browser.
pub fn as_phones_cookie(set: &str) -> String {
    if set.starts_with(DESKS) { set.to_owned() } else { format!("{PHONES}{set}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        let url = |text: &str| Url::parse(text).unwrap();
        let shop = url("http://127.0.0.1:8080/");
        Origins::new(&url("http://127.0.0.1:8091/"), &url("http://127.0.0.1:8090/"), Some(&shop))
    }

    #[test]
    fn a_signed_value_in_a_page_is_left_alone() {
        let page = "<form action=\"http://127.0.0.1:8090/api/merchant/pay/cashier\">\
                    <input name=return_url value=\"http://127.0.0.1:8080/return\">\
                    <a href=\"http://127.0.0.1:8080\">x</a><a href=\"http://127.0.0.1:80801/\">y</a>";
        let expected = "<form action=\"http://127.0.0.1:8091/api/merchant/pay/cashier\">\
                    <input name=return_url value=\"http://127.0.0.1:8080/return\">\
                    <a href=\"http://127.0.0.1:8091\">x</a><a href=\"http://127.0.0.1:80801/\">y</a>";
        assert_eq!(origins().page(page), expected);
    }

    #[test]
    fn a_redirect_stays_on_the_phone_and_keeps_its_query() {
        let to =
            "http://127.0.0.1:8090/api/merchant/pay/cashier?return_url=http%3A%2F%2F127.0.0.1%3A8080%2Fr";
        assert_eq!(origins().location(to), to.replace(":8090", ":8091"));
        for elsewhere in ["/orders/1", "sinaweibo://wbpay?x", "https://weibo.com/", "http://127.0.0.1:80900/"]
        {
            assert_eq!(origins().location(elsewhere), elsewhere);
        }
    }

    #[test]
    fn the_shop_signs_a_page_on_the_phone_as_its_own() {
        let at = |path: &str, named: &str| origins().as_if_the_shops(path, named.as_bytes());
        let asked = "url=http%3A%2F%2F127.0.0.1%3A8091%2Fp%3Fa%3Db%252520";
        assert_eq!(at("/api/weibo/signature", asked), Some(asked.replace("8091", "8080")));
        let check = "number=0&url=http%3A%2F%2F127.0.0.1%3A8091%2Fp";
        assert_eq!(at("/sandbox/jsapi/check.js", check), Some(check.replace("8091", "8080")));
        let alike = "url=http%3A%2F%2F127.0.0.1%3A80911%2Fp";
        assert_eq!(at("/api/weibo/signature", alike).as_deref(), Some(alike));
        assert_eq!(at("/p", asked), None);
        assert_eq!(at("/api/weibo/signature", ""), None);
    }

    #[test]
    fn only_the_desk_may_frame_the_screen() {
        let policy = origins()
            .policy("default-src 'none'; form-action 'self' http://127.0.0.1:8090; frame-ancestors 'none'");
        assert_eq!(
            policy,
            "default-src 'none'; form-action 'self' http://127.0.0.1:8091; \
             frame-ancestors 'self' http://127.0.0.1:8090 http://localhost:8090"
        );
    }

    #[test]
    fn the_phone_has_cookies_of_its_own() {
        let header = "session=desktop; phone-session=phone; sandbox_account=1";
        assert_eq!(phones_cookies([header].into_iter(), false), "session=phone");
        assert_eq!(phones_cookies([header].into_iter(), true), "session=phone; sandbox_account=1");
        assert_eq!(as_phones_cookie("__Host-s=1; Path=/"), "phone-__Host-s=1; Path=/");
        assert_eq!(as_phones_cookie("sandbox_account=1"), "sandbox_account=1");
    }

    #[test]
    fn where_the_phone_is_reads_as_where_it_asks() {
        let origins = origins();
        assert_eq!(
            origins.as_if_at("http://127.0.0.1:8091", "http://127.0.0.1:8080"),
            "http://127.0.0.1:8080"
        );
        assert_eq!(
            origins.as_if_at("http://127.0.0.1:8091/p", "http://127.0.0.1:8080"),
            "http://127.0.0.1:8080/p"
        );
        assert_eq!(origins.as_if_at("null", "http://127.0.0.1:8080"), "null");
    }
}
