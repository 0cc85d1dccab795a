//! Within this process, one call at a time for each token: two actions of one person at once would run into her limits
//! (10023) or into a token that the other call has just replaced. Others wait for their turn; who waits for nobody
//! leaves no trace.

use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// A token's fingerprint.
type Mark = Vec<u8>;
type Turn = Arc<tokio::sync::Mutex<()>>;

/// The calls that are in the air, by token. Clones share them.
#[derive(Clone, Default)]
pub struct Flights(Arc<Mutex<HashMap<Mark, Turn>>>);

/// A place in a token's queue, at its end the turn itself.
pub struct Flight {
    all: Flights,
    mark: Mark,
    queue: Turn,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Flights {
    /// Waits until no other call is made with this token. The turn ends when what is returned is dropped.
    pub async fn alone(&self, token: &SecretString) -> Flight {
        let mark = digest(&SHA256, token.expose_secret().as_bytes()).as_ref().to_vec();
        let queue = self.all().entry(mark.clone()).or_default().clone();
        // Made before the wait: whoever gives up waiting leaves the queue as well.
        let mut flight = Flight { all: self.clone(), mark, queue, turn: None };
        flight.turn = Some(flight.queue.clone().lock_owned().await);
        flight
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Mark, Turn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.turn = None;
        let mut all = self.all.all();
        // The map's own and this one: nobody else waits, and nobody can come while the map is held.
        if Arc::strong_count(&self.queue) == 2 {
            all.remove(&self.mark);
        }
        // Let go of while the map is held, so that of two that end at once the second one counts right.
        self.queue = Turn::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, future::join_all};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn token(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn the_second_with_a_token_waits_and_another_token_does_not() {
        let flights = Flights::default();
        let first = flights.alone(&token("a")).await;
        let wanted = token("a");
        let mut second = Box::pin(flights.alone(&wanted));
        assert!((&mut second).now_or_never().is_none());
        assert!(flights.alone(&token("b")).now_or_never().is_some());
        drop(first);
        assert!(second.now_or_never().is_some());
        assert!(flights.all().is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_no_trace() {
        let flights = Flights::default();
        let first = flights.alone(&token("a")).await;
        let wanted = token("a");
        let mut second = Box::pin(flights.alone(&wanted));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        drop(second);
        assert!(flights.all().is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_many_at_once_one_flies() {
        let (flights, flying, most) =
            (Flights::default(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let fly = |_| {
            let (flights, flying, most) = (flights.clone(), flying.clone(), most.clone());
            tokio::spawn(async move {
                let _turn = flights.alone(&token("a")).await;
                most.fetch_max(flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                flying.fetch_sub(1, Ordering::SeqCst);
            })
        };
        for done in join_all((0..200).map(fly)).await {
            done.unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(flights.all().is_empty());
    }
}
