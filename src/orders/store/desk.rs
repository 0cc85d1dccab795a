//! Looking for orders among very many. No question reads more than some ten thousand rows, whatever is asked.

use super::read;
use crate::db::Tx;
use crate::orders::desk::{Cursor, Filter, State, Terms};
use crate::orders::{Order, OrderId};
use std::collections::HashSet;
use time::OffsetDateTime;

/// What is looked for is looked up first when no more orders than this have it. Of what more have, one is
/// met soon by reading the newest.
const FEW: i64 = 20_000;
/// Beyond that orders are not counted.
const COUNTED: i64 = 2_000;

/// A question whose names have been looked up.
#[derive(Debug)]
pub struct Search {
    state: &'static str,
    since: Option<OffsetDateTime>,
    before: Option<OffsetDateTime>,
    /// The only orders that it can be.
    ids: Option<Vec<i64>>,
    /// What very many orders have, looked for in each.
    terms: Option<Terms>,
    product: Option<Product>,
}

/// A product, or some variants of it.
#[derive(Debug, Clone)]
struct Product {
    id: i64,
    variants: Option<Vec<i64>>,
}

/// A page of the list.
#[derive(Debug)]
pub struct Found {
    pub orders: Vec<Order>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// How many orders a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    Exactly(i64),
    MoreThan(i64),
    /// To know it would take too long.
    Unknown,
}

/// Looks up what is named: people, numbers, a product. For the rest of `tx` Postgres plans for the values at
/// hand and by index, for a plan that fits all filters fits none of them.
pub async fn search(tx: &mut Tx, filter: &Filter) -> anyhow::Result<Search> {
    sqlx::query!(
        "SELECT FROM (VALUES ('plan_cache_mode', 'force_custom_plan'), ('enable_seqscan', 'off'), ('jit', 'off'))
            AS settings (name, value), LATERAL set_config(name, value, true)"
    )
    .execute(&mut **tx)
    .await?;
    let mut search = Search {
        state: filter.state.name(),
        since: filter.since(),
        before: filter.before(),
        ids: filter.among.as_ref().map(|among| among.iter().map(|id| id.0).collect()),
        terms: None,
        product: None,
    };
    if filter.state == State::Confirming && search.ids.is_none() {
        search.ids = Some(Vec::new());
    }
    if let Some(terms) = &filter.terms {
        match candidates(tx, terms).await? {
            Some(ids) => search.narrow(ids),
            None => search.terms = Some(terms.clone()),
        }
    }
    if let Some(name) = &filter.product {
        match product(tx, name).await? {
            None => search.narrow(Vec::new()),
            Some(product) => search.product = Some(product),
        }
    }
    Ok(search)
}

/// `abc%`, whatever the text holds.
fn beginning(text: &str) -> String {
    let mut pattern: String = text
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    pattern.push('%');
    pattern
}

/// Orders that fit what was typed; nothing when they are too many to name. Each way of fitting has its index.
async fn candidates(tx: &mut Tx, terms: &Terms) -> sqlx::Result<Option<Vec<i64>>> {
    let also: Vec<i64> = terms.also.iter().map(|id| id.0).collect();
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM (
              (SELECT id FROM orders WHERE number LIKE $1 LIMIT $6)
            UNION (SELECT id FROM orders WHERE substr(number, 6) LIKE $2 LIMIT $6)
            UNION (SELECT id FROM orders WHERE substr(number, 11) LIKE $2 LIMIT $6)
            UNION (SELECT id FROM orders WHERE recipient LIKE $3 LIMIT $6)
            UNION (SELECT id FROM orders WHERE right(phone, 4) = right($4, 4) AND phone LIKE '%' || $4 LIMIT $6)
            UNION (SELECT order_id FROM shipments WHERE tracking = $5)
            UNION SELECT unnest($7::bigint[])) AS fitting LIMIT $6"#,
        terms.number.as_deref().map(beginning),
        terms.part.as_deref().map(beginning),
        terms.recipient.as_deref().map(beginning),
        terms.phone,
        terms.tracking,
        FEW + 1,
        &also
    )
    .fetch_all(&mut **tx)
    .await?;
    let few = i64::try_from(ids.len()).is_ok_and(|count| count <= FEW);
    Ok(few.then_some(ids))
}

