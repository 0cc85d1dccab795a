//! What tells one push from another: no push has a number of its own. Pure.

use crate::weibo::messages::Packet;
use anyhow::Context;
use ring::digest::{Context as Hash, SHA256, digest};

/// Of who said what and when (fans-service.md §2), whatever format it came in.
pub fn of_packet(packet: &Packet) -> anyhow::Result<Vec<u8>> {
    let content = serde_json::to_string(&packet.content).context("a packet that cannot be written down")?;
    let parts = [
        packet.sender.to_string(),
        packet.receiver.to_string(),
        packet.created_at.unix_timestamp().to_string(),
        packet.text.clone(),
        content,
    ];
    let mut hash = Hash::new(&SHA256);
    for part in parts {
        // Lengths in front: no part can pass for the end of the one before.
        hash.update(&part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    Ok(hash.finish().as_ref().to_vec())
}

/// Of a body that cannot be read.
pub fn of_body(body: &[u8]) -> Vec<u8> {
    digest(&SHA256, body).as_ref().to_vec()
}
