//! Makes the renditions of what a merchant uploads: as it is, whole, never larger than it was.

use super::{PictureError, Refused, Rendered, encode, source};
use crate::catalog::picture::{Format, Rgb, Width, file_name};
use data_encoding::HEXLOWER;
use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};
use ring::digest;

/// Part of each name, so that a change of what is made makes new files. Raise it with such a change.
const RECIPE: &[u8] = b"weipu upload 1";
/// Below this quality lettering on a label becomes hard to read, which a few bytes are not worth.
const LOWEST_QUALITY: u8 = 64;

/// Lays a picture of a stranger's on `ground`, where it is transparent, and makes all its renditions. The same
/// pixels have the same name, whatever file they came in.
pub(super) fn develop(bytes: &[u8], ground: Rgb) -> Result<Rendered, PictureError> {
    let whole = laid_on(source::read(bytes)?, ground)?;
    let name = name(&whole);
    let size = whole.dimensions();
    let mut scene = DynamicImage::ImageRgb8(whole);
    let mut files = Vec::new();
    for width in Width::ALL {
        let (w, h) = fitted(size, width.pixels());
        if (w, h) != (scene.width(), scene.height()) {
            scene = scene.resize_exact(w, h, FilterType::CatmullRom);
        }
        for format in Format::ALL {
            let file = file_name(&name, width, format);
            files.push((file, encode(&scene, width, format, LOWEST_QUALITY)?));
        }
    }
    Ok(Rendered { name, files })
}

fn name(picture: &RgbImage) -> String {
    let mut content = digest::Context::new(&digest::SHA256);
    content.update(RECIPE);
    content.update(&picture.width().to_be_bytes());
    content.update(picture);
    let mut name = HEXLOWER.encode(content.finish().as_ref());
    name.truncate(32);
    name
}

/// As large as fits into a square of this side, and no larger than it is.
fn fitted((width, height): (u32, u32), side: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= side {
        return (width, height);
    }
    // Sides of 12,000 at most: no overflow.
    let scale = |length: u32| (length * side).div_ceil(longer).clamp(1, side);
    (scale(width), scale(height))
}

fn laid_on(picture: DynamicImage, Rgb(ground): Rgb) -> Result<RgbImage, Refused> {
    let DynamicImage::ImageRgba8(picture) = picture else { return Ok(picture.into_rgb8()) };
    if picture.pixels().all(|pixel| pixel.0[3] == 0) {
        return Err(Refused::Empty);
    }
    Ok(RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0;
        let over = |c: u8, below: u8| {
            let alpha = u32::from(alpha);
            let sum = u32::from(c) * alpha + u32::from(below) * (255 - alpha) + 127;
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(r, ground[0]), over(g, ground[1]), over(b, ground[2])])
    }))
}
