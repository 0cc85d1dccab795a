//! Makes colours mean what browsers take them for. Phones write pictures in wider colours than sRGB and say so
//! in a profile; without it, which goes with all that is not pixels, a red jacket would look faded.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Eight bits a channel, in sRGB. A profile that cannot be used is passed over.
pub(super) fn to_srgb(picture: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    let alpha = picture.color().has_alpha();
    let mut picture = if alpha { picture.into_rgba8().into() } else { picture.into_rgb8().into() };
    if let Some(profile) = profile.and_then(|bytes| ColorProfile::new_from_slice(bytes).ok()) {
        convert(&mut picture, &profile);
    }
    picture
}

fn convert(picture: &mut DynamicImage, profile: &ColorProfile) {
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let (layout, channels) = if picture.color().has_alpha() { (Layout::Rgba, 4) } else { (Layout::Rgb, 3) };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
    else {
        return;
    };
    let line = picture.width() as usize * channels;
    let pixels: &mut [u8] = match picture {
        DynamicImage::ImageRgba8(picture) => picture,
        DynamicImage::ImageRgb8(picture) => picture,
        _ => return,
    };
    let mut before = vec![0; line];
    for line in pixels.chunks_exact_mut(line) {
        before.copy_from_slice(line);
        if transform.transform(&before, line).is_err() {
            return;
        }
    }
}
