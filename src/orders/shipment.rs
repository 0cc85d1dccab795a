//! A parcel: who carries it, and the number by which it is found. No database, no clock, no network.

use crate::actor::Actor;
use crate::customers::line;
use crate::text::Language;
use std::fmt;
use time::OffsetDateTime;

/// Who carries parcels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Courier {
    Sf,
    Zto,
    Yto,
    Sto,
    Yunda,
    Jt,
    Jd,
    Ems,
    Deppon,
    /// One that the shop has no name for, by its own.
    Other(String),
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongShipment {
    #[error("no such courier")]
    Courier,
    #[error("the other courier has no name of 1 to 20 characters")]
    CourierName,
    #[error("not 6 to 40 letters and digits")]
    Tracking,
}

impl Courier {
    /// Those with a name of their own, the most used first.
    pub const NAMED: [Courier; 9] = [
        Courier::Sf,
        Courier::Zto,
        Courier::Yto,
        Courier::Sto,
        Courier::Yunda,
        Courier::Jt,
        Courier::Jd,
        Courier::Ems,
        Courier::Deppon,
    ];

    /// `name` counts for the other courier only.
    pub fn read(code: &str, name: &str) -> Result<Courier, WrongShipment> {
        if code == "other" {
            let name = line(name, 20).ok().filter(|name| !name.is_empty());
            return name.map(Courier::Other).ok_or(WrongShipment::CourierName);
        }
        Courier::NAMED.into_iter().find(|courier| courier.code() == code).ok_or(WrongShipment::Courier)
    }

    /// The word that the database and forms use.
    pub fn code(&self) -> &'static str {
        match self {
            Courier::Sf => "sf",
            Courier::Zto => "zto",
            Courier::Yto => "yto",
            Courier::Sto => "sto",
            Courier::Yunda => "yunda",
            Courier::Jt => "jt",
            Courier::Jd => "jd",
            Courier::Ems => "ems",
            Courier::Deppon => "deppon",
            Courier::Other(_) => "other",
        }
    }

    /// As people call it.
    pub fn name(&self, language: Language) -> &str {
        let (zh, en) = match self {
            Courier::Sf => ("顺丰速运", "SF Express"),
            Courier::Zto => ("中通快递", "ZTO Express"),
            Courier::Yto => ("圆通速递", "YTO Express"),
            Courier::Sto => ("申通快递", "STO Express"),
            Courier::Yunda => ("韵达快递", "Yunda Express"),
            Courier::Jt => ("极兔速递", "J&T Express"),
            Courier::Jd => ("京东物流", "JD Logistics"),
            Courier::Ems => ("邮政 EMS", "China Post EMS"),
            Courier::Deppon => ("德邦快递", "Deppon Express"),
            Courier::Other(name) => (name.as_str(), name.as_str()),
        };
        if language == Language::English { en } else { zh }
    }

    /// The name of the other courier; empty for those that the shop has words for.
    pub fn own_name(&self) -> &str {
        match self {
            Courier::Other(name) => name,
            _ => "",
        }
    }

    /// As kuaidi100.com calls it in its addresses.
    fn kuaidi100(&self) -> Option<&'static str> {
        Some(match self {
            Courier::Sf => "shunfeng",
            Courier::Zto => "zhongtong",
            Courier::Yto => "yuantong",
            Courier::Sto => "shentong",
            Courier::Yunda => "yunda",
            Courier::Jt => "jtexpress",
            Courier::Jd => "jd",
            Courier::Ems => "ems",
            Courier::Deppon => "debangkuaidi",
            Courier::Other(_) => return None,
        })
    }

    /// Whose number this must be by the letters before its digits; nothing where several number alike.
    pub fn of_number(tracking: &Tracking) -> Option<Courier> {
        let tracking = tracking.as_str();
        let begins = |letters: &str| {
            tracking.strip_prefix(letters).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let post = tracking.len() == 13
            && tracking.ends_with("CN")
            && tracking.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
            && tracking.as_bytes()[2..11].iter().all(u8::is_ascii_digit);
        Some(match () {
            () if begins("SF") => Courier::Sf,
            () if begins("YT") => Courier::Yto,
            () if begins("JT") => Courier::Jt,
            () if tracking.starts_with("JD") => Courier::Jd,
            () if begins("DPK") => Courier::Deppon,
            () if post => Courier::Ems,
            () => return None,
        })
    }
}

