//! What a phone reads off a screen, or a scanner off paper.

use crate::web::page::Markup;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// A text as an inline picture: dark on white with its quiet zone, whatever the page's colours.
pub fn qr(text: &str) -> anyhow::Result<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    // The prologue has no place inside a page.
    let svg = picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg);
    Ok(Markup(svg.to_owned().into()))
}
