//! How an open desk learns that something was said or done, on whichever node: it is told whose conversation changed,
//! and looks again.

use crate::staff::permission::TalkToFans;
use crate::staff::{self, May, SeatId};
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// A silent line says so often that it is there, and it is looked whether she still may hear it.
const LOOK: Duration = Duration::from_secs(15);
/// A page that was forgotten open does not hold its line for ever; it comes again by itself.
const LONGEST: u32 = 4000;
/// What happens at once is told at once.
const TOGETHER: Duration = Duration::from_millis(100);
/// Whose many change at once, a desk looks at all.
const MOST: usize = 100;

struct Watch {
    shop: Data<Shop>,
    seat: SeatId,
    changes: Receiver<i64>,
    told: u32,
}

/// What there is to tell.
enum Heard {
    Fans(BTreeSet<i64>),
    /// Something, and nobody knows what.
    Missed,
    Nothing,
}

/// `GET /admin/fans/events`
pub async fn stream(staff: Staff<TalkToFans>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let changes = shop.changes.of_fans();
    let watch = Watch { shop, seat: staff.seat.id, changes, told: 0 };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Compressing would hold events back.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream::unfold(watch, next)))
}

async fn next(mut watch: Watch) -> Option<(Result<Bytes, Infallible>, Watch)> {
    let heard = if watch.told == 0 {
        Heard::Nothing
    } else {
        let changes = watch.shop.changes.clone();
        tokio::select! {
            () = changes.stopped() => return None,
            heard = watch.hear() => heard,
        }
    };
    if watch.told >= LONGEST || !watch.may_hear().await {
        return None;
    }
    watch.told += 1;
    let event = match heard {
        Heard::Nothing => ":\n\n".to_owned(),
        Heard::Missed => "event: fans\ndata: []\n\n".to_owned(),
        // As texts: a uid is more than a script counts to.
        Heard::Fans(fans) => {
            let fans: Vec<String> = fans.iter().map(ToString::to_string).collect();
            format!("event: fans\ndata: {}\n\n", serde_json::to_string(&fans).unwrap_or_default())
        }
    };
    Some((Ok(Bytes::from(event)), watch))
}

impl Watch {
    /// Until something changes, or it is time to look anyway.
    async fn hear(&mut self) -> Heard {
        let Ok(first) = tokio::time::timeout(LOOK, self.changes.recv()).await else { return Heard::Nothing };
        let mut heard = BTreeSet::new();
        // From the first on: what never pauses is told all the same.
        match tokio::time::timeout(TOGETHER, self.gather(first, &mut heard)).await {
            Ok(ended) => ended,
            Err(_) => Heard::Fans(heard),
        }
    }

    /// Until it is too much, or nothing more can come.
    async fn gather(&mut self, first: Result<i64, RecvError>, heard: &mut BTreeSet<i64>) -> Heard {
        let mut next = first;
        loop {
            match next {
                Ok(fan) => drop(heard.insert(fan)),
                Err(RecvError::Lagged(_)) => return Heard::Missed,
                Err(RecvError::Closed) => return Heard::Nothing,
            }
            if heard.len() > MOST {
                return Heard::Missed;
            }
            next = self.changes.recv().await;
        }
    }

    /// She is still signed in, and still answers fans.
    async fn may_hear(&self) -> bool {
        let Ok(mut conn) = self.shop.db.reader().await else { return false };
        let seat = staff::find_seat(&mut conn, self.seat).await.ok().flatten();
        seat.is_some_and(|seat| seat.is_open(self.shop.clock.now()) && seat.member.may(May::TalkToFans))
    }
}
