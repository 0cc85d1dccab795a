//! What a machine watches, in Prometheus' text format: how much of everything, nothing of anybody.

use super::Shop;
use crate::{jobs, payments};
use std::fmt::{Display, Write};

/// The states of refunds, so that each is told when there is none.
const STATES: [&str; 5] = ["begun", "unknown", "accepted", "succeeded", "failed"];

/// All figures as they are now; asked of the database, a few counts over indexes.
pub async fn told(shop: &Shop) -> anyhow::Result<String> {
    let now = shop.clock.now();
    let mut conn = shop.notices.reader().await?;
    let money = payments::figures(&mut conn).await?;
    let load = jobs::load(&mut conn, now).await?;
    drop(conn);
    let mut text = Exposition::default();
    text.gauge("weipu_money_breaches", "Invariants of the money that are broken now.", money.breaches);
    text.named("weipu_refunds", "Refunds by state.");
    for state in STATES {
        let count = money.refunds.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        text.sample("weipu_refunds", Some(("state", state)), count);
    }
    let help = "Open payment attempts of which Weibo has told nothing that can be trusted.";
    text.gauge("weipu_payments_unknown", help, money.unknown);
    let help = "Messages of Weibo's that are not believed and that nobody has seen to.";
    text.gauge("weipu_doubted_notices", help, money.doubted);
    text.gauge("weipu_jobs_waiting", "Jobs still to be done, due or not.", load.waiting);
    text.gauge("weipu_jobs_given_up", "Jobs that are not tried again by themselves.", load.given_up);
    let help = "For how long the oldest due job has been due; 0 when none is.";
    text.gauge("weipu_oldest_due_job_seconds", help, load.overdue.whole_seconds().max(0));
    let help = "Since the last check of the money; +Inf before the first.";
    let since = money.checked_at.map(|at| (now - at).whole_seconds().max(0).to_string());
    text.gauge("weipu_last_money_check_seconds", help, since.as_deref().unwrap_or("+Inf"));
    Ok(text.0)
}

/// Lines of the format, version 0.0.4.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// A gauge of one value.
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.named(name, help);
        self.sample(name, None, value);
    }

    fn named(&mut self, name: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl Display) {
        let _ = match label {
            Some((label, said)) => {
                let said = said.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                writeln!(self.0, "{name}{{{label}=\"{said}\"}} {value}")
            }
            None => writeln!(self.0, "{name} {value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Exposition;

    #[test]
    fn what_would_end_a_line_or_a_label_is_escaped() {
        let mut text = Exposition::default();
        text.named("a", "one\ntwo \\");
        text.sample("a", Some(("b", "\"\n\\")), 1);
        assert_eq!(text.0, "# HELP a one\\ntwo \\\\\n# TYPE a gauge\na{b=\"\\\"\\n\\\\\"} 1\n");
    }
}
