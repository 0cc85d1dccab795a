//! The staff as pages see them: a member who may do what a page is for, a form that only such a page made,
//! and that she has given her password a short while ago.

use super::caller::browser;
use super::error::Error;
use super::form::Fields;
use super::who::{Speaks, client_ip};
use super::{Shop, session};
use crate::staff::{self, Member, Permission, Seat};
use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::http::header::REFERER;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::marker::PhantomData;
use std::ops::Deref;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

/// Where an owner or a bookkeeper without a second factor is led.
pub const ENROLMENT: &str = "/admin/account/second-factor";

/// Somebody of the staff who has signed in and may do `P`. Everybody else never reaches the handler: who has
/// not signed in is led to the door, who still owes the code or an enrolment to where it is given, who may
/// not is told so (403).
pub struct Staff<P> {
    pub member: Member,
    pub seat: Seat,
    session: Session,
    permission: PhantomData<P>,
}

impl<P> Staff<P> {
    /// What the forms of this member's pages carry.
    pub fn form_token(&self) -> String {
        session::get(&self.session, session::FORM).unwrap_or_default()
    }

    /// The next page of the back office says this first, once: the key of a text.
    pub fn says_next(&self, key: &'static str) -> Result<(), Error> {
        session::put(&self.session, session::FLASH, key)
    }

    /// What the page before has left to say.
    pub fn said(&self) -> Option<String> {
        let key = session::get(&self.session, session::FLASH);
        if key.is_some() {
            self.session.remove(session::FLASH);
        }
        key
    }

    /// What she may do has changed: her session goes on under another key.
    pub fn goes_on_anew(&self) {
        self.session.renew();
    }

    /// The browser forgets her.
    pub fn leaves(&self) {
        self.session.purge();
    }
}

impl<P> Deref for Staff<P> {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.member
    }
}

/// The seat, once it is known that the member may do what is asked.
#[derive(Clone)]
struct Verdict(Shared<oneshot::Receiver<Seat>>);

/// What the extractors after [`Staff`] wait for, so that whoever may not do what she asks is always told
/// that, and never something else first. Nothing where no [`Staff`] stands before.
pub fn let_in(request: &HttpRequest) -> impl Future<Output = Option<Seat>> + use<> {
    let verdict = request.extensions().get::<Verdict>().cloned();
    async move {
        match verdict?.0.await {
            Ok(seat) => Some(seat),
            // Not let in: that answer ends the request.
            Err(_) => std::future::pending().await,
        }
    }
}

impl<P: Permission> FromRequest for Staff<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Staff<P>, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (tell, told) = oneshot::channel();
        request.extensions_mut().insert(Verdict(told.shared()));
        let shop = request.app_data::<web::Data<Shop>>().cloned();
        let session = Session::from_request(request, payload);
        let browser = browser(request);
        let request = request.clone();
        let address = shop.as_ref().map(|shop| client_ip(&request, shop.settings.trusted_proxies));
        Box::pin(async move {
            let session = session.await.map_err(|_| Error::NotFound)?;
            let (Some(shop), Some(address)) = (shop, address) else { return Err(Error::NotFound) };
            let seat = open_seat(&shop, &session).await?;
            let member = seat.member.clone();
            request.extensions_mut().insert(Speaks(member.language));
            if member.must_enrol() && !P::BEFORE_ENROLMENT {
                return Err(Error::LedTo(ENROLMENT.to_owned()));
            }
            if !member.may(P::NEEDS) {
                return Err(Error::Refused(StatusCode::FORBIDDEN, "error-permission"));
            }
            if !is_of_a_script(&request) {
                staff::touch(&shop.db, &seat, &browser, address, shop.clock.now()).await?;
            }
            // Nobody may be waiting for it.
            let _ = tell.send(seat.clone());
            Ok(Staff { member, seat, session, permission: PhantomData })
        })
    }
}

/// A page that looks again by itself: nobody needs to sit before it.
fn is_of_a_script(request: &HttpRequest) -> bool {
    form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| name == "live")
}

async fn open_seat(shop: &Shop, session: &Session) -> Result<Seat, Error> {
    let Some(id) = session::get(session, session::SEAT) else { return Err(Error::SignInFirst) };
    let seat = staff::find_seat(&mut *shop.db.reader().await?, id).await?.ok_or(Error::SignInFirst)?;
    let now = shop.clock.now();
    if seat.waits_for_code(now) {
        return Err(Error::LedTo("/admin/sign-in/code".to_owned()));
    }
    if seat.is_open(now) { Ok(seat) } else { Err(Error::SignInFirst) }
}

