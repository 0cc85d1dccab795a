//! Which prefecture is near: what an address form may suggest to somebody who has told where she is.

use std::sync::LazyLock;

/// Somewhere on earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

/// As an address writes it. The city is empty where only the province is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    pub province: &'static str,
    pub city: &'static str,
}

/// The seats of prefectures, and of places directly under a province. See `places.LICENSE`.
static SEATS: LazyLock<Vec<(Position, Place)>> = LazyLock::new(|| {
    let seat = |line: &'static str| {
        let mut cells = line.split(',');
        let (province, city) = (cells.next()?, cells.next()?);
        Some((Position::read(cells.next()?, cells.next()?)?, Place { province, city }))
    };
    include_str!("places.csv").lines().skip(1).filter_map(seat).collect()
});

/// So far from its seat a prefecture reaches in the west; out at sea nobody lives.
const FARTHEST_KM: f64 = 450.0;

/// Towns abroad: who is nearer to one of them is not told that she lives in China.
const ABROAD: [(f64, f64); 56] = [
    (43.12, 131.89), // Vladivostok
    (48.48, 135.07), // Khabarovsk
    (50.29, 127.54), // Blagoveshchensk
    (48.79, 132.92), // Birobidzhan
    (52.03, 113.50), // Chita
    (47.92, 106.92), // Ulaanbaatar
    (48.07, 114.53), // Choibalsan
    (46.68, 113.28), // Baruun-Urt
    (44.89, 110.14), // Sainshand
    (43.57, 104.43), // Dalanzadgad
    (46.19, 100.72), // Bayankhongor
    (46.37, 96.26),  // Altai
    (48.00, 91.64),  // Khovd
    (48.97, 89.96),  // Ulgii
    (51.96, 85.96),  // Gorno-Altaysk
    (49.95, 82.61),  // Oskemen
    (45.02, 78.37),  // Taldykorgan
    (43.24, 76.89),  // Almaty
    (42.49, 78.39),  // Karakol
    (42.87, 74.59),  // Bishkek
    (41.43, 75.99),  // Naryn
    (40.51, 72.82),  // Osh
    (38.17, 73.97),  // Murghab
    (37.49, 71.55),  // Khorog
    (38.56, 68.79),  // Dushanbe
    (33.68, 73.05),  // Islamabad
    (35.92, 74.31),  // Gilgit
    (34.08, 74.80),  // Srinagar
    (34.15, 77.58),  // Leh
    (31.10, 77.17),  // Shimla
    (30.32, 78.03),  // Dehradun
    (28.61, 77.21),  // Delhi
    (28.21, 83.99),  // Pokhara
    (27.72, 85.32),  // Kathmandu
    (27.33, 88.61),  // Gangtok
    (27.47, 89.64),  // Thimphu
    (26.14, 91.74),  // Guwahati
    (27.47, 94.91),  // Dibrugarh
    (24.81, 93.94),  // Imphal
    (25.38, 97.40),  // Myitkyina
    (22.93, 97.75),  // Lashio
    (21.97, 96.08),  // Mandalay
    (19.91, 99.83),  // Chiang Rai
    (17.97, 102.60), // Vientiane
    (19.89, 102.13), // Luang Prabang
    (21.68, 102.10), // Phongsaly
    (21.39, 103.02), // Dien Bien Phu
    (21.03, 105.85), // Hanoi
    (21.59, 105.84), // Thai Nguyen
    (20.86, 106.68), // Haiphong
    (18.68, 105.68), // Vinh
    (16.05, 108.20), // Da Nang
    (24.34, 124.16), // Ishigaki
    (37.57, 126.98), // Seoul
    (39.03, 125.75), // Pyongyang
    (41.80, 129.78), // Chongjin
];

impl Position {
    /// From what a phone says; nothing when that is nowhere on earth.
    pub fn read(latitude: &str, longitude: &str) -> Option<Position> {
        let degrees = |text: &str, most: f64| text.parse::<f64>().ok().filter(|it| it.abs() <= most);
        Some(Position { latitude: degrees(latitude, 90.0)?, longitude: degrees(longitude, 180.0)? })
    }

