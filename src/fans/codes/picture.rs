//! The picture that Weibo draws of a code: nothing of it is kept but its pixels.

use anyhow::{Context, ensure};
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageReader, Limits};
use std::io::Cursor;

/// On either side. Smaller ones no camera reads.
const SIDES: std::ops::RangeInclusive<u32> = 90..=2000;

/// The same picture in grey, as a PNG of our own.
pub(super) async fn checked(bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || {
        let mut png = Vec::new();
        DynamicImage::ImageLuma8(read(&bytes)?.into_luma8()).write_with_encoder(PngEncoder::new(&mut png))?;
        Ok(png)
    })
    .await?
}

pub(super) fn read(bytes: &[u8]) -> anyhow::Result<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(*SIDES.end()), Some(*SIDES.end()));
    limits.max_alloc = Some(32 * 1024 * 1024);
    reader.limits(limits);
    let image = reader.decode().context("not a picture")?;
    let fits = SIDES.contains(&image.width()) && SIDES.contains(&image.height());
    ensure!(fits, "{} by {} pixels are no code's picture", image.width(), image.height());
    Ok(image)
}
