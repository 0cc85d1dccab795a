//! The geometry of a row of bars, one for each day. Whole numbers only; the template draws it as SVG and the page's
//! styles colour it.

/// Height of the drawing in its own units; it is stretched to whatever space there is.
const HEIGHT: i64 = 1000;
/// Width of one column, and of the bar in it.
const COLUMN: i64 = 100;
const BAR: i64 = 72;

#[derive(Debug, PartialEq, Eq)]
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub height: i64,
}

#[derive(Debug)]
pub struct Bars {
    pub width: i64,
    pub columns: Vec<Bar>,
    /// The highest of them.
    pub most: i64,
}

impl Bars {
    pub fn of(values: &[i64]) -> Bars {
        let most = values.iter().copied().max().unwrap_or(0).max(0);
        let bar = |(value, n): (&i64, i64)| {
            // What is there is seen, however small beside the highest.
            let share = i128::from((*value).max(0)) * i128::from(HEIGHT) / i128::from(most.max(1));
            let least = if *value > 0 { HEIGHT / 40 } else { 0 };
            let height = i64::try_from(share).unwrap_or(HEIGHT).max(least);
            Bar { x: n * COLUMN + (COLUMN - BAR) / 2, y: HEIGHT - height, height }
        };
        let columns: Vec<Bar> = values.iter().zip(0..).map(bar).collect();
        let width = COLUMN * i64::try_from(columns.len().max(1)).unwrap_or(1);
        Bars { width, columns, most }
    }

    pub fn height(&self) -> i64 {
        HEIGHT
    }

    pub fn bar_width(&self) -> i64 {
        BAR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bar_is_as_high_as_its_share_of_the_highest() {
        let bars = Bars::of(&[0, 50, 100, 1]);
        let drawn: Vec<_> = bars.columns.iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(drawn, [(14, 1000, 0), (114, 500, 500), (214, 0, 1000), (314, 975, 25)]);
        assert_eq!((bars.width, bars.most), (400, 100));
        assert_eq!(Bars::of(&[]).width, COLUMN, "nothing is drawn in a drawing that has a size");
    }

    proptest! {
        #[test]
        fn every_bar_stands_on_the_ground_inside_the_drawing(values in proptest::collection::vec(any::<i64>(), 0..100)) {
            let bars = Bars::of(&values);
            prop_assert_eq!(bars.columns.len(), values.len());
            for (bar, value) in bars.columns.iter().zip(&values) {
                prop_assert!(bar.y >= 0 && bar.y + bar.height == HEIGHT && bar.x + BAR <= bars.width);
                prop_assert_eq!(bar.height > 0, *value > 0);
            }
        }
    }
}
