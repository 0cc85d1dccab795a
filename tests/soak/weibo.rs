//! Weibo, played by the sandbox in this process, which nobody kills: what it took stays taken. Its notices are sent
//! from here, so that what the shop acknowledged is known.

use crate::dice::Dice;
use crate::scene::Scene;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use weipu::sandbox::{Fault, Lasting, Outcome};

/// So often Weibo begins to misbehave.
const EVERY: Duration = Duration::from_millis(900);

const FAULTS: [Fault; 20] = [
    Fault::Twice,
    Fault::Twice,
    Fault::OneFen,
    Fault::Forged,
    Fault::Silent,
    Fault::ThenClosed,
    Fault::BeforeReturn,
    Fault::QueryFails,
    Fault::QueryGarbage,
    Fault::AnswerLost,
    Fault::RefundAnswerLost,
    Fault::RefundAnswerLost,
    Fault::RefundRefused,
    Fault::RefundGarbage,
    Fault::RefundThenFails,
    Fault::RefundFailsLater,
    Fault::RefundSilent,
    Fault::RefundNoticeTwice,
    Fault::RefundNoticeFirst,
    Fault::RefundQueryFails,
];

/// What the shop said `success` to.
pub struct Acknowledged {
    pub notify_id: String,
    /// Of a payment that is made: its money must be in the ledger.
    pub paid: Option<String>,
}

/// Sends notices as they fall due, for ever.
pub async fn sends(scene: Scene) {
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for sent in scene.sandbox.deliver_due().await {
            scene.said.notices_sent.fetch_add(1, Relaxed);
            if sent.outcome != Outcome::Taken {
                continue;
            }
            let value = |name: &str| sent.fields.get(name).cloned();
            let is_paid = value("status").is_some_and(|status| status == "PAY_STATUS_SUCCESS");
            let paid = value("pay_id").filter(|_| is_paid);
            let notify_id = value("notify_id").unwrap_or_default();
            scene.said.notices.lock().unwrap().push(Acknowledged { notify_id, paid });
        }
    }
}

/// Something goes wrong once, and soon something else.
pub async fn misbehaves(scene: &Scene) {
    let mut dice = Dice::new(scene.seed, 1000);
    loop {
        scene.sandbox.set_fault(*dice.pick(&FAULTS), Some(Lasting::Once));
        tokio::time::sleep(EVERY).await;
    }
}

/// From now on Weibo does as it should.
pub fn behaves(scene: &Scene) {
    for fault in FAULTS {
        scene.sandbox.set_fault(fault, None);
    }
}
