//! Pictures of the pages for people to look at, in the folder that `WEIPU_SHOTS` names; without it, none.

use super::Browser;
use anyhow::Context;
use std::path::PathBuf;

impl Browser {
    /// Keeps what is on the screen as `<device>-<name>.png`.
    pub async fn keeps(&self, name: &str) -> anyhow::Result<()> {
        let Some(folder) = std::env::var_os("WEIPU_SHOTS").map(PathBuf::from) else { return Ok(()) };
        // A lazy picture that comes into view is waited for.
        self.until("[...document.images].every(it => it.complete || it.loading === 'lazy')").await?;
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}-{name}.png", self.device.name));
        std::fs::write(&file, self.screenshot().await?).with_context(|| file.display().to_string())
    }
}
