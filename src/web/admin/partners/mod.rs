//! Partners at the desk: who brings buyers, what each is promised, what she earned and what was paid to her.

pub mod change;
mod files;
pub mod list;
pub mod new;
pub mod payouts;
pub mod show;

pub use files::statement;

use crate::db::Tx;
use crate::partners::PartnerId;
use crate::staff::audit::{self, Change};
use crate::web::page::see_other;
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use serde_json::Value;

const LIST: &str = "/admin/sharing/partners";

fn path(id: PartnerId) -> String {
    format!("{LIST}/{}", id.0)
}

/// A line in the audit log about this partner.
async fn record<P>(
    tx: &mut Tx,
    (shop, staff): (&Shop, &Staff<P>),
    (action, id): (&'static str, PartnerId),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let subject = format!("partner {}", id.0);
    let change = Change { action, subject: &subject, before, after };
    Ok(audit::record(tx, staff, change, shop.clock.now()).await?)
}

/// It is done, and written down: back to her page.
async fn done<P>(tx: Tx, staff: &Staff<P>, id: PartnerId) -> Result<HttpResponse, Error> {
    tx.commit().await?;
    staff.says_next("said-saved")?;
    Ok(see_other(&path(id)))
}
