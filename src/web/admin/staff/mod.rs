//! The members: who has an account, what each may do, and inviting others.

pub mod list;
pub mod member;
