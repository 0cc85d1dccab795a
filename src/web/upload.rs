//! Files that are sent with a form of the staff's: taken part by part and counted while they come, each put
//! aside in a file without a name, which vanishes by itself. What a file holds is for others to find out.

use super::error::Error;
use super::staff;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, Stream, StreamExt};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Seek};
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::task::spawn_blocking;

/// A large file over a slow line may take long; a line on which nothing moves for so long is dead.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where a script puts the form's token. Without a script it is the first field of the form.
const TOKEN_HEADER: &str = "x-form-token";
/// Fields that are no files: so many, of so many bytes each.
const MOST_FIELDS: usize = 200;
const LONGEST_FIELD: usize = 64 * 1024;
/// Room for names, headers and boundaries beside the files.
const TRIMMINGS: u64 = 1024 * 1024;

/// What a form may send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file: u64,
    pub files: usize,
    /// Bytes of all files together.
    pub total: u64,
}

/// A `multipart/form-data` form that a page of this session made: its token was right before anything of a
/// file was kept; a form with another is refused (403). Nothing has been read that was not asked for.
pub struct Upload {
    parts: Multipart,
    /// Bytes that may still come.
    left: Rc<Cell<u64>>,
    announced: u64,
    limits: Limits,
    fields: usize,
    files: usize,
}

/// A file that was sent.
#[derive(Debug)]
pub struct Sent {
    /// What the sender calls it: to be told, never to be believed.
    pub name: String,
    /// At its beginning, to be read; or why it was passed over.
    pub content: Result<File, PassedOver>,
}

/// Why a file was not kept. The others of the form are read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    TooLarge,
    TooMany,
}

impl Upload {
    fn new(headers: &HeaderMap, payload: impl Chunks + 'static, patience: Duration) -> Upload {
        // Before the token is known nothing but the first field is read, which the parser bounds by itself.
        let left = Rc::new(Cell::new(u64::MAX));
        let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        Upload {
            parts: Multipart::new(headers, watched(payload, left.clone(), patience)),
            left,
            announced: announced.unwrap_or_default(),
            limits: Limits { file: 0, files: 0, total: 0 },
            fields: 0,
            files: 0,
        }
    }

    /// From here on no more than this is taken. A form that says at once that it is larger is refused (413).
    pub fn within(mut self, limits: Limits) -> Result<Upload, Error> {
        let most = limits.total + TRIMMINGS;
        if self.announced > most {
            return Err(too_large());
        }
        self.left.set(most);
        self.limits = limits;
        Ok(self)
    }

    /// The next file; nothing at the end of the form. Other fields and inputs in which no file was chosen are
    /// passed over. A line that stands still ends with 408, too much in all with 413, a full disk with 507; then
    /// nothing more can be read.
    pub async fn next(&mut self) -> Result<Option<Sent>, Error> {
        while let Some(part) = self.parts.next().await {
            let part = part.map_err(|error| told(&error))?;
            let Some(name) = file_name(&part) else {
                self.text(part).await?;
                continue;
            };
            let (content, size) = self.file(part).await?;
            if size > 0 || !name.is_empty() {
                return Ok(Some(Sent { name, content }));
            }
        }
        Ok(None)
    }

    /// The one file of a form that sends no other; nothing where none was chosen.
    pub async fn only_file(self, most: u64) -> Result<Option<Sent>, Error> {
        // Somewhat more is read, so that a file that is a little too large is told so on the page.
        let limits = Limits { file: most, files: 1, total: 2 * most };
        self.within(limits)?.next().await
    }

