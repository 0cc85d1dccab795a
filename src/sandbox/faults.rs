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
    /// The token of the call has expired (21327).
    TokenExpired,
    /// The application may not make the call (10014).
    NotPermitted,
    /// The user has made too many calls (10023).
    OverLimit,
    /// The call is carried out, then the connection breaks.
    AnswerLost,
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
    pub const GATEWAY: [Fault; 8] = [
        Fault::QueryFails,
        Fault::QueryHangs,
        Fault::QueryGarbage,
        Fault::QueryUnknownCode,
        Fault::QueryOneFen,
        Fault::ReturnUnsigned,
        Fault::ReturnPosted,
        Fault::CashierScheme,
    ];
    pub const API: [Fault; 4] =
        [Fault::TokenExpired, Fault::NotPermitted, Fault::OverLimit, Fault::AnswerLost];

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
        for fault in Fault::NOTICE.into_iter().chain(Fault::GATEWAY).chain(Fault::API) {
            assert_eq!(Fault::named(&fault.name()), Some(fault));
        }
        assert_eq!(Fault::named("no_such_fault"), None);
    }
}
