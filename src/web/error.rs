//! The one error a handler returns. What the visitor reads is chosen in `finish`, in her language.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    /// The person can act: a status and the key of what to tell her.
    #[error("refused: {1}")]
    Refused(StatusCode, &'static str),
    /// More wait for the database than it can serve.
    #[error("too busy")]
    Busy,
    /// A page of the staff's: the door is shown instead.
    #[error("sign in first")]
    SignInFirst,
    /// Something has to be done elsewhere first: a path of ours.
    #[error("led to another page")]
    LedTo(String),
    /// We must act.
    #[error("unexpected")]
    Unexpected(anyhow::Error),
}

/// Left on a response for `finish`: the key of the text that says what happened.
#[derive(Clone, Copy)]
pub struct Told(pub &'static str);

impl Error {
    /// The same for everybody who waited for one page.
    #[must_use]
    pub fn told_again(&self) -> Error {
        match self {
            Error::NotFound => Error::NotFound,
            Error::Refused(status, key) => Error::Refused(*status, key),
            Error::Busy => Error::Busy,
            Error::SignInFirst => Error::SignInFirst,
            Error::LedTo(path) => Error::LedTo(path.clone()),
            Error::Unexpected(error) => Error::Unexpected(anyhow::anyhow!("{error:#}")),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Error {
        let busy = error.chain().any(|cause| cause.downcast_ref().is_some_and(is_busy));
        if busy { Error::Busy } else { Error::Unexpected(error) }
    }
}

/// No connection in time, or a wait for somebody else's lock that ended: trying again helps.
fn is_busy(error: &sqlx::Error) -> bool {
    // Lock and statement time-outs, a deadlock, too many connections.
    let codes = ["55P03", "57014", "40P01", "53300"];
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(error, sqlx::Error::PoolTimedOut) || code.is_some_and(|code| codes.contains(&code.as_ref()))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        anyhow::Error::from(error).into()
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Error {
        Error::Unexpected(error.into())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Refused(status, _) => *status,
            Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Error::SignInFirst | Error::LedTo(_) => StatusCode::SEE_OTHER,
            Error::Unexpected(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Actix would print our `Display` to the visitor; this says nothing, and `finish` writes the page.
    fn error_response(&self) -> HttpResponse {
        let key = match self {
            Error::NotFound => "error-not-found",
            Error::Refused(_, key) => key,
            Error::Busy => "error-busy",
            Error::SignInFirst => {
                return HttpResponse::SeeOther().insert_header((LOCATION, "/admin/sign-in")).finish();
            }
            Error::LedTo(path) => {
                return HttpResponse::SeeOther().insert_header((LOCATION, path.as_str())).finish();
            }
            Error::Unexpected(error) => {
                tracing::error!(error = format!("{error:#}"), "request failed");
                "error-unexpected"
            }
        };
        let mut response = HttpResponse::new(self.status_code());
        if matches!(self, Error::Busy) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("3"));
        }
        response.extensions_mut().insert(Told(key));
        response
    }
}
