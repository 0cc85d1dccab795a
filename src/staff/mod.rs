//! Who runs the shop: accounts, what each may do, how they get in, and who changed what.

pub mod audit;
mod door;
mod factor;
mod links;
mod members;
mod password;
pub mod permission;
mod seat;
mod store;
mod tries;

pub use door::{Caller, NotIn, Proof, check_password, confirm, device_mark, enter, give_code, sit};
pub use factor::{Secret, disenrol, enrol, recovery_codes_left, reissue_recovery_codes};
pub use links::{
    Invitation, Kind, Link, Wrong, accept, find_link, first_owner_link, invitations, invite, name,
    reset_link, revoke_invitation,
};
pub use members::{
    Listed, Refused, change_password, change_role, everybody, listed, reset_factor, set_enabled, sign_out,
    speak,
};
pub use password::{Hashed, Password, SHORTEST_PASSWORD, Weak};
pub use permission::{May, Permission, Role};
pub use seat::{Seat, SeatId, end, end_others, find_seat, seats_of, touch};
pub use store::members::has_owner;

use crate::actor::Actor;
use crate::db::Db;
use crate::text::Language;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct StaffId(pub i64);

/// Somebody who has an account to run the shop.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    /// In which the back office speaks to her.
    pub language: Language,
    /// Whether signing in asks for a code after the password.
    pub second_factor: bool,
}

impl Member {
    pub fn may(&self, what: May) -> bool {
        self.role.may(what)
    }

    /// As what she does is signed with.
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.id.0, name: self.name.clone() }
    }

    /// Nothing but her own account is open to her before she has a second factor.
    pub fn must_enrol(&self) -> bool {
        self.role.needs_second_factor() && !self.second_factor
    }

    /// As the audit log names her.
    pub fn subject(&self) -> String {
        format!("member {}", self.id.0)
    }
}

/// Forgets sessions that are over, tries of long ago and links that nobody can use any more.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> sqlx::Result<()> {
    let mut conn = db.reader().await?;
    store::seats::sweep(&mut conn, seat::over_before(now)).await?;
    store::tries::sweep(&mut conn, now - tries::FORGOTTEN).await?;
    store::links::sweep(&mut conn, now).await
}
