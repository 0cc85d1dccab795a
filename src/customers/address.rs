//! Where a parcel goes, and what is wrong with a text that somebody typed.

/// A recipient that a courier can find. Made by [`AddressForm::read`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub recipient: String,
    pub phone: String,
    pub province: String,
    pub city: String,
    /// Empty for the cities that have no districts.
    pub district: String,
    pub street: String,
}

/// The same, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressForm {
    pub recipient: String,
    pub phone: String,
    pub province: String,
    pub city: String,
    pub district: String,
    pub street: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Recipient,
    Phone,
    Province,
    City,
    District,
    Street,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    TooLong {
        most: usize,
    },
    /// A character that cannot be printed on a parcel, such as NUL.
    Unprintable,
    NotAPhone,
}

impl AddressForm {
    /// Every field that is wrong, not only the first.
    pub fn read(&self) -> Result<Address, Vec<(Field, Wrong)>> {
        let mut wrong = Vec::new();
        let mut take = |field, read: Result<String, Wrong>| {
            read.unwrap_or_else(|w| {
                wrong.push((field, w));
                String::new()
            })
        };
        let address = Address {
            recipient: take(Field::Recipient, line(&self.recipient, 40).and_then(present)),
            phone: take(Field::Phone, phone(&self.phone)),
            province: take(Field::Province, line(&self.province, 40).and_then(present)),
            city: take(Field::City, line(&self.city, 40).and_then(present)),
            district: take(Field::District, line(&self.district, 40)),
            street: take(Field::Street, line(&self.street, 200).and_then(present)),
        };
        if wrong.is_empty() { Ok(address) } else { Err(wrong) }
    }
}

impl Address {
    /// `浙江省 杭州市 西湖区 龙井路 1 号`, on one line.
    pub fn place(&self) -> String {
        [&self.province, &self.city, &self.district, &self.street]
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// `林**`: enough for its owner to know it again.
    pub fn masked_recipient(&self) -> String {
        self.recipient.chars().take(1).chain(['*', '*']).collect()
    }

    /// `138****6620`.
    pub fn masked_phone(&self) -> String {
        let digits: Vec<char> = self.phone.chars().collect();
        let tail = digits.len().saturating_sub(4);
        digits[..tail.min(3)].iter().chain(&['*'; 4]).chain(&digits[tail..]).collect()
    }
}

/// One line of text: trimmed, no control characters, at most `most` characters. May be empty.
pub fn line(text: &str, most: usize) -> Result<String, Wrong> {
    let text = text.trim();
    if text.chars().any(char::is_control) { Err(Wrong::Unprintable) } else { short(text, most) }
}

/// As [`line`], but may have several lines.
pub fn paragraph(text: &str, most: usize) -> Result<String, Wrong> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Wrong::Unprintable);
    }
    short(&text, most)
}

fn short(text: &str, most: usize) -> Result<String, Wrong> {
    if text.chars().count() > most { Err(Wrong::TooLong { most }) } else { Ok(text.to_owned()) }
}

fn present(text: String) -> Result<String, Wrong> {
    if text.is_empty() { Err(Wrong::Missing) } else { Ok(text) }
}

/// A mobile or fixed number, here or abroad: 7 to 15 digits, written with blanks, hyphens, a plus, or
/// full-width digits as a Chinese keyboard makes them.
fn phone(text: &str) -> Result<String, Wrong> {
    let text = line(text, 40).and_then(present)?;
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '０'..='９' => digits.extend(char::from_digit(u32::from(c) - u32::from('０'), 10)),
            '+' | '＋' if digits.is_empty() => digits.push('+'),
            ' ' | '-' | '－' | '(' | ')' | '　' => {}
            _ => return Err(Wrong::NotAPhone),
        }
    }
    let count = digits.trim_start_matches('+').len();
    if (7..=15).contains(&count) { Ok(digits) } else { Err(Wrong::NotAPhone) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form() -> AddressForm {
        AddressForm {
            recipient: " 林阿梨 ".into(),
            phone: "138 0013 8000".into(),
            province: "浙江省".into(),
            city: "杭州市".into(),
            district: "西湖区".into(),
            street: "龙井路 1 号".into(),
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let form = AddressForm { recipient: "a\0b".into(), street: "长".repeat(201), ..Default::default() };
        let wrong = form.read().unwrap_err();
        assert_eq!(
            wrong,
            [
                (Field::Recipient, Wrong::Unprintable),
                (Field::Phone, Wrong::Missing),
                (Field::Province, Wrong::Missing),
                (Field::City, Wrong::Missing),
                (Field::Street, Wrong::TooLong { most: 200 }),
            ]
        );
    }

    #[test]
    fn names_of_people_are_taken_as_they_are() {
        for name in ["Zoë 🍊", "محمد", "O'Brien <b>", "欧阳"] {
            let address = AddressForm { recipient: name.into(), ..form() }.read().unwrap();
            assert_eq!(address.recipient, name);
        }
        let no_district = AddressForm { district: String::new(), ..form() }.read().unwrap();
        assert_eq!(no_district.place(), "浙江省 杭州市 龙井路 1 号");
    }

    #[test]
    fn phones_are_read_as_people_write_them() {
        for (typed, kept) in
            [("+86 138-0013-8000", "+8613800138000"), ("０５７１ ８８８８ ８８８８", "057188888888")]
        {
            assert_eq!(phone(typed).unwrap(), kept);
        }
        for bad in ["123", "phone", "1380013800013800", "138+00138000"] {
            assert_eq!(phone(bad), Err(Wrong::NotAPhone), "{bad}");
        }
        assert_eq!(form().read().unwrap().masked_phone(), "138****8000");
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_kept_by_postgres(text in ".*") {
            if let Ok(kept) = line(&text, 40) {
                prop_assert!(!kept.contains('\0') && kept.chars().count() <= 40);
            }
            let _ = phone(&text);
        }
    }
}
