//! Files that pages show, kept in a local folder under flat names: for now the pictures of products.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;

/// A folder of files that never change once they are there: their names stand for their content.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Opens the folder, making it when it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Files> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Files { folder })
    }

    /// Keeps `bytes` under `name`: afterwards the whole file is there, also after a power cut, or nothing of
    /// it. Does nothing when there is such a file already. A name that no file can have is `InvalidInput`.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> io::Result<()> {
        let path = self.path(name).ok_or(io::ErrorKind::InvalidInput)?;
        off_the_runtime(move || write_whole(&path, &bytes)).await
    }

    /// The content of a file; `None` when there is none, or none can be of that name.
    pub async fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(path) = self.path(name) else { return Ok(None) };
        off_the_runtime(move || match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Whether there is such a file.
    pub async fn has(&self, name: &str) -> io::Result<bool> {
        let Some(path) = self.path(name) else { return Ok(false) };
        off_the_runtime(move || path.try_exists()).await
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        is_plain(name).then(|| self.folder.join(name))
    }
}

/// Small letters, digits, dashes and points; no point at the front or beside another. Thus never a way out of
/// the folder, a hidden file, or a device.
fn is_plain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= 120 && name.split('.').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut draft = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(refused) => Err(refused.error),
    }
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_outside_the_folder_can_be_named() {
        let above = tempfile::tempdir().unwrap();
        fs::write(above.path().join("secret"), "s").unwrap();
        let files = Files::open(above.path().join("files")).unwrap();
        let absolute = above.path().join("secret").display().to_string();
        let long = "a".repeat(121);
        for bad in [
            "../secret",
            "..",
            ".",
            "",
            "/",
            "a/b",
            "a\\b",
            ".hidden",
            "a..b",
            "a.",
            "A",
            "a\0",
            "a b",
            "茶",
            "%2e%2e",
            absolute.as_str(),
            long.as_str(),
        ] {
            assert_eq!(files.read(bad).await.unwrap(), None, "{bad:?}");
            assert!(!files.has(bad).await.unwrap());
            assert_eq!(files.put(bad, vec![1]).await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[tokio::test]
    async fn what_is_put_first_stays() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path().join("new/folder")).unwrap();
        assert_eq!(files.read("tea-750.webp").await.unwrap(), None);
        files.put("tea-750.webp", b"first".to_vec()).await.unwrap();
        files.put("tea-750.webp", b"second".to_vec()).await.unwrap();
        assert_eq!(files.read("tea-750.webp").await.unwrap().as_deref(), Some(&b"first"[..]));
        assert!(files.has("tea-750.webp").await.unwrap());
        let left_over = fs::read_dir(folder.path().join("new/folder")).unwrap().count();
        assert_eq!(left_over, 1, "no draft stays behind");
    }

    #[tokio::test]
    async fn many_writers_of_one_file_agree() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let writers = (0..8).map(|_| files.put("one.jpg", vec![7; 100_000]));
        assert!(futures_util::future::join_all(writers).await.iter().all(Result::is_ok));
        assert_eq!(files.read("one.jpg").await.unwrap(), Some(vec![7; 100_000]));
    }
}
