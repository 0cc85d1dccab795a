//! Reads a picture that a stranger may have made to do harm: what its header says is checked before a pixel
//! is decoded, and decoding has a ceiling of memory.

use super::PictureError;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

const MAX_SIDE: u32 = 8192;
const MAX_PIXELS: u64 = 16_000_000;
/// What 16 million pixels take with four bytes each.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The picture, upright, as its camera meant it.
pub(super) fn read(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    // By its first bytes; what the sender calls it proves nothing.
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAPicture)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(PictureError::NotAPicture);
    }
    // The decoder paints what is missing grey.
    if format == ImageFormat::Jpeg && !reaches_its_end(bytes) {
        return Err(PictureError::Damaged(cut_short()));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS || decoder.total_bytes() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    decoder.set_limits(limits()).map_err(refusal)?;
    let upright = decoder.orientation().map_err(refusal)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    picture.apply_orientation(upright);
    Ok(picture)
}

/// Whether a JPEG's chain of segments arrives at the end-of-image marker; cameras may append more behind it.
fn reaches_its_end(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    loop {
        // Between segments stand compressed pixels, in which 0xff is followed by 0 or a restart marker.
        let Some(at) = rest.windows(2).position(|w| w[0] == 0xff && !matches!(w[1], 0 | 0xd0..=0xd7 | 0xff))
        else {
            return false;
        };
        if rest[at + 1] == 0xd9 {
            return true;
        }
        let Some([high, low]) = rest.get(at + 2..at + 4) else { return false };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(next) = rest.get(at + 2 + length..) else { return false };
        rest = next;
    }
}

fn cut_short() -> image::ImageError {
    image::ImageError::IoError(std::io::ErrorKind::UnexpectedEof.into())
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn refusal(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        error => PictureError::Damaged(error),
    }
}
