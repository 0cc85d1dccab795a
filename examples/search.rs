//! How long searches take in a shop that `.ci/bench.d/products.sql` has filled: `search DATABASE_URL [ROUNDS]`.
//! First makes findable what waits for it.

use anyhow::Context;
use std::time::{Duration, Instant};
use weipu::catalog::search::{self, Scope};
use weipu::db::Db;

/// What people type, from what nearly everything has to what nothing has.
const TYPED: [&str; 22] = [
    "茶",
    "龙井",
    "龙井茶",
    "明前龙井",
    "月饼",
    "手工",
    "陶瓷花瓶",
    "lj",
    "mqlj",
    "longjing",
    "cha",
    "龙井 50",
    "手工 茶 礼盒",
    "tea",
    "mooncake",
    "longjng",
    "mooncke",
    "porcelian vase",
    "BENCH-P77777",
    "没有这样的东西",
    "小作坊",
    "每一件 茶",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().context("usage: search DATABASE_URL [ROUNDS]")?;
    let rounds = args.next().map_or(Ok(30), |rounds| rounds.parse())?;
    let db = Db::new(url.parse()?, 2);
    let begun = Instant::now();
    let indexed = search::catch_up(&db).await?;
    println!("{indexed} products were made findable in {:.1?}", begun.elapsed());
    let mut conn = db.reader().await?;
    let mut all = Vec::new();
    for typed in TYPED {
        let (mut times, mut found) = (Vec::new(), search::Found::default());
        for _ in 0..rounds {
            let asked = Instant::now();
            found = search::find(&mut conn, typed, search::MOST, Scope::Shelf).await?;
            times.push(asked.elapsed());
        }
        let instead = found.instead.map(|other| format!(" for {other}")).unwrap_or_default();
        println!(
            "{:>9.2?} {:>9.2?} {:>4}  {typed}{instead}",
            at(&mut times, 50),
            at(&mut times, 95),
            found.products.len()
        );
        all.extend(times);
    }
    println!(
        "{:>9.2?} {:>9.2?}        all: the median and the 95th of a hundred",
        at(&mut all, 50),
        at(&mut all, 95)
    );
    Ok(())
}

/// The time within which so many of a hundred were answered.
fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
