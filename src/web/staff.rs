//! The staff as pages see them: a member who may do what a page is for, and a form that only such a page made.

use super::error::Error;
use super::form::Fields;
use super::{Shop, session};
use crate::staff::{self, Member, Permission};
use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;
use std::ops::Deref;
use subtle::ConstantTimeEq;

/// Somebody of the staff who has signed in and may do `P`. Everybody else never reaches the handler: who has
/// not signed in is led to the door, who may not is told so (403).
pub struct Staff<P> {
    pub member: Member,
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
}

impl<P> Deref for Staff<P> {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.member
    }
}

impl<P: Permission> FromRequest for Staff<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Staff<P>, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let shop = request.app_data::<web::Data<Shop>>().cloned();
        let session = Session::from_request(request, payload);
        Box::pin(async move {
            let session = session.await.map_err(|_| Error::NotFound)?;
            let (Some(shop), Some(id)) = (shop, session::get(&session, session::STAFF)) else {
                return Err(Error::SignInFirst);
            };
            let member = staff::find(&shop.db, id).await?.ok_or(Error::SignInFirst)?;
            if !member.may(P::NEEDS) {
                return Err(Error::Refused(StatusCode::FORBIDDEN, "error-permission"));
            }
            Ok(Staff { member, session, permission: PhantomData })
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
        Box::pin(async move {
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
