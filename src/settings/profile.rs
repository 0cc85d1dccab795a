//! How the shop presents itself. Pure.

use crate::text::Text;

/// What shoppers read about the shop. Everything but the name may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    pub name: Text,
    /// The name of its picture's files.
    pub logo: Option<String>,
    pub slogan: Text,
    /// Above the window, as long as it is not empty.
    pub announcement: Text,
    /// One line on each product's page.
    pub promises: Text,
    pub about: Text,
    /// Where buyers call.
    pub phone: String,
    pub weibo_name: String,
    pub wechat: String,
    /// Where goods are sent back to.
    pub return_address: String,
    /// The number that shops on the mainland must show (ICP 备案号).
    pub icp: String,
}

impl Profile {
    /// Whether somebody has named the shop.
    pub fn is_named(&self) -> bool {
        !self.name.zh.is_empty()
    }

    /// The shop's name; the product's own until it has one.
    pub fn shop_name(&self) -> Text {
        if self.is_named() { self.name.clone() } else { Text { zh: "微铺".into(), en: "Weipu".into() } }
    }

    /// Whether a buyer finds any way to reach the shop.
    pub fn has_contact(&self) -> bool {
        [&self.phone, &self.weibo_name, &self.wechat, &self.return_address].iter().any(|way| !way.is_empty())
    }

    /// Every text by the name of its input, to compare two profiles by.
    pub fn texts(&self) -> [(&'static str, &str); 15] {
        [
            ("shop_name_zh", &self.name.zh),
            ("shop_name_en", &self.name.en),
            ("slogan_zh", &self.slogan.zh),
            ("slogan_en", &self.slogan.en),
            ("announcement_zh", &self.announcement.zh),
            ("announcement_en", &self.announcement.en),
            ("promises_zh", &self.promises.zh),
            ("promises_en", &self.promises.en),
            ("about_zh", &self.about.zh),
            ("about_en", &self.about.en),
            ("service_phone", &self.phone),
            ("weibo_name", &self.weibo_name),
            ("wechat", &self.wechat),
            ("return_address", &self.return_address),
            ("icp", &self.icp),
        ]
    }
}