    async fn text(&mut self, mut part: Field) -> Result<String, Error> {
        self.fields += 1;
        if self.fields > MOST_FIELDS {
            return Err(too_large());
        }
        let read = part.bytes(LONGEST_FIELD).await.map_err(|_| too_large())?;
        let bytes = read.map_err(|error| told(&error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The file, or why it was passed over, and how many bytes came.
    async fn file(&mut self, mut part: Field) -> Result<(Result<File, PassedOver>, u64), Error> {
        let mut kept = Ok(None);
        let mut size = 0_u64;
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| told(&error))?;
            if size == 0 && !chunk.is_empty() {
                self.files += 1;
                kept = if self.files > self.limits.files { Err(PassedOver::TooMany) } else { Ok(None) };
            }
            size += chunk.len() as u64;
            if size > self.limits.file && kept.is_ok() {
                // What was kept of it is gone with this.
                kept = Err(PassedOver::TooLarge);
            }
            if let Ok(file) = &mut kept {
                if file.is_none() {
                    *file = Some(aside().await.map_err(storage)?);
                }
                if let Some(file) = file {
                    file.write_all(&chunk).await.map_err(storage)?;
                }
            }
        }
        let content = match kept {
            Err(why) => Err(why),
            Ok(Some(file)) => Ok(rewound(file).await.map_err(storage)?),
            Ok(None) => Ok(rewound(aside().await.map_err(storage)?).await.map_err(storage)?),
        };
        Ok((content, size))
    }

    /// The first field of the form.
    async fn token(&mut self) -> Result<String, Error> {
        match self.parts.next().await {
            Some(Ok(part)) if part.name() == Some("token") && file_name(&part).is_none() => {
                self.text(part).await
            }
            Some(Err(error)) => Err(told(&error)),
            _ => Ok(String::new()),
        }
    }
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Upload, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case("multipart/form-data");
        let said = request.headers().get(TOKEN_HEADER);
        let said = said.map(|token| token.to_str().unwrap_or_default().to_owned());
        let session = Session::from_request(request, payload);
        let mut upload = Upload::new(request.headers(), payload.take(), PATIENCE);
        let let_in = staff::let_in(request);
        Box::pin(async move {
            let_in.await;
            let session = session.await.map_err(|_| Error::NotFound)?;
            if !is_form {
                return Err(Error::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "error-request"));
            }
            let token = match said {
                Some(token) => token,
                None => upload.token().await?,
            };
            if !staff::is_ours(&session, &token) {
                return Err(Error::Refused(StatusCode::FORBIDDEN, "error-form"));
            }
            Ok(upload)
        })
    }
}

/// A body as it comes.
trait Chunks: Stream<Item = Result<Bytes, PayloadError>> + Unpin {}
impl<T: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Chunks for T {}

/// Counts what comes, and gives up on a line that stands still.
fn watched(
    payload: impl Chunks + 'static,
    left: Rc<Cell<u64>>,
    patience: Duration,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    stream::unfold(Some((payload, left)), move |open| async move {
        let (mut payload, left) = open?;
        let Ok(next) = tokio::time::timeout(patience, payload.next()).await else {
            return Some((Err(PayloadError::Incomplete(Some(io::ErrorKind::TimedOut.into()))), None));
        };
        match next? {
            Err(error) => Some((Err(error), None)),
            Ok(chunk) => match left.get().checked_sub(chunk.len() as u64) {
                None => Some((Err(PayloadError::Overflow), None)),
                Some(rest) => {
                    left.set(rest);
                    Some((Ok(chunk), Some((payload, left))))
                }
            },
        }
    })
    // The parser asks again after the end.
    .fuse()
}

/// The sender's name of a file, fit to be shown; `None` for a part that is no file.
fn file_name(part: &Field) -> Option<String> {
    let disposition = part.content_disposition()?;
    let name = match disposition.get_filename_ext() {
        Some(name) => String::from_utf8_lossy(&name.value).into_owned(),
        None => disposition.get_filename()?.to_owned(),
    };
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    Some(name.chars().filter(|c| !c.is_control()).take(120).collect())
}

async fn aside() -> io::Result<BufWriter<tokio::fs::File>> {
    let file = spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other)??;
    // Chunks are small; each write goes to another thread.
    Ok(BufWriter::with_capacity(256 * 1024, tokio::fs::File::from_std(file)))
}

async fn rewound(mut file: BufWriter<tokio::fs::File>) -> io::Result<File> {
    file.flush().await?;
    let mut file = file.into_inner().into_std().await;
    spawn_blocking(move || file.rewind().map(|()| file)).await.map_err(io::Error::other)?
}

fn too_large() -> Error {
    Error::Refused(StatusCode::PAYLOAD_TOO_LARGE, "error-too-large")
}

/// A full disk is told as such (507).
pub fn storage(error: io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        tracing::error!(%error, "no room for what is uploaded");
        return Error::Refused(StatusCode::INSUFFICIENT_STORAGE, "error-no-room");
    }
    Error::Unexpected(error.into())
}

fn told(error: &MultipartError) -> Error {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => too_large(),
        MultipartError::Payload(PayloadError::Incomplete(Some(error)))
            if error.kind() == io::ErrorKind::TimedOut =>
        {
            Error::Refused(StatusCode::REQUEST_TIMEOUT, "error-request")
        }
        _ => Error::Refused(StatusCode::BAD_REQUEST, "error-request"),
    }
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
