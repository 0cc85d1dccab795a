//! An invitation: who has signed in reads what she is promised, and takes it by pressing.

use crate::customers;
use crate::partners::{self, Partner, Taken, Terms};
use crate::web::account::sign_in_path;
use crate::web::page::{Page, page, see_other};
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

#[derive(Template)]
#[template(path = "partner/invitation.html")]
struct InvitationPage {
    page: Page,
    partner: Partner,
    terms: Terms,
    link: String,
    /// Who has signed in.
    screen_name: Option<String>,
    sign_in: String,
}

fn dead() -> Error {
    Error::Refused(StatusCode::GONE, "error-partner-invitation")
}

async fn room(shop: &Shop, reader: &Reader) -> HttpResponse {
    see_other(&Page::new(shop, reader).await.to("/partner"))
}

/// `GET /partner/invitations/{link}`: who has taken it finds her room.
pub async fn show(
    link: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let customer = Visitor::of(&session).customer;
    let Some(partner) = partners::find_invitation(&mut conn, &link, shop.clock.now()).await? else {
        let hers = match customer {
            Some(customer) => partners::has_taken(&mut conn, &link, customer).await?,
            None => false,
        };
        drop(conn);
        return if hers { Ok(room(&shop, &reader).await) } else { Err(dead()) };
    };
    let terms = partners::terms(&mut conn).await?;
    let screen_name = match customer {
        Some(customer) => customers::find(&mut conn, customer).await?.map(|who| who.screen_name),
        None => None,
    };
    drop(conn);
    let (frame, link) = (Page::new(&shop, &reader).await, link.into_inner());
    let sign_in = sign_in_path(&frame, &frame.to(&format!("/partner/invitations/{link}")));
    page(StatusCode::OK, &InvitationPage { page: frame, partner, terms, link, screen_name, sign_in })
}

/// `POST /partner/invitations/{link}`: her account is the partner's from now on.
pub async fn take(
    link: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let signed_out = Error::Refused(StatusCode::FORBIDDEN, "error-not-signed-in");
    let customer = Visitor::of(&session).customer.ok_or(signed_out)?;
    let mut tx = shop.db.begin().await?;
    match partners::accept(&mut tx, &link, customer, shop.clock.now()).await? {
        Taken::Bound(id) => {
            tx.commit().await?;
            tracing::info!(partner = id.0, "an invitation was taken");
            Ok(room(&shop, &reader).await)
        }
        Taken::Hers => Ok(room(&shop, &reader).await),
        Taken::Dead => Err(dead()),
        Taken::IsPartner => Err(Error::Refused(StatusCode::CONFLICT, "error-partner-already")),
    }
}
