//! The list at the desk: which orders it shows, and where its next page begins. Pure; `store::desk` looks.

use super::OrderId;
use crate::clock::{self, begins};
use crate::customers::{Wrong, line};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use time::{Date, OffsetDateTime};

pub use super::store::desk::{Found, Search, Total, search};

/// The tabs of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    #[default]
    All,
    ToShip,
    Unpaid,
    Shipped,
    Received,
    Closed,
    /// Money came too late and has to go back.
    Late,
    /// Some of its money is going back, or is back.
    Refunds,
    /// A browser says that it has paid, and Weibo has not said so yet.
    Confirming,
}

impl State {
    pub const ALL: [State; 9] = [
        State::All,
        State::ToShip,
        State::Unpaid,
        State::Shipped,
        State::Received,
        State::Closed,
        State::Late,
        State::Refunds,
        State::Confirming,
    ];

    /// The word in the address, and behind `word-tab-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            State::All => "all",
            State::ToShip => "to-ship",
            State::Unpaid => "unpaid",
            State::Shipped => "shipped",
            State::Received => "received",
            State::Closed => "closed",
            State::Late => "late",
            State::Refunds => "refunds",
            State::Confirming => "confirming",
        }
    }
}

/// The list as an address asks for it; empty is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub state: String,
    pub from: String,
    pub to: String,
    pub q: String,
    pub product: String,
}

impl Asked {
    /// The same as a query string, without what is empty.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [
            ("state", &self.state),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
            ("product", &self.product),
        ];
        query.extend_pairs(all.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The same list under another tab.
    #[must_use]
    pub fn in_state(&self, state: State) -> Asked {
        let name = if state == State::All { "" } else { state.name() };
        Asked { state: name.to_owned(), ..self.clone() }
    }
}

/// What is wrong with an address, by the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongFilter {
    State,
    From,
    To,
    /// `to` lies before `from`.
    Backwards,
    Q(Wrong),
    Product(Wrong),
}

/// Which orders are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: State,
    /// From the beginning of this day to the end of that, in the shop's zone.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub terms: Option<Terms>,
    /// A product by its address, or a variant by its SKU.
    pub product: Option<String>,
    /// For [`State::Confirming`]: those that `payments` knows to be so.
    pub among: Option<Vec<OrderId>>,
}

impl Filter {
    /// `sees_buyers`: whether this member may look for people. Who may not could else find out a name or a
    /// phone letter by letter.
    pub fn read(asked: &Asked, sees_buyers: bool) -> Result<Filter, Vec<WrongFilter>> {
        let mut wrong = Vec::new();
        let named = State::ALL.into_iter().find(|state| state.name() == asked.state);
        if named.is_none() && !asked.state.is_empty() {
            wrong.push(WrongFilter::State);
        }
        let mut day = |text: &str, field| {
            let read = clock::day(text);
            if read.is_none() && !text.trim().is_empty() {
                wrong.push(field);
            }
            read
        };
        let (from, to) = (day(&asked.from, WrongFilter::From), day(&asked.to, WrongFilter::To));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            wrong.push(WrongFilter::Backwards);
        }
        let mut text = |text: &str, wrap: fn(Wrong) -> WrongFilter| {
            let read = line(text, 64).map_err(|w| wrong.push(wrap(w))).unwrap_or_default();
            (!read.is_empty()).then_some(read)
        };
        let q = text(&asked.q, WrongFilter::Q);
        let product = text(&asked.product, WrongFilter::Product);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let terms = q.map(|q| Terms::read(&q, sees_buyers));
        Ok(Filter { state: named.unwrap_or_default(), from, to, terms, product, among: None })
    }

    pub(super) fn since(&self) -> Option<OffsetDateTime> {
        self.from.map(begins)
    }

    pub(super) fn before(&self) -> Option<OffsetDateTime> {
        self.to.and_then(Date::next_day).map(begins)
    }
}

/// What somebody typed to find an order, as all that it may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// The beginning of an order's number, with more than its month.
    pub(super) number: Option<String>,
    /// The beginning of its second or third part.
    pub(super) part: Option<String>,
    pub(super) recipient: Option<String>,
    /// The end of a phone, four digits or more.
    pub(super) phone: Option<String>,
    /// A parcel's number.
    pub(super) tracking: Option<String>,
    /// What may be Weibo's number of a payment: `payments` knows whose.
    pub pay_id: Option<String>,
    /// Orders that are meant by something that is not kept here.
    pub also: Vec<OrderId>,
}

/// The month and its hyphen: as many orders as a month has begin with it, and nobody looks for those so.
const MONTH: usize = 5;

