//! Pictures and voices that fans sent: small, drawn and played by arithmetic, each a little different
//! (fans-service.md §3.5).

use super::packet::Did;
use crate::sandbox::world::World;
use image::{ImageFormat, Rgb, RgbImage};
use serde::{Deserialize, Serialize};
use std::io::Cursor;

const BEFORE: u64 = 1_000_000_000_000_000;
const RATE: u32 = 8000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Picture,
    Voice,
}

impl World {
    /// Takes the file that goes with what a fan does. Each has two ids, of the sender's view and, one higher, of
    /// the receiver's; returns the receiver's.
    pub(super) fn take_file(&mut self, did: &Did) -> Option<u64> {
        let kind = match did {
            Did::Picture => Kind::Picture,
            Did::Voice => Kind::Voice,
            _ => return None,
        };
        self.fans.files.push(kind);
        Some(BEFORE + 2 * self.fans.files.len() as u64)
    }

    /// Of the receiver's view only: the sender's is not the shop's to see.
    pub fn file(&self, id: u64) -> Option<Kind> {
        let number = id.checked_sub(BEFORE).filter(|number| number % 2 == 0)?;
        let at = usize::try_from(number / 2).ok()?.checked_sub(1)?;
        self.fans.files.get(at).copied()
    }
}

/// A PNG: hills under a sun, in the colours of its number.
pub fn picture(id: u64, width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let shade = |step: u64| u8::try_from(id / 2 * step % 96).unwrap_or(0);
    let (sky, near) = ([200 - shade(37), 215, 225], [60, 110 + shade(53), 90]);
    let (sun_x, sun_y, sun) = (width * 3 / 4, height / 4, height / 8);
    let drawn = RgbImage::from_fn(width, height, |x, y| {
        let hill = height * 3 / 5 + (x * 7 / 5 % (height / 2 + 1)).abs_diff(height / 4) / 2;
        let from_sun = x.abs_diff(sun_x).pow(2) + y.abs_diff(sun_y).pow(2);
        match (y > hill, from_sun < sun * sun) {
            (true, _) => Rgb(near),
            (false, true) => Rgb([245, 190, 90]),
            (false, false) => Rgb(sky),
        }
    });
    let mut png = Cursor::new(Vec::new());
    drawn.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// A WAV: three tones, a second long. The real ones are AMR, which no browser plays.
pub fn voice(id: u64) -> Vec<u8> {
    let first = 300 + u32::try_from(id % 7).unwrap_or(0) * 40;
    let samples: Vec<u8> = (0..RATE)
        .map(|at| {
            let period = RATE / (first * (4 + at * 3 / RATE) / 4);
            let phase = at % period * 120 / period;
            u8::try_from(98 + phase.abs_diff(60)).unwrap_or(128)
        })
        .collect();
    let length = RATE;
    let mut wav = Vec::with_capacity(44 + samples.len());
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + length).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, one channel.
    wav.extend_from_slice(&[1, 0, 1, 0]);
    wav.extend_from_slice(&RATE.to_le_bytes());
    wav.extend_from_slice(&RATE.to_le_bytes());
    // A byte a sample.
    wav.extend_from_slice(&[1, 0, 8, 0]);
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&length.to_le_bytes());
    wav.extend_from_slice(&samples);
    wav
}
