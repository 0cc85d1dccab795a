//! Reads a picture that a stranger may have made to do harm: what its header says is checked before a pixel
//! is decoded, and decoding has a ceiling of memory.

use super::{Refused, colours, jpeg};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

const MAX_SIDE: u32 = 12_000;
/// Decoded, with four bytes a pixel.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The picture, upright, in sRGB, without anything else that its camera wrote. Of a film the first frame.
pub(super) fn read(bytes: &[u8]) -> Result<DynamicImage, Refused> {
    // By its first bytes; what the sender calls it proves nothing.
    let format = image::guess_format(bytes).map_err(|_| Refused::NotAPicture)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(Refused::NotAPicture);
    }
    if format == ImageFormat::Jpeg {
        jpeg::check(bytes)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let large = pixels * 4 > MAX_BYTES || decoder.total_bytes() > MAX_BYTES;
    if large || width > MAX_SIDE || height > MAX_SIDE {
        return Err(Refused::TooLarge);
    }
    decoder.set_limits(limits()).map_err(|error| refusal(&error))?;
    // A camera that wrote nonsense here still took a picture.
    let upright = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    let mut picture = colours::to_srgb(picture, profile.as_deref());
    picture.apply_orientation(upright);
    Ok(picture)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn refusal(error: &image::ImageError) -> Refused {
    match error {
        image::ImageError::Limits(_) => Refused::TooLarge,
        _ => Refused::Damaged,
    }
}
