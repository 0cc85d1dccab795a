//! A visit to the cashier: its number at Weibo, and when to ask what became of it. Pure.

use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct AttemptId(pub i64);

/// On which way the buyer went to the cashier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A link in the Weibo client.
    Client,
    /// A desktop page's QR code, scanned with a phone.
    Qr,
    /// The web cashier on the desktop.
    Pc,
    /// The web cashier in another mobile browser.
    Mobile,
    /// Weibo's SDK in an app of the merchant's own.
    App,
}

#[derive(Debug, Clone)]
pub struct Attempt {
    pub id: AttemptId,
    pub order: OrderId,
    pub way: Way,
    pub out_pay_id: String,
    pub amount: Money,
    /// What its bill carries, settled when it was begun; the older ones carry the order's token.
    pub extra: Option<String>,
    pub begun_at: OffsetDateTime,
    /// From then on no money is expected for it. Weibo counts the same time from the moment the cashier is
    /// opened, so a link that was kept unopened may still be paid: then it is money that came late.
    pub expires_at: OffsetDateTime,
    pub state: AttemptState,
    pub returned_at: Option<OffsetDateTime>,
    /// When the last question was sent.
    pub asked_at: Option<OffsetDateTime>,
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    Open,
    Paid,
    Closed,
}

/// What Weibo said when it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Pending,
    Success,
    Closed,
    /// A well-formed no: most likely the cashier was never opened. Weibo's codes are not public.
    Refused,
    /// Nothing that can be trusted came back.
    Unknown,
}

/// After which time since the beginning to ask again (features.md B5).
const SCHEDULE: [Duration; 8] = [
    Duration::seconds(10),
    Duration::seconds(30),
    Duration::minutes(1),
    Duration::minutes(2),
    Duration::minutes(5),
    Duration::minutes(10),
    Duration::minutes(30),
    Duration::hours(1),
];
/// How long Weibo is given to make up its mind after the time is over.
const GRACE: Duration = Duration::minutes(2);
/// How long a no is doubted: a payment begun in the last second may not be on Weibo's books yet.
const DOUBT: Duration = Duration::minutes(10);
/// After that nobody is asked any more.
const FORGET: Duration = Duration::days(7);

impl Attempt {
    /// Whether the order may be closed as far as this attempt is concerned, at `now`.
    /// What is unknown never closes an order (features.md P9).
    pub fn is_surely_unpaid(&self, now: OffsetDateTime) -> bool {
        let asked_after = |wait| self.asked_at.is_some_and(|at| at >= self.expires_at + wait);
        let settled = match (self.state, self.answer) {
            (AttemptState::Closed, _) | (AttemptState::Open, Some(Answer::Closed)) => true,
            (AttemptState::Open, Some(Answer::Pending)) => asked_after(GRACE),
            (AttemptState::Open, Some(Answer::Refused)) => asked_after(DOUBT),
            (AttemptState::Open, Some(Answer::Success | Answer::Unknown) | None)
            | (AttemptState::Paid, _) => false,
        };
        settled && now >= self.expires_at
    }

    /// Whether the staff may call the order off as far as this attempt is concerned, when Weibo has just been
    /// asked. Earlier than its time is over it may still be paid; then the money opens the order again or is
    /// late. What is unknown, or may not be on Weibo's books yet, never closes an order.
    pub fn is_known_unpaid(&self) -> bool {
        let begun = self.returned_at.unwrap_or(self.begun_at);
        let asked_after = |wait| self.asked_at.is_some_and(|at| at >= begun + wait);
        match (self.state, self.answer) {
            (AttemptState::Closed, _) | (AttemptState::Open, Some(Answer::Closed)) => true,
            (AttemptState::Open, Some(Answer::Pending)) => self.returned_at.is_none() || asked_after(GRACE),
            (AttemptState::Open, Some(Answer::Refused)) => asked_after(DOUBT),
            (AttemptState::Open, Some(Answer::Success | Answer::Unknown) | None)
            | (AttemptState::Paid, _) => false,
        }
    }

    /// The browser says that it has paid and Weibo has not answered since.
    pub fn is_confirming(&self) -> bool {
        let answered = match self.answer {
            Some(Answer::Unknown) | None => None,
            Some(_) => self.asked_at,
        };
        self.state == AttemptState::Open && self.returned_at.is_some_and(|at| answered.is_none_or(|a| a < at))
    }

    /// When to ask next, after an answer at `now` that was not final; `None` when it is time to stop.
    pub fn ask_next(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let age = now - self.begun_at;
        if age > FORGET {
            return None;
        }
        let late = age > (self.expires_at - self.begun_at) + Duration::days(1);
        let gap = if late { Duration::days(1) } else { Duration::hours(1) };
        Some(SCHEDULE.iter().map(|after| self.begun_at + *after).find(|at| *at > now).unwrap_or(now + gap))
    }
}

