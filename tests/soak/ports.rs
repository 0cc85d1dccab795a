//! Free ports for apps that are killed and started again.

use std::sync::atomic::{AtomicU64, Ordering};

/// Below those that the kernel gives to clients: an app that was killed finds it free again.
pub fn free_port() -> u16 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed) + u64::from(std::process::id()) * 31;
        let port = 20_000 + u16::try_from(next % 12_000).unwrap_or(0);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
