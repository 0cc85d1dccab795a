//! The geometry of a chart: a line of money over days, and beside it, on a scale of its own, a count. Whole numbers
//! only; the template draws it as SVG and the page's styles colour it.

use crate::figures::grouped;

/// Height of the drawing in its own units; it is stretched to whatever space there is.
const HEIGHT: u128 = 1000;
/// Width of one column.
const COLUMN: u128 = 100;
/// At most so many lines above the ground.
const LINES: u128 = 4;
/// The drawing as it stands in the page: where it begins and how high it is, in pixels.
const TOP: u128 = 24;
const PIXELS: u128 = 168;
/// Beside it the words of the lines have this much of the width to themselves, in thousandths.
const MARGIN: u128 = 60;

/// What happened in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub fen: i64,
    pub count: i64,
}

/// A line across the chart with what it stands for on either scale.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// In the page's pixels.
    pub y: u128,
    /// Whole yuan, grouped.
    pub yuan: String,
    pub count: String,
}

/// Where a column is.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub left: u128,
    /// Its middle, as a share of the width: `7.1%`.
    pub middle: String,
}

#[derive(Debug)]
pub struct Chart {
    pub width: u128,
    pub lines: Vec<Line>,
    pub columns: Vec<Column>,
    /// The money as points of a polyline, and as a path down to the ground.
    pub money: String,
    pub area: String,
    pub counts: String,
    /// The last point of the money.
    pub last: (u128, u128),
}

impl Chart {
    pub fn of(points: &[Point]) -> Chart {
        let most = |of: fn(&Point) -> i64| points.iter().map(|point| above(of(point))).max().unwrap_or(0);
        // Money in whole yuan.
        let (step, lines) = scale(most(|point| point.fen), LINES, 100);
        let count_step = nice(most(|point| point.count).div_ceil(lines).max(1));
        let money = polyline(points.iter().map(|point| point.fen), step * lines);
        let (first_x, last) = (COLUMN / 2, money.last().copied().unwrap_or((COLUMN / 2, HEIGHT)));
        let width = COLUMN * u128::try_from(points.len().max(1)).unwrap_or(1);
        Chart {
            width,
            lines: (0..=lines)
                .map(|n| Line {
                    y: TOP + PIXELS - PIXELS * n / lines,
                    yuan: grouped(step * n / 100),
                    count: grouped(count_step * n),
                })
                .collect(),
            columns: (0..width / COLUMN)
                .map(|n| {
                    let inside = (1000 - 2 * MARGIN) * (2 * n + 1) / (2 * (width / COLUMN));
                    Column { left: n * COLUMN, middle: percent(MARGIN + inside) }
                })
                .collect(),
            area: format!("M{first_x},{HEIGHT} {} L{},{HEIGHT}Z", joined(&money, "L"), last.0),
            counts: joined(&polyline(points.iter().map(|point| point.count), count_step * lines), ""),
            money: joined(&money, ""),
            last,
        }
    }

    pub fn height(&self) -> u128 {
        HEIGHT
    }

    pub fn column_width(&self) -> u128 {
        COLUMN
    }

    pub fn top(&self) -> u128 {
        TOP
    }

    pub fn pixels(&self) -> u128 {
        PIXELS
    }

    pub fn margin(&self) -> String {
        percent(MARGIN)
    }

    /// The share of the width that is drawn on.
    pub fn inside(&self) -> String {
        percent(1000 - 2 * MARGIN)
    }
}

impl Line {
    /// Where its words stand: a little above it.
    pub fn words(&self) -> u128 {
        self.y - 5
    }
}

