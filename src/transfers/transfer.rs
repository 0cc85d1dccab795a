//! What a transfer is: a table on its way in or out, how far it has come, and why it went no further. Pure.

use super::columns::WrongHeader;
use super::dialect::NotText;
use crate::actor::Actor;
use crate::text::Language;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct TransferId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ImportProducts,
    ExportProducts,
    ExportOrders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its file is on its way to us.
    Receiving,
    /// The file is taken apart into rows.
    Reading,
    /// The dry run.
    Checking,
    /// Somebody has to decide.
    Checked,
    Importing,
    Writing,
    Done,
    Cancelled,
    /// The file cannot be worked with, which `why` tells.
    Refused,
    /// It was tried several times.
    Failed,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::ImportProducts, Kind::ExportProducts, Kind::ExportOrders];

    /// The word the database uses, and the texts behind `word-transfer-`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ImportProducts => "import-products",
            Kind::ExportProducts => "export-products",
            Kind::ExportOrders => "export-orders",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl State {
    const ALL: [State; 10] = [
        State::Receiving,
        State::Reading,
        State::Checking,
        State::Checked,
        State::Importing,
        State::Writing,
        State::Done,
        State::Cancelled,
        State::Refused,
        State::Failed,
    ];

    /// The word the database uses, and the texts behind `word-transfer-`.
    pub fn name(self) -> &'static str {
        match self {
            State::Receiving => "receiving",
            State::Reading => "reading",
            State::Checking => "checking",
            State::Checked => "checked",
            State::Importing => "importing",
            State::Writing => "writing",
            State::Done => "done",
            State::Cancelled => "cancelled",
            State::Refused => "refused",
            State::Failed => "failed",
        }
    }

    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a worker is at it, or will be.
    pub fn is_running(self) -> bool {
        matches!(self, State::Reading | State::Checking | State::Importing | State::Writing)
    }
}

/// How long the contents of a transfer are kept.
pub const KEPT: Duration = Duration::days(7);

#[derive(Debug, Clone)]
pub struct Transfer {
    pub id: TransferId,
    pub kind: Kind,
    pub state: State,
    pub file_name: String,
    /// The name of its [`super::dialect::Encoding`]; empty while nobody knows.
    pub encoding: String,
    pub header: Vec<String>,
    /// Which orders, as the address of their list says it.
    pub query: String,
    /// Who buys is left out.
    pub masked: bool,
    pub language: Language,
    pub position: i64,
    pub position_at: Option<OffsetDateTime>,
    /// Of the step that it is at: rows of an import, products or orders of an export.
    pub done: i32,
    pub goal: Option<i32>,
    pub new_rows: i32,
    pub changed_rows: i32,
    pub unchanged_rows: i32,
    pub wrong_rows: i32,
    pub overtaken_rows: i32,
    pub bytes: i64,
    pub pieces: i32,
    /// The name of a [`Refusal`], or `trouble`.
    pub why: String,
    pub why_with: String,
    pub failures: i16,
    pub asked_at: OffsetDateTime,
    pub checked_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
    pub actor: Actor,
}

/// Why a file cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the file is empty")]
    Empty,
    #[error("this is an Excel workbook: save it as CSV first")]
    Workbook,
    #[error("this is no table of text")]
    Binary,
    #[error("the text is neither UTF-8 nor GBK")]
    Encoding,
    #[error("the file is larger than 20 MB")]
    TooLarge,
    #[error("the file has more than 20,000 rows")]
    TooManyRows,
    #[error("the file has more than 200 columns")]
    TooManyColumns,
    #[error("the first row lacks the column {0}")]
    MissingColumn(&'static str),
    #[error("the first row has the column {0} twice")]
    ColumnTwice(&'static str),
    #[error("the file has a header and nothing below it")]
    HeaderOnly,
}

impl Refusal {
    /// As the texts call it, behind `word-refused-`.
    pub fn name(&self) -> &'static str {
        match self {
            Refusal::Empty => "empty",
            Refusal::Workbook => "workbook",
            Refusal::Binary => "binary",
            Refusal::Encoding => "encoding",
            Refusal::TooLarge => "too-large",
            Refusal::TooManyRows => "too-many-rows",
            Refusal::TooManyColumns => "too-many-columns",
            Refusal::MissingColumn(_) => "missing-column",
            Refusal::ColumnTwice(_) => "column-twice",
            Refusal::HeaderOnly => "header-only",
        }
    }

    /// What belongs into the sentence.
    pub fn with(&self) -> &'static str {
        match self {
            Refusal::MissingColumn(name) | Refusal::ColumnTwice(name) => name,
            _ => "",
        }
    }
}

impl From<NotText> for Refusal {
    fn from(why: NotText) -> Refusal {
        match why {
            NotText::Empty => Refusal::Empty,
            NotText::Workbook => Refusal::Workbook,
            NotText::Binary => Refusal::Binary,
            NotText::UnknownEncoding => Refusal::Encoding,
        }
    }
}

impl From<WrongHeader> for Refusal {
    fn from(why: WrongHeader) -> Refusal {
        match why {
            WrongHeader::Missing(column) => Refusal::MissingColumn(column.name(Language::Chinese)),
            WrongHeader::Twice(column) => Refusal::ColumnTwice(column.name(Language::Chinese)),
            WrongHeader::TooMany => Refusal::TooManyColumns,
        }
    }
}

impl Transfer {
    /// One that has just been asked for.
    pub fn asked(
        kind: Kind,
        state: State,
        language: Language,
        actor: &Actor,
        now: OffsetDateTime,
    ) -> Transfer {
        Transfer {
            id: TransferId(0),
            kind,
            state,
            file_name: String::new(),
            encoding: String::new(),
            header: Vec::new(),
            query: String::new(),
            masked: true,
            language,
            position: 0,
            position_at: None,
            done: 0,
            goal: None,
            new_rows: 0,
            changed_rows: 0,
            unchanged_rows: 0,
            wrong_rows: 0,
            overtaken_rows: 0,
            bytes: 0,
            pieces: 0,
            why: String::new(),
            why_with: String::new(),
            failures: 0,
            asked_at: now,
            checked_at: None,
            ended_at: None,
            expires_at: now + KEPT,
            actor: actor.clone(),
        }
    }

    /// The next phase begins.
    pub fn turn(&mut self, state: State, goal: Option<i32>) {
        (self.state, self.position, self.done, self.goal) = (state, 0, 0, goal);
        self.new_rows = 0;
        self.changed_rows = 0;
        self.unchanged_rows = 0;
        self.wrong_rows = 0;
        self.overtaken_rows = 0;
    }

    pub fn end(&mut self, state: State, now: OffsetDateTime) {
        self.state = state;
        self.ended_at = Some(now);
    }

    /// Whether its contents are still here.
    pub fn is_kept(&self, now: OffsetDateTime) -> bool {
        now < self.expires_at
    }

    /// Good rows that can be brought in, or were.
    pub fn good_rows(&self) -> i32 {
        self.new_rows + self.changed_rows
    }

    /// A file waits to be taken home.
    pub fn has_file(&self, now: OffsetDateTime) -> bool {
        self.kind != Kind::ImportProducts && self.state == State::Done && self.is_kept(now)
    }
}
