//! What the journeys share: the shop, the browsers, and the people in front of them.

mod browser;
mod buyer;
mod desk;
mod device;
mod driver;
mod kept;
mod outside;
mod qr;
mod shop;
mod shots;
mod staff;
mod weibo;

pub use browser::Browser;
pub use buyer::PARCEL;
pub use desk::picture;
pub use device::Device;
pub use outside::Outside;
pub use qr::read_code;
pub use shop::{Shop, office, shop};
pub use staff::{NAME, PASSWORD};

use std::time::Duration;

/// Nothing that a browser waits for takes longer, even while the machine compiles.
pub const PATIENCE: Duration = Duration::from_secs(25);
/// Between two looks.
pub const LOOK: Duration = Duration::from_millis(40);
