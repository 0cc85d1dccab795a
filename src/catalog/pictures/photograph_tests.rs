//! What merchants upload, and what becomes of it: nothing but pixels.

use super::tests::{BEIGE, encoded, photograph, png_that_claims};
use super::*;
use image::codecs::png::PngEncoder;
use image::{GrayImage, ImageEncoder, ImageFormat, Luma, Rgba, RgbaImage};
use moxcms::ColorProfile;

/// What must not be found in anything that is made.
const SECRET: &[u8] = b"39.9042N 116.4074E";

fn developed(bytes: &[u8]) -> Rendered {
    photograph::develop(bytes, BEIGE).unwrap()
}

fn pixels(rendered: &Rendered, ending: &str) -> image::RgbImage {
    let (_, bytes) = rendered.files.iter().find(|(name, _)| name.ends_with(ending)).unwrap();
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

fn sizes(rendered: &Rendered) -> Vec<(u32, u32)> {
    let sizes = [1080, 750, 375, 160].map(|width| pixels(rendered, &format!("-{width}.webp")).dimensions());
    let jpegs = [1080, 750, 375, 160].map(|width| pixels(rendered, &format!("-{width}.jpg")).dimensions());
    assert_eq!(sizes, jpegs);
    sizes.into()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What a camera writes before the picture: turned by a quarter, where it stood, and who knows what else.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"\xff\xe1\0\0Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    exif.extend([0, 0, 0, 0, 0, 1, 0, 2, 0, 2, 0, 0, 0]);
    exif.extend([u8::try_from(SECRET.len()).unwrap(), 0, 0, 0, 56, 0, 0, 0, 0]);
    exif.extend(SECRET);
    let length = u16::try_from(exif.len() - 2).unwrap().to_be_bytes();
    exif[2..4].copy_from_slice(&length);
    exif
}

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x, _| image::Rgb(if x < width / 2 { [250, 0, 0] } else { [0, 0, 250] });
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, colour))
}

#[test]
fn a_turned_photograph_stands_upright_and_tells_no_place() {
    let plain = encoded(&halves(1600, 800), ImageFormat::Jpeg);
    let turned = [&plain[..2], &exif(6), &plain[2..]].concat();
    assert!(contains(&turned, SECRET));
    let rendered = developed(&turned);
    assert_eq!(sizes(&rendered), [(540, 1080), (375, 750), (188, 375), (80, 160)]);
    for (name, bytes) in &rendered.files {
        for trace in [&b"Exif"[..], b"EXIF", b"GPS", b"http", SECRET] {
            assert!(!contains(bytes, trace), "{name}");
        }
    }
    // What was left is on top now.
    let picture = pixels(&rendered, "-1080.jpg");
    let (top, bottom) = (picture.get_pixel(270, 200).0, picture.get_pixel(270, 900).0);
    assert!(top[0] > 200 && top[2] < 60 && bottom[2] > 200 && bottom[0] < 60, "{top:?} {bottom:?}");
    // A camera that writes nonsense still took a picture.
    let nonsense = [&plain[..2], &exif(99), &plain[2..]].concat();
    assert_eq!(sizes(&developed(&nonsense))[0], (1080, 540));
}

#[test]
fn what_else_is_in_the_file_is_gone() {
    let mut polyglot = encoded(&photograph(300, 200), ImageFormat::Jpeg);
    polyglot.extend(b"PK\x03\x04<html><script>alert(1)</script>");
    let mut png = encoded(&photograph(300, 200), ImageFormat::Png);
    png.extend(b"<?php evil(); <script>");
    for source in [polyglot, png] {
        for (name, bytes) in developed(&source).files {
            assert!(!contains(&bytes, b"<script>") && !contains(&bytes, b"PK\x03\x04"), "{name}");
        }
    }
}

