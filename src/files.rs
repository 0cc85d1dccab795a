//! Files that pages show, under flat names that stand for their content: kept in a local folder or, where
//! several machines run the shop, in a bucket that speaks S3. Small ones that are asked for often stay in
//! memory, so that a rush never reaches the bucket.

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use moka::future::Cache;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

pub use actix_web::web::Bytes;

/// So many bytes of files stay in memory.
const REMEMBERED: u64 = 32 * 1024 * 1024;
/// A visitor does not wait longer for a picture than this.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum Place {
    Folder(PathBuf),
    Bucket(Bucket),
}

/// A bucket, and a place in it that is the shop's alone: what no row of its database names is swept there.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    /// Before each name, without slashes at its ends. May be empty.
    pub prefix: String,
    pub region: String,
    /// `None` for Amazon's own.
    pub endpoint: Option<Url>,
    /// The endpoint's host names the bucket already.
    pub bucket_in_host: bool,
    pub access_key: String,
    pub secret_key: SecretString,
    pub session_token: Option<SecretString>,
}

/// Files that never change once they are there. Without `Debug`: a bucket's keys are inside.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// Ends in a slash when it is not empty.
    prefix: String,
    recent: Cache<String, Bytes>,
}

/// Why reading brought nothing.
enum Missing {
    NoSuchFile,
    Failed(io::Error),
}

impl Files {
    /// Opens the folder, making it when it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Files> {
        Files::at(&Place::Folder(folder.into()))
    }

    /// Opens a place. A bucket is first asked when a file is.
    pub fn at(place: &Place) -> io::Result<Files> {
        match place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(told)?.with_fsync(true);
                Ok(Files::of(Arc::new(store), ""))
            }
            Place::Bucket(bucket) => Ok(Files::of(Arc::new(connect(bucket).map_err(told)?), &bucket.prefix)),
        }
    }

    fn of(store: Arc<dyn ObjectStore>, prefix: &str) -> Files {
        let weight = |_: &String, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Files {
            store,
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            recent: Cache::builder().max_capacity(REMEMBERED).weigher(weight).build(),
        }
    }

    /// Keeps `bytes` under `name`: afterwards the whole file is there, also after a power cut, or nothing of
    /// it. Does nothing when there is such a file already. A name that no file can have is `InvalidInput`, a
    /// full disk `StorageFull`.
    pub async fn put(&self, name: &str, bytes: impl Into<Bytes>) -> io::Result<()> {
        let path = self.path(name).ok_or(io::ErrorKind::InvalidInput)?;
        if self.has(name).await? {
            return Ok(());
        }
        let bytes: Bytes = bytes.into();
        self.store.put(&path, bytes.into()).await.map_err(told)?;
        Ok(())
    }

    /// The content of a file; `None` when there is none, or none can be of that name.
    pub async fn read(&self, name: &str) -> io::Result<Option<Bytes>> {
        let Some(path) = self.path(name) else { return Ok(None) };
        if let Some(kept) = self.recent.get(name).await {
            return Ok(Some(kept));
        }
        let fetch = async {
            match self.store.get(&path).await {
                Ok(found) => found.bytes().await.map_err(|error| Missing::Failed(told(error))),
                Err(object_store::Error::NotFound { .. }) => Err(Missing::NoSuchFile),
                Err(error) => Err(Missing::Failed(told(error))),
            }
        };
        // However many ask at once, the bucket is asked once. What is not there is not remembered.
        match Box::pin(self.recent.try_get_with(name.to_owned(), fetch)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(missing) => match &*missing {
                Missing::NoSuchFile => Ok(None),
                Missing::Failed(error) => Err(io::Error::new(error.kind(), error.to_string())),
            },
        }
    }

    /// Whether there is such a file.
    pub async fn has(&self, name: &str) -> io::Result<bool> {
        let Some(path) = self.path(name) else { return Ok(false) };
        match self.store.head(&path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(told(error)),
        }
    }

    /// Removes a file. That there is none is no error.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        let Some(path) = self.path(name) else { return Ok(()) };
        self.recent.invalidate(name).await;
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    /// The names of all files, in no order, read bit by bit. What cannot be one of ours is left out.
    pub fn names(&self) -> BoxStream<'static, io::Result<String>> {
        let prefix = self.prefix.clone();
        let under = (!prefix.is_empty()).then(|| Path::from(prefix.as_str()));
        let name = move |path: Path| {
            let name = path.as_ref().strip_prefix(&prefix)?;
            is_plain(name).then(|| name.to_owned())
        };
        let all = self.store.list(under.as_ref()).map_err(told);
        all.try_filter_map(move |found| std::future::ready(Ok(name(found.location)))).boxed()
    }

    fn path(&self, name: &str) -> Option<Path> {
        is_plain(name).then(|| Path::parse(format!("{}{name}", self.prefix)).ok())?
    }
}

fn connect(bucket: &Bucket) -> object_store::Result<AmazonS3> {
    // An error says only that some other part of the process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = bucket.endpoint.as_ref().is_some_and(|url| url.scheme() == "http");
    let client = ClientOptions::new()
        .with_timeout(TIMEOUT)
        .with_connect_timeout(Duration::from_secs(3))
        .with_allow_http(http)
        .with_content_type_for_suffix("webp", "image/webp")
        .with_content_type_for_suffix("jpg", "image/jpeg");
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key)
        .with_secret_access_key(bucket.secret_key.expose_secret())
        .with_virtual_hosted_style_request(bucket.bucket_in_host)
        // Not every bucket knows how to delete many at once.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig { backoff, max_retries: 2, retry_timeout: TIMEOUT })
        .with_client_options(client);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    if let Some(token) = &bucket.session_token {
        builder = builder.with_token(token.expose_secret());
    }
    builder.build()
}

/// Small letters, digits, dashes and points; no point at the front or beside another. Thus never a way out of
/// the folder, a hidden file, or a device.
fn is_plain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= 120 && name.split('.').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

/// With the kind of whatever of the system's lies beneath it, such as a full disk; a bucket's failures are
/// `Other`. The words hold addresses and no keys.
fn told(error: object_store::Error) -> io::Error {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut kind = io::ErrorKind::Other;
    while let Some(this) = cause {
        if let Some(io) = this.downcast_ref::<io::Error>() {
            kind = io.kind();
        }
        cause = this.source();
    }
    io::Error::new(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
            "a#1",
            absolute.as_str(),
            long.as_str(),
        ] {
            assert_eq!(files.read(bad).await.unwrap(), None, "{bad:?}");
            assert!(!files.has(bad).await.unwrap());
            assert_eq!(files.put(bad, vec![1]).await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
            files.remove(bad).await.unwrap();
        }
        assert!(above.path().join("secret").exists());
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
        assert_eq!(files.names().try_collect::<Vec<_>>().await.unwrap(), ["tea-750.webp"]);
        for _ in 0..2 {
            files.remove("tea-750.webp").await.unwrap();
            assert_eq!(files.read("tea-750.webp").await.unwrap(), None, "not even from memory");
        }
    }

    #[tokio::test]
    async fn many_writers_of_one_file_agree() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let writers = (0..8).map(|_| files.put("one.jpg", vec![7; 100_000]));
        assert!(futures_util::future::join_all(writers).await.iter().all(Result::is_ok));
        assert_eq!(files.read("one.jpg").await.unwrap(), Some(vec![7; 100_000].into()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_full_disk_is_known_and_leaves_nothing() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(full) };
        assert_eq!(told(error).kind(), io::ErrorKind::StorageFull);
    }
}
