//! Hours in which everybody does something at once and Weibo misbehaves at random, by a seed that a failure
//! names. Whatever happens, the books are right at every moment and everything is settled in the end.

use crate::support::buyer::Buyer;
use crate::support::dice::Dice;
use crate::support::{TestShop, minutes};
use futures_util::future::join_all;
use weipu::sandbox::{Fault, Lasting};

const FAULTS: [Fault; 12] = [
    Fault::Late,
    Fault::Twice,
    Fault::OneFen,
    Fault::Forged,
    Fault::Silent,
    Fault::ThenClosed,
    Fault::ExtraFields,
    Fault::BeforeReturn,
    Fault::QueryFails,
    Fault::QueryGarbage,
    Fault::QueryOneFen,
    Fault::QueryUnknownCode,
];
const ROUNDS: u32 = 25;

/// One of the things that people do.
async fn does_something(buyer: &mut Buyer, roll: usize) {
    let sku = ["mug", "teapot", "longjing-1", "socks-3"][roll % 4];
    match roll / 4 {
        0..=2 => {
            buyer.opens(&format!("/checkout?variant={sku}&quantity={}", roll % 3 + 1)).await;
            if buyer.page().has("form.split [name=recipient]") {
                let form = buyer.filled_in();
                buyer.submits(&form).await;
            }
        }
        3 | 4 => {
            buyer.opens("/orders").await;
            if buyer.page().has("a.listed") {
                buyer.follows("a.listed").await;
            }
        }
        5..=7 if buyer.has_seen("#pay, #pc") => {
            buyer.follows("#pay, #pc").await;
        }
        5..=7 if buyer.has_seen("form[action*=question]") => {
            buyer.presses("form[action*=question]").await;
        }
        _ if buyer.has_seen("form.pay") => {
            buyer.presses_pay().await;
        }
        _ => {}
    }
}

async fn busy_hours(seed: u64) {
    let shop = TestShop::open().await;
    let mut dice = Dice::new(seed, 0);
    shop.weibo.sandbox.set_schedule(vec![0, 60, 300]);
    let mut buyers: Vec<Buyer> = (0..4).flat_map(|_| [shop.buyer(), shop.desktop()]).collect();
    for _ in 0..ROUNDS {
        if dice.roll(3) == 0 {
            shop.weibo.sandbox.set_fault(FAULTS[dice.roll(FAULTS.len())], Some(Lasting::Once));
        }
        let rolls: Vec<usize> = buyers.iter().map(|_| dice.roll(48)).collect();
        let people = join_all(buyers.iter_mut().zip(rolls).map(|(buyer, roll)| does_something(buyer, roll)));
        tokio::join!(people, shop.weibo.delivers(), shop.work(), shop.work());
        shop.is_sound(false).await;
        shop.later(minutes([0, 1, 3, 12][dice.roll(4)]));
    }
    for fault in FAULTS {
        shop.weibo.stops(fault);
    }
    shop.closes().await;
    assert!(shop.count("SELECT count(*) FROM payments").await > 0, "nobody bought anything: seed {seed}");
}

#[tokio::test]
async fn a_busy_morning() {
    busy_hours(1).await;
}

#[tokio::test]
async fn a_busy_noon() {
    busy_hours(20_261_121).await;
}

#[tokio::test]
async fn a_busy_night() {
    busy_hours(0x5eed).await;
}
