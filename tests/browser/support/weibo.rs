//! What the sandbox knows, asked over its JSON doors.

use super::{LOOK, PATIENCE, Shop};
use anyhow::ensure;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

impl Shop {
    /// What stands in people's streams, newest first.
    pub fn statuses(&self) -> anyhow::Result<Vec<Value>> {
        self.asks("/sandbox/api/statuses")
    }

    /// What was paid in the sandbox, oldest first.
    pub fn payments(&self) -> anyhow::Result<Vec<Value>> {
        self.asks("/sandbox/api/payments")
    }

    /// The status with this text, as soon as it is there.
    pub async fn status_saying(&self, text: &str) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.statuses()?.into_iter().find(|status| status["text"] == text) {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "nobody has said {text}");
            tokio::time::sleep(LOOK).await;
        }
    }

    fn asks(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let address = self.sandbox.trim_start_matches("http://");
        let mut line = TcpStream::connect(address)?;
        // Without pieces and without a connection that stays, all that follows the head is the body.
        write!(line, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok(serde_json::from_str(body)?)
    }
}
