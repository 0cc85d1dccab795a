//! Names of pictures, of their renditions, and of colours. How they are drawn is in `pictures`.

use crate::text::Text;
use std::fmt;

/// A picture of a product. Its renditions are files named after its content, so they never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub name: String,
    /// What can be seen, for who cannot see it. May be empty.
    pub alt: Text,
}

impl Picture {
    /// The file of one rendition, as [`crate::files::Files`] keeps it: `NAME-750.webp`.
    pub fn file(&self, width: Width, format: Format) -> String {
        file_name(&self.name, width, format)
    }
}

pub(super) fn file_name(name: &str, width: Width, format: Format) -> String {
    format!("{name}-{}.{}", width.pixels(), format.extension())
}

/// The side of the square that a rendition fits into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    Px1080,
    Px750,
    Px375,
    Px160,
}

impl Width {
    /// Widest first.
    pub const ALL: [Width; 4] = [Width::Px1080, Width::Px750, Width::Px375, Width::Px160];

    pub fn pixels(self) -> u32 {
        match self {
            Width::Px1080 => 1080,
            Width::Px750 => 750,
            Width::Px375 => 375,
            Width::Px160 => 160,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Webp,
    Jpeg,
}

impl Format {
    /// The one to be preferred first.
    pub const ALL: [Format; 2] = [Format::Webp, Format::Jpeg];

    pub fn extension(self) -> &'static str {
        match self {
            Format::Webp => "webp",
            Format::Jpeg => "jpg",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Webp => "image/webp",
            Format::Jpeg => "image/jpeg",
        }
    }

    /// The format that a file of this name is in.
    pub fn of_file(name: &str) -> Option<Format> {
        let (_, extension) = name.rsplit_once('.')?;
        Format::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// A colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// `None` for anything but `#` and six hexadecimal digits.
    pub fn parse(text: &str) -> Option<Rgb> {
        let digits =
            text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Rgb([r, g, b]))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rgb([r, g, b]) = self;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_reads_as_it_is_written() {
        assert_eq!(Rgb::parse("#f3e3c8"), Some(Rgb([0xf3, 0xe3, 0xc8])));
        assert_eq!(Rgb([0xf3, 0xe3, 0x08]).to_string(), "#f3e308");
        for bad in ["", "#", "f3e3c8", "#f3e3c", "#f3e3c88", "#+3e3c8", "#茶茶", "#gggggg"] {
            assert_eq!(Rgb::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_rendition_is_named_after_its_picture() {
        let picture = Picture { name: "0123456789abcdef".into(), alt: Text::default() };
        assert_eq!(picture.file(Width::Px750, Format::Webp), "0123456789abcdef-750.webp");
        assert_eq!(Format::of_file("a-375.jpg"), Some(Format::Jpeg));
        assert_eq!(Format::of_file("a-375.svg"), None);
    }
}
