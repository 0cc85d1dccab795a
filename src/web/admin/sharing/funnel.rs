//! The bars of a funnel: whole numbers only, one row a step, and no row for what nobody can count.

use crate::sharing::funnel::Came;
use crate::web::words::Words;

/// Height of one step, in pixels: its words, and the bar below them.
const ROW: usize = 40;

pub struct Funnel {
    steps: Vec<(&'static str, i64)>,
    /// What was kept of the money of the orders in it.
    pub fen: i64,
}

/// One step as it is drawn.
pub struct Bar {
    /// Behind `word-step-` in the texts.
    pub name: &'static str,
    pub count: i64,
    pub y: usize,
    /// Where its words stand.
    pub words: usize,
    /// A share of the whole width.
    pub width: String,
}

impl Funnel {
    /// Of links alone.
    pub fn of_links(came: Came) -> Funnel {
        Funnel { steps: steps(came), fen: came.fen }
    }

    /// Of a product's card: how often Weibo read it and its page was opened is known too.
    pub fn of_card(calls: i64, views: i64, came: Came) -> Funnel {
        let mut all = steps(came);
        all.insert(0, ("calls", calls));
        all.insert(2, ("views", views));
        Funnel { steps: all, fen: came.fen }
    }

    pub fn height(&self) -> usize {
        ROW * self.steps.len()
    }

    pub fn bars(&self) -> Vec<Bar> {
        let most = self.steps.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let bar = |(row, (name, count)): (usize, &(&'static str, i64))| Bar {
            name,
            count: *count,
            y: row * ROW + 22,
            words: row * ROW + 16,
            width: percent((*count).max(0), most),
        };
        self.steps.iter().enumerate().map(bar).collect()
    }

    /// The whole in a sentence for those who do not see it.
    pub fn told(&self, words: &Words) -> String {
        let told =
            |(name, count): &(&str, i64)| format!("{} {count}", words.say(&format!("word-step-{name}")));
        self.steps.iter().map(told).collect::<Vec<_>>().join(" · ")
    }
}

fn steps(came: Came) -> Vec<(&'static str, i64)> {
    vec![("clicks", came.clicks), ("placed", came.placed), ("paid", came.paid), ("reposted", came.reposted)]
}

/// `42.5%` of `most`; `most` is above nothing.
fn percent(count: i64, most: i64) -> String {
    let thousandths = i128::from(count) * 1000 / i128::from(most);
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_that_nobody_can_count_is_left_out() {
        let came = Came { clicks: 8, placed: 3, paid: 2, fen: 500, reposted: 1 };
        let names = |funnel: &Funnel| funnel.bars().iter().map(|bar| bar.name).collect::<Vec<_>>();
        assert_eq!(names(&Funnel::of_links(came)), ["clicks", "placed", "paid", "reposted"]);
        let card = Funnel::of_card(4, 16, came);
        assert_eq!(names(&card), ["calls", "clicks", "views", "placed", "paid", "reposted"]);
        assert_eq!(card.bars()[1].width, "50.0%");
        assert_eq!(Funnel::of_links(Came::default()).bars()[0].width, "0.0%", "of nothing, nothing");
    }

    proptest! {
        #[test]
        fn no_bar_is_wider_than_the_drawing(clicks in any::<i64>(), placed in any::<i64>()) {
            let came = Came { clicks, placed, ..Came::default() };
            for bar in Funnel::of_links(came).bars() {
                let width: f64 = bar.width.trim_end_matches('%').parse().unwrap();
                prop_assert!((0.0..=100.0).contains(&width), "{}", bar.width);
            }
        }
    }
}
