//! Stock and its ledger: every piece that comes or goes leaves a movement with its reason and who did it, and
//! their sum is the stock. Stock never goes below zero.
//!
//! | who | calls |
//! | --- | --- |
//! | an order | [`take`], [`take_again`], [`give_back`]: each once for an order, by the ledger's key |
//! | a refund | [`give_back`], [`take_from_refund`]: in turn, as often as its end turns round |
//! | a merchant | [`correct`], [`correct_many`] with the number that she saw |
//! | new variants | insert them with their stock, then [`open`] in the same transaction |
//!
//! A change of `variants.stock` without its movement cannot be committed: a deferred trigger looks.

use super::ids::{ProductId, Sku, VariantId};
use crate::actor::Actor;
use crate::text::Text;
use time::OffsetDateTime;

pub use super::store::ledger::{
    check, compare, last_check, level, levels, levels_of, low_count, movements, set_default, set_threshold,
};
pub use super::store::pieces_back::{Because, give_back, take_from_refund};
pub use super::store::stock::{TakeError, correct, correct_many, open, take, take_again};

/// So many variants that run low are counted, and one more: "many" is all that somebody needs to know then.
pub const LOW_COUNTED: i64 = 99;

/// The most pieces that a variant can have: what its column holds.
pub const MOST: u32 = i32::MAX.unsigned_abs();

/// Why pieces came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// They were there when the variant, or the ledger, began.
    Opening,
    Sale,
    /// Nobody paid in time.
    Expiry,
    Cancellation,
    /// Money came for an order that had given them back.
    Reopening,
    Refund,
    Correction,
    Import,
}

impl Reason {
    pub const ALL: [Reason; 8] = [
        Reason::Opening,
        Reason::Sale,
        Reason::Expiry,
        Reason::Cancellation,
        Reason::Reopening,
        Reason::Refund,
        Reason::Correction,
        Reason::Import,
    ];

    /// The word in the `reason` column.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Opening => "opening",
            Reason::Sale => "sale",
            Reason::Expiry => "expiry",
            Reason::Cancellation => "cancellation",
            Reason::Reopening => "reopening",
            Reason::Refund => "refund",
            Reason::Correction => "correction",
            Reason::Import => "import",
        }
    }

    pub fn parse(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What somebody counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    pub variant: VariantId,
    /// The number that it shall be, had nothing moved meanwhile.
    pub to: u32,
    /// The number that she saw. The difference is what is applied: a sale in between stays sold.
    pub expected: u32,
}

/// Why nothing was corrected. Then nothing at all was changed.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// So many pieces were sold meanwhile that these would go below zero, or beyond [`MOST`]; each with what
    /// it has now.
    #[error("the number cannot be applied to what is left now: {0:?}")]
    OutOfRange(Vec<(VariantId, u32)>),
    #[error("no such variant")]
    NoSuchVariant,
    #[error(transparent)]
    Unexpected(#[from] sqlx::Error),
}

/// A variant whose ledger does not add up to its stock: never, unless somebody wrote past this program.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    pub variant: VariantId,
    pub sku: Sku,
    pub stock: i64,
    /// The sum of its movements.
    pub ledger: i64,
}

/// When the ledger was last compared with the stock, and what differed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub at: OffsetDateTime,
    pub differences: Vec<Difference>,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub id: i64,
    pub delta: i32,
    /// The stock right after it.
    pub balance: u32,
    pub reason: Reason,
    /// The id of the order that caused it.
    pub order: Option<i64>,
    pub note: String,
    pub actor: Actor,
    pub at: OffsetDateTime,
}

/// Which variants a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// On the shelf and sold out or few left, those of which none is left first.
    Short,
    All,
}

/// Where the next page of a list begins: behind this variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// As in the column: 0 for sold out, 1 for low. [`View::All`] does not look at it.
    pub shortage: i16,
    pub variant: VariantId,
}

impl Cursor {
    pub const START: Cursor = Cursor { shortage: -1, variant: VariantId(0) };

    /// Behind the last variant of a page.
    pub fn behind(last: &Level) -> Cursor {
        Cursor { shortage: i16::from(!last.is_sold_out()), variant: last.variant }
    }
}

/// A variant as the stock list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    pub variant: VariantId,
    pub product: ProductId,
    pub sku: Sku,
    pub product_name: Text,
    /// Its choices joined by " / "; empty for a product without axes.
    pub choice_name: Text,
    pub on_shelf: bool,
    pub stock: u32,
    /// Its own threshold, where it has one.
    pub low_at: Option<u32>,
    /// The shop's, for those that have none.
    pub low_default: u32,
}

impl Level {
    /// From how many pieces on it runs low.
    pub fn threshold(&self) -> u32 {
        self.low_at.unwrap_or(self.low_default)
    }

    pub fn is_low(&self) -> bool {
        self.stock > 0 && self.stock <= self.threshold()
    }

    pub fn is_sold_out(&self) -> bool {
        self.stock == 0
    }
}
