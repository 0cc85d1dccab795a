//! How a waiting page learns that its order was paid: events while the line holds, questions when not.

use super::order::{Opened, find};
use super::standing::payment_word;
use crate::orders::{self, Order, OrderNumber};
use crate::payments;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::{Bytes, Data, Path, Query};
use futures_util::stream;
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

/// What a watcher is told of an order: never whose it is.
#[derive(Serialize, PartialEq, Clone, Debug)]
pub struct State {
    number: String,
    payment: &'static str,
    fulfilment: &'static str,
    closure: &'static str,
}

async fn state_of(shop: &Shop, order: &Order) -> Result<State, Error> {
    let standing = payments::standing(&mut *shop.db.reader().await?, order.id).await?;
    Ok(State {
        number: order.number.to_string(),
        payment: payment_word(order, standing),
        fulfilment: order.fulfilment.name(),
        closure: order.closure.name(),
    })
}

/// `GET /orders/{number}/state`
pub async fn state(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    Ok(HttpResponse::Ok().json(state_of(&shop, &seen.order).await?))
}

/// A silent line is looked at so often, in case a change was not heard.
const LOOK: Duration = Duration::from_secs(15);
/// A page that was forgotten open does not hold its line for ever; it comes again by itself.
const LONGEST: u32 = 120;

struct Watch {
    shop: Data<Shop>,
    number: OrderNumber,
    changes: Receiver<OrderNumber>,
    told: Option<State>,
    looks: u32,
}

/// `GET /orders/{number}/events`: the state at once, then each time it changes.
pub async fn stream(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    // Watching before the first look: a change in between is heard.
    let changes = shop.changes.of_orders();
    let watch = Watch { shop, number: seen.order.number, changes, told: None, looks: 0 };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Compressing would hold events back.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream::unfold(watch, next)))
}

async fn next(mut watch: Watch) -> Option<(Result<Bytes, Infallible>, Watch)> {
    if watch.told.is_some() {
        let changes = watch.shop.changes.clone();
        tokio::select! {
            () = changes.stopped() => return None,
            () = watch.wait() => {}
        }
    }
    if watch.looks >= LONGEST {
        return None;
    }
    watch.looks += 1;
    let state = watch.look().await;
    // A line that only holds the connection open.
    let mut event = ":\n\n".to_owned();
    if let Some(state) = state.filter(|state| watch.told.as_ref() != Some(state)) {
        let data = serde_json::to_string(&state).unwrap_or_default();
        event = format!("event: state\ndata: {data}\n\n");
        watch.told = Some(state);
    }
    Some((Ok(Bytes::from(event)), watch))
}

impl Watch {
    /// Until this order changes, or it is time to look anyway.
    async fn wait(&mut self) {
        let changed = async {
            loop {
                match self.changes.recv().await {
                    Ok(number) if number != self.number => {}
                    // Changes were missed: look.
                    _ => return,
                }
            }
        };
        let _ = tokio::time::timeout(LOOK, changed).await;
    }

    async fn look(&self) -> Option<State> {
        let mut conn = self.shop.db.reader().await.ok()?;
        let order = orders::find(&mut conn, &self.number).await.ok()??;
        drop(conn);
        state_of(&self.shop, &order).await.ok()
    }
}
