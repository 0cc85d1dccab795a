//! Removes the files of pictures that nobody names any more.

use super::store;
use crate::catalog::picture::{Format, Width, file_name};
use crate::db::Db;
use crate::files::Files;
use futures_util::{StreamExt, TryStreamExt};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// What nobody has wanted for so long.
const KEPT: Duration = Duration::hours(24);
/// So many at a time.
const BATCH: usize = 1000;

/// Removes pictures that no product, order or shop names and that nobody has wanted for a day, and begins the
/// day of those whose files nobody had written down. Safe to run at any time, also twice at once. Returns how
/// many pictures went.
pub async fn sweep(db: &Db, files: &Files, now: OffsetDateTime) -> anyhow::Result<usize> {
    let mut gone = 0;
    let mut after = String::new();
    loop {
        let batch = store::unwanted(&mut *db.reader().await?, now - KEPT, &after, 100).await?;
        let Some(last) = batch.last() else { break };
        after.clone_from(last);
        for name in &batch {
            gone += usize::from(remove(db, files, name, now).await?);
        }
    }
    let mut found = files.names().try_chunks(BATCH);
    while let Some(names) = found.next().await {
        let names: BTreeSet<String> =
            names.map_err(|e| e.1)?.iter().filter_map(|file| picture_of(file)).collect();
        let names: Vec<String> = names.into_iter().collect();
        store::adopt(&mut *db.reader().await?, &names, now).await?;
    }
    Ok(gone)
}

/// The row is held while the files go: whoever takes the same picture in meanwhile waits, and stores it anew.
/// The database ends a transaction that is idle for too long, and the row is free then: so it is asked before
/// each file whether it still holds, which also begins that time anew.
async fn remove(db: &Db, files: &Files, name: &str, now: OffsetDateTime) -> anyhow::Result<bool> {
    let mut tx = db.begin().await?;
    if !store::strike_out(&mut tx, name, now - KEPT).await? {
        return Ok(false);
    }
    for width in Width::ALL {
        for format in Format::ALL {
            store::still_holds(&mut tx).await?;
            files.remove(&file_name(name, width, format)).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// The picture that a file is a rendition of; nothing for a file that we did not make.
fn picture_of(file: &str) -> Option<String> {
    let (name, _) = file.split_once('-')?;
    let ours = Width::ALL.iter().flat_map(|w| Format::ALL.map(|f| file_name(name, *w, f))).any(|f| f == file);
    (ours && (16..=64).contains(&name.len()) && !name.contains('.')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_renditions_are_ours() {
        assert_eq!(picture_of("0123456789abcdef-160.jpg").as_deref(), Some("0123456789abcdef"));
        for other in
            ["0123456789abcdef-161.jpg", "backup.sql", "short-160.jpg", "0123456789abcdef.-160.jpg", "a-b"]
        {
            assert_eq!(picture_of(other), None, "{other}");
        }
    }
}
