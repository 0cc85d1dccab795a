//! Share pages of Weibo (oauth-and-statuses.md §3.5): a composer that posts as the chosen account, without a token.

use super::answer::{Error, account_cookie, form, page, query, told, wished_account};
use crate::sandbox::Sandbox;
use crate::sandbox::pages::{ComposerPage, MessagePage};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

/// The composer, filled in from `title` and `url`.
pub async fn compose(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let params = query(&request)?;
    let part = |name: &str| params.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let text = format!("{} {}", part("title"), part("url")).trim().to_owned();
    let cookie = account_cookie(&request);
    let view = ComposerPage::new(&sandbox.world(), text, None, [None, cookie.as_deref()]);
    Ok(told(page(StatusCode::OK, &view, &[])?, "发微博"))
}

/// Posts, or shows the composer again with what is wrong.
pub async fn post(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let params = form(&body)?;
    let cookie = account_cookie(&request);
    let wished = wished_account(&params, cookie.as_deref());
    let text = params.get("status").map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let said = sandbox.change(|world, now| {
        let uid = world.acting(wished).map(|person| person.uid.clone()).unwrap_or_default();
        world.say(&uid, &text, None, now).map(|_| ())
    });
    match said {
        Ok(()) => {
            let words = "它已在这个假微博的首页上。 It stands in the stream now.".into();
            Ok(told(page(StatusCode::OK, &MessagePage { title: "已发布", words }, &[])?, "已发布"))
        }
        Err(error) => {
            let trouble = Some(format!("{error}（{}）", error.code()));
            let view = ComposerPage::new(&sandbox.world(), text, trouble, wished);
            Ok(told(page(StatusCode::UNPROCESSABLE_ENTITY, &view, &[])?, error.code().to_string()))
        }
    }
}
