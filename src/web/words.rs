//! Every text that a reader sees, in her language.

use crate::text::Language;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

static_loader! {
    static TEXTS = {
        locales: "./src/web/texts",
        fallback_language: "zh-CN",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static CHINESE: LazyLock<LanguageIdentifier> = LazyLock::new(|| "zh-CN".parse().unwrap_or_default());
static ENGLISH: LazyLock<LanguageIdentifier> = LazyLock::new(|| "en".parse().unwrap_or_default());

/// Speaks one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    /// The text of this key. A key that no catalog has comes back as it is: a test finds those.
    pub fn say(self, key: &str) -> String {
        TEXTS.try_lookup(self.id(), key).unwrap_or_else(|| key.to_owned())
    }

    /// As [`Words::say`], with one value put in.
    pub fn say_with(self, key: &str, name: &'static str, value: impl Display) -> String {
        let args = HashMap::from([(Cow::Borrowed(name), FluentValue::from(value.to_string()))]);
        TEXTS.try_lookup_with_args(self.id(), key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// The same with several.
    pub fn say_of(self, key: &str, values: &[(&'static str, String)]) -> String {
        let values =
            values.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.clone())));
        let args: HashMap<_, _> = values.collect();
        TEXTS.try_lookup_with_args(self.id(), key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// The address of one of the shop's paths in this language.
    pub fn path(self, path: &str) -> String {
        match self.0 {
            Language::Chinese => path.to_owned(),
            Language::English => format!("/en{path}"),
        }
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self.0 {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }
}