#[test]
fn the_same_pixels_have_the_same_name() {
    let [png, webp] =
        [ImageFormat::Png, ImageFormat::WebP].map(|format| encoded(&photograph(90, 60), format));
    assert_eq!(developed(&png).name, developed(&webp).name);
    let other = encoded(&photograph(60, 90), ImageFormat::Png);
    assert_ne!(developed(&png).name, developed(&other).name);
    let name = developed(&png).name;
    assert!(name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
}

#[test]
fn nothing_is_enlarged_and_no_shape_is_too_odd() {
    assert_eq!(sizes(&developed(&encoded(&photograph(1, 1), ImageFormat::Png))), [(1, 1); 4]);
    let small = developed(&encoded(&photograph(200, 100), ImageFormat::Jpeg));
    assert_eq!(sizes(&small), [(200, 100), (200, 100), (200, 100), (160, 80)]);
    let line = developed(&encoded(&photograph(12_000, 1), ImageFormat::Png));
    assert_eq!(sizes(&line), [(1080, 1), (750, 1), (375, 1), (160, 1)]);
}

#[test]
fn what_is_transparent_stands_on_the_categorys_colour() {
    let colour = |x, _| if x < 50 { Rgba([200, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) };
    let cut_out = DynamicImage::ImageRgba8(RgbaImage::from_fn(100, 100, colour));
    let picture = pixels(&developed(&encoded(&cut_out, ImageFormat::Png)), "-1080.jpg");
    let near = |at: (u32, u32), wanted: [u8; 3]| {
        let got = picture.get_pixel(at.0, at.1).0;
        assert!(got.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 12), "{got:?}, not {wanted:?}");
    };
    near((10, 50), [200, 0, 0]);
    near((90, 50), BEIGE.0);
}

#[test]
fn grey_and_deep_pictures_are_taken() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(40, 30, Luma([90])));
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let picture = pixels(&developed(&encoded(&grey, format)), "-1080.webp");
        assert!(picture.get_pixel(5, 5).0.iter().all(|c| c.abs_diff(90) < 6));
    }
    for deep in [
        DynamicImage::ImageRgb16(photograph(40, 30).into_rgb16()),
        DynamicImage::ImageLumaA16(photograph(40, 30).into_luma_alpha16()),
    ] {
        assert_eq!(sizes(&developed(&encoded(&deep, ImageFormat::Png)))[0], (40, 30));
    }
    // Twice as many bytes a pixel: what counts is what it takes.
    let deep = DynamicImage::ImageRgba16(image::ImageBuffer::new(1, 1));
    let refused = photograph::develop(&png_that_claims(&deep, 4096, 2100), BEIGE);
    assert!(matches!(refused, Err(PictureError::Refused(Refused::TooLarge))));
}

#[test]
fn the_wide_colours_of_phones_stay_as_they_were_seen() {
    let skin = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(60, 60, image::Rgb([200, 80, 60])));
    let with = |profile: Vec<u8>| {
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_icc_profile(profile).unwrap();
        encoder.write_image(skin.as_bytes(), 60, 60, image::ExtendedColorType::Rgb8).unwrap();
        let rendered = developed(&png);
        assert!(
            rendered.files.iter().all(|(_, bytes)| !contains(bytes, b"ICCP") && !contains(bytes, b"ICC_P"))
        );
        pixels(&rendered, "-1080.webp").get_pixel(30, 30).0
    };
    let plain = pixels(&developed(&encoded(&skin, ImageFormat::Png)), "-1080.webp").get_pixel(30, 30).0;
    let wide = with(ColorProfile::new_display_p3().encode().unwrap());
    assert!(wide[0] > plain[0] + 8 && wide[1] < plain[1], "{wide:?}, without a profile {plain:?}");
    assert_eq!(with(ColorProfile::new_srgb().encode().unwrap()), plain);
    assert_eq!(with(b"no profile at all".repeat(20)), plain);
}

#[test]
fn a_picture_for_printers_is_refused_in_such_words() {
    let mut jpeg = encoded(&photograph(64, 64), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 9] = 4;
    let refused = photograph::develop(&jpeg, BEIGE);
    assert!(matches!(refused, Err(PictureError::Refused(Refused::ForPrint))));
}

#[test]
fn a_picture_of_ever_more_passes_is_refused() {
    let jpeg = encoded(&photograph(64, 64), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|w| w == [0xff, 0xda]).unwrap();
    let (head, end) = (&jpeg[..scan], jpeg.len() - 2);
    let mut bomb = head.to_vec();
    (0..200).for_each(|_| bomb.extend(&jpeg[scan..end]));
    bomb.extend(b"\xff\xd9");
    assert!(matches!(photograph::develop(&bomb, BEIGE), Err(PictureError::Refused(Refused::TooLarge))));
}

#[test]
fn of_a_film_the_first_frame_is_taken() {
    let frame = |colour| {
        let still = image::RgbImage::from_pixel(20, 10, image::Rgb(colour));
        let webp = encoded(&still.into(), ImageFormat::WebP);
        let mut frame = [&[0; 6][..], &[19, 0, 0, 9, 0, 0, 50, 0, 0, 0], &webp[12..]].concat();
        frame.splice(0..0, chunk_head(b"ANMF", frame.len()));
        frame
    };
    let mut film = [chunk_head(b"VP8X", 10), vec![0b10, 0, 0, 0, 19, 0, 0, 9, 0, 0]].concat();
    film.extend([chunk_head(b"ANIM", 6), vec![0; 6]].concat());
    film.extend(frame([250, 0, 0]));
    film.extend(frame([0, 0, 250]));
    let film = [chunk_head(b"RIFF", film.len() + 4), b"WEBP".to_vec(), film].concat();
    let picture = pixels(&developed(&film), "-1080.webp");
    assert_eq!(picture.dimensions(), (20, 10));
    assert!(picture.get_pixel(10, 5).0[0] > 200);
}

fn chunk_head(kind: &[u8; 4], length: usize) -> Vec<u8> {
    [&kind[..], &u32::try_from(length).unwrap().to_le_bytes()].concat()
}
