//! Pictures: each width in each format, small enough for a phone, made of the demo's cut-outs ([`draw`]) or of
//! what somebody uploads ([`Intake`]); those that hang on a product ([`gallery`]); and removing what nobody names.
//! Making them is slow (a good part of a second): never on a thread that serves visitors, and few at a time.

mod colours;
pub mod gallery;
mod intake;
mod jpeg;
mod photograph;
mod scene;
mod source;
mod store;
mod sweep;

pub use intake::{Darkroom, Intake, LARGEST_FILE};
pub use sweep::sweep;

use super::picture::{Format, Rgb, Width};
use data_encoding::HEXLOWER;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageReader};
use ring::digest;
use std::io::Cursor;

/// Part of each name, so that a change of the drawing makes new files. Raise it with such a change.
const RECIPE: &[u8] = b"weipu picture 2";

/// The ground for what has none of its own.
pub const WHITE: Rgb = Rgb([0xff; 3]);

/// The renditions of one picture, as [`crate::files::Files`] is to keep them.
pub struct Rendered {
    /// The [`super::Picture::name`].
    pub name: String,
    /// File name and content, one for each width and format.
    pub files: Vec<(String, Vec<u8>)>,
}

/// How many pixels wide and high the picture in a file is.
pub fn size(file: &[u8]) -> Option<(u32, u32)> {
    ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?.into_dimensions().ok()
}

/// Why nothing can be made of a picture. Whoever uploaded it can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this is not a PNG, JPEG or WebP picture")]
    NotAPicture,
    #[error("this file is too large: at most 20 MB")]
    TooHeavy,
    #[error("this picture is too large: at most 12,000 pixels on a side and 16 million in all")]
    TooLarge,
    #[error("there is nothing to see in this picture")]
    Empty,
    #[error("this picture is damaged")]
    Damaged,
    #[error("this picture is in the colours of printers (CMYK)")]
    ForPrint,
}

/// Why no picture came of it.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The folder or bucket cannot take it, or it cannot be read from where it was put aside.
    #[error("the picture could not be stored")]
    Storage(#[source] std::io::Error),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for PictureError {
    fn from(error: sqlx::Error) -> PictureError {
        PictureError::Unexpected(error.into())
    }
}

/// Reads a picture, sets it on `ground` and makes one of its renditions.
pub fn draw(source: &[u8], ground: Rgb, width: Width, format: Format) -> Result<Vec<u8>, PictureError> {
    let picture = source::read(source)?;
    let scene = scene::draw(picture, ground, width.pixels()).ok_or(Refused::Empty)?;
    encode(&DynamicImage::ImageRgb8(scene), width, format, 40)
}

/// What a drawn picture is called: the same for the same content on the same ground.
pub fn name(source: &[u8], ground: Rgb) -> String {
    let mut content = digest::Context::new(&digest::SHA256);
    for part in [RECIPE, &ground.0, source] {
        content.update(part);
    }
    let mut name = HEXLOWER.encode(content.finish().as_ref());
    // Half of it tells any two pictures apart, and a page of pictures repeats it many times.
    name.truncate(32);
    name
}

/// At the best quality that keeps within the bytes a phone should have to load; at the lowest if none does.
fn encode(scene: &DynamicImage, width: Width, format: Format, lowest: u8) -> Result<Vec<u8>, PictureError> {
    let limit = match width {
        Width::Px1080 => 120_000,
        Width::Px750 => 60_000,
        Width::Px375 => 20_000,
        Width::Px160 => 6_000,
    };
    let mut smallest = Vec::new();
    // At the same number JPEG looks better than WebP, and is heavier.
    let best = if format == Format::Webp { 82 } else { 74 };
    for quality in [best, 64, 52, 40].into_iter().filter(|quality| *quality >= lowest) {
        smallest = match format {
            Format::Webp => webp(scene, quality)?,
            Format::Jpeg => jpeg(scene, quality)?,
        };
        if smallest.len() <= limit {
            break;
        }
    }
    Ok(smallest)
}

fn webp(scene: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let encoder = webp::Encoder::from_rgb(scene.as_bytes(), scene.width(), scene.height());
    match encoder.encode_simple(false, f32::from(quality)) {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(error) => Err(anyhow::anyhow!("libwebp says {error:?}").into()),
    }
}

fn jpeg(scene: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    scene
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .map_err(anyhow::Error::from)?;
    Ok(bytes)
}

#[cfg(test)]
mod photograph_tests;
#[cfg(test)]
mod tests;
