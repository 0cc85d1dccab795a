//! `weipu doctor`: looks at everything that has to be right before a shop takes money, and says of each in one line
//! what is wrong and how to mend it. Nothing is changed, and nothing can be switched off by it.

mod database;
mod machine;
mod money;
mod vector;

pub use money::money;

use crate::app::App;
use crate::config::Config;
use crate::demo;
use crate::text::Language;
use crate::web::checks::{self, Finding};
use std::io::Write;

/// Looks at the shop of this configuration. Fails when anything is wrong, after it has told all.
pub async fn run(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let mut report = Report { out, wrong: 0 };
    let is_demo = demo::is_set_up(&config);
    if is_demo {
        report.tell(&good(
            "Shop",
            format!("the demo in {}, with the sandbox as Weibo", config.data_dir.display()),
        ))?;
    }
    report.tell_all(&machine::all(&config, is_demo))?;
    let captured = config.weibo.pay_vector.clone();
    let opened = if is_demo { demo::open(&config).await } else { App::assembled(config).await };
    match opened {
        Ok(app) => inside(&app, captured.as_deref(), &mut report).await?,
        Err(error) => report.tell(&bad("Settings", format!("{error:#}")))?,
    }
    report.end()
}

async fn inside<W: Write>(
    app: &App,
    captured: Option<&str>,
    report: &mut Report<'_, W>,
) -> anyhow::Result<()> {
    report.tell(&machine::pictures(&app.shop.files).await)?;
    let (findings, is_usable) = database::all(app).await;
    report.tell_all(&findings)?;
    if !is_usable {
        return report.tell(&bad("Weibo", "not looked at, for its keys are in the database".into()));
    }
    let terms = app.shop.current.look_again(&app.shop.db).await?;
    report.tell_all(&checks::all(&app.shop, Language::English, &terms).await?)?;
    match (captured, terms.weibo()) {
        (Some(captured), Ok(weibo)) => report.tell(&vector::verified(weibo, captured)),
        (Some(_), Err(_)) => {
            report.tell(&bad("Captured notice", "not verified: there are no keys yet".into()))
        }
        (None, _) => Ok(()),
    }
}

/// What was found, line by line.
struct Report<'a, W: Write> {
    out: &'a mut W,
    wrong: usize,
}

impl<W: Write> Report<'_, W> {
    fn tell(&mut self, finding: &Finding) -> anyhow::Result<()> {
        let mark = if finding.good { "ok   " } else { "WRONG" };
        self.wrong += usize::from(!finding.good);
        // One line each, whatever an error says.
        let words = finding.words.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(writeln!(self.out, "{mark} {}: {words}", finding.what)?)
    }

    fn tell_all(&mut self, findings: &[Finding]) -> anyhow::Result<()> {
        findings.iter().try_for_each(|finding| self.tell(finding))
    }

    fn end(self) -> anyhow::Result<()> {
        self.out.flush()?;
        match self.wrong {
            0 => Ok(()),
            1 => anyhow::bail!("one thing is wrong, see above"),
            wrong => anyhow::bail!("{wrong} things are wrong, see above"),
        }
    }
}

fn good(what: &str, words: String) -> Finding {
    Finding { what: what.into(), good: true, words }
}

fn bad(what: &str, words: String) -> Finding {
    Finding { what: what.into(), good: false, words }
}
