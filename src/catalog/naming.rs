//! Addresses proposed from a name: Chinese in pinyin, everything else as far as an address may hold it.

use super::ids::Slug;
use crate::text::Text;
use pinyin::ToPinyin;

/// Some less than a slug may have: a number can follow.
const LONGEST: usize = 60;

/// An address made of a name, of the Chinese one first; `None` where nothing of it can stand in one.
pub fn propose(name: &Text) -> Option<Slug> {
    propose_from(&name.zh).or_else(|| propose_from(&name.en))
}

fn propose_from(name: &str) -> Option<Slug> {
    let mut words: Vec<String> = vec![String::new()];
    for c in name.chars() {
        let word = c.to_pinyin().map(|p| p.plain().replace('ü', "v"));
        match word {
            Some(word) => words.extend([word, String::new()]),
            None if c.is_ascii_alphanumeric() => {
                if let Some(last) = words.last_mut() {
                    last.push(c.to_ascii_lowercase());
                }
            }
            None => words.push(String::new()),
        }
    }
    let mut slug = String::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let dash = usize::from(!slug.is_empty());
        if slug.len() + dash + word.len() > LONGEST {
            if slug.is_empty() {
                slug = word.chars().take(LONGEST).collect();
            }
            break;
        }
        if dash == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    Slug::parse(&slug).ok()
}

/// `wanted`, or where it is taken the first free one of `wanted-2`, `wanted-3` and so on.
pub fn free(wanted: &Slug, taken: &[Slug]) -> Option<Slug> {
    let numbered = (2..10_000).filter_map(|n| Slug::parse(&format!("{wanted}-{n}")).ok());
    std::iter::once(wanted.clone()).chain(numbered).find(|slug| !taken.contains(slug))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proposed(name: &str) -> String {
        propose_from(name).map(|slug| slug.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_name_becomes_an_address() {
        assert_eq!(proposed("明前龙井 50g"), "ming-qian-long-jing-50g");
        assert_eq!(proposed("iPhone 手机壳（透明）"), "iphone-shou-ji-ke-tou-ming");
        assert_eq!(proposed("绿茶"), "lv-cha");
        assert_eq!(proposed("Wool  Socks!"), "wool-socks");
        assert_eq!(proposed("！？"), "");
        assert_eq!(proposed(&"a".repeat(90)), "a".repeat(60));
    }

    #[test]
    fn a_taken_one_is_numbered() {
        let taken = ["tea", "tea-2", "tea-4"].map(|s| Slug::parse(s).unwrap());
        assert_eq!(free(&taken[0], &taken).unwrap().as_str(), "tea-3");
        let other = Slug::parse("mug").unwrap();
        assert_eq!(free(&other, &taken), Some(other));
    }

    proptest! {
        #[test]
        fn whatever_the_name_an_address_leaves_room_for_a_number(name in ".{0,120}") {
            if let Some(slug) = propose_from(&name) {
                let numbered = format!("{slug}-9999");
                prop_assert!(Slug::parse(&numbered).is_ok());
            }
        }
    }
}
