//! Which product an address means that Weibo asks about. Pure.

use crate::catalog::Slug;
use crate::sharing::links;
use url::Url;

/// A longer one is nobody's link.
const LONGEST: usize = 2_000;

/// What stands behind an address of ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The page of a product, whatever it was asked with: parameters are how somebody came, not what she sees.
    Product(Slug),
    /// A short link, by its code.
    Short(String),
}

/// Why no card can stand for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCard {
    #[error("this is no web address")]
    Malformed,
    #[error("this address is not of this shop")]
    Foreign,
    #[error("there is no product at this address")]
    Unknown,
}

/// Reads a whole address.
pub fn read(asked: &str, public_url: &Url) -> Result<Wanted, NoCard> {
    // `Url` leaves out line breaks and turns backslashes: of that nothing is an address that somebody copied.
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if asked.len() > LONGEST || asked.contains(odd) {
        return Err(NoCard::Malformed);
    }
    let url = Url::parse(asked).map_err(|_| NoCard::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NoCard::Malformed);
    }
    if !is_here(&url, public_url) {
        return Err(NoCard::Foreign);
    }
    of_path(url.path())
}

/// Reads a path of ours, with or without what stands behind it.
pub fn of_path(path: &str) -> Result<Wanted, NoCard> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_prefix("/en").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let page = path.strip_prefix("/light").unwrap_or(path);
    if let Some(slug) = page.strip_prefix("/p/") {
        return Slug::parse(slug).map(Wanted::Product).map_err(|_| NoCard::Unknown);
    }
    let code = path.strip_prefix("/s/").filter(|code| links::is_code(code));
    code.map(|code| Wanted::Short(code.to_owned())).ok_or(NoCard::Unknown)
}

/// By http or https: whoever types an address leaves that out.
fn is_here(url: &Url, ours: &Url) -> bool {
    let web = |url: &Url| matches!(url.scheme(), "http" | "https");
    let same_port = url.port_or_known_default() == ours.port_or_known_default();
    let by_default = url.port().is_none() && ours.port().is_none();
    web(url) && url.host().is_some() && url.host() == ours.host() && (same_port || by_default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shop() -> Url {
        Url::parse("https://shop.example").unwrap()
    }

    #[test]
    fn a_product_is_the_same_however_somebody_came() {
        let mug = Wanted::Product(Slug::parse("mug").unwrap());
        for address in [
            "https://shop.example/p/mug",
            "https://shop.example:443/p/mug",
            "http://shop.example/p/mug",
            "HTTPS://SHOP.example/p/mug",
            "https://shop.example/p/mug?utm_source=weibo&variant=mug-2&visit=x#buy",
            "https://shop.example/en/p/mug",
            "https://shop.example/light/p/mug?visit=x",
            "https://shop.example/en/light/p/mug",
        ] {
            assert_eq!(read(address, &shop()), Ok(mug.clone()), "{address}");
        }
        assert_eq!(read("https://shop.example/s/0aZ45678", &shop()), Ok(Wanted::Short("0aZ45678".into())));
        let demo = Url::parse("http://127.0.0.1:8080/").unwrap();
        assert_eq!(read("http://127.0.0.1:8080/p/mug", &demo), Ok(mug));
        assert_eq!(read("http://127.0.0.1:8081/p/mug", &demo), Err(NoCard::Foreign));
    }

    #[test]
    fn what_is_not_ours_or_no_product_is_named_so() {
        let long = format!("https://shop.example/p/mug?{}", "x".repeat(2000));
        for (address, why) in [
            ("", NoCard::Malformed),
            ("p/mug", NoCard::Malformed),
            ("/p/mug", NoCard::Malformed),
            ("https://", NoCard::Malformed),
            ("https://shop.example/p/m\tug", NoCard::Malformed),
            (" https://shop.example/p/mug", NoCard::Malformed),
            ("https://shop.example/p/mug\0", NoCard::Malformed),
            ("https://shop.example\\p\\mug", NoCard::Malformed),
            ("https://somebody@shop.example/p/mug", NoCard::Malformed),
            (&long, NoCard::Malformed),
            ("https://shop.example.evil/p/mug", NoCard::Foreign),
            ("https://shop.example@evil.example/p/mug", NoCard::Malformed),
            ("https://shop.example:8443/p/mug", NoCard::Foreign),
            ("ftp://shop.example/p/mug", NoCard::Foreign),
            ("data:text/html,/p/mug", NoCard::Foreign),
            ("https://shop.example/", NoCard::Unknown),
            ("https://shop.example/p/", NoCard::Unknown),
            ("https://shop.example/p/mug/", NoCard::Unknown),
            ("https://shop.example/p/MUG", NoCard::Unknown),
            ("https://shop.example/p/%6dug", NoCard::Unknown),
            ("https://shop.example/english/p/mug", NoCard::Unknown),
            ("https://shop.example/p/../admin", NoCard::Unknown),
            ("https://shop.example/admin/products/1", NoCard::Unknown),
            ("https://shop.example/s/short", NoCard::Unknown),
            ("https://shop.example/light/s/0aZ45678", NoCard::Unknown),
        ] {
            assert_eq!(read(address, &shop()), Err(why), "{address:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_ours_but_what_begins_with_our_address(text in ".{0,40}", path in "[ -~]{0,20}") {
            prop_assert!(read(&text, &shop()).is_err());
            let address = format!("https://shop.example{path}");
            if read(&address, &shop()).is_ok() {
                let known = ["/p/", "/en/p/", "/s/", "/en/s/", "/light/p/", "/en/light/p/"];
                let normal = Url::parse(&address).unwrap();
                prop_assert!(known.iter().any(|kind| normal.path().starts_with(kind)), "{}", address);
            }
        }
    }
}
