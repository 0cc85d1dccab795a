//! Draws a picture onto its ground: light falls from the upper left, a cut-out object stands in the middle
//! and throws a soft shadow, a photograph fills what it can. All in whole numbers; colours are premultiplied
//! by their alpha while they are scaled, so that no fringe shows around the object.

use crate::catalog::picture::Rgb;
use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, Luma, RgbImage, Rgba, RgbaImage};

/// How much of the scene's side the longer side of an object takes, in hundredths.
const OBJECT: u32 = 62;
/// Wall and shadow are soft, so they are drawn small: a square of this side.
const COARSE: u32 = 135;
/// How dark the shadow is at most, of 255.
const SHADOW: u32 = 92;
/// Where the light is brightest, in hundredths of the side.
const LIGHT: (u32, u32) = (30, 24);

/// A square of this side; `None` when every pixel of `picture` is transparent.
pub(super) fn draw(picture: DynamicImage, tint: Rgb, side: u32) -> Option<RgbImage> {
    let transparent = picture.color().has_alpha();
    let picture = if transparent { cut_out(picture.into_rgba8())? } else { picture };
    let is_object = transparent && picture.as_rgba8().is_some_and(|p| p.pixels().any(|p| p.0[3] < 250));
    let picture = fitted(&picture, if is_object { side * OBJECT / 100 } else { side });
    let (x, y) = ((side - picture.width()) / 2, (side - picture.height()) / 2);
    let shadow = is_object.then(|| shadow(&picture, x, y, side));
    let mut scene = backdrop(&Ground::new(tint, COARSE), shadow.as_ref(), side);
    for (px, py, over) in picture.into_rgba8().enumerate_pixels() {
        if over.0[3] > 0 {
            let below = scene.get_pixel_mut(px + x, py + y);
            below.0 = laid_over(below.0, *over);
        }
    }
    Some(scene)
}

/// The wall with the shadow on it.
fn backdrop(ground: &Ground, shadow: Option<&GrayImage>, side: u32) -> RgbImage {
    let small = RgbImage::from_fn(COARSE, COARSE, |x, y| {
        let lit = ground.at(x, y);
        image::Rgb(shadow.map_or(lit, |shadow| ground.shaded(lit, shadow.get_pixel(x, y).0[0])))
    });
    DynamicImage::ImageRgb8(small).resize_exact(side, side, FilterType::CatmullRom).into_rgb8()
}

/// Premultiplies, and cuts off what is wholly transparent at the edges.
fn cut_out(mut picture: RgbaImage) -> Option<DynamicImage> {
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for (x, y, Rgba([r, g, b, a])) in picture.enumerate_pixels_mut() {
        for channel in [r, g, b] {
            *channel = scaled(u32::from(*channel), u32::from(*a));
        }
        if *a > 0 {
            (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
        }
    }
    let picture = DynamicImage::ImageRgba8(picture);
    (left <= right).then(|| picture.crop_imm(left, top, right - left + 1, bottom - top + 1))
}

/// Scales so that the longer side is `room`.
fn fitted(picture: &DynamicImage, room: u32) -> DynamicImage {
    let longer = picture.width().max(picture.height());
    let scale = |length: u32| (length * room).div_ceil(longer).clamp(1, room);
    let mut picture =
        picture.resize_exact(scale(picture.width()), scale(picture.height()), FilterType::CatmullRom);
    // The filter overshoots at hard edges; no colour may be stronger than its alpha.
    if let Some(picture) = picture.as_mut_rgba8() {
        for Rgba([r, g, b, a]) in picture.pixels_mut() {
            for channel in [r, g, b] {
                *channel = (*channel).min(*a);
            }
        }
    }
    picture
}

/// The outline of the object, a little lower and out of focus.
fn shadow(object: &DynamicImage, x: u32, y: u32, side: u32) -> GrayImage {
    let coarse = |length: u32| length * COARSE / side;
    let (width, height) = (coarse(object.width()).max(1), coarse(object.height()).max(1));
    let small = object.resize_exact(width, height, FilterType::Triangle).into_rgba8();
    let mut outline = GrayImage::new(COARSE, COARSE);
    let (x, y) = (coarse(x), coarse(y) + COARSE / 32);
    for (px, py, pixel) in small.enumerate_pixels() {
        if let Some(place) = outline.get_pixel_mut_checked(px + x, py + y) {
            *place = Luma([pixel.0[3]]);
        }
    }
    DynamicImage::ImageLuma8(outline).blur(4.5).into_luma8()
}

/// A wall lit from the upper left: nearly white there, its tint far away from it.
struct Ground {
    tint: [u8; 3],
    bright: [u8; 3],
    dark: [u8; 3],
    light: (u32, u32),
    /// How far the light reaches: to the corner farthest from it.
    reach: u32,
}

impl Ground {
    fn new(Rgb(tint): Rgb, side: u32) -> Ground {
        let light = (side * LIGHT.0 / 100, side * LIGHT.1 / 100);
        let (dx, dy) = (side - light.0, side - light.1);
        Ground {
            tint,
            bright: tint.map(|c| mixed(c, 255, 200)),
            dark: tint.map(|c| scaled(u32::from(c), 110)),
            light,
            reach: (dx * dx + dy * dy).isqrt(),
        }
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let (dx, dy) = (x.abs_diff(self.light.0), y.abs_diff(self.light.1));
        // Smooth at both ends: 3t² - 2t³, with t from 0 to 1024 for 0 to 1.
        let t = (((dx * dx + dy * dy) << 10).isqrt() * 32 / self.reach).min(1024);
        let far = (t * t * (3 * 1024 - 2 * t)) >> 20;
        std::array::from_fn(|i| {
            let (near, tint) = (u32::from(self.bright[i]), u32::from(self.tint[i]));
            byte((near * (1024 - far) + tint * far + 512) >> 10)
        })
    }

    fn shaded(&self, colour: [u8; 3], shadow: u8) -> [u8; 3] {
        let depth = u32::from(scaled(u32::from(shadow), SHADOW));
        std::array::from_fn(|i| mixed(colour[i], self.dark[i], depth))
    }
}

fn laid_over(below: [u8; 3], Rgba([r, g, b, a]): Rgba<u8>) -> [u8; 3] {
    let through = 255 - u32::from(a);
    let [below_r, below_g, below_b] = below.map(|c| scaled(u32::from(c), through));
    [r.saturating_add(below_r), g.saturating_add(below_g), b.saturating_add(below_b)]
}

/// `share` of 255 of the way from `a` to `b`.
fn mixed(a: u8, b: u8, share: u32) -> u8 {
    byte((u32::from(a) * (255 - share) + u32::from(b) * share + 127) / 255)
}

/// `share` of 255 of `value`.
fn scaled(value: u32, share: u32) -> u8 {
    byte((value * share + 127) / 255)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