/// The member has given her password, and a code if she has a second factor, within the last ten minutes.
/// For what is grave: refunds, keys, exports of personal data. Taken after [`Staff`] and before [`SafeForm`]:
///
/// ```ignore
/// pub async fn create(staff: Staff<MoveMoney>, _: Recent, form: SafeForm, shop: Data<Shop>) -> …
/// ```
///
/// Who has not is asked at `/admin/account/confirm` (303) and led on from there: to this very page when it
/// was opened, and back to the page with the form when one was sent, which then says that it can be sent
/// again. A page whose form will need it does well to take it too: then nothing typed is lost.
#[derive(Debug)]
pub struct Recent(());

impl FromRequest for Recent {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Recent, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shop = request.app_data::<web::Data<Shop>>().cloned();
        let let_in = let_in(request);
        let confirm = confirm_address(request);
        Box::pin(async move {
            let (Some(shop), Some(seat)) = (shop, let_in.await) else {
                return Err(Error::Unexpected(anyhow::anyhow!("Recent is taken after Staff")));
            };
            if seat.is_recent(shop.clock.now()) { Ok(Recent(())) } else { Err(Error::LedTo(confirm)) }
        })
    }
}

fn confirm_address(request: &HttpRequest) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if request.method() == Method::GET {
        let path = request.uri().path_and_query().map_or("/admin", |path| path.as_str());
        query.append_pair("next", own_page(path));
    } else {
        let from = request.headers().get(REFERER).and_then(|value| value.to_str().ok());
        let from = from.and_then(|from| url::Url::parse(from).ok());
        let from = from.map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
        query.append_pair("next", own_page(from.as_deref().unwrap_or("/admin"))).append_pair("again", "1");
    }
    format!("/admin/account/confirm?{}", query.finish())
}

/// This path when it is one of the back office, else its first page.
pub fn own_page(path: &str) -> &str {
    let inside = path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?");
    let plain = !path.contains('\\') && !path.chars().any(char::is_control) && path.len() < 1000;
    if inside && plain { path } else { "/admin" }
}

/// What the address says, looked at once [`Staff`] has let her in: who may not come in is told that, and
/// never whether an address leads anywhere. Taken after [`Staff`].
#[derive(Debug)]
pub struct Inside<E>(E);

/// As actix's, inside.
pub type Path<T> = Inside<web::Path<T>>;
/// As actix's, inside.
pub type Query<T> = Inside<web::Query<T>>;

impl<E: Deref> Deref for Inside<E> {
    type Target = E::Target;

    fn deref(&self) -> &E::Target {
        &self.0
    }
}

impl<T> Query<T> {
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<E: FromRequest + 'static> FromRequest for Inside<E> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Inside<E>, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = E::from_request(request, payload);
        let let_in = let_in(request);
        Box::pin(async move {
            if let_in.await.is_none() {
                return Err(Error::Unexpected(anyhow::anyhow!("an address is read after Staff")).into());
            }
            read.await.map(Inside).map_err(Into::into)
        })
    }
}

/// The fields of a form that a page of this session made: it carries the session's token in the field
/// `token`. Anything else is refused (403) before the handler sees it.
pub struct SafeForm(pub Fields);

impl Deref for SafeForm {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl FromRequest for SafeForm {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<SafeForm, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(request, payload);
        let fields = Fields::from_request(request, payload);
        let let_in = let_in(request);
        Box::pin(async move {
            let_in.await;
            let session = session.await.map_err(|_| Error::NotFound)?;
            let fields = fields.await?;
            if !is_ours(&session, &fields.text("token")) {
                return Err(Error::Refused(StatusCode::FORBIDDEN, "error-form"));
            }
            Ok(SafeForm(fields))
        })
    }
}

/// Whether this is the token that the session's forms carry. A session without one has no forms.
pub fn is_ours(session: &Session, token: &str) -> bool {
    let ours: String = session::get(session, session::FORM).unwrap_or_default();
    !ours.is_empty() && bool::from(ours.as_bytes().ct_eq(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn next_leads_into_the_back_office_only() {
        for own in ["/admin", "/admin/orders?state=paid&page=2", "/admin?x=1"] {
            assert_eq!(own_page(own), own);
        }
        let long = format!("/admin/{}", "x".repeat(2000));
        for other in [
            "",
            "/",
            "/orders",
            "/administrator",
            "//evil.example/admin",
            "https://evil.example",
            "/admin\\x",
            "/admin/\r\nx",
            &long,
        ] {
            assert_eq!(own_page(other), "/admin", "{other:?}");
        }
    }
}
