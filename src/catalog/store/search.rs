//! How the words are kept by which products are found.

use crate::catalog::ids::ProductId;
use crate::catalog::search::{kept_under, words};
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// So many products are taken at once by [`catch_up`].
const BATCH: i64 = 200;
/// A description is read so far, in characters: what a buyer looks for stands near its beginning.
const READ: usize = 3000;

/// A product that has all the words, with what it is ranked by.
pub struct Candidate {
    pub product: ProductId,
    /// All words are in its name.
    pub in_name: bool,
    pub in_stock: bool,
    pub name_zh: String,
    pub name_en: String,
    /// In both languages.
    pub category: String,
    pub summary: String,
}

/// Products that have all `words`, those that have them in their name before the others, in the merchant's order.
pub async fn candidates(
    conn: &mut PgConnection,
    words: &[String],
    everything: bool,
    most: usize,
) -> sqlx::Result<Vec<Candidate>> {
    // Not EXISTS: Postgres would read all variants of the shop to know of these.
    sqlx::query_as!(
        Candidate,
        r#"SELECT p.id AS "product: ProductId", found.in_name AS "in_name!",
            coalesce((SELECT true FROM variants v
                WHERE v.product_id = p.id AND v.stock > 0 AND v.retired_at IS NULL LIMIT 1), false)
                AS "in_stock!",
            p.name_zh, p.name_en, c.name_zh || ' ' || c.name_en AS "category!",
            p.summary_zh || ' ' || p.summary_en AS "summary!"
        FROM search_products($1, $2, $3) WITH ORDINALITY AS found (product_id, in_name, number)
        JOIN products p ON p.id = found.product_id
        JOIN categories c ON c.id = p.category_id
        WHERE p.on_shelf OR $2
        ORDER BY found.number"#,
        words,
        everything,
        i32::try_from(most).unwrap_or(i32::MAX)
    )
    .fetch_all(conn)
    .await
}

/// Words of the shop that are kept under one of these marks; at most 200.
pub async fn near_words(conn: &mut PgConnection, marks: &[i32]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("SELECT word FROM search_words WHERE kept_under && $1 LIMIT 200", marks)
        .fetch_all(conn)
        .await
}

/// Keeps the words of a product as it is now in `tx`. Whoever changes a product, its variants or options calls it
/// last. (Its category's own name is taken from the category.)
pub async fn index(tx: &mut Tx, product: ProductId) -> sqlx::Result<()> {
    index_many(tx, &[product]).await
}

/// As [`index`], for many.
pub async fn index_many(tx: &mut Tx, products: &[ProductId]) -> sqlx::Result<()> {
    let read = read(tx, products).await?;
    write(tx, &read).await
}

/// Takes what was changed since and not indexed: all of it, in batches. Returns how many products that were.
pub async fn catch_up(db: &Db) -> anyhow::Result<usize> {
    let mut all = 0;
    loop {
        let mut tx = db.begin().await?;
        let waiting = sqlx::query_scalar!(
            r#"SELECT product_id AS "id: ProductId" FROM search_waiting ORDER BY product_id LIMIT $1"#,
            BATCH
        )
        .fetch_all(&mut *tx)
        .await?;
        if waiting.is_empty() {
            return Ok(all);
        }
        // The products are held before their marks are taken away: whoever changes one now marks it again.
        let read = read(&mut tx, &waiting).await?;
        write(&mut tx, &read).await?;
        learn(&mut tx, &read).await?;
        sqlx::query!("DELETE FROM search_waiting WHERE product_id = ANY($1)", &waiting as &[ProductId])
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        all += waiting.len();
    }
}

struct Texts {
    id: ProductId,
    on_shelf: bool,
    place: i32,
    name: String,
    category: String,
    summary: String,
    description: String,
    /// Its options and SKUs.
    labels: String,
}

