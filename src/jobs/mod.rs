//! Work to be done later: every job there is, and the queue it waits in.

mod store;

pub use store::{enqueue, finish, given_up, load, take, waiting};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

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
    /// Write down that the buyer shall be told of a parcel.
    TellOfParcel { parcel: i64 },
    /// Write down that the buyer shall be told that her order counts as received.
    TellOfReceipt { order: i64 },
    /// Send a message to a buyer when its turn has come.
    TellBuyer { message: i64 },
    /// Put a product on the shelf or take it off as its schedule says.
    MindShelf { product: i64 },
    /// Take the next steps of an import or export.
    Transfer { transfer: i64 },
    /// Look at all orders, whether their money adds up.
    CheckMoney,
    /// Compare our ledger with Weibo's books, some questions at a time.
    Reconcile { reconciliation: i64 },
    /// Tell Weibo that a customer has taken back her leave.
    RevokeToken { revocation: i64 },
    /// Ask Weibo whether a customer's token still holds.
    CheckToken { customer: i64 },
    /// Send what was written to a fan.
    SayToFan { message: i64 },
    /// Take the next steps of a broadcast to many fans.
    SendBroadcast { broadcast: i64 },
    /// Read the next page of Weibo's list of subscribers.
    ReadSubscribers { list: i64 },
    /// Ask Weibo for the name and the picture of a fan.
    LookUpFan { uid: i64 },
    /// Bring back a conversation that was put off.
    WakeConversation { fan: i64 },
    /// Look on Weibo for the repost of an order of which no answer came.
    FindRepost { order: i64 },
    /// See whether a repost stands for which there is a coupon.
    CheckGift { claim: i64 },
    /// Post on Weibo in the shop's own name what somebody has written.
    PublishPost { post: i64 },
}

impl Job {
    /// The same work has the same key, and waits in the queue only once.
    fn key(&self) -> String {
        match self {
            Job::CloseUnpaidOrder { order } => format!("close order {order}"),
            Job::AskWeibo { attempt } => format!("ask about attempt {attempt}"),
            Job::Refund { refund } => format!("refund {refund}"),
            Job::TellOfParcel { parcel } => format!("tell of parcel {parcel}"),
            Job::TellOfReceipt { order } => format!("tell of the receipt of order {order}"),
            Job::TellBuyer { message } => format!("tell a buyer: message {message}"),
            Job::MindShelf { product } => format!("mind the shelf of product {product}"),
            Job::Transfer { transfer } => format!("transfer {transfer}"),
            Job::CheckMoney => "check the money".into(),
            Job::Reconcile { reconciliation } => format!("reconcile {reconciliation}"),
            Job::RevokeToken { revocation } => format!("revoke token {revocation}"),
            Job::CheckToken { customer } => format!("check the token of customer {customer}"),
            Job::SayToFan { message } => format!("say to a fan: message {message}"),
            Job::SendBroadcast { broadcast } => format!("send broadcast {broadcast}"),
            Job::ReadSubscribers { list } => format!("read list {list} of subscribers"),
            Job::LookUpFan { uid } => format!("look up fan {uid}"),
            Job::WakeConversation { fan } => format!("wake the conversation with {fan}"),
            Job::FindRepost { order } => format!("find the repost of order {order}"),
            Job::CheckGift { claim } => format!("check the repost of claim {claim}"),
            Job::PublishPost { post } => format!("publish post {post}"),
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

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Everything that is still to be done, due or not.
    pub waiting: i64,
    pub given_up: i64,
    /// For how long the oldest job that is due has been so; nothing due is no time.
    pub overdue: Duration,
}

/// A job that is not tried any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The job as a sentence with its ids.
    pub what: String,
    pub why: String,
    pub at: OffsetDateTime,
}
