//! What a text can be found by: Chinese characters and pairs of them, their pinyin and its first letters, latin
//! words with their beginnings. The same reading of a text is used for goods and for what somebody asks.

use pinyin::ToPinyin;
use std::collections::BTreeSet;

/// Latin words are also found by their beginnings from so many letters on.
const SHORTEST_BEGINNING: usize = 3;
/// First letters are found in groups of up to so many characters, and syllables of up to so many.
const MOST_LETTERS: usize = 6;
const MOST_SYLLABLES: usize = 4;
/// A longer run of letters is no word that anybody types.
const LONGEST: usize = 40;

/// Characters that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    Chinese(Vec<char>),
    /// Letters only, or digits only.
    Word(String),
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Chinese,
    Letter,
    Digit,
    Other,
}

/// Small letters, half-width, `ü` as keyboards write it.
pub fn fold(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        'ü' | 'Ü' => 'v',
        c => c,
    };
    text.chars().map(half).flat_map(char::to_lowercase).collect()
}

fn kind(c: char) -> Kind {
    match c {
        '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{ac00}'..='\u{d7af}' => Kind::Chinese,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Other,
    }
}

/// The runs of a folded text: `龙井50g` is `龙井`, `50`, `g`.
pub fn runs(folded: &str) -> Vec<Run> {
    let chars: Vec<char> = folded.chars().collect();
    let alike = chars.chunk_by(|a, b| kind(*a) == kind(*b));
    let run = |run: &[char]| match kind(*run.first()?) {
        Kind::Other => None,
        Kind::Chinese => Some(Run::Chinese(run.to_vec())),
        Kind::Letter | Kind::Digit => Some(Run::Word(run.iter().take(LONGEST).collect())),
    };
    alike.filter_map(run).collect()
}

/// Everything that a name can be found by: also its pinyin and the first letters of that.
pub fn of_name(text: &str) -> BTreeSet<String> {
    let mut found = of_text(text);
    for run in runs(&fold(text)) {
        if let Run::Chinese(chars) = run {
            // A character without a reading parts the sound before it from the one behind.
            for heard in chars.split(|c| c.to_pinyin().is_none()) {
                add_sounds(&syllables(heard), &mut found);
            }
        }
    }
    found
}

/// Everything that a text can be found by as it is written.
pub fn of_text(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in runs(&fold(text)) {
        match run {
            Run::Chinese(chars) => {
                found.extend(chars.iter().map(char::to_string));
                found.extend(pairs(&chars));
            }
            Run::Word(word) => {
                let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
                found.extend(ends.skip(SHORTEST_BEGINNING - 1).map(|end| word[..end].to_owned()));
                found.insert(word);
            }
        }
    }
    found
}

/// As [`of_text`] for a long text: neither single characters nor beginnings, which would find nearly everything.
pub fn of_long_text(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in runs(&fold(text)) {
        match run {
            Run::Chinese(chars) => found.extend(pairs(&chars)),
            Run::Word(word) => drop(found.insert(word)),
        }
    }
    found
}

/// The latin words of a text, and its Chinese words of two characters by their sound: what a slip of the finger
/// is compared with.
pub fn spelled(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in runs(&fold(text)) {
        match run {
            Run::Chinese(chars) => found.extend(syllables(&chars).windows(2).map(<[String]>::concat)),
            Run::Word(word) if word.bytes().all(|b| b.is_ascii_lowercase()) => drop(found.insert(word)),
            Run::Word(_) => {}
        }
    }
    found
}

/// What a run that somebody asks for is looked up by: all of it must be there.
pub fn asked(run: &Run) -> Vec<String> {
    match run {
        Run::Chinese(chars) if chars.len() == 1 => chars.iter().map(char::to_string).collect(),
        Run::Chinese(chars) => pairs(chars).collect(),
        Run::Word(word) => vec![word.clone()],
    }
}

fn pairs(chars: &[char]) -> impl Iterator<Item = String> {
    chars.windows(2).map(|pair| pair.iter().collect())
}

fn syllables(chars: &[char]) -> Vec<String> {
    chars.iter().filter_map(|c| Some(c.to_pinyin()?.plain().replace('ü', "v"))).collect()
}

/// Syllables as they are typed, in groups, and their first letters in groups.
fn add_sounds(syllables: &[String], found: &mut BTreeSet<String>) {
    let letters: Vec<&str> = syllables.iter().filter_map(|s| s.get(..1)).collect();
    for from in 0..syllables.len() {
        let left = syllables.len() - from;
        for many in (1..=left.min(MOST_SYLLABLES)).chain([left]) {
            found.insert(syllables[from..from + many].concat());
        }
        for many in (2..=left.min(MOST_LETTERS)).chain((left > MOST_LETTERS).then_some(left)) {
            found.insert(letters[from..from + many].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_what_people_type() {
        let found = of_name("明前龙井 50g｜Ｌｏｎｇｊｉｎｇ Tea");
        for typed in [
            "龙",
            "龙井",
            "前龙",
            "lj",
            "mqlj",
            "qlj",
            "longjing",
            "mingqianlongjing",
            "jing",
            "50",
            "g",
            "tea",
            "lon",
            "longj",
        ] {
            assert!(found.contains(typed), "{typed}: {found:?}");
        }
        for other in ["井5", "jl", "lo", "明龙", "ml"] {
            assert!(!found.contains(other), "{other}");
        }
        assert!(of_name("绿茶").contains("lvcha"));
    }

    #[test]
    fn what_is_asked_is_cut_as_names_are() {
        let asked: Vec<String> = runs(&fold("龙井茶５０Ｇ　杯")).iter().flat_map(asked).collect();
        assert_eq!(asked, ["龙井", "井茶", "50", "g", "杯"]);
        assert_eq!(runs(&fold("!!! \0 \u{1f375}，。")), []);
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let found = [of_name(&text), of_text(&text), of_long_text(&text), spelled(&text)].concat_all();
            proptest::prop_assert!(found.iter().all(|w| !w.is_empty() && !w.contains([' ', '\0', '\n'])));
        }
    }

    trait ConcatAll {
        fn concat_all(self) -> Vec<String>;
    }

    impl ConcatAll for [BTreeSet<String>; 4] {
        fn concat_all(self) -> Vec<String> {
            self.into_iter().flatten().collect()
        }
    }
}
