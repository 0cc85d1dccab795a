//! People who give money back, through the shop's own room and the same broken way to Postgres as the apps: they press
//! again with the same form when nothing comes, sometimes three at once.

use crate::dice::Dice;
use crate::scene::Scene;
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::money::Money;
use weipu::orders::OrderId;
use weipu::payments::refund::{Pieces, Portion};
use weipu::payments::{self, Ask, RefundError, RefundState};

/// So often the same form is sent.
const PATIENCE: u32 = 120;

pub async fn gives_back(scene: Scene, number: usize, end: Instant) {
    let mut dice = scene.dice(100 + number);
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(250)).await;
        if let Err(error) = gives_back_once(&scene, &mut dice).await {
            crate::say(&format!("a refund was given up: {error:#}"));
        }
    }
}

async fn gives_back_once(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let mut conn = scene.looks().await?;
    if dice.once_in(4) {
        let sql =
            "SELECT order_id, out_refund_id FROM refunds WHERE state = 'failed' ORDER BY random() LIMIT 1";
        let failed: Option<(i64, String)> =
            sqlx::query_as(sql).fetch_optional(&mut conn).await.unwrap_or(None);
        if let Some((order, refund)) = failed {
            return tries_again(scene, OrderId(order), &refund).await;
        }
    }
    let sql = "SELECT id, total_fen - back_fen FROM orders WHERE payment = 'paid' AND back_fen < total_fen
        ORDER BY random() LIMIT 1";
    // Postgres may die at any moment: then there is another order another time.
    let found: Option<(i64, i64)> = sqlx::query_as(sql).fetch_optional(&mut conn).await.unwrap_or(None);
    let Some((order, left)) = found else { return Ok(()) };
    let part = Money::from_fen(1 + i64::try_from(dice.roll(usize::try_from(left)?))?).unwrap_or(Money::MAX);
    let portion = match dice.roll(4) {
        0 => Portion::Everything { restock: dice.once_in(2) },
        1 => {
            let pieces = vec![Pieces { position: 1, quantity: 1, restock: dice.once_in(2) }];
            Portion::Pieces { pieces, freight: false }
        }
        _ => Portion::Amount(part),
    };
    let mut ask = Ask { key: Uuid::new_v4(), portion, shown: part, reason: "不想要了".into() };
    // What the form shows; nothing is sent with it.
    if let Err(RefundError::Changed { now }) = looks_at_the_form(scene, OrderId(order), &ask).await {
        ask.shown = now;
    }
    let fingers = if dice.once_in(3) { 3 } else { 1 };
    let pressed = join_all((0..fingers).map(|_| presses(scene, OrderId(order), ask.clone()))).await;
    pressed.into_iter().collect()
}

/// Until it is known what became of it.
async fn presses(scene: &Scene, order: OrderId, ask: Ask) -> anyhow::Result<()> {
    for _ in 0..PATIENCE {
        match once(scene, order, &ask).await {
            Ok(number) => {
                scene.said.refunds.lock().unwrap().entry(ask.key).or_default().insert(number);
                return Ok(());
            }
            Err(RefundError::NotChanged(_)) => tokio::time::sleep(Duration::from_millis(250)).await,
            // Somebody else was faster.
            Err(_) => return Ok(()),
        }
    }
    anyhow::bail!("the database does not answer")
}

async fn looks_at_the_form(scene: &Scene, order: OrderId, ask: &Ask) -> Result<(), RefundError> {
    let mut tx = scene.through_proxy.begin().await?;
    payments::refund(&mut tx, order, ask, &Actor::Shop, scene.clock.now()).await?;
    Ok(tx.rollback().await?)
}

async fn once(scene: &Scene, order: OrderId, ask: &Ask) -> Result<String, RefundError> {
    let mut tx = scene.through_proxy.begin().await?;
    let decided = payments::refund(&mut tx, order, ask, &Actor::Shop, scene.clock.now()).await?;
    tx.commit().await?;
    Ok(decided.refund.out_refund_id)
}

/// One that failed, under its own number.
async fn tries_again(scene: &Scene, order: OrderId, refund: &str) -> anyhow::Result<()> {
    for _ in 0..PATIENCE {
        let again = async {
            let mut tx = scene.through_proxy.begin().await?;
            let again = payments::retry(&mut tx, order, refund, &Actor::Shop, scene.clock.now()).await?;
            tx.commit().await?;
            Ok::<RefundState, RefundError>(again.state)
        };
        match again.await {
            Err(RefundError::NotChanged(_)) => tokio::time::sleep(Duration::from_millis(250)).await,
            _ => return Ok(()),
        }
    }
    anyhow::bail!("the database does not answer")
}
