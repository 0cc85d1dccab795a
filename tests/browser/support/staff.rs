//! Somebody of the staff in front of the back office.

use super::{Browser, Shop};
use anyhow::{Context, ensure};
use data_encoding::BASE32_NOPAD;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use totp_rs::Builder;

const NAME: &str = "阿山";
const PASSWORD: &str = "三只小猪在山里卖春茶";

/// The owner's authenticator, once she has one: its secret, and the last step whose code was used. One at a time: her
/// link works once, and so does a code.
static OWNER: Mutex<Option<(Vec<u8>, u64)>> = Mutex::const_new(None);

impl Browser {
    /// The owner, at the first page of the back office. Whoever comes first makes her account by the link that the
    /// shop has printed and enrols; the others sign in.
    pub async fn is_the_owner(&self, shop: &Shop) -> anyhow::Result<()> {
        let mut owner = OWNER.lock().await;
        let door = if owner.is_some() { shop.at("/admin/sign-in") } else { shop.welcome.clone() };
        self.knocks(&door).await?;
        let (secret, used) = match owner.take() {
            Some(known) => known,
            None => (BASE32_NOPAD.decode(self.text("code.letters").await?.replace(' ', "").as_bytes())?, 0),
        };
        let step = next_step(used).await?;
        self.types("input[name=code]", &code_of(&secret, step)?).await?;
        self.clicks("main form button").await?;
        *owner = Some((secret, step));
        self.sees("h1").await?;
        self.goes_to(&shop.at("/admin")).await?;
        self.sees(".rail").await?;
        let address = self.address().await?;
        ensure!(address == shop.at("/admin"), "signed in and at {address}");
        Ok(())
    }

    /// Gives her name and password, and is asked for a code.
    pub async fn knocks(&self, door: &str) -> anyhow::Result<()> {
        self.goes_to(door).await?;
        self.types("input[name=name]", NAME).await?;
        self.types("input[name=password]", PASSWORD).await?;
        self.clicks("main form button").await?;
        self.sees("input[name=code]").await.map(|_| ())
    }
}

/// What an authenticator shows in this step of thirty seconds.
fn code_of(secret: &[u8], step: u64) -> anyhow::Result<String> {
    let secret: [u8; 20] = secret.try_into().context("a secret has twenty bytes")?;
    let made = Builder::new().with_secret(secret).build().map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(made.generate(step * 30).to_string())
}

/// A step whose code has not been used; the shop takes the next one as well, and then one waits.
async fn next_step(used: u64) -> anyhow::Result<u64> {
    loop {
        let step = seconds()? / 30;
        let next = step.max(used + 1);
        if next <= step + 1 {
            return Ok(next);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the shop under test has a clock of its own, the machine's")]
fn seconds() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs())
}
