//! Pictures of all shapes, and what only claims to be one.

use super::*;
use image::{GrayImage, ImageFormat, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

pub(super) const BEIGE: Rgb = Rgb([0xf3, 0xe3, 0xc8]);

pub(super) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn photograph(width: u32, height: u32) -> DynamicImage {
    let colour = |x, y| image::Rgb([byte(x), byte(y), byte(x * y)]);
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, colour))
}

fn byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

/// A red disc of `side` pixels, transparent around.
fn disc(side: u32) -> DynamicImage {
    let middle = i64::from(side / 2);
    DynamicImage::ImageRgba8(RgbaImage::from_fn(side, side, |x, y| {
        let inside = (i64::from(x) - middle).pow(2) + (i64::from(y) - middle).pow(2) < (middle - 2).pow(2);
        // What is transparent is green, to be seen if it ever leaks.
        if inside { Rgba([200, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) }
    }))
}

/// A PNG that claims to be of another size. Its header's checksum is right.
pub(super) fn png_that_claims(picture: &DynamicImage, width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(picture, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Refused in the same words as a cut-out and as a photograph.
fn refused(bytes: &[u8]) -> Refused {
    let Err(PictureError::Refused(why)) = draw(bytes, BEIGE, Width::Px160, Format::Jpeg) else {
        panic!("{} bytes made a picture", bytes.len())
    };
    assert!(matches!(photograph::develop(bytes, BEIGE), Err(PictureError::Refused(same)) if same == why));
    why
}

fn scene(source: &[u8]) -> RgbImage {
    scene::draw(source::read(source).unwrap(), BEIGE, 1080).unwrap()
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    let dot = DynamicImage::ImageLuma8(GrayImage::new(1, 1));
    for (width, height) in [
        (10_000, 10_000),
        (50_000, 50_000),
        (12_001, 1),
        (1, 12_001),
        (4097, 4096),
        (0x7fff_ffff, 0x7fff_ffff),
    ] {
        assert_eq!(refused(&png_that_claims(&dot, width, height)), Refused::TooLarge, "{width}x{height}");
    }
    let mut jpeg = encoded(&photograph(64, 64), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(refused(&jpeg), Refused::TooLarge);
}

#[test]
fn what_is_no_picture_of_the_three_kinds_is_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let others: [&[u8]; 9] = [
        b"",
        b"\0",
        b"<html>",
        svg,
        b"GIF89a\x01\0\x01\0",
        b"BM\0\0",
        b"%PDF-1.7",
        b"RIFF\0\0\0\0WAVE",
        b"MZ",
    ];
    for other in others {
        assert_eq!(refused(other), Refused::NotAPicture, "{other:?}");
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let whole = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP]
        .map(|format| (format, encoded(&photograph(300, 200), format)));
    for (format, bytes) in whole {
        for length in [12, 20, 40, bytes.len() / 2, bytes.len() - bytes.len() / 10] {
            let error = refused(&bytes[..length]);
            let named = matches!(error, Refused::Damaged | Refused::NotAPicture);
            assert!(named, "{format:?} cut at {length}: {error:?}");
        }
    }
}

#[test]
fn a_picture_of_nothing_is_refused() {
    let nothing = DynamicImage::ImageRgba8(RgbaImage::new(40, 40));
    assert_eq!(refused(&encoded(&nothing, ImageFormat::Png)), Refused::Empty);
}

#[test]
fn an_object_stands_in_the_middle_without_a_fringe() {
    let scene = scene(&encoded(&disc(256), ImageFormat::Png));
    assert_eq!(scene.get_pixel(540, 540).0, [200, 0, 0]);
    for image::Rgb([r, g, b]) in scene.pixels() {
        let [r, g, b] = [r, g, b].map(|c| i32::from(*c));
        assert!(g - r <= 0 && b - g <= 0, "between the ground and red there is no {r},{g},{b}");
    }
    let [corner, opposite] = [(0, 0), (1079, 1079)].map(|(x, y)| scene.get_pixel(x, y).0);
    assert_eq!(opposite, BEIGE.0);
    assert!(corner.iter().zip(opposite).all(|(lit, tint)| *lit > tint));
}

#[test]
fn a_photograph_is_shown_whole() {
    let scene = scene(&encoded(
        &DynamicImage::ImageRgb8(RgbImage::from_pixel(400, 200, image::Rgb([9, 9, 9]))),
        ImageFormat::Png,
    ));
    assert_eq!(scene.get_pixel(0, 540).0, [9, 9, 9]);
    assert_eq!(scene.get_pixel(1079, 540).0, [9, 9, 9]);
    assert_eq!(scene.get_pixel(1079, 1079).0, BEIGE.0);
}

#[test]
fn extreme_shapes_are_drawn() {
    for (width, height) in [(1, 1), (8000, 1), (1, 8000), (3, 2000)] {
        assert_eq!(scene(&encoded(&photograph(width, height), ImageFormat::Png)).dimensions(), (1080, 1080));
    }
}

#[test]
fn each_width_comes_in_each_format() {
    let source = encoded(&disc(64), ImageFormat::WebP);
    for width in Width::ALL {
        for (format, expected) in [(Format::Webp, ImageFormat::WebP), (Format::Jpeg, ImageFormat::Jpeg)] {
            let bytes = draw(&source, BEIGE, width, format).unwrap();
            let picture = image::load_from_memory_with_format(&bytes, expected).unwrap().into_rgb8();
            let side = width.pixels();
            assert_eq!(picture.dimensions(), (side, side));
            // The same scene, larger or smaller: the object, its shadow below it, and the wall.
            let whole = scene(&source);
            for (x, y) in [(50, 50), (50, 84), (50, 90), (5, 5), (95, 95), (12, 60)] {
                let near = picture.get_pixel(side * x / 100, side * y / 100).0;
                let same = whole.get_pixel(1080 * x / 100, 1080 * y / 100).0;
                let off = near.iter().zip(same).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(off <= 12, "{width:?} {format:?} at {x},{y}: {near:?}, not {same:?}");
            }
        }
    }
}

#[test]
fn a_picture_is_named_after_what_it_is_drawn_of() {
    let source = encoded(&disc(64), ImageFormat::WebP);
    assert_eq!(name(&source, BEIGE), name(&source, BEIGE));
    assert_ne!(name(&source, BEIGE), name(&source, Rgb([0; 3])));
    assert_ne!(name(&source, BEIGE), name(&encoded(&disc(65), ImageFormat::WebP), BEIGE));
}

#[test]
fn a_noisy_photograph_is_kept_within_its_bytes() {
    let noisy = encoded(&photograph(1200, 1200), ImageFormat::Png);
    assert!(draw(&noisy, BEIGE, Width::Px750, Format::Webp).unwrap().len() < 200_000);
}
