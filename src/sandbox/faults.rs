//! What the sandbox can be told to do wrong: each fault strikes once or until it is switched off.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The notice comes [`Faults::late_minutes`] after the payment.
    Late,
    /// The same notice is sent twice at once.
    Twice,
    /// The notice, well signed, says 1 fen.
    OneFen,
    /// The notice is signed with a key that is not the platform's.
    Forged,
    /// No notice at all: only the query tells.
    Silent,
    /// A notice of `CLOSED` follows the one of `SUCCESS` a second later.
    ThenClosed,
    /// The notice carries signed fields that no document names.
    ExtraFields,
    /// The notice is sent, and answered, before the shopper is led back.
    BeforeReturn,
    /// The query answers 500.
    QueryFails,
    /// The query does not answer for 30 seconds.
    QueryHangs,
    /// The query answers 200 with a page of HTML.
    QueryGarbage,
    /// The query answers 200 with a code that nobody knows.
    QueryUnknownCode,
    /// The query says 1 fen.
    QueryOneFen,
    /// The query tells `extra` too.
    QueryEchoes,
    /// The token of the call has expired (21327).
    TokenExpired,
    /// The application may not make the call (10014).
    NotPermitted,
    /// Too many calls came from this address (10022).
    IpOverLimit,
    /// The user has made too many calls (10023).
    OverLimit,
    /// The user has made too many calls of this kind (10024).
    ApiOverLimit,
    /// The call is carried out, then the connection breaks.
    AnswerLost,
    /// A post is not carried out, and the connection breaks.
    PostDropped,
    /// A post is carried out and answered as accepted but delayed (20032).
    PostDelayed,
    /// A post is carried out and answered as a failure of Weibo's own (10003).
    PostFails,
    /// A post needs a captcha first (20031).
    PostCaptcha,
    /// Statuses cannot be read: 500.
    ReadFails,
    /// The application may not read statuses (10014).
    ReadForbidden,
    /// Errors come with the status 200, as they sometimes do (oauth-and-statuses.md §3.3).
    ErrorAs200,
    /// No more accounts may use the unaudited application (21321).
    TooManyUsers,
    /// The answer to the code names another uid than the token's own.
    TokenUidWrong,
    /// The token that is given for the code is another application's.
    TokenOfAnotherApp,
    /// Asked whose a token is, the connection breaks.
    TokenInfoLost,
    /// The frame's `signed_request` is signed with another application's secret.
    FrameForged,
    /// It is a day old.
    FrameStale,
    /// It names another algorithm than the one it is signed by.
    FrameAlgorithm,
    /// It is well signed, and its token is another application's.
    FrameOtherApp,
    /// It is well signed, and its token is another person's than its `user_id`.
    FrameOtherPerson,
    /// It is the last one once more, whoever looks.
    FrameReplayed,
    /// The application for a refund is taken, then the connection breaks.
    RefundAnswerLost,
    /// The application is refused with a code of the sandbox's own.
    RefundRefused,
    /// The application is answered `is_success=F` and not taken.
    RefundNotAccepted,
    /// The application does not answer for 30 seconds and is not taken.
    RefundHangs,
    /// The application answers 200 with a page of HTML and is not taken.
    RefundGarbage,
    /// The refund is accepted and fails when it should be done.
    RefundFailsLater,
    /// The refund is done, and a second later it has failed after all.
    RefundThenFails,
    /// No notice of the refund: only the query tells.
    RefundSilent,
    /// The notice of the refund is sent twice at once.
    RefundNoticeTwice,
    /// The notice of the refund is signed with a key that is not the platform's.
    RefundNoticeForged,
    /// The notice of the refund comes [`Faults::late_minutes`] after its end.
    RefundNoticeLate,
    /// The refund ends, and its notice is sent, before the application is answered.
    RefundNoticeFirst,
    /// The notice of the refund, well signed, names another payment.
    RefundNoticeAltered,
    /// The refund query answers 500.
    RefundQueryFails,
    /// The refund query answers that all is well, without any refund.
    RefundQueryEmpty,
    /// The refund query answers a list, with somebody else's refund first.
    RefundQueryList,
    /// The message is refused with a code of the sandbox's own.
    MessageRefused,
    /// The message is delivered to the buyer, then the connection breaks.
    MessageAnswerLost,
    /// What a fan does is pushed twice at once.
    FanTwice,
    /// What a fan does is pushed [`Faults::late_minutes`] later.
    FanLate,
    /// What a fan does is pushed with a signature by another secret, each time.
    FanForged,
    /// The shop's answer comes too late for Weibo: it is dropped, and the packet is pushed again.
    FanSlow,
    /// What the shop says by itself is refused with a code of the sandbox's own.
    FanRefused,
    /// A broadcast is taken, then kept back by the censor.
    FanModerated,
    /// No ticket for the client's interface: the application is refused (21324).
    TicketRefused,
    /// No ticket: the connection breaks.
    TicketLost,
    /// The return carries neither `sign` nor `sign_type`.
    ReturnUnsigned,
    /// The return is a form that the shopper's browser posts.
    ReturnPosted,
    /// In the Weibo client the cashier answers 302 to `sinaweibo://wbpay`, as the real one does (weibo-pay.md §9.1).
    CashierScheme,
}

/// How long a fault stays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lasting {
    Once,
    UntilOff,
}

/// The faults that are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    on: BTreeMap<Fault, Lasting>,
    late_minutes: u32,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults { on: BTreeMap::new(), late_minutes: 20 }
    }
}

