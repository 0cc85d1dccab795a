//! Who did something: a person of the staff, the buyer, Weibo, or the shop by itself.

/// Kept beside what was done as three columns: `actor`, `staff_id`, `staff_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The shop by itself, such as when an order's time is over.
    Shop,
    Buyer,
    Weibo,
    /// The name as it was then: accounts may be renamed.
    Staff {
        id: i64,
        name: String,
    },
}

impl Actor {
    /// The word in the `actor` column: `shop`, `buyer`, `weibo` or `staff`.
    pub fn kind(&self) -> &'static str {
        match self {
            Actor::Shop => "shop",
            Actor::Buyer => "buyer",
            Actor::Weibo => "weibo",
            Actor::Staff { .. } => "staff",
        }
    }

    pub fn staff_id(&self) -> Option<i64> {
        match self {
            Actor::Staff { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The name of somebody of the staff; nothing for anybody else.
    pub fn staff_name(&self) -> Option<&str> {
        match self {
            Actor::Staff { name, .. } => Some(name),
            _ => None,
        }
    }

    /// From the three columns; the shop where they say nothing that can be.
    pub fn from_columns(kind: &str, id: Option<i64>, name: Option<String>) -> Actor {
        match (kind, id) {
            ("staff", Some(id)) => Actor::Staff { id, name: name.unwrap_or_default() },
            ("buyer", _) => Actor::Buyer,
            ("weibo", _) => Actor::Weibo,
            _ => Actor::Shop,
        }
    }
}