impl Terms {
    fn read(q: &str, sees_buyers: bool) -> Terms {
        let capitals = q.to_ascii_uppercase();
        let plain = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        let one_word = capitals.chars().all(|c| plain(c) || c == '-');
        let in_number = one_word && capitals.len() <= 14;
        let digits: String = q.chars().filter(|c| !matches!(c, ' ' | '-' | '+')).collect();
        let is_phone = digits.bytes().all(|b| b.is_ascii_digit())
            && if sees_buyers { (4..=15).contains(&digits.len()) } else { digits.len() == 4 };
        let is_code = capitals.chars().all(plain) && capitals.len() >= 6;
        let is_name = sees_buyers && !q.bytes().all(|b| b.is_ascii_digit());
        Terms {
            number: (in_number && capitals.len() > MONTH).then(|| capitals.clone()),
            part: (in_number && capitals.len() >= 2 && capitals.len() <= 9).then(|| capitals.clone()),
            recipient: is_name.then(|| q.to_owned()),
            phone: is_phone.then_some(digits),
            tracking: is_code.then(|| capitals.clone()),
            pay_id: is_code.then_some(capitals),
            also: Vec::new(),
        }
    }
}

/// The last row of a page: the next begins behind it, whatever has come in meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub placed_at: OffsetDateTime,
    pub id: OrderId,
}

/// `1763712840000000-42`: microseconds since 1970, and the order's row.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.placed_at.unix_timestamp_nanos() / 1000, self.id.0)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (at, id) = text.split_once('-').ok_or(())?;
        // So many digits reach beyond the year 5000, and Postgres takes what they say.
        let short = at.len() <= 17
            && id.len() <= 18
            && [at, id].iter().all(|n| n.bytes().all(|b| b.is_ascii_digit()));
        let micros: i128 = at.parse().ok().filter(|_| short).ok_or(())?;
        let placed_at = OffsetDateTime::from_unix_timestamp_nanos(micros * 1000).map_err(|_| ())?;
        Ok(Cursor { placed_at, id: OrderId(id.parse().map_err(|_| ())?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    fn terms(q: &str) -> Terms {
        Terms::read(q, true)
    }

    #[test]
    fn what_is_typed_is_taken_for_all_that_it_may_be() {
        let four = terms("8000");
        assert_eq!((four.phone.as_deref(), four.part.as_deref()), (Some("8000"), Some("8000")));
        assert_eq!((four.recipient, four.tracking, four.number), (None, None, None));
        let number = terms("2611-7kq4-m2x9");
        assert_eq!((number.number.as_deref(), number.part), (Some("2611-7KQ4-M2X9"), None));
        assert_eq!(terms("7kq4-m2x9").part.as_deref(), Some("7KQ4-M2X9"));
        assert_eq!(terms("2611-").number, None, "a whole month is no answer");
        assert_eq!(terms("138 0013-8000").phone.as_deref(), Some("13800138000"));
        let name = terms("林阿");
        assert_eq!((name.recipient.as_deref(), name.part), (Some("林阿"), None));
        assert_eq!(terms("sf1234567890123").tracking.as_deref(), Some("SF1234567890123"));
    }

    #[test]
    fn who_may_not_see_buyers_cannot_find_them_out() {
        let read = |q| Terms::read(q, false);
        assert_eq!(
            (read("林阿").recipient, read("13800138000").phone, read("38000").phone),
            (None, None, None)
        );
        assert_eq!(read("8000").phone.as_deref(), Some("8000"), "as the mask shows it");
    }

    #[test]
    fn days_are_those_of_the_shop_and_the_last_one_counts() {
        let asked = Asked { from: "2026-11-01".into(), to: "2026-11-30".into(), ..Asked::default() };
        let filter = Filter::read(&asked, true).unwrap();
        assert_eq!(filter.since(), Some(datetime!(2026-11-01 0:00 +8)));
        assert_eq!(filter.before(), Some(datetime!(2026-12-01 0:00 +8)));
    }

    #[test]
    fn an_address_that_cannot_be_is_told() {
        let asked = Asked {
            state: "lost".into(),
            from: "2026-02-30".into(),
            to: "99999-01-01".into(),
            q: "a\0b".into(),
            product: "长".repeat(65),
        };
        let wrong = [
            WrongFilter::State,
            WrongFilter::From,
            WrongFilter::To,
            WrongFilter::Q(Wrong::Unprintable),
            WrongFilter::Product(Wrong::TooLong { most: 64 }),
        ];
        assert_eq!(Filter::read(&asked, true), Err(wrong.to_vec()));
        let backwards = Asked { from: "2026-11-02".into(), to: "2026-11-01".into(), ..Asked::default() };
        assert_eq!(Filter::read(&backwards, true), Err(vec![WrongFilter::Backwards]));
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(at in 0i64..32_503_680_000_000_000, id in 0i64..1 << 50) {
            let placed_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1000).unwrap();
            let cursor = Cursor { placed_at, id: OrderId(id) };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_breaks_the_reading(text in ".*") {
            let _ = text.parse::<Cursor>();
            let asked = Asked { q: text.clone(), from: text, ..Asked::default() };
            let _ = Filter::read(&asked, true);
        }
    }
}
