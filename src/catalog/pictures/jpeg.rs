//! Looks through the segments of a JPEG before a decoder does: decoders forgive too much.

use super::Refused;

/// A progressive picture of a camera has about ten. Each is a pass over all pixels, however few bytes it has.
const MOST_SCANS: usize = 100;

/// A JPEG that arrives at its end, is meant for screens, and does not cost more work than it shows. Cameras
/// may append more behind the end; it is not looked at.
pub(super) fn check(jpeg: &[u8]) -> Result<(), Refused> {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    let mut scans = 0;
    loop {
        // Between segments stand compressed pixels, in which 0xff is followed by 0 or a restart marker.
        let at = rest.windows(2).position(|w| w[0] == 0xff && !matches!(w[1], 0 | 0xd0..=0xd7 | 0xff));
        // A decoder paints what is missing grey.
        let at = at.ok_or(Refused::Damaged)?;
        let marker = rest[at + 1];
        let segment = &rest[at + 2..];
        let Some([high, low]) = segment.get(..2) else {
            return if marker == 0xd9 { Ok(()) } else { Err(Refused::Damaged) };
        };
        match marker {
            0xd9 => return Ok(()),
            0xda => scans += 1,
            // Frames; what else lies between are tables. Behind size and precision: how many colours.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && segment.get(7) == Some(&4) => {
                return Err(Refused::ForPrint);
            }
            _ => {}
        }
        if scans > MOST_SCANS {
            return Err(Refused::TooLarge);
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = segment.get(length..).ok_or(Refused::Damaged)?;
    }
}
