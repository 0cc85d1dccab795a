//! The page around the light app.

use crate::sandbox::world::World;
use crate::sandbox::world::people::Person;
use askama::Template;
use url::Url;

/// Posts itself by its script, or by its button.
#[derive(Template)]
#[template(path = "sandbox/frame.html")]
pub struct FramePage {
    pub light: String,
    /// Whose messages about the height are heard.
    pub origin: String,
    /// Who looks; empty when nobody is signed in.
    pub viewer: String,
    pub people: Vec<Person>,
    pub signed_request: String,
    /// In a frame, else in place of this page.
    pub framed: bool,
}

impl FramePage {
    pub fn new(
        world: &World,
        light: &Url,
        viewer: Option<Person>,
        signed_request: String,
        framed: bool,
    ) -> FramePage {
        FramePage {
            light: light.to_string(),
            origin: light.origin().ascii_serialization(),
            viewer: viewer.map(|person| person.uid).unwrap_or_default(),
            people: world.people().to_vec(),
            signed_request,
            framed,
        }
    }
}