/// The number on a parcel's label: 6 to 40 capital letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking(String);

impl Tracking {
    /// Takes small and full-width letters, and drops the blanks, tabs and line ends that scanners send.
    pub fn read(typed: &str) -> Result<Tracking, WrongShipment> {
        let plain = typed.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        });
        let kept: String = plain.map(|c| c.to_ascii_uppercase()).collect();
        let right = (6..=40).contains(&kept.len()) && kept.bytes().all(|b| b.is_ascii_alphanumeric());
        if right { Ok(Tracking(kept)) } else { Err(WrongShipment::Tracking) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `****0123`: enough for who has the parcel's label to compare.
    pub fn masked(&self) -> String {
        format!("****{}", &self.0[self.0.len() - 4..])
    }
}

impl fmt::Display for Tracking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A parcel as it is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    pub courier: Courier,
    pub tracking: Tracking,
}

impl Shipment {
    /// Where anybody can follow it; nothing for a courier that we have no address for.
    pub fn follow(&self) -> Option<String> {
        let courier = self.courier.kuaidi100()?;
        Some(format!("https://www.kuaidi100.com/chaxun?com={courier}&nu={}", self.tracking))
    }
}

/// A parcel that was sent, as it stands now.
#[derive(Debug, Clone)]
pub struct Sent {
    pub shipment: Shipment,
    pub at: OffsetDateTime,
    /// Who sent it; who corrected it stands in the order's history.
    pub by: Actor,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tracking(typed: &str) -> Tracking {
        Tracking::read(typed).unwrap()
    }

    #[test]
    fn numbers_are_read_as_scanners_and_keyboards_make_them() {
        for typed in [
            "SF1234567890123",
            " sf1234567890123\r\n",
            "SF 1234 5678 90123\t",
            "ＳＦ１２３４５６７８９０１２３",
        ] {
            assert_eq!(tracking(typed).as_str(), "SF1234567890123", "{typed:?}");
        }
        for bad in
            ["", "12345", "SF-123456", "单号123456", "SF123456\0", &"1".repeat(41), "<b>123456", "%' OR 1"]
        {
            assert_eq!(Tracking::read(bad), Err(WrongShipment::Tracking), "{bad:?}");
        }
    }

    #[test]
    fn letters_tell_whose_number_it_is() {
        for (number, courier) in [
            ("SF1234567890123", Some(Courier::Sf)),
            ("YT1234567890123", Some(Courier::Yto)),
            ("JT1234567890123", Some(Courier::Jt)),
            ("JDVA12345678901", Some(Courier::Jd)),
            ("DPK123456789012", Some(Courier::Deppon)),
            ("EA123456789CN", Some(Courier::Ems)),
            ("78123456789012", None),
            ("SFABCDEF", None),
        ] {
            assert_eq!(Courier::of_number(&tracking(number)), courier, "{number}");
        }
    }

    #[test]
    fn a_courier_is_one_of_ours_or_has_a_name() {
        for courier in Courier::NAMED {
            assert_eq!(Courier::read(courier.code(), "ignored"), Ok(courier));
        }
        assert_eq!(Courier::read("other", " 山间马帮 "), Ok(Courier::Other("山间马帮".into())));
        for bad in ["", " ", "a\0b", &"名".repeat(21)] {
            assert_eq!(Courier::read("other", bad), Err(WrongShipment::CourierName), "{bad:?}");
        }
        assert_eq!(Courier::read("", ""), Err(WrongShipment::Courier));
    }

    #[test]
    fn a_parcel_is_followed_where_its_courier_is_known() {
        let sent = |courier| Shipment { courier, tracking: tracking("SF1234567890123") };
        let address = "https://www.kuaidi100.com/chaxun?com=shunfeng&nu=SF1234567890123";
        assert_eq!(sent(Courier::Sf).follow().as_deref(), Some(address));
        assert_eq!(sent(Courier::Other("马帮".into())).follow(), None);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(typed in ".*") {
            if let Ok(tracking) = Tracking::read(&typed) {
                prop_assert!(tracking.as_str().bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
                prop_assert_eq!(Tracking::read(tracking.as_str()).unwrap(), tracking.clone());
                let _ = Courier::of_number(&tracking);
            }
        }
    }
}