    /// The nearest prefecture, when this is in China as far as can be told. A guess: near a border it may be the
    /// neighbour's.
    pub fn place(self) -> Option<Place> {
        let by_distance = SEATS.iter().map(|(seat, place)| (self.kilometres_to(*seat), *place));
        let (distance, place) = by_distance.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
        let abroad = ABROAD
            .iter()
            .any(|&(latitude, longitude)| self.kilometres_to(Position { latitude, longitude }) < distance);
        (distance <= FARTHEST_KM && !abroad).then_some(place)
    }

    /// On a flat map of the neighbourhood, which is near enough.
    #[expect(clippy::float_arithmetic, reason = "degrees on a map, no money")]
    fn kilometres_to(self, other: Position) -> f64 {
        let middle = f64::midpoint(self.latitude, other.latitude).to_radians();
        let (north, east) = (self.latitude - other.latitude, self.longitude - other.longitude);
        111.2 * north.hypot(east * middle.cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: &str, longitude: &str) -> Option<(&'static str, &'static str)> {
        Position::read(latitude, longitude).unwrap().place().map(|place| (place.province, place.city))
    }

    #[test]
    fn every_seat_is_read_and_is_its_own_nearest() {
        let rows = include_str!("places.csv").lines().count() - 1;
        assert_eq!((SEATS.len(), rows), (367, 367));
        let lost: Vec<_> = SEATS.iter().filter(|(seat, place)| seat.place() != Some(*place)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }

    #[test]
    fn people_are_where_they_live() {
        for (latitude, longitude, province, city) in [
            ("30.2460", "120.1490", "浙江省", "杭州市"),
            ("39.9087", "116.3975", "北京市", "北京市"),
            ("31.3846", "120.9807", "江苏省", "苏州市"),
            ("29.5630", "106.5516", "重庆市", "重庆市"),
            ("22.5431", "114.0579", "广东省", "深圳市"),
            ("22.3027", "114.1772", "香港特别行政区", "香港特别行政区"),
            ("22.1987", "113.5439", "澳门特别行政区", "澳门特别行政区"),
            ("25.0330", "121.5654", "台湾省", ""),
            ("50.2451", "127.5289", "黑龙江省", "黑河市"),
            ("43.7930", "87.6270", "新疆维吾尔自治区", "乌鲁木齐市"),
            ("39.0230", "88.1680", "新疆维吾尔自治区", "巴音郭楞蒙古自治州"),
            ("33.1890", "88.8380", "西藏自治区", "那曲市"),
            ("18.2528", "109.5119", "海南省", "三亚市"),
            ("+30.246", "1.2e2", "浙江省", "杭州市"),
        ] {
            assert_eq!(at(latitude, longitude), Some((province, city)), "{latitude} {longitude}");
        }
    }

    #[test]
    fn abroad_and_at_sea_nothing_is_suggested() {
        for (latitude, longitude) in [
            ("0", "0"),
            ("48.8566", "2.3522"),
            ("37.5665", "126.9780"),
            ("35.6762", "139.6503"),
            ("21.0278", "105.8342"),
            ("43.1155", "131.8855"),
            ("47.9184", "106.9177"),
            ("27.7172", "85.3240"),
            ("43.2220", "76.8512"),
            ("28.0", "127.9"),
            ("-30.2460", "120.1490"),
            ("30.2460", "-120.1490"),
            ("90", "180"),
            ("-90", "-180"),
        ] {
            assert_eq!(at(latitude, longitude), None, "{latitude} {longitude}");
        }
    }

    #[test]
    fn what_is_nowhere_on_earth_is_not_read() {
        for (latitude, longitude) in [
            ("NaN", "120"),
            ("30", "nan"),
            ("inf", "120"),
            ("30", "-infinity"),
            ("90.0001", "120"),
            ("30", "180.5"),
            ("1e400", "0"),
            ("", "120"),
            ("30", ""),
            ("30,2", "120"),
            ("30 ", "120"),
            ("三十", "120"),
            ("30\0", "120"),
        ] {
            assert_eq!(Position::read(latitude, longitude), None, "{latitude:?} {longitude:?}");
        }
    }
}