/// The product of this address, or the variants that have or had this SKU, on the shelf or not.
async fn product(tx: &mut Tx, name: &str) -> sqlx::Result<Option<Product>> {
    sqlx::query_as!(
        Product,
        r#"SELECT id AS "id!", NULL::bigint[] AS variants FROM products WHERE slug = $1
         UNION ALL SELECT product_id, array_agg(id) FROM variants WHERE sku = $1 GROUP BY product_id LIMIT 1"#,
        name
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The rows of a [`Search`] among `$orders`, in one wording for the page and for its count.
macro_rules! listed {
    ($before:literal, $orders:literal, $after:literal, $search:expr, $($argument:expr),*) => {{
        let search: &Search = $search;
        let terms = search.terms.clone().unwrap_or_default();
        let also: Vec<i64> = terms.also.iter().map(|id| id.0).collect();
        sqlx::query!(
            $before
                + " FROM "
                + $orders
                + r#" AS o
            WHERE ($1::text <> 'to-ship' OR o.to_ship)
              AND ($1::text <> 'unpaid' OR (o.payment IN ('none', 'pending') AND o.closed_at IS NULL))
              AND ($1::text <> 'confirming' OR (o.payment IN ('none', 'pending') AND o.closed_at IS NULL))
              AND ($1::text <> 'shipped' OR o.fulfilment = 'shipped')
              AND ($1::text <> 'received' OR o.fulfilment = 'received')
              AND ($1::text <> 'closed' OR o.closed_at IS NOT NULL)
              AND ($1::text <> 'late' OR o.payment = 'late')
              AND ($1::text <> 'refunds' OR o.back_fen > 0)
              AND ($2::timestamptz IS NULL OR o.placed_at >= $2)
              AND ($3::timestamptz IS NULL OR o.placed_at < $3)
              AND ($4::bigint[] IS NULL OR o.id = ANY($4))
              AND ($5::bigint IS NULL OR EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id
                    AND l.product_id = $5 AND ($6::bigint[] IS NULL OR l.variant_id = ANY($6))))
              AND (NOT $7::boolean OR o.number LIKE $8 OR substr(o.number, 6) LIKE $9
                    OR substr(o.number, 11) LIKE $9 OR o.recipient LIKE $10 OR o.phone LIKE '%' || $11
                    OR o.id = ANY($12::bigint[])
                    OR o.id = (SELECT s.order_id FROM shipments s WHERE s.tracking = $13 LIMIT 1))"#
                + $after,
            search.state,
            search.since,
            search.before,
            search.ids.as_deref(),
            search.product.as_ref().map(|product| product.id),
            search.product.as_ref().and_then(|product| product.variants.as_deref()),
            search.terms.is_some(),
            terms.number.as_deref().map(beginning),
            terms.part.as_deref().map(beginning),
            terms.recipient.as_deref().map(beginning),
            terms.phone,
            &also,
            terms.tracking,
            $($argument),*
        )
    }};
}

/// The same among the orders that have the product, in its index's order of time. The first of an order's lines that
/// is of the product stands for all of them.
macro_rules! listed_by_product {
    ($before:literal, $after:literal, $search:expr, $($argument:expr),*) => {
        listed!(
            $before,
            "(SELECT o.*, l.placed_at AS line_at, l.order_id AS line_of
              FROM order_lines l JOIN orders o ON o.id = l.order_id
              WHERE l.product_id = $5 AND ($6::bigint[] IS NULL OR l.variant_id = ANY($6))
                AND NOT EXISTS (SELECT FROM order_lines e WHERE e.order_id = l.order_id AND e.product_id = $5
                    AND e.position < l.position AND ($6 IS NULL OR e.variant_id = ANY($6))))",
            $after,
            $search,
            $($argument),*
        )
    };
}

/// Where the page begins, and how many rows it may have.
macro_rules! page {
    ($listed:ident!($($text:literal),*), $tx:expr, $search:expr, $after:expr, $most:expr) => {
        $listed!(
            $($text),*,
            $search,
            $after.map(|cursor| cursor.placed_at),
            $after.map(|cursor| cursor.id.0),
            $most + 1
        )
        .fetch_all(&mut **$tx)
        .await?
        .into_iter()
        .map(|row| Cursor { placed_at: row.placed_at, id: row.id })
        .collect::<Vec<Cursor>>()
    };
}

