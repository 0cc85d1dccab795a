//! Which page a request comes from, as the browser says it: for whom only our own, or Weibo's, may ask.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, ORIGIN, REFERER};

/// What cannot be read is nobody's.
const UNREADABLE: &str = "unreadable";

/// What a request says of the page that sends it. Old browsers say nothing.
pub struct Sender<'a> {
    /// `Sec-Fetch-Site`: how that page stands to ours.
    pub site: Option<&'a str>,
    pub origin: Option<&'a str>,
    referer: Option<&'a str>,
}

impl Sender<'_> {
    pub fn of(request: &HttpRequest) -> Sender<'_> {
        let said = |name: HeaderName| request.headers().get(name).map(|v| v.to_str().unwrap_or(UNREADABLE));
        let site = said(HeaderName::from_static("sec-fetch-site"));
        Sender { site, origin: said(ORIGIN), referer: said(REFERER) }
    }

    /// The origin of that page, or its address.
    pub fn page(&self) -> Option<&str> {
        self.origin.or(self.referer)
    }
}
