//! Whatever is written can be read again, and whatever somebody sends is read or refused.

use super::super::dialect::{Cell, NotText, Sheet, Sniffer, guarded};
use super::*;
use proptest::prelude::*;

fn table(bytes: &[u8], encoding: Encoding) -> Vec<(i32, Vec<String>)> {
    let mut found = Vec::new();
    let mut hand_on = |what| {
        match what {
            Found::Header(names) => found.push((1, names)),
            Found::Rows(records) => found.extend(records.into_iter().map(|r| (r.line, r.cells))),
            Found::TooManyRows | Found::Broken(_) => found.push((-1, Vec::new())),
        }
        true
    };
    take_apart(Decoded::new(bytes, encoding), MOST_ROWS, &mut hand_on).unwrap();
    found
}

fn sniffed(bytes: &[u8]) -> Result<Encoding, NotText> {
    let mut sniffer = Sniffer::default();
    bytes.chunks(7).for_each(|chunk| sniffer.see(chunk));
    sniffer.finish()
}

fn cells(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

proptest! {
    /// The first cell has a letter, so that no row is empty: those are passed over.
    #[test]
    fn any_table_written_and_read_again_is_the_same(
        rows in proptest::collection::vec(
            proptest::collection::vec("[=+@\\-\t\r\n\",;0-9a-z＝茶 .:/\u{feff}]{0,12}|.{0,8}", 1..6), 1..8)
    ) {
        let rows: Vec<Vec<String>> = rows.into_iter().map(|mut row| {
            row[0].insert(0, '茶');
            row.into_iter().map(|cell| cell.replace('\0', "0")).collect()
        }).collect();
        let mut sheet = Sheet::begin();
        sheet.row(["h"].map(Cell::text)).unwrap();
        for row in &rows {
            sheet.row(row.iter().map(|cell| Cell::text(cell.as_str()))).unwrap();
        }
        let bytes = sheet.bytes().unwrap();
        prop_assert_eq!(sniffed(&bytes), Ok(Encoding::Utf8));
        let read: Vec<Vec<String>> = table(&bytes, Encoding::Utf8).into_iter().skip(1).map(|r| r.1).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn no_bytes_make_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(encoding) = sniffed(&bytes) {
            table(&bytes, encoding);
        }
    }

    #[test]
    fn nothing_that_is_written_begins_as_a_formula(text in "[=+@\\-\t\r\n＝＋－＠]{1,3}.{0,5}") {
        let negative = text.strip_prefix('-').is_some_and(|rest| rest.parse::<u32>().is_ok());
        prop_assert!(negative || guarded(&text).starts_with('\t'), "{:?}", text);
    }
}

#[test]
fn what_a_spreadsheet_would_change_is_guarded_and_nothing_else() {
    for risky in
        ["13800138000", "00123", "1-2", "1E5", "3/4", "Mar 1", "SEPT2", "12月3日", "2611-1E05-0000", "50%"]
    {
        assert!(guarded(risky).starts_with('\t'), "{risky}");
    }
    for plain in ["-5", "-12.50", "mug-1", "2611-7KQ4-M2X9", "茶", "3只装", "S", "", "A1", "SF1234567890"]
    {
        assert_eq!(guarded(plain), plain);
    }
}

#[test]
fn a_table_is_read_in_the_encodings_of_excel() {
    let text = "名称,SKU\r\n龙井，明前,a\r\n";
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let bom = format!("\u{feff}{text}");
    for (bytes, encoding) in [
        (text.as_bytes(), Encoding::Utf8),
        (bom.as_bytes(), Encoding::Utf8),
        (&*gbk, Encoding::Gb18030),
        (&utf16, Encoding::Utf16),
    ] {
        assert_eq!(sniffed(bytes), Ok(encoding));
        let expected = vec![(1, cells(&["名称", "SKU"])), (2, cells(&["龙井，明前", "a"]))];
        assert_eq!(table(bytes, encoding), expected, "{encoding:?}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(sniffed(b""), Err(NotText::Empty));
    assert_eq!(sniffed(b"\xEF\xBB\xBF"), Err(NotText::Empty));
    assert_eq!(sniffed(b"PK\x03\x04rest of a workbook"), Err(NotText::Workbook));
    assert_eq!(sniffed(b"\xD0\xCF\x11\xE0\xA1\xB1"), Err(NotText::Workbook));
    assert_eq!(sniffed(b"a,b\n\0\0"), Err(NotText::Binary));
    assert_eq!(sniffed(b"a,\xFF\xFFb\n"), Err(NotText::UnknownEncoding));
}

#[test]
fn lines_are_counted_as_a_spreadsheet_does() {
    let text = "\r\nh;i\r\n\r\n\"a\r\nb\nc\";1\r\n;;\r\n\"x;y\";2\r\n";
    let expected = vec![(1, cells(&["h", "i"])), (4, cells(&["a\r\nb\nc", "1"])), (6, cells(&["x;y", "2"]))];
    assert_eq!(table(text.as_bytes(), Encoding::Utf8), expected);
    assert_eq!(table(b"h\ti\r\na\tb", Encoding::Utf8)[1].1, cells(&["a", "b"]));
}

#[test]
fn a_huge_cell_and_a_quote_that_never_ends_are_cut() {
    let text = format!("h,i\n\"{}", "茶,\n".repeat(100_000));
    let read = table(text.as_bytes(), Encoding::Utf8);
    assert_eq!((read.len(), read[1].1[0].chars().count()), (2, LONGEST_CELL));
}
