//! What a phone's camera does with a screen.

use anyhow::{Context, ensure};

/// The text of the one QR code in a picture.
pub fn read_code(png: &[u8]) -> anyhow::Result<String> {
    let picture = image::load_from_memory(png)?.into_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let bright = picture.as_raw();
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| bright[y * width + x]);
    let codes = seen.detect_grids();
    ensure!(codes.len() == 1, "{} codes are seen", codes.len());
    let (_, text) = codes[0].decode().context("the code is not readable")?;
    Ok(text)
}
