//! Pictures, things that claim to be pictures, and how a browser sends them.

use super::browser::Ask;
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::header::CONTENT_TYPE;
use std::io::Cursor;
use url::Url;

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

/// A picture of one colour.
pub fn picture(format: ImageFormat, size: (u32, u32), colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(size.0, size.1, image::Rgb(colour));
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The `n`th of many pictures that are all different.
pub fn small(n: u8) -> Vec<u8> {
    picture(ImageFormat::Png, (24, 16), [n, 100, 255 - n])
}

/// A few bytes that claim to be 2.5 thousand million pixels; the header's checksum is right.
pub fn bomb() -> Vec<u8> {
    let mut png = small(0);
    png[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let checksum = !png[12..29].iter().fold(u32::MAX, |crc, byte| {
        let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        (0..8).fold(crc ^ u32::from(*byte), step)
    });
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

/// A form with this token first, then these files.
pub fn multipart(token: &str, files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut parts = vec![field("token", token)];
    parts.extend(files.iter().map(|(name, bytes)| file(name, bytes)));
    whole(&parts)
}

pub fn field(name: &str, value: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into()
}

pub fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

pub fn whole(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = parts.concat();
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

pub fn post(url: Url, body: Vec<u8>) -> Ask {
    Ask::post(url, body).with(CONTENT_TYPE, &format!("multipart/form-data; boundary={BOUNDARY}"))
}
