//! Of what buyers are told by messages. Pure.

/// A switch for each kind of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches, each by itself")]
pub struct Messages {
    pub paid: bool,
    pub late: bool,
    pub shipped: bool,
    /// It counts as received by itself.
    pub received: bool,
    pub refunded: bool,
    /// Goods are there again, or cost less: for whoever asked to be told.
    pub restock: bool,
    pub price: bool,
}

impl Messages {
    /// Every switch by the name of its input, to compare two by.
    pub fn values(self) -> [(&'static str, bool); 7] {
        [
            ("tell_paid", self.paid),
            ("tell_late", self.late),
            ("tell_shipped", self.shipped),
            ("tell_received", self.received),
            ("tell_refunded", self.refunded),
            ("tell_restock", self.restock),
            ("tell_price", self.price),
        ]
    }

    /// From whether the input of a name is ticked.
    pub fn read(ticked: impl Fn(&str) -> bool) -> Messages {
        Messages {
            paid: ticked("tell_paid"),
            late: ticked("tell_late"),
            shipped: ticked("tell_shipped"),
            received: ticked("tell_received"),
            refunded: ticked("tell_refunded"),
            restock: ticked("tell_restock"),
            price: ticked("tell_price"),
        }
    }
}
