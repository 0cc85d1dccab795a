//! Orders as rows of a table, one for each line. Who may not see buyers gets them masked.

use super::dialect::{Cell, Sheet};
use super::transfer::Transfer;
use crate::clock::SHOP_ZONE;
use crate::customers::{self, CustomerId};
use crate::db::Tx;
use crate::orders::desk::{self, Asked, Cursor, Filter};
use crate::orders::{self, Order, OrderId, Payment, Shipment};
use crate::payments;
use crate::text::Language;
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use time::macros::format_description;

/// A step takes so many orders.
pub const BATCH: i64 = 500;

/// An order with what else belongs into its rows.
pub struct Exported {
    pub order: Order,
    buyer: Option<String>,
    parcel: Option<Shipment>,
}

/// The list of orders that an address asks for; nothing where it is none that can be exported.
pub fn filter(query: &str, masked: bool) -> Option<Filter> {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let field = match &*name {
            "state" => &mut asked.state,
            "from" => &mut asked.from,
            "to" => &mut asked.to,
            "q" => &mut asked.q,
            "product" => &mut asked.product,
            _ => continue,
        };
        *field = value.into_owned();
    }
    Filter::read(&asked, !masked).ok()
}

/// The next orders of this export, the newest first.
pub async fn next(tx: &mut Tx, transfer: &Transfer) -> anyhow::Result<Vec<Exported>> {
    let filter = filter(&transfer.query, transfer.masked);
    let mut filter = filter.ok_or_else(|| anyhow::anyhow!("this list cannot be exported"))?;
    payments::complete(tx, &mut filter).await?;
    let after = transfer.position_at.map(|at| Cursor { placed_at: at, id: OrderId(transfer.position) });
    let found = desk::search(tx, &filter).await?.page(tx, after, BATCH).await?.orders;
    let ids: Vec<OrderId> = found.iter().map(|order| order.id).collect();
    let mut parcels: BTreeMap<OrderId, Shipment> = orders::parcels(tx, &ids).await?.into_iter().collect();
    let buyers: Vec<CustomerId> = found.iter().filter_map(|order| order.customer).collect();
    let buyers: HashMap<CustomerId, i64> = customers::weibo_uids(tx, &buyers).await?.into_iter().collect();
    let whole = |order: Order| Exported {
        parcel: parcels.remove(&order.id),
        buyer: order.customer.and_then(|id| buyers.get(&id)).map(i64::to_string),
        order,
    };
    Ok(found.into_iter().map(whole).collect())
}

const HEADER: [(&str, &str); 19] = [
    ("订单号", "Order"),
    ("下单时间", "Placed"),
    ("付款时间", "Paid"),
    ("状态", "State"),
    ("买家微博", "Buyer's Weibo uid"),
    ("收货人", "Recipient"),
    ("电话", "Phone"),
    ("地址", "Address"),
    ("商品", "Product"),
    ("规格", "Variant"),
    ("SKU", "SKU"),
    ("数量", "Quantity"),
    ("单价(元)", "Unit price (yuan)"),
    ("小计(元)", "Line total (yuan)"),
    ("运费(元)", "Freight (yuan)"),
    ("订单总额(元)", "Order total (yuan)"),
    ("快递", "Courier"),
    ("快递单号", "Tracking number"),
    ("买家留言", "Buyer's note"),
];

pub fn header(sheet: &mut Sheet, language: Language) -> anyhow::Result<()> {
    sheet.row(HEADER.map(|(zh, en)| Cell::text(if language == Language::English { en } else { zh })))
}

/// The rows of one order. What belongs to the whole order, its freight and total too, stands in the first, so
/// that a column can be summed up.
pub fn rows(sheet: &mut Sheet, of: &Exported, masked: bool, language: Language) -> anyhow::Result<()> {
    let order = &of.order;
    let address = &order.address;
    let (recipient, phone) = if masked {
        (address.masked_recipient(), address.masked_phone())
    } else {
        (address.recipient.clone(), address.phone.clone())
    };
    let open = |text: &str| if masked { String::new() } else { text.to_owned() };
    let paid_at = match order.payment {
        Payment::Paid { at } | Payment::Late { at } => time_of(at),
        Payment::None | Payment::Pending => String::new(),
    };
    let buyer = of.buyer.as_deref().map(open).unwrap_or_default();
    let courier = of.parcel.as_ref().map_or("", |parcel| parcel.courier.name(language));
    let tracking = of.parcel.as_ref().map_or(String::new(), |parcel| parcel.tracking.to_string());
    for (n, line) in order.lines.iter().enumerate() {
        let whole = |cell| if n == 0 { cell } else { Cell::Empty };
        sheet.row([
            Cell::text(order.number.as_str()),
            Cell::Number(time_of(order.placed_at)),
            Cell::Number(paid_at.clone()),
            Cell::text(order.stage().word(language)),
            Cell::text(buyer.as_str()),
            Cell::text(recipient.as_str()),
            Cell::text(phone.as_str()),
            Cell::text(open(&address.place())),
            Cell::text(line.product_name.in_language(language)),
            Cell::text(line.choice_name.in_language(language)),
            Cell::text(line.sku.as_str()),
            Cell::number(line.quantity),
            Cell::number(line.unit_price),
            Cell::number(line.total()),
            whole(Cell::number(order.freight)),
            whole(Cell::number(order.total)),
            Cell::text(courier),
            Cell::text(tracking.as_str()),
            Cell::text(open(&order.note)),
        ])?;
    }
    Ok(())
}

/// In the shop's zone, as a spreadsheet sorts it.
fn time_of(at: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(SHOP_ZONE).format(form).unwrap_or_default()
}
