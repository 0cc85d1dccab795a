//! Work to be done later: every job there is, and the queue it waits in.

mod store;

pub use store::{enqueue, finish, take, waiting};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Everything the shop does in the background. A job carries ids, never data that can go stale, and may
/// run twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// When its time is over: ask Weibo once more, then close the order and give its stock back.
    CloseUnpaidOrder { order: i64 },
    /// Ask Weibo what became of a visit to the cashier.
    AskWeibo { attempt: i64 },
    /// Send money back, or ask Weibo what became of it.
    Refund { refund: i64 },
    /// Put a product on the shelf or take it off as its schedule says.
    MindShelf { product: i64 },
    /// Take the next steps of an import or export.
    Transfer { transfer: i64 },
    /// Compare our ledger with Weibo's books, some questions at a time.
    Reconcile { reconciliation: i64 },
}

impl Job {
    /// The same work has the same key, and waits in the queue only once.
    fn key(&self) -> String {
        match self {
            Job::CloseUnpaidOrder { order } => format!("close order {order}"),
            Job::AskWeibo { attempt } => format!("ask about attempt {attempt}"),
            Job::Refund { refund } => format!("refund {refund}"),
            Job::MindShelf { product } => format!("mind the shelf of product {product}"),
            Job::Transfer { transfer } => format!("transfer {transfer}"),
            Job::Reconcile { reconciliation } => format!("reconcile {reconciliation}"),
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Retry {
        at: OffsetDateTime,
        why: String,
    },
    /// It stays in the queue for a person to look at, and is not run again.
    GiveUp {
        why: String,
    },
}

/// A job that this worker, and no other, has until the lease ends.
#[derive(Debug)]
pub struct Taken {
    pub job: Job,
    /// How often it has been taken, this time included.
    pub tries: i32,
    id: i64,
    leased_until: OffsetDateTime,
}
