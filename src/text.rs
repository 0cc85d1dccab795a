//! The two languages of the shop, and a text that is there in both.

/// zh-CN first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// As the `lang` attribute and the catalogs write it.
    pub fn code(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The language of this code; Chinese for any that is not known.
    pub fn of_code(code: &str) -> Language {
        if code == Language::English.code() { Language::English } else { Language::Chinese }
    }
}

/// `10000+`: a number as it stands on a page that was counted up to one more than `most`.
pub fn counted(count: i64, most: i64) -> String {
    if count > most { format!("{most}+") } else { count.to_string() }
}

/// A text of the merchant's, side by side in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    pub zh: String,
    /// Empty where the merchant wrote none.
    pub en: String,
}

impl Text {
    /// The text in `language`; the Chinese one where there is no English.
    pub fn in_language(&self, language: Language) -> &str {
        if language == Language::English && !self.en.is_empty() { &self.en } else { &self.zh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_to_its_end_is_told_so() {
        assert_eq!([0, 200, 201].map(|count| counted(count, 200)), ["0", "200", "200+"]);
    }
}
