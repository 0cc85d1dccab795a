//! So many at a time, so that one rush leaves the connections to everybody else; and nobody waits for long.

use super::Error;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Places for so many at once.
pub struct Turns {
    places: Semaphore,
    patience: Duration,
}

impl Turns {
    pub const fn new(places: usize, patience: Duration) -> Turns {
        Turns { places: Semaphore::const_new(places), patience }
    }

    /// Whoever waits longer than the patience gets [`Error::Busy`]: she may come again.
    pub async fn take(&self) -> Result<SemaphorePermit<'_>, Error> {
        let turn = timeout(self.patience, self.places.acquire()).await.map_err(|_| Error::Busy)?;
        turn.map_err(|closed| Error::Unexpected(closed.into()))
    }
}
