//! Who may do what: five roles, and the permissions that pages ask for.

use std::fmt;

/// What somebody was hired for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Owner,
    /// Runs the shop day by day: goods, orders, texts.
    Operator,
    /// Talks with buyers and sends parcels.
    Service,
    /// Looks after the money.
    Finance,
    /// Looks, and changes nothing.
    ReadOnly,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Owner, Role::Operator, Role::Service, Role::Finance, Role::ReadOnly];

    /// The word the database uses.
    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Operator => "operator",
            Role::Service => "service",
            Role::Finance => "finance",
            Role::ReadOnly => "read_only",
        }
    }

    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    pub fn may(self, what: May) -> bool {
        use May::{
            EditCatalog, EditFans, EditSettings, EditSharing, ExportOrders, HandleOrders, Look, MoveMoney,
            SeeAudit, SeeBuyers, TalkToFans,
        };
        match self {
            Role::Owner => true,
            Role::Operator => {
                matches!(
                    what,
                    Look | EditCatalog
                        | HandleOrders
                        | SeeBuyers
                        | ExportOrders
                        | EditSettings
                        | TalkToFans
                        | EditFans
                        | EditSharing
                )
            }
            Role::Service => matches!(what, Look | HandleOrders | SeeBuyers | TalkToFans),
            Role::Finance => matches!(what, Look | MoveMoney | ExportOrders | SeeAudit),
            Role::ReadOnly => matches!(what, Look),
        }
    }

    /// Whether the account needs a second factor: whoever can move money or make accounts.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Role::Owner | Role::Finance)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A permission as a value that needs to be established: see `web::who::Staff`.
pub trait Permission: 'static {
    const NEEDS: May;
    /// Whether it is there for somebody who still has to enrol her second factor.
    const BEFORE_ENROLMENT: bool = false;
}

/// Her own account: every member's, and all there is for one who still has to enrol.
#[derive(Debug, Clone, Copy)]
pub struct Own;

impl Permission for Own {
    const NEEDS: May = May::Look;
    const BEFORE_ENROLMENT: bool = true;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum May { $($(#[$doc])* $name,)* }
        impl May {
            pub const ALL: &[May] = &[$(May::$name,)*];
        }
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Permission for $name {
                const NEEDS: May = May::$name;
            }
        )*
    };
}

permissions! {
    /// See every page of the back office that holds no personal data.
    Look
    /// Products, categories, pictures, stock, import of products.
    EditCatalog
    /// Ship, cancel, write notes.
    HandleOrders
    /// Where parcels go and how buyers are reached, in full; everybody else sees it masked.
    SeeBuyers
    /// Take orders out of the shop as a file; asks for the password again.
    ExportOrders
    /// Refunds and reconciliation; asks for the password again.
    MoveMoney
    /// The shop's name, texts, freight and times.
    EditSettings
    /// Weibo's keys; asks for the password again.
    HoldKeys
    /// Accounts, roles, invitations.
    ManageStaff
    /// Who changed what.
    SeeAudit
    /// Read what fans write, and answer them.
    TalkToFans
    /// What answers fans by itself, and what is sent to many of them: rules, menus, codes, broadcasts.
    EditFans
    /// What the shop says on Weibo and whom it rewards for saying it: posts, campaigns, reposts, partners.
    EditSharing
}
