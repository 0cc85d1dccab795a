//! Somebody of the staff in front of the back office.

use super::{Browser, Shop};
use anyhow::{Context, ensure};
use data_encoding::BASE32_NOPAD;
use fantoccini::cookies::Cookie;
use std::time::{Duration, SystemTime};
use totp_rs::Builder;

pub const NAME: &str = "阿山";
pub const PASSWORD: &str = "三只小猪在山里卖春茶";

impl Browser {
    /// The owner, at the first page of the back office. Whoever comes first makes her account by the link that the
    /// shop has printed and enrols; the others sit down in the same session, for a code works once in thirty seconds.
    pub async fn is_the_owner(&self, shop: &Shop) -> anyhow::Result<()> {
        let session = shop.owner.get_or_try_init(|| self.becomes_the_owner(shop)).await?;
        self.goes_to(&shop.at("/admin/sign-in")).await?;
        self.client.add_cookie(session.clone()).await?;
        self.goes_to(&shop.at("/admin")).await?;
        self.sees(".rail").await?;
        let address = self.address().await?;
        ensure!(address == shop.at("/admin"), "signed in and at {address}");
        Ok(())
    }

    async fn becomes_the_owner(&self, shop: &Shop) -> anyhow::Result<Cookie<'static>> {
        self.knocks(&shop.welcome).await?;
        let code = self.finds_an_authenticator().await?.code().await?;
        self.types("input[name=code]", &code).await?;
        self.clicks("main form button").await?;
        self.sees("ol.codes").await?;
        Ok(self.client.get_named_cookie("weipu").await?)
    }

    /// Gives her name and password, and is asked for a code. All browsers here have one address: when many knock at
    /// once, she is asked to wait a moment.
    pub async fn knocks(&self, door: &str) -> anyhow::Result<()> {
        const LET_IN: &str = "document.querySelector('input[name=code]') !== null";
        for _ in 0..10 {
            self.goes_to(door).await?;
            self.gives(NAME, PASSWORD).await?;
            self.until(&format!("{LET_IN} || document.body.textContent.includes('请等')")).await?;
            if self.value_of(LET_IN).await? == true {
                return Ok(());
            }
        }
        self.sees("input[name=code]").await.map(|_| ())
    }

    /// At a door.
    pub async fn gives(&self, name: &str, password: &str) -> anyhow::Result<()> {
        self.fills("input[name=name]", name).await?;
        self.fills("input[name=password]", password).await?;
        self.clicks("main.door form button").await
    }

    /// Takes the letters on the page of enrolment into an authenticator.
    pub async fn finds_an_authenticator(&self) -> anyhow::Result<Authenticator> {
        let letters = self.text("code.letters").await?.replace(' ', "");
        let secret = BASE32_NOPAD.decode(letters.as_bytes())?;
        let secret =
            secret.try_into().map_err(|_| anyhow::anyhow!("a secret has twenty bytes: {letters}"))?;
        Ok(Authenticator { secret, used: 0 })
    }
}

/// An authenticator, and the last step whose code it has shown.
pub struct Authenticator {
    secret: [u8; 20],
    used: u64,
}

impl Authenticator {
    /// A code that has not been shown yet. The shop takes that of the next thirty seconds as well; then one waits.
    pub async fn code(&mut self) -> anyhow::Result<String> {
        self.used = next_step(self.used).await?;
        let made = Builder::new().with_secret(self.secret).build();
        let made = made.map_err(|error| anyhow::anyhow!("{error}")).context("an authenticator")?;
        Ok(made.generate(self.used * 30).to_string())
    }
}

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
pub fn seconds() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs())
}
