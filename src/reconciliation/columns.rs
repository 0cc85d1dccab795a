//! Which column of the console's file is what. No document tells how that file looks, so somebody says it once. Pure.

use serde::{Deserialize, Serialize};

/// What a column can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    WeiboNumber,
    OurNumber,
    Amount,
    Time,
    Status,
    RefundNumber,
    RefundAmount,
}

/// In what the amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    #[default]
    Yuan,
    Fen,
}

/// Where each thing stands, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Columns {
    pub weibo_number: Option<usize>,
    pub our_number: Option<usize>,
    pub amount: Option<usize>,
    pub time: Option<usize>,
    pub status: Option<usize>,
    /// A row with something in it is about a refund: our number of it, or Weibo's.
    pub refund_number: Option<usize>,
    /// Where a refund's amount is not in the column of the others.
    pub refund_amount: Option<usize>,
    pub unit: Unit,
    /// What stands in the column of states for money that has moved; where none is named, it always has.
    pub good: Vec<String>,
}

/// Why a file cannot be compared by these columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongColumns {
    #[error("a number of the payment is needed, Weibo's or ours")]
    NoNumber,
    #[error("the column {0:?} is needed")]
    Missing(Role),
    #[error("the column of {0:?} is another thing already")]
    Twice(Role),
    #[error("there is no such column for {0:?}")]
    NoSuchColumn(Role),
    #[error("without the column of states no word of it can count")]
    WordsWithoutStatus,
    #[error("which states count has to be said")]
    StatusWithoutWords,
    #[error("a refund's amount needs its number")]
    RefundWithoutNumber,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::WeiboNumber,
        Role::OurNumber,
        Role::Amount,
        Role::Time,
        Role::Status,
        Role::RefundNumber,
        Role::RefundAmount,
    ];

    /// The name of its field in the form, and behind `field-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Role::WeiboNumber => "column-weibo",
            Role::OurNumber => "column-ours",
            Role::Amount => "column-amount",
            Role::Time => "column-time",
            Role::Status => "column-status",
            Role::RefundNumber => "column-refund",
            Role::RefundAmount => "column-refund-amount",
        }
    }

    /// As Weibo's own parameters are called (weibo-pay.md §4, §7): what a file may name its columns by.
    fn parameters(self) -> &'static [&'static str] {
        match self {
            Role::WeiboNumber => &["pay_id"],
            Role::OurNumber => &["out_pay_id"],
            Role::Amount => &["total_amount"],
            Role::Time => &["pay_time"],
            Role::Status => &["status"],
            Role::RefundNumber => &["out_refund_id", "refund_id"],
            Role::RefundAmount => &["refund_amount"],
        }
    }
}

impl Columns {
    pub fn of(&self, role: Role) -> Option<usize> {
        match role {
            Role::WeiboNumber => self.weibo_number,
            Role::OurNumber => self.our_number,
            Role::Amount => self.amount,
            Role::Time => self.time,
            Role::Status => self.status,
            Role::RefundNumber => self.refund_number,
            Role::RefundAmount => self.refund_amount,
        }
    }

    pub fn set(&mut self, role: Role, column: Option<usize>) {
        let place = match role {
            Role::WeiboNumber => &mut self.weibo_number,
            Role::OurNumber => &mut self.our_number,
            Role::Amount => &mut self.amount,
            Role::Time => &mut self.time,
            Role::Status => &mut self.status,
            Role::RefundNumber => &mut self.refund_number,
            Role::RefundAmount => &mut self.refund_amount,
        };
        *place = column;
    }

    /// What can be guessed of a header that nobody has seen: only columns that are named as Weibo's parameters are.
    pub fn guessed(header: &[String]) -> Columns {
        let mut columns = Columns::default();
        for role in Role::ALL {
            let named =
                |name: &&str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
            columns.set(role, role.parameters().iter().find_map(named));
        }
        columns
    }

    /// Whether a file of so many columns can be compared by these.
    pub fn check(&self, count: usize) -> Result<(), WrongColumns> {
        let mut taken = Vec::new();
        for role in Role::ALL {
            let Some(column) = self.of(role) else { continue };
            if column >= count {
                return Err(WrongColumns::NoSuchColumn(role));
            }
            if taken.contains(&column) {
                return Err(WrongColumns::Twice(role));
            }
            taken.push(column);
        }
        if self.weibo_number.is_none() && self.our_number.is_none() {
            return Err(WrongColumns::NoNumber);
        }
        for needed in [Role::Amount, Role::Time] {
            self.of(needed).ok_or(WrongColumns::Missing(needed))?;
        }
        if self.refund_amount.is_some() && self.refund_number.is_none() {
            return Err(WrongColumns::RefundWithoutNumber);
        }
        match (self.status.is_some(), self.good.is_empty()) {
            (true, true) => Err(WrongColumns::StatusWithoutWords),
            (false, false) => Err(WrongColumns::WordsWithoutStatus),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Columns {
        Columns { weibo_number: Some(0), amount: Some(1), time: Some(2), ..Columns::default() }
    }

    #[test]
    fn a_file_needs_a_number_an_amount_and_a_time() {
        assert_eq!(whole().check(3), Ok(()));
        assert_eq!(whole().check(2), Err(WrongColumns::NoSuchColumn(Role::Time)));
        let without = |role| {
            let mut columns = whole();
            columns.set(role, None);
            columns.check(3)
        };
        assert_eq!(without(Role::WeiboNumber), Err(WrongColumns::NoNumber));
        assert_eq!(without(Role::Amount), Err(WrongColumns::Missing(Role::Amount)));
        assert_eq!(without(Role::Time), Err(WrongColumns::Missing(Role::Time)));
    }

    #[test]
    fn no_column_is_two_things_and_no_word_counts_nowhere() {
        let twice = Columns { our_number: Some(1), ..whole() };
        assert_eq!(twice.check(3), Err(WrongColumns::Twice(Role::Amount)));
        let words = Columns { good: vec!["支付成功".into()], ..whole() };
        assert_eq!(words.check(3), Err(WrongColumns::WordsWithoutStatus));
        assert_eq!(Columns { status: Some(3), ..words }.check(4), Ok(()));
        assert_eq!(Columns { status: Some(3), ..whole() }.check(4), Err(WrongColumns::StatusWithoutWords));
        let refund = Columns { refund_amount: Some(3), ..whole() };
        assert_eq!(refund.check(4), Err(WrongColumns::RefundWithoutNumber));
    }

    #[test]
    fn only_weibos_own_names_are_guessed() {
        let header = ["PAY_ID", "金额", "total_amount", "refund_id"].map(String::from);
        let guessed = Columns::guessed(&header);
        assert_eq!((guessed.weibo_number, guessed.amount), (Some(0), Some(2)));
        assert_eq!((guessed.refund_number, guessed.time), (Some(3), None));
    }
}
