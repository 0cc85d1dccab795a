//! What a person does at the forms and lists of the back office.

use super::Browser;
use anyhow::{Context, ensure};
use fantoccini::Locator;
use image::{DynamicImage, Rgb, RgbImage};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The addresses to which something can be sent from where one looks.
const SENDABLE: &str = "[...new Set([...document.forms].filter(it => it.method === 'post' \
    && [...it.elements].some(one => one.type === 'submit' && !one.matches(':disabled'))) \
    .map(it => new URL(it.action).pathname))].sort()";

/// Sends a form of hers as the page's own script could, with the token that the page gives her.
const POST: &str = r#"
const [path, fields, done] = arguments;
const token = document.querySelector("[name=token]").value;
fetch(path, { method: "POST", redirect: "manual", body: new URLSearchParams({ token, ...fields }) })
  .then(answer => done(answer.status), error => done(String(error)));
"#;

/// Reads what an address answers, in the session that the browser has.
const READ: &str = r"
const [path, done] = arguments;
fetch(path).then(answer => answer.text()).then(done, error => done(String(error)));
";

impl Browser {
    /// Writes it over what stands there.
    pub async fn fills(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.sees(css).await?.clear().await.with_context(|| format!("clearing {css}"))?;
        self.types(css, text).await
    }

    pub async fn fills_all(&self, fields: &[(&str, &str)]) -> anyhow::Result<()> {
        for (name, text) in fields {
            self.fills(&format!("[name={name}]"), text).await?;
        }
        Ok(())
    }

    /// Fills the inputs whose names begin so, one after the other.
    pub async fn fills_down(&self, begin: &str, texts: &[impl AsRef<str>]) -> anyhow::Result<()> {
        let fields = self.client.find_all(Locator::Css(&format!("input[name^='{begin}']"))).await?;
        ensure!(fields.len() == texts.len(), "{} fields {begin}, {} texts", fields.len(), texts.len());
        for (field, text) in fields.iter().zip(texts) {
            field.clear().await?;
            field.send_keys(text.as_ref()).await?;
        }
        Ok(())
    }

    /// What stands in the inputs whose names begin so.
    pub async fn values(&self, begin: &str) -> anyhow::Result<Vec<String>> {
        let mut values = Vec::new();
        for field in self.client.find_all(Locator::Css(&format!("input[name^='{begin}']"))).await? {
            values.push(field.prop("value").await?.unwrap_or_default());
        }
        Ok(values)
    }

    /// The option of a list with this value.
    pub async fn picks(&self, css: &str, value: &str) -> anyhow::Result<()> {
        let picked = self.sees(css).await?.select_by_value(value).await;
        picked.with_context(|| format!("{value} in {css}"))
    }

    /// The option of a list that reads so, whatever stands around it.
    pub async fn picks_named(&self, css: &str, name: &str) -> anyhow::Result<()> {
        let option = format!(
            "[...document.querySelectorAll('{css} option')].find(it => it.textContent.includes('{name}')).value"
        );
        let value = self.value_of(&option).await?;
        self.picks(css, value.as_str().with_context(|| format!("no {name} in {css}"))?).await
    }

    /// Chooses files as one does in the window that opens.
    pub async fn attaches(&self, css: &str, files: &[PathBuf]) -> anyhow::Result<()> {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let input = self.client.find(Locator::Css(css)).await?;
        input.send_keys(&paths.join("\n")).await.with_context(|| format!("files for {css}"))
    }

    /// Ticks a row of a list, counted from 1, where the bar below the list does not lie over it.
    pub async fn ticks(&self, list: &str, row: usize) -> anyhow::Result<()> {
        let tick = format!("{list} tbody tr:nth-child({row}) .tick");
        self.client
            .execute(
                &format!("document.querySelector('{tick}').scrollIntoView({{ block: 'center' }})"),
                vec![],
            )
            .await?;
        self.clicks(&format!("{tick} label")).await
    }

    /// Clicks, and the next page says that it is done; this one may have said so of the step before.
    pub async fn is_told_after(&self, css: &str) -> anyhow::Result<()> {
        self.client.execute("document.body.dataset.before = ''", vec![]).await?;
        self.clicks(css).await?;
        self.sees("body:not([data-before]) p.said").await.map(|_| ())
    }

    pub async fn sendable(&self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_value(self.value_of(SENDABLE).await?)?)
    }

    /// The status that a form gets, sent by hand.
    pub async fn posts(&self, path: &str, fields: Value) -> anyhow::Result<Value> {
        Ok(self.client.execute_async(POST, vec![json!(path), fields]).await?)
    }

    pub async fn reads(&self, path: &str) -> anyhow::Result<String> {
        let text = self.client.execute_async(READ, vec![json!(path)]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }
}

/// A picture of one colour, as PNG or JPEG by its name.
pub fn picture(folder: &Path, name: &str, colour: [u8; 3]) -> anyhow::Result<PathBuf> {
    let file = folder.join(name);
    let drawn = DynamicImage::from(RgbImage::from_pixel(900, 900, Rgb(colour)));
    drawn.save(&file)?;
    Ok(file)
}
