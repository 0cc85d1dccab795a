//! What others ask of the open platform in this process: who looks at the light app, and who may.

use super::http::answer::random_token;
use super::world::frame::Outer;
use super::{Limits, Sandbox};

impl Sandbox {
    /// What the outer frame posts for `uid`, or for a visitor who is not signed in, as the faults of the frame
    /// have it.
    pub fn signed_request(&self, uid: Option<&str>) -> String {
        let settings = &self.0.settings;
        let outer = Outer { secret: &settings.app_secret, owner: &settings.seller_id };
        let fresh = [random_token(), random_token()];
        self.change(|world, now| world.signed_request(outer, uid, fresh, now))
    }

    /// A token of `uid` that is good, but was given to another application.
    pub fn token_of_another_app(&self, uid: &str) -> String {
        self.change(|world, now| world.token_of_another_app(uid, random_token(), now).text)
    }

    /// `uid` takes back the leave that the application has.
    pub fn withdraw(&self, uid: &str) {
        self.change(|world, _| world.withdraw(uid));
    }

    /// How much the application may do; a fresh sandbox has no limits.
    pub fn set_limits(&self, limits: Limits) {
        self.change(|world, _| world.limits = limits);
    }

    pub fn limits(&self) -> Limits {
        self.world().limits
    }
}