impl Faults {
    pub fn switch_on(&mut self, fault: Fault, lasting: Lasting) {
        self.on.insert(fault, lasting);
    }

    pub fn switch_off(&mut self, fault: Fault) {
        self.on.remove(&fault);
    }

    pub fn lasting(&self, fault: Fault) -> Option<Lasting> {
        self.on.get(&fault).copied()
    }

    pub fn late_minutes(&self) -> u32 {
        self.late_minutes
    }

    /// At most a week: further away nobody waits.
    pub fn set_late_minutes(&mut self, minutes: u32) {
        self.late_minutes = minutes.min(7 * 24 * 60);
    }

    /// Whether the fault strikes now; one that lasts once is used up by asking.
    pub fn strikes(&mut self, fault: Fault) -> bool {
        match self.lasting(fault) {
            Some(Lasting::Once) => self.on.remove(&fault).is_some(),
            Some(Lasting::UntilOff) => true,
            None => false,
        }
    }
}

impl Fault {
    pub const NOTICE: [Fault; 8] = [
        Fault::Late,
        Fault::Twice,
        Fault::OneFen,
        Fault::Forged,
        Fault::Silent,
        Fault::ThenClosed,
        Fault::ExtraFields,
        Fault::BeforeReturn,
    ];
    pub const GATEWAY: [Fault; 9] = [
        Fault::QueryFails,
        Fault::QueryHangs,
        Fault::QueryGarbage,
        Fault::QueryUnknownCode,
        Fault::QueryOneFen,
        Fault::QueryEchoes,
        Fault::ReturnUnsigned,
        Fault::ReturnPosted,
        Fault::CashierScheme,
    ];
    pub const API: [Fault; 9] = [
        Fault::TokenExpired,
        Fault::NotPermitted,
        Fault::IpOverLimit,
        Fault::OverLimit,
        Fault::ApiOverLimit,
        Fault::AnswerLost,
        Fault::ErrorAs200,
        Fault::TicketRefused,
        Fault::TicketLost,
    ];
    /// Of what is posted and read.
    pub const STATUSES: [Fault; 6] = [
        Fault::PostDropped,
        Fault::PostDelayed,
        Fault::PostFails,
        Fault::PostCaptcha,
        Fault::ReadFails,
        Fault::ReadForbidden,
    ];
    /// Of signing in.
    pub const OAUTH: [Fault; 4] =
        [Fault::TooManyUsers, Fault::TokenUidWrong, Fault::TokenOfAnotherApp, Fault::TokenInfoLost];
    /// Of the frame around the light app.
    pub const FRAME: [Fault; 6] = [
        Fault::FrameForged,
        Fault::FrameStale,
        Fault::FrameAlgorithm,
        Fault::FrameOtherApp,
        Fault::FrameOtherPerson,
        Fault::FrameReplayed,
    ];
    /// What strikes when a refund is applied for.
    pub const REFUND: [Fault; 5] = [
        Fault::RefundAnswerLost,
        Fault::RefundRefused,
        Fault::RefundNotAccepted,
        Fault::RefundHangs,
        Fault::RefundGarbage,
    ];
    /// What becomes of a refund that is made while they are on.
    pub const REFUND_LATER: [Fault; 8] = [
        Fault::RefundFailsLater,
        Fault::RefundThenFails,
        Fault::RefundSilent,
        Fault::RefundNoticeTwice,
        Fault::RefundNoticeForged,
        Fault::RefundNoticeLate,
        Fault::RefundNoticeFirst,
        Fault::RefundNoticeAltered,
    ];
    pub const REFUND_QUERY: [Fault; 3] =
        [Fault::RefundQueryFails, Fault::RefundQueryEmpty, Fault::RefundQueryList];
    /// Of the fans service.
    pub const FANS: [Fault; 6] = [
        Fault::FanTwice,
        Fault::FanLate,
        Fault::FanForged,
        Fault::FanSlow,
        Fault::FanRefused,
        Fault::FanModerated,
    ];
    pub const MESSAGE: [Fault; 2] = [Fault::MessageRefused, Fault::MessageAnswerLost];

    /// Every fault there is.
    pub fn all() -> impl Iterator<Item = Fault> {
        let refunds = Fault::REFUND.into_iter().chain(Fault::REFUND_LATER).chain(Fault::REFUND_QUERY);
        let before = Fault::NOTICE.into_iter().chain(Fault::GATEWAY).chain(Fault::API).chain(Fault::STATUSES);
        let signing_in = Fault::OAUTH.into_iter().chain(Fault::FRAME);
        before.chain(signing_in).chain(refunds).chain(Fault::MESSAGE).chain(Fault::FANS)
    }

    /// The name in JSON and in the desk's forms.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The inverse of [`Fault::name`].
    pub fn named(name: &str) -> Option<Fault> {
        serde_json::from_value(name.into()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_for_once_strikes_once_and_a_lasting_one_until_it_is_switched_off() {
        let mut faults = Faults::default();
        faults.switch_on(Fault::Twice, Lasting::Once);
        faults.switch_on(Fault::Silent, Lasting::UntilOff);
        assert!(faults.strikes(Fault::Twice) && !faults.strikes(Fault::Twice));
        assert!(faults.strikes(Fault::Silent) && faults.strikes(Fault::Silent));
        faults.switch_off(Fault::Silent);
        assert!(!faults.strikes(Fault::Silent));
    }

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::all() {
            assert_eq!(Fault::named(&fault.name()), Some(fault));
        }
        assert_eq!(Fault::named("no_such_fault"), None);
    }
}