/// What products are found by, their rows held until the transaction ends.
async fn read(tx: &mut Tx, products: &[ProductId]) -> sqlx::Result<Vec<Texts>> {
    sqlx::query!(
        "SELECT FROM products WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        products as &[ProductId]
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_as!(
        Texts,
        r#"SELECT p.id AS "id: ProductId", p.on_shelf, p.position AS place,
            concat_ws(' ', p.name_zh, p.name_en) AS "name!",
            concat_ws(' ', c.name_zh, c.name_en) AS "category!",
            concat_ws(' ', p.summary_zh, p.summary_en) AS "summary!",
            concat_ws(' ', p.description_zh, p.description_en) AS "description!",
            concat_ws(' ',
                (SELECT string_agg(v.sku, ' ' ORDER BY v.id) FROM variants v
                    WHERE v.product_id = p.id AND v.retired_at IS NULL),
                (SELECT string_agg(concat_ws(' ', ch.name_zh, ch.name_en), ' ' ORDER BY ch.id)
                    FROM choices ch WHERE ch.product_id = p.id)) AS "labels!"
        FROM products p JOIN categories c ON c.id = p.category_id
        WHERE p.id = ANY($1) ORDER BY p.id"#,
        products as &[ProductId]
    )
    .fetch_all(&mut **tx)
    .await
}

async fn write(tx: &mut Tx, products: &[Texts]) -> sqlx::Result<()> {
    let ids: Vec<ProductId> = products.iter().map(|p| p.id).collect();
    let on_shelf: Vec<bool> = products.iter().map(|p| p.on_shelf).collect();
    let places: Vec<i32> = products.iter().map(|p| p.place).collect();
    let (names, all): (Vec<String>, Vec<String>) = products.iter().map(words_of).unzip();
    // No word has a space. What has not changed is not written: each row stands in the index many times.
    sqlx::query!(
        "INSERT INTO product_search AS old (product_id, on_shelf, place, names, words)
        SELECT n.id, n.on_shelf, n.place, string_to_array(n.names, ' '), string_to_array(n.words, ' ')
        FROM unnest($1::bigint[], $2::boolean[], $3::integer[], $4::text[], $5::text[])
            AS n (id, on_shelf, place, names, words)
        ON CONFLICT (product_id) DO UPDATE SET on_shelf = excluded.on_shelf, place = excluded.place,
            names = excluded.names, words = excluded.words
        WHERE (old.on_shelf, old.place, old.names, old.words)
            IS DISTINCT FROM (excluded.on_shelf, excluded.place, excluded.names, excluded.words)",
        &ids as &[ProductId],
        &on_shelf,
        &places,
        &names,
        &all
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The words of a product's name, and of all about it.
fn words_of(product: &Texts) -> (String, String) {
    let names = words::of_name(&product.name);
    let description: String = product.description.chars().take(READ).collect();
    let mut all = words::of_long_text(&description);
    all.extend(words::of_text(&product.summary));
    all.extend(words::of_text(&product.labels));
    all.extend(words::of_name(&product.category));
    all.extend(names.iter().cloned());
    (joined(&names), joined(&all))
}

fn joined(words: &BTreeSet<String>) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.join(" ")
}

/// Learns how the words of these products are spelled. Not part of [`index`]: two who edit would wait for each
/// other over a word that both use for the first time.
async fn learn(tx: &mut Tx, products: &[Texts]) -> sqlx::Result<()> {
    let texts = products.iter().flat_map(|p| [&p.name, &p.category, &p.summary]);
    let mut words: BTreeSet<String> = texts.flat_map(|text| words::spelled(text)).collect();
    words.retain(|word| !kept_under(word).is_empty());
    let words: Vec<String> = words.into_iter().collect();
    let new = sqlx::query_scalar!(
        r#"SELECT word AS "word!" FROM unnest($1::text[]) AS word
        WHERE NOT EXISTS (SELECT FROM search_words known WHERE known.word = word) ORDER BY word"#,
        &words
    )
    .fetch_all(&mut **tx)
    .await?;
    let marks = |word: &String| {
        let marks: Vec<String> = kept_under(word).iter().map(i32::to_string).collect();
        marks.join(",")
    };
    let marks: Vec<String> = new.iter().map(marks).collect();
    sqlx::query!(
        "INSERT INTO search_words (word, kept_under)
        SELECT n.word, string_to_array(n.marks, ',')::integer[] FROM unnest($1::text[], $2::text[]) AS n (word, marks)
        ON CONFLICT (word) DO NOTHING",
        &new,
        &marks
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
