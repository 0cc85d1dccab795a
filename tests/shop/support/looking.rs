//! What a test may look at beside the pages: bytes on the line, rows in the tables, lines in the log.

use super::{TestShop, log};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

impl TestShop {
    /// Sends these very bytes, with our address for HOST, and reads until the line is closed.
    pub async fn raw(&self, request: &[u8]) -> String {
        let host = self.base.authority().as_bytes();
        let request = match request.windows(4).position(|four| four == b"HOST") {
            Some(at) => [&request[..at], host, &request[at + 4..]].concat(),
            None => request.to_vec(),
        };
        let mut line = TcpStream::connect(self.base.authority()).await.unwrap();
        // A server may close before it has read everything.
        let _ = line.write_all(&request).await;
        let mut answer = Vec::new();
        let _ = line.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The link that opens an order on any device, as the shop gives it.
    pub fn order_link(&self, number: &str) -> String {
        format!("/orders/{number}?t={}", self.app.shop.keys.tag("order link", number))
    }

    /// Every row of every table, as text.
    pub async fn everything_stored(&self) -> String {
        let mut conn = self.database.connect().await;
        let sql = "SELECT string_agg(query_to_xml(format('SELECT t::text FROM %I t', table_name),
                true, true, '')::text, ' ') FROM information_schema.tables WHERE table_schema = 'public'";
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }

    /// Everything that this program has logged so far.
    pub fn logged(&self) -> String {
        assert!(log::lines().contains(self.base.authority()) || !log::lines().is_empty(), "the log is heard");
        log::lines()
    }

    /// One number that SQL can tell.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut conn = self.database.connect().await;
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }

    /// Changes what no page changes.
    pub async fn runs(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.database.connect().await).await.unwrap();
    }
}