impl Way {
    pub fn parse(name: &str) -> Option<Way> {
        [Way::Client, Way::Qr, Way::Pc, Way::Mobile, Way::App].into_iter().find(|way| way.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Way::Client => "client",
            Way::Qr => "qr",
            Way::Pc => "pc",
            Way::Mobile => "mobile",
            Way::App => "app",
        }
    }
}

/// When to ask for the first time.
pub fn first_question(begun_at: OffsetDateTime) -> OffsetDateTime {
    begun_at + SCHEDULE[0]
}

/// The order number's letters, the attempt's number and two check digits: `26117KQ4M2X90193`.
/// 6 to 64 characters, as weibo-pay.md §2 wants.
pub fn out_pay_id(order: &OrderNumber, attempt: u16) -> String {
    let body = format!("{}{attempt:02}", order.compact());
    let sum = body.bytes().fold(0u32, |sum, b| (sum * 31 + u32::from(b)) % 97);
    format!("{body}{sum:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);

    fn attempt() -> Attempt {
        Attempt {
            id: AttemptId(1),
            order: OrderId(1),
            way: Way::Client,
            out_pay_id: out_pay_id(&OrderNumber::mint(NOON, 7), 1),
            amount: Money::MAX,
            extra: None,
            begun_at: NOON,
            expires_at: NOON + Duration::minutes(30),
            state: AttemptState::Open,
            returned_at: None,
            asked_at: None,
            answer: None,
        }
    }

    fn answered(answer: Answer, after: Duration) -> bool {
        let asked_at = NOON + Duration::minutes(30) + after;
        Attempt { answer: Some(answer), asked_at: Some(asked_at), ..attempt() }.is_surely_unpaid(asked_at)
    }

    #[test]
    fn what_is_unknown_never_closes_an_order() {
        assert!(!attempt().is_surely_unpaid(NOON + Duration::days(6)));
        assert!(!answered(Answer::Unknown, Duration::days(6)));
        assert!(!answered(Answer::Success, Duration::days(6)));
        assert!(answered(Answer::Closed, Duration::ZERO));
        assert!(!answered(Answer::Pending, Duration::ZERO), "Weibo's clock may be a little late");
        assert!(answered(Answer::Pending, GRACE));
        assert!(!answered(Answer::Refused, GRACE), "it may not be on the books yet");
        assert!(answered(Answer::Refused, DOUBT));
    }

    #[test]
    fn a_browser_that_says_it_paid_is_believed_to_be_waiting_until_weibo_answers() {
        let mut attempt = Attempt { returned_at: Some(NOON), ..attempt() };
        assert!(attempt.is_confirming());
        (attempt.asked_at, attempt.answer) = (Some(NOON - Duration::seconds(1)), Some(Answer::Pending));
        assert!(attempt.is_confirming(), "a question that was sent before she paid does not know of it");
        (attempt.asked_at, attempt.answer) = (Some(NOON + Duration::seconds(3)), Some(Answer::Unknown));
        assert!(attempt.is_confirming(), "an answer that is none changes nothing");
        attempt.answer = Some(Answer::Pending);
        assert!(!attempt.is_confirming());
    }

    #[test]
    fn an_order_is_called_off_when_weibo_surely_has_no_money_for_it() {
        let asked = |answer, after: Duration, returned: Option<Duration>| {
            let returned_at = returned.map(|at| NOON + at);
            let asked_at = Some(NOON + after);
            Attempt { answer: Some(answer), asked_at, returned_at, ..attempt() }.is_known_unpaid()
        };
        let minute = Duration::minutes(1);
        assert!(!attempt().is_known_unpaid(), "nobody has asked");
        assert!(asked(Answer::Pending, minute, None), "she looks at the cashier");
        assert!(!asked(Answer::Pending, minute, Some(minute)), "she says that she has just paid");
        assert!(asked(Answer::Pending, minute + GRACE, Some(minute)));
        assert!(!asked(Answer::Refused, minute, None), "it may not be on the books yet");
        assert!(asked(Answer::Refused, DOUBT, None));
        assert!(!asked(Answer::Refused, DOUBT, Some(minute)));
        assert!(asked(Answer::Closed, minute, Some(minute)));
        assert!(!asked(Answer::Unknown, DOUBT * 9, None) && !asked(Answer::Success, DOUBT * 9, None));
    }

    #[test]
    fn weibo_is_asked_soon_then_rarely_then_no_more() {
        let attempt = attempt();
        let mut at = first_question(NOON);
        let mut times = 1;
        while let Some(next) = attempt.ask_next(at) {
            assert!(next > at);
            at = next;
            times += 1;
        }
        assert!((30..60).contains(&times), "{times}");
        assert!(at - NOON > Duration::days(6));
    }

    #[test]
    fn an_order_number_at_weibo_is_neither_too_short_nor_too_long() {
        let id = out_pay_id(&OrderNumber::mint(NOON, 7), 1);
        assert!((6..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
        assert_ne!(id, out_pay_id(&OrderNumber::mint(NOON, 7), 2));
    }
}