/// `7.1%` for 71 thousandths.
fn percent(thousandths: u128) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// The step between two lines and how many there are above the ground, so that the highest covers `most`.
fn scale(most: u128, lines: u128, least: u128) -> (u128, u128) {
    let step = nice(most.div_ceil(lines).max(least));
    (step, most.div_ceil(step).max(1))
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that is not below `least`.
fn nice(least: u128) -> u128 {
    let mut ten = 1;
    loop {
        for step in [ten, 2 * ten, 5 * ten] {
            if step >= least {
                return step;
            }
        }
        ten *= 10;
    }
}

/// What is below nothing lies on the ground.
fn above(value: i64) -> u128 {
    u128::from(value.max(0).unsigned_abs())
}

fn polyline(values: impl Iterator<Item = i64>, top: u128) -> Vec<(u128, u128)> {
    let y = |value: i64| HEIGHT - above(value) * HEIGHT / top;
    values.zip(0..).map(|(value, n)| (n * COLUMN + COLUMN / 2, y(value))).collect()
}

fn joined(points: &[(u128, u128)], before: &str) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{before}{x},{y}")).collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(fen: &[i64]) -> Vec<Point> {
        fen.iter().map(|fen| Point { fen: *fen, count: fen / 100 }).collect()
    }

    fn yuan(chart: &Chart) -> Vec<&str> {
        chart.lines.iter().map(|line| line.yuan.as_str()).collect()
    }

    #[test]
    fn lines_stand_at_numbers_that_people_count_in() {
        assert_eq!(yuan(&Chart::of(&points(&[648_200, 100]))), ["0", "2,000", "4,000", "6,000", "8,000"]);
        assert_eq!(yuan(&Chart::of(&points(&[20_000]))), ["0", "50", "100", "150", "200"]);
        assert_eq!(yuan(&Chart::of(&points(&[0, 0, 0]))), ["0", "1"], "a quiet week has a ground and a line");
        assert_eq!(yuan(&Chart::of(&[])), ["0", "1"]);
    }

    #[test]
    fn points_lie_where_their_values_are() {
        let chart = Chart::of(&points(&[0, 10_000, 20_000]));
        assert_eq!(chart.money, "50,1000 150,500 250,0");
        assert_eq!(chart.area, "M50,1000 L50,1000 L150,500 L250,0 L250,1000Z");
        assert_eq!((chart.width, chart.last), (300, (250, 0)));
        let middles: Vec<&str> = chart.columns.iter().map(|column| column.middle.as_str()).collect();
        assert_eq!(middles, ["20.6%", "50.0%", "79.3%"]);
    }

    proptest! {
        #[test]
        fn everything_is_drawn_inside_and_below_the_highest_line(
            values in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..40),
        ) {
            let points: Vec<Point> = values.iter().map(|(fen, count)| Point { fen: *fen, count: *count }).collect();
            let chart = Chart::of(&points);
            prop_assert!((2..=LINES + 1).contains(&u128::try_from(chart.lines.len()).unwrap()));
            prop_assert_eq!((chart.lines[0].y, chart.lines.last().unwrap().y), (TOP + PIXELS, TOP));
            for line in [&chart.money, &chart.counts] {
                prop_assert_eq!(line.split(' ').filter(|point| !point.is_empty()).count(), points.len());
                for point in line.split(' ').filter(|point| !point.is_empty()) {
                    let (x, y) = point.split_once(',').unwrap();
                    prop_assert!((0..=chart.width).contains(&x.parse().unwrap()), "{}", point);
                    prop_assert!((0..=HEIGHT).contains(&y.parse().unwrap()), "{}", point);
                }
            }
            let plain = |text: &str| text.replace(',', "").parse::<u128>().unwrap();
            let top = chart.lines.last().unwrap();
            prop_assert!(points.iter().all(|point| above(point.fen) <= plain(&top.yuan) * 100));
            prop_assert!(points.iter().all(|point| above(point.count) <= plain(&top.count)));
        }

        #[test]
        fn a_step_is_nice_and_not_too_large(least in 1..=above(i64::MAX)) {
            let step = nice(least);
            prop_assert!(step >= least && 2 * step <= 5 * least, "{} for {}", step, least);
            let digits = step.to_string();
            prop_assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')));
        }
    }
}
