//! Takes a picture in that somebody uploads: read and developed one at a time, far from the threads that serve
//! visitors, then stored whole or not at all.

use super::{PictureError, Refused, Rendered, photograph, store};
use crate::catalog::picture::Rgb;
use crate::db::Db;
use crate::files::Files;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// A photograph of a good camera fits; a film does not.
pub const LARGEST_FILE: u64 = 20 * 1024 * 1024;

/// Where pictures are developed, one at a time: each may take 64 MB and more.
#[derive(Clone)]
pub struct Darkroom(Arc<Semaphore>);

impl Default for Darkroom {
    fn default() -> Darkroom {
        Darkroom(Arc::new(Semaphore::new(1)))
    }
}

impl Darkroom {
    /// Runs `work` when nobody else's is running. Who stops waiting for it does not let the next one in early.
    pub(in crate::catalog) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let turn = self.0.clone().acquire_owned().await?;
        let done = spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        Ok(done.await?)
    }
}

/// All that pictures are taken in with.
#[derive(Clone, Copy)]
pub struct Intake<'a> {
    pub db: &'a Db,
    pub files: &'a Files,
    pub darkroom: &'a Darkroom,
}

impl Intake<'_> {
    /// Takes in a PNG, JPEG or WebP of at most 20 MB, laid on `ground` where it is transparent, and returns
    /// its name. All its files are there then; until a row names it, it is kept for a day.
    pub async fn take_in(
        &self,
        upload: File,
        ground: Rgb,
        now: OffsetDateTime,
    ) -> Result<String, PictureError> {
        let developed = self.darkroom.alone(move || develop(upload, ground)).await?;
        let Rendered { name, files } = developed?;
        // Before the first file: from here on the sweep knows of it, and waits.
        store::want(&mut *self.db.reader().await?, &name, now).await?;
        for (file, bytes) in files {
            self.files.put(&file, bytes).await.map_err(PictureError::Storage)?;
        }
        Ok(name)
    }
}

fn develop(upload: File, ground: Rgb) -> Result<Rendered, PictureError> {
    let mut bytes = Vec::new();
    upload.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(PictureError::Storage)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Refused::TooHeavy.into());
    }
    photograph::develop(&bytes, ground)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn two_are_never_developed_at_once() {
        let (darkroom, inside) = (Darkroom::default(), Arc::new(AtomicUsize::new(0)));
        let (told, heard) = mpsc::channel();
        let work = |_| {
            let (inside, told, darkroom) = (inside.clone(), told.clone(), darkroom.clone());
            tokio::spawn(async move {
                let alone = darkroom.alone(move || {
                    told.send(inside.fetch_add(1, Ordering::SeqCst)).unwrap();
                    (0..1000).for_each(|_| std::thread::yield_now());
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
                alone.await.unwrap();
            })
        };
        let all: Vec<_> = (0..64).map(work).collect();
        // Some visitors give up while they wait, or while their picture is being developed.
        all.iter().step_by(3).for_each(tokio::task::JoinHandle::abort);
        for one in all {
            let _ = one.await;
        }
        drop(told);
        darkroom.alone(|| ()).await.unwrap();
        assert!(heard.try_iter().all(|others| others == 0));
    }
}
