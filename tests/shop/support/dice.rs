//! Numbers that look random, the same for the same seed (Knuth's MMIX).

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64, whose: usize) -> Dice {
        let mut dice = Dice(seed ^ ((whose as u64) << 40));
        dice.roll(2);
        dice
    }

    /// From nothing up to `sides`, which is not among them.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}