/// A page of `$orders` in their own order of time, which is not that of a product's index.
macro_rules! newest {
    ($orders:literal, $tx:expr, $search:expr, $after:expr, $most:expr) => {
        page!(
            listed!(
                r#"SELECT o.id AS "id!: OrderId", o.placed_at AS "placed_at!""#,
                $orders,
                " AND ($14::timestamptz IS NULL OR (o.placed_at, o.id) < ($14, $15::bigint))
                     ORDER BY o.placed_at DESC, o.id DESC LIMIT $16"
            ),
            $tx,
            $search,
            $after,
            $most
        )
    };
}

impl Search {
    fn narrow(&mut self, ids: Vec<i64>) {
        self.ids = Some(match self.ids.take() {
            None => ids,
            Some(before) => {
                let both: HashSet<i64> = ids.into_iter().collect();
                before.into_iter().filter(|id| both.contains(id)).collect()
            }
        });
    }

    /// At most `most` orders behind `after`, the newest first.
    pub async fn page(&self, tx: &mut Tx, after: Option<Cursor>, most: i64) -> anyhow::Result<Found> {
        let mut rows = match (&self.ids, &self.product) {
            // Few, but perhaps all from long ago: they are not waited for in the order of time.
            (Some(_), _) => {
                newest!("(SELECT * FROM orders WHERE id = ANY($4) OFFSET 0)", tx, self, after, most)
            }
            (None, Some(_)) => page!(
                listed_by_product!(
                    r#"SELECT o.id AS "id!: OrderId", o.line_at AS "placed_at!""#,
                    " AND ($14::timestamptz IS NULL OR (o.line_at, o.line_of) < ($14, $15::bigint))
                     ORDER BY o.line_at DESC, o.line_of DESC LIMIT $16"
                ),
                tx,
                self,
                after,
                most
            ),
            (None, None) => newest!("orders", tx, self, after, most),
        };
        let more = i64::try_from(rows.len()).is_ok_and(|count| count > most);
        rows.truncate(usize::try_from(most).unwrap_or_default());
        let next = rows.last().copied().filter(|_| more);
        let ids: Vec<OrderId> = rows.iter().map(|row| row.id).collect();
        let mut orders = read(tx, &ids).await?;
        orders.sort_by_key(|order| std::cmp::Reverse((order.placed_at, order.id)));
        Ok(Found { orders, next })
    }

    /// How many there are in all.
    pub async fn total(&self, tx: &mut Tx) -> anyhow::Result<Total> {
        let all = self.state == State::All.name() && self.since.is_none() && self.before.is_none();
        match (&self.ids, &self.terms, &self.product) {
            (None, Some(_), Some(_)) => return Ok(Total::Unknown),
            (None, Some(_), None) => return Ok(if all { Total::MoreThan(COUNTED) } else { Total::Unknown }),
            (None, None, Some(product)) => return self.total_of(tx, product, all).await,
            (Some(ids), None, None) if all => return Ok(Total::Exactly(i64::try_from(ids.len())?)),
            _ => {}
        }
        let count = listed!(
            r#"SELECT count(*) AS "count!" FROM (SELECT"#,
            "orders",
            " LIMIT $14) AS counted",
            self,
            COUNTED + 1
        )
        .fetch_one(&mut **tx)
        .await?
        .count;
        Ok(counted(count))
    }

    /// How many orders of the product there are; of `all` of them an index knows, with other filters each is looked
    /// at, unless they are too many.
    async fn total_of(&self, tx: &mut Tx, product: &Product, all: bool) -> anyhow::Result<Total> {
        let bought = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM (SELECT DISTINCT placed_at, order_id FROM order_lines
                 WHERE product_id = $1 AND ($2::bigint[] IS NULL OR variant_id = ANY($2)) LIMIT $3) AS counted"#,
            product.id,
            product.variants.as_deref(),
            COUNTED + 1
        )
        .fetch_one(&mut **tx)
        .await?;
        if all || bought > COUNTED {
            return Ok(if all { counted(bought) } else { Total::Unknown });
        }
        let fitting = listed_by_product!(
            r#"SELECT count(*) AS "count!" FROM (SELECT"#,
            " LIMIT $14) AS counted",
            self,
            COUNTED + 1
        );
        Ok(counted(fitting.fetch_one(&mut **tx).await?.count))
    }
}

fn counted(count: i64) -> Total {
    if count > COUNTED { Total::MoreThan(COUNTED) } else { Total::Exactly(count) }
}
