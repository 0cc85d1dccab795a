//! People who buy: they press again when nothing comes, some press twice at once, some pay twice, some not at all.

use crate::browser::{Ask, Browser, CLIENT, DESKTOP};
use crate::dice::Dice;
use crate::page::{Form, Page};
use crate::scene::Scene;
use std::time::{Duration, Instant};

const ADDRESS: [(&str, &str); 6] = [
    ("recipient", "林阿梨"),
    ("phone", "13800138000"),
    ("province", "浙江省"),
    ("city", "杭州市"),
    ("district", "西湖区"),
    ("street", "龙井路 1 号"),
];

/// One order after another until the end.
pub async fn buys(scene: Scene, number: usize, end: Instant) {
    let mut dice = scene.dice(number);
    while Instant::now() < end {
        let agent = *dice.pick(&[CLIENT, DESKTOP]);
        let mut browser = Browser::new(scene.clone(), agent);
        if let Err(error) = buys_once(&scene, &mut browser, &mut dice).await {
            crate::say(&format!("a buyer gave up: {error:#}"));
        }
    }
}

async fn buys_once(scene: &Scene, browser: &mut Browser, dice: &mut Dice) -> anyhow::Result<()> {
    let sku = if dice.once_in(6) { dice.pick(&scene.scarce) } else { dice.pick(&scene.ample) };
    let quantity = dice.roll(3) + 1;
    let page = browser.opens(&format!("/checkout?variant={sku}&quantity={quantity}")).await?;
    if !page.has("form.split [name=recipient]") {
        return Ok(());
    }
    let form = ADDRESS.iter().fold(page.form("form.split"), |form, (name, value)| form.with(name, *value));
    let key = form.encoded();
    let mut page = browser.submits(&form).await?;
    let Some(path) = placed(scene, &key, &page) else { return Ok(()) };
    if dice.once_in(5) {
        presses_again(scene, browser, &form, &key).await?;
    }
    if dice.once_in(5) {
        return Ok(());
    }
    let mut other = dice.once_in(5).then(|| browser.clone());
    if let Some(other) = &mut other {
        other.agent = if browser.agent == CLIENT { DESKTOP } else { CLIENT };
    }
    let cashier = at_the_cashier(browser, &page).await?;
    let second = match &mut other {
        Some(other) => {
            let page = other.opens(&path).await?;
            at_the_cashier(other, &page).await?
        }
        None => None,
    };
    if let Some(cashier) = cashier {
        tokio::time::sleep(Duration::from_millis(dice.roll(300) as u64)).await;
        page = browser.submits(&cashier).await?;
        sees(scene, &page);
    }
    if let (Some(other), Some(cashier)) = (&mut other, second) {
        sees(scene, &other.submits(&cashier).await?);
    }
    sees(scene, &browser.opens(&path).await?);
    Ok(())
}

/// Twice at once, as an impatient finger does: it is the same order.
async fn presses_again(scene: &Scene, browser: &Browser, form: &Form, key: &str) -> anyhow::Result<()> {
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (one, two) = tokio::join!(one.submits(form), two.submits(form));
    placed(scene, key, &one?);
    placed(scene, key, &two?);
    Ok(())
}

/// Where the order is, if this is the page of one.
fn placed(scene: &Scene, key: &str, page: &Page) -> Option<String> {
    if !page.status.is_success() || !page.has("main[data-payment]") {
        return None;
    }
    let number = number(page)?;
    scene.said.orders.lock().unwrap().entry(key.to_owned()).or_default().insert(number);
    Some(page.url.path().to_owned())
}

/// The form that pays, when there is one.
async fn at_the_cashier(browser: &mut Browser, order: &Page) -> anyhow::Result<Option<Form>> {
    if !order.has("#pay, #pc") {
        return Ok(None);
    }
    let cashier = browser.goes(Ask::get(order.link("#pay, #pc"))).await?;
    Ok(cashier.has("form.pay").then(|| cashier.form("form.pay")))
}

/// What she was told must be true.
fn sees(scene: &Scene, page: &Page) {
    if page.status.is_success() && page.has("main[data-payment=paid]") {
        scene.said.paid.lock().unwrap().extend(number(page));
    }
}

/// Of the order whose page it is.
fn number(page: &Page) -> Option<String> {
    let mut path = page.url.path_segments()?;
    path.find(|part| *part == "orders")?;
    path.next().map(str::to_owned)
}
