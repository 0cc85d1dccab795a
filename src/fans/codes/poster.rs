//! A poster to be printed: the shop's name, what it invites to, and the code. One page of A5 as PDF, whose Chinese
//! letters are those of the reader's own: every reader knows this font by its name (ISO 32000-1, 9.7.5.2).

use super::picture;
use image::codecs::jpeg::JpegEncoder;
use std::fmt::Write;

/// In points.
const WIDTH: u32 = 420;
const HEIGHT: u32 = 595;
const MARGIN: u32 = 36;
const CODE: u32 = 260;
/// More lines would run into the code.
const MOST_LINES: usize = 4;

/// What stands on it.
#[derive(Debug, Clone, Copy)]
pub struct Poster<'a> {
    pub shop: &'a str,
    pub invitation: &'a str,
    /// Small, at the foot.
    pub hint: &'a str,
    /// The code.
    pub png: &'a [u8],
}

/// The whole file.
pub fn poster(of: &Poster<'_>) -> anyhow::Result<Vec<u8>> {
    let image = picture::read(of.png)?.into_luma8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&image)?;
    let content = content(of);
    let mut pdf = Pdf::default();
    pdf.object("<</Type/Catalog/Pages 2 0 R>>", None);
    pdf.object("<</Type/Pages/Kids[3 0 R]/Count 1>>", None);
    pdf.object(
        &format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents 4 0 R\
            /Resources<</Font<</F 5 0 R>>/XObject<</C 8 0 R>>>>>>"
        ),
        None,
    );
    pdf.object(&format!("<</Length {}>>", content.len()), Some(content.as_bytes()));
    pdf.object(
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[6 0 R]>>",
        None,
    );
    // The first 95 glyphs are the Latin ones: half as wide as the others.
    pdf.object(
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1 95 500]\
        /CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 5>>/FontDescriptor 7 0 R>>",
        None,
    );
    pdf.object(
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0\
        /Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        None,
    );
    let (wide, high, length) = (image.width(), image.height(), jpeg.len());
    pdf.object(
        &format!(
            "<</Type/XObject/Subtype/Image/Width {wide}/Height {high}/ColorSpace/DeviceGray\
            /BitsPerComponent 8/Filter/DCTDecode/Length {length}>>"
        ),
        Some(&jpeg),
    );
    pdf.object(&format!("<</Title<FEFF{}>/Producer(Weipu)>>", hex(of.shop)), None);
    Ok(pdf.end())
}

fn content(of: &Poster<'_>) -> String {
    let mut all = String::new();
    let mut y = HEIGHT - 90;
    for line in lines(of.shop, 32, 2) {
        centred(&mut all, &line, 32, y);
        y -= 40;
    }
    let left = (WIDTH - CODE) / 2;
    let _ = writeln!(all, "q {CODE} 0 0 {CODE} {left} 180 cm /C Do Q");
    let mut y = 148;
    for line in lines(of.invitation, 18, MOST_LINES) {
        centred(&mut all, &line, 18, y);
        y -= 24;
    }
    centred(&mut all, of.hint, 11, 36);
    all
}

/// So many lines that fit the page; what does not is cut with a sign of it.
fn lines(text: &str, size: u32, most: usize) -> Vec<String> {
    let room = (WIDTH - 2 * MARGIN) * 2 / size;
    let mut lines: Vec<String> = Vec::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        let mut line = String::new();
        for letter in part.chars() {
            if halves(&line) + halves(letter.encode_utf8(&mut [0; 4])) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('…');
        }
    }
    lines
}

fn halves(text: &str) -> u32 {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn centred(all: &mut String, text: &str, size: u32, y: u32) {
    let left = WIDTH.saturating_sub(halves(text) * size / 2) / 2;
    let _ = writeln!(all, "BT /F {size} Tf {left} {y} Td <{}> Tj ET", hex(text));
}

/// UTF-16, high byte first.
fn hex(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut all, unit| {
        let _ = write!(all, "{unit:04X}");
        all
    })
}

