//! Slips of the finger. Two words that differ by few letters become the same when each loses as many: so words are
//! kept under what is left of them, and near ones are found by equality. (Shared trigrams would do for rare words
//! only: half of all pinyin shares `ong` and `ing`.)

use std::collections::BTreeSet;

/// Shorter words are taken as they are: everything is near to them.
const SHORTEST: usize = 4;
/// From so many letters on a word may have two slips.
const LONG: usize = 8;
/// Longer words are not corrected.
const LONGEST: usize = 20;

/// How many slips a word that somebody typed may have.
pub fn slips(typed: &str) -> usize {
    match typed.len() {
        _ if !typed.bytes().all(|b| b.is_ascii_lowercase()) => 0,
        SHORTEST..LONG => 1,
        LONG..=LONGEST => 2,
        _ => 0,
    }
}

/// Under what a word of the shop is kept.
pub fn kept_under(word: &str) -> Vec<i32> {
    if word.len() + 1 < SHORTEST || word.len() > LONGEST + 2 {
        return Vec::new();
    }
    // A word of six letters may be meant by one of eight.
    marks(word, if word.len() + 2 < LONG { 1 } else { 2 })
}

/// Under what the words are kept that may be meant by what was typed.
pub fn looked_for_under(typed: &str) -> Vec<i32> {
    marks(typed, slips(typed))
}

/// A mark for the word and for each way to leave out up to `most` of its letters.
fn marks(word: &str, most: usize) -> Vec<i32> {
    let mut left = BTreeSet::from([word.to_owned()]);
    let mut last = left.clone();
    for _ in 0..most {
        let shorter = |word: &String| {
            let word = word.clone();
            (0..word.len()).map(move |at| word[..at].to_owned() + &word[at + 1..])
        };
        last = last.iter().flat_map(shorter).collect();
        left.extend(last.iter().cloned());
    }
    left.iter().map(|word| mark(word)).collect()
}

/// FNV-1a: a number for a word. Two words may have the same one; [`apart`] tells them apart.
fn mark(word: &str) -> i32 {
    let hash = word.bytes().fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    hash.cast_signed()
}

/// How many slips lie between two words: letters left out, added, mistaken, or two in the wrong order.
pub fn apart(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let mistaken = row[j] + usize::from(a[i] != b[j]);
            let mut least = mistaken.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(typed: &str, word: &str) -> bool {
        let kept = kept_under(word);
        looked_for_under(typed).iter().any(|mark| kept.contains(mark)) && apart(typed, word) <= slips(typed)
    }

    #[test]
    fn near_words_meet_and_others_do_not() {
        for (typed, word) in [
            ("longjng", "longjing"),
            ("mooncke", "mooncake"),
            ("mugs", "mug"),
            ("teapto", "teapot"),
            ("choclate", "chocolate"),
            ("chocalote", "chocolate"),
            ("porcelian", "porcelain"),
        ] {
            assert!(meets(typed, word), "{typed} {word}");
        }
        for (typed, word) in
            [("tea", "ten"), ("mug", "rug"), ("longjng", "langjing"), ("mooncake", "monkey"), ("50gg", "50g")]
        {
            assert!(!meets(typed, word), "{typed} {word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn two_slips_in_a_long_word_are_always_found(
            word in "[a-z]{8,18}", slips in proptest::collection::vec((0..4_u8, 0..18_usize, "[a-z]"), 1..=2)
        ) {
            let mut typed = word.clone();
            for (how, at, letter) in slips {
                let at = at % typed.len();
                match how {
                    0 => drop(typed.remove(at)),
                    1 => typed.insert_str(at, &letter),
                    2 => typed.replace_range(at..=at, &letter),
                    _ => {
                        let letter = typed.remove(at);
                        typed.insert((at + 1).min(typed.len()), letter);
                    }
                }
            }
            // A letter may be moved by one that was moved before: then they are three slips apart.
            proptest::prop_assume!(typed.len() >= LONG && apart(&typed, &word) <= 2);
            proptest::prop_assert!(meets(&typed, &word), "{} {}", typed, word);
        }
    }
}
