//! How tables are written so that Excel and WPS understand them, and how theirs are read. Written: UTF-8 with a
//! BOM, commas, CRLF. Read: also GBK and GB18030, UTF-16 with a BOM, semicolons and tabs.
//!
//! A text that a spreadsheet would run as a formula, or turn into a number or a date (`00138`, `1-2`, `1E5`),
//! begins with a tab in the file. Our reader takes exactly one leading tab away, so that nothing is lost.

use encoding_rs::{CoderResult, Decoder, DecoderResult, GB18030, UTF_8, UTF_16LE};
use std::borrow::Cow;
use std::io::{self, Read};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// And so GBK and GB2312.
    Gb18030,
    Utf16,
}

impl Encoding {
    pub const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16];

    /// The word the database uses.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Gb18030 => "gb18030",
            Encoding::Utf16 => "utf-16le",
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Encoding::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Encoding::Gb18030 => GB18030.new_decoder_without_bom_handling(),
            Encoding::Utf16 => UTF_16LE.new_decoder_with_bom_removal(),
        }
    }
}

/// Why a file is no table of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotText {
    Empty,
    /// An Excel file that was not saved as CSV.
    Workbook,
    Binary,
    UnknownEncoding,
}

/// Finds out how a file is written while it passes by.
pub struct Sniffer {
    first: Vec<u8>,
    nul: bool,
    utf8: Strict,
    gb18030: Strict,
}

/// A decoder, for as long as everything was right.
struct Strict(Option<Decoder>);

impl Strict {
    fn see(&mut self, mut bytes: &[u8], last: bool) {
        let Some(decoder) = &mut self.0 else { return };
        let mut scratch = [0; 4096];
        loop {
            let (result, read, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut scratch, last);
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => bytes = &bytes[read..],
                DecoderResult::Malformed(..) => break,
            }
        }
        self.0 = None;
    }
}

impl Default for Sniffer {
    fn default() -> Sniffer {
        let strict = |encoding: Encoding| Strict(Some(encoding.decoder()));
        Sniffer {
            first: Vec::new(),
            nul: false,
            utf8: strict(Encoding::Utf8),
            gb18030: strict(Encoding::Gb18030),
        }
    }
}

impl Sniffer {
    pub fn see(&mut self, bytes: &[u8]) {
        let missing = 8_usize.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..missing]);
        self.nul |= bytes.contains(&0);
        self.utf8.see(bytes, false);
        self.gb18030.see(bytes, false);
    }

    pub fn finish(mut self) -> Result<Encoding, NotText> {
        self.utf8.see(&[], true);
        self.gb18030.see(&[], true);
        let first = self.first.as_slice();
        if first.is_empty() || first == [0xEF, 0xBB, 0xBF] || first == [0xFF, 0xFE] {
            return Err(NotText::Empty);
        }
        if first.starts_with(b"PK\x03\x04") || first.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(NotText::Workbook);
        }
        if first.starts_with(&[0xFF, 0xFE]) {
            return Ok(Encoding::Utf16);
        }
        match (self.nul, self.utf8.0.is_some(), self.gb18030.0.is_some()) {
            (true, ..) => Err(NotText::Binary),
            (_, true, _) => Ok(Encoding::Utf8),
            (_, _, true) => Ok(Encoding::Gb18030),
            _ => Err(NotText::UnknownEncoding),
        }
    }
}

/// The text of a file as UTF-8, without its BOM.
pub struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    /// What of `raw` is still to be decoded.
    left: std::ops::Range<usize>,
    ended: bool,
    /// The decoder has said all that it had.
    silent: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(inner: R, encoding: Encoding) -> Decoded<R> {
        let raw = vec![0; 64 * 1024].into_boxed_slice();
        Decoded { inner, decoder: encoding.decoder(), raw, left: 0..0, ended: false, silent: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one character.
        debug_assert!(out.len() >= 4, "read through a buffer");
        while !self.silent {
            if self.left.is_empty() && !self.ended {
                let size = self.inner.read(&mut self.raw)?;
                (self.left, self.ended) = (0..size, size == 0);
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.left.clone()], out, self.ended);
            self.left.start += read;
            self.silent = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// What stands between the cells, by the first line that is not empty.
pub fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(mark, _)| *mark == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // A comma where nothing says otherwise.
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    best.filter(|(_, count)| *count > 0).map_or(b',', |(mark, _)| mark)
}

/// A table about to be written, piece by piece.
pub struct Sheet(csv::Writer<Vec<u8>>);

/// One cell.
pub enum Cell<'a> {
    /// Names, texts, and codes of digits: shown as they are.
    Text(Cow<'a, str>),
    /// Amounts: a spreadsheet shall count with them.
    Number(String),
    Empty,
}

impl<'a> Cell<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    pub fn number(number: impl std::fmt::Display) -> Cell<'a> {
        Cell::Number(number.to_string())
    }
}

impl Sheet {
    /// The beginning of a file.
    pub fn begin() -> Sheet {
        Sheet::with("\u{feff}".into())
    }

    /// More of a file that has begun.
    pub fn more() -> Sheet {
        Sheet::with(Vec::new())
    }

    fn with(buffer: Vec<u8>) -> Sheet {
        let mut builder = csv::WriterBuilder::new();
        Sheet(builder.terminator(csv::Terminator::CRLF).flexible(true).from_writer(buffer))
    }

    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> anyhow::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.0.write_field(guarded(&text).as_bytes())?,
                Cell::Number(number) => self.0.write_field(number)?,
                Cell::Empty => self.0.write_field("")?,
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    pub fn bytes(self) -> anyhow::Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
    }
}

/// As a text stands in a file.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if would_run(text) || would_be_a_value(text) {
        Cow::Owned(format!("\t{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A cell of a file as the text it was.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\t').unwrap_or(cell)
}

/// Whether a spreadsheet would take it for a formula. A plain negative number is none.
fn would_run(text: &str) -> bool {
    let negative = |rest: &str| {
        let (whole, part) = rest.split_once('.').unwrap_or((rest, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(whole) && digits(part)
    };
    match text.strip_prefix('-') {
        Some(rest) => !negative(rest),
        None => text.starts_with(['=', '+', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']),
    }
}

/// Whether a spreadsheet would show it otherwise: as a number without its zeros, as a date, as 1.23E+15.
fn would_be_a_value(text: &str) -> bool {
    const WORDS: [&str; 28] = [
        "e",
        "am",
        "pm",
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "rmb",
    ];
    let marks = |c: char| c.is_ascii_digit() || " .,:/-+%()$¥￥年月日时分秒".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '(')
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| marks(c) || c.is_ascii_alphabetic())
        && text
            .split(|c: char| !c.is_ascii_alphabetic())
            .all(|word| word.is_empty() || WORDS.contains(&word.to_ascii_lowercase().as_str()))
}