struct Pdf {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Default for Pdf {
    fn default() -> Pdf {
        // Four bytes beyond ASCII tell whoever carries the file that it is no text.
        Pdf { bytes: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec(), offsets: Vec::new() }
    }
}

impl Pdf {
    fn object(&mut self, dictionary: &str, stream: Option<&[u8]>) {
        self.offsets.push(self.bytes.len());
        self.bytes.extend(format!("{} 0 obj\n{dictionary}\n", self.offsets.len()).bytes());
        if let Some(stream) = stream {
            self.bytes.extend(b"stream\n");
            self.bytes.extend(stream);
            self.bytes.extend(b"\nendstream\n");
        }
        self.bytes.extend(b"endobj\n");
    }

    /// The last object is the one that says what the file is.
    fn end(mut self) -> Vec<u8> {
        let (start, count) = (self.bytes.len(), self.offsets.len() + 1);
        let mut end = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let _ = writeln!(end, "{offset:010} 00000 n ");
        }
        let _ = write!(
            end,
            "trailer\n<</Size {count}/Root 1 0 R/Info {} 0 R>>\nstartxref\n{start}\n%%EOF\n",
            count - 1
        );
        self.bytes.extend(end.bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat};
    use qrcode::QrCode;
    use std::io::Cursor;

    fn png(text: &str) -> Vec<u8> {
        let code = QrCode::new(text).unwrap();
        let side = u32::try_from(code.width()).unwrap();
        let dark: Vec<bool> = code.to_colors().iter().map(|c| *c == qrcode::Color::Dark).collect();
        let image = image::GrayImage::from_fn((side + 8) * 8, (side + 8) * 8, |x, y| {
            let inside = |at: u32| (at / 8).checked_sub(4).filter(|at| *at < side);
            let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| dark[(y * side + x) as usize]);
            image::Luma([if dark { 0 } else { 255 }])
        });
        let mut png = Vec::new();
        DynamicImage::ImageLuma8(image).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        png
    }

    fn find(all: &[u8], what: &[u8]) -> usize {
        all.windows(what.len()).position(|window| window == what).unwrap()
    }

    #[test]
    fn the_code_on_a_poster_can_be_read_and_its_words_stand_on_it() {
        let png = png("https://weibo.example/q/123");
        let of = Poster {
            shop: "山间小铺 Tea", invitation: "扫一扫\n关注我们", hint: "QR 7", png: &png
        };
        let pdf = poster(&of).unwrap();
        let image = &pdf[find(&pdf, &[0xff, 0xd8, 0xff])..];
        let image = image::load_from_memory(&image[..find(image, b"\nendstream")]).unwrap().into_luma8();
        let (wide, high) = (image.width() as usize, image.height() as usize);
        let pixel = |x: usize, y: usize| image.as_raw()[y * wide + x];
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(wide, high, pixel);
        assert_eq!(seen.detect_grids()[0].decode().unwrap().1, "https://weibo.example/q/123");
        for words in ["山间小铺 Tea", "扫一扫", "关注我们", "QR 7"] {
            find(&pdf, format!("<{}> Tj", hex(words)).as_bytes());
        }
        // Every object stands where the table says.
        let table = &pdf[find(&pdf, b"xref\n")..];
        let text = std::str::from_utf8(table).unwrap();
        for (number, line) in text.lines().skip(3).take(9).enumerate() {
            let at: usize = line[..10].parse().unwrap();
            assert!(pdf[at..].starts_with(format!("{} 0 obj", number + 1).as_bytes()), "{number}");
        }
    }

    #[test]
    fn long_words_are_broken_and_cut_and_nothing_breaks_out_of_the_page() {
        assert_eq!(lines(&"字".repeat(40), 18, 4).len(), 3);
        let cut = lines(&"字".repeat(400), 18, 4);
        assert!(cut.len() == 4 && cut[3].ends_with('…') && cut.iter().all(|line| halves(line) <= 38));
        assert!(lines("\n \n", 18, 4).is_empty());
        let of = Poster { shop: ") Tj ET (🍵", invitation: ">> endstream", hint: "", png: &png("x") };
        let pdf = poster(&of).unwrap();
        assert!(!pdf.windows(12).any(|window| window == b">> endstream"));
        assert!(poster(&Poster { png: b"<svg/>", ..of }).is_err());
    }
}
