//! What a reconciliation is, what it compares, and in which ways two books can differ. Pure.

use crate::actor::Actor;
use crate::money::Money;
use time::{Date, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct ReconciliationId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct RowId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Weibo is asked about everything of a day.
    Day,
    /// A file of the merchant's console is compared.
    Console,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its file is on its way to us.
    Receiving,
    /// Somebody has to say which column is what.
    Mapping,
    Running,
    Done,
}

/// In which way our books and Weibo's differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Nobody had told us of it: it is settled now.
    Found,
    Amount,
    /// Paid here, and Weibo says that it is not.
    NotPaidThere,
    /// A refund stands otherwise there.
    Refund,
    /// No answer that can be trusted.
    Unknown,
    /// Weibo's number of the payment belongs to another order, or the answer is about somebody else's.
    OtherOrder,
    /// In the file, and not in our ledger.
    NotHere,
    /// In our ledger, and not in the file.
    NotThere,
    /// The file has it more than once.
    Twice,
    /// The row of the file says nothing that can be compared.
    Unreadable,
}

/// A day that was asked about, or a file that was compared.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    pub id: ReconciliationId,
    pub kind: Kind,
    pub state: State,
    /// The first and the last day; nothing while those of a file are not known.
    pub days: Option<(Date, Date)>,
    pub begun_at: OffsetDateTime,
    pub ended_at: Option<OffsetDateTime>,
    /// What is not known is asked again then.
    pub again_at: Option<OffsetDateTime>,
    pub goal: i32,
    pub done: i32,
    /// Rows that differ, those of them that nobody has seen to, and those that are not known.
    pub differences: i32,
    pub unresolved: i32,
    pub unknown: i32,
    /// In fen; sums over many orders may be more than one amount can be.
    pub ours_fen: i64,
    pub theirs_fen: i64,
    pub ours_back_fen: i64,
    pub theirs_back_fen: i64,
    pub file_name: String,
    pub header: Vec<String>,
    /// The last line of the file, and then the last place in the ledger, that is done with.
    pub line: i32,
    pub position: i64,
    pub actor: Actor,
}

/// A payment or refund that was compared.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: RowId,
    /// `payment`, `refund`, or `line` for a row of a file that is neither.
    pub subject: String,
    pub order_number: String,
    pub our_number: String,
    pub weibo_number: String,
    pub ours: Option<Money>,
    pub theirs: Option<Money>,
    /// Words behind `word-books-` in the texts; empty where there is none.
    pub ours_state: String,
    pub theirs_state: String,
    pub difference: Option<Difference>,
    pub line: Option<i32>,
    /// Why a row of a file cannot be read.
    pub why: String,
    pub compared_at: Option<OffsetDateTime>,
    pub resolved_at: Option<OffsetDateTime>,
    pub resolved_by: Option<String>,
}

impl Kind {
    /// The word in the `kind` column.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Day => "day",
            Kind::Console => "console",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        [Kind::Day, Kind::Console].into_iter().find(|kind| kind.name() == name)
    }
}

impl State {
    /// The word in the `state` column, and behind `word-reconciliation-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            State::Receiving => "receiving",
            State::Mapping => "mapping",
            State::Running => "running",
            State::Done => "done",
        }
    }

    pub fn parse(name: &str) -> Option<State> {
        let all = [State::Receiving, State::Mapping, State::Running, State::Done];
        all.into_iter().find(|state| state.name() == name)
    }
}

impl Difference {
    pub const ALL: [Difference; 10] = [
        Difference::Found,
        Difference::Amount,
        Difference::NotPaidThere,
        Difference::Refund,
        Difference::Unknown,
        Difference::OtherOrder,
        Difference::NotHere,
        Difference::NotThere,
        Difference::Twice,
        Difference::Unreadable,
    ];

    /// The word in the `difference` column; behind `word-differs-` and `word-advice-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Difference::Found => "found",
            Difference::Amount => "amount",
            Difference::NotPaidThere => "not-paid-there",
            Difference::Refund => "refund",
            Difference::Unknown => "unknown",
            Difference::OtherOrder => "other-order",
            Difference::NotHere => "not-here",
            Difference::NotThere => "not-there",
            Difference::Twice => "twice",
            Difference::Unreadable => "unreadable",
        }
    }

    pub fn parse(name: &str) -> Option<Difference> {
        Difference::ALL.into_iter().find(|difference| difference.name() == name)
    }

    /// Money may be missing: somebody has to look now.
    pub fn is_alarm(self) -> bool {
        matches!(self, Difference::Amount | Difference::NotPaidThere | Difference::OtherOrder)
    }
}
