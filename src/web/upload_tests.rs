//! Forms with files, cut anywhere, too large, and never finished.

use super::*;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use std::io::Read;

const TWO_FILES: &str = "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nt\r\n\
    --x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n茶\r\n\
    --x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../茶.jpg\"\r\n\r\n12345678\r\n\
    --x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b.jpg\"\r\n\r\n1234\r\n\
    --x\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";

fn headers() -> HeaderMap {
    let kind = HeaderValue::from_static("multipart/form-data; boundary=x");
    [(CONTENT_TYPE, kind)].into_iter().collect()
}

fn upload(chunks: Vec<&'static str>, limits: Limits) -> Upload {
    let chunks = chunks.into_iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
    // The line stays open, and silent.
    let line = stream::iter(chunks).chain(stream::pending());
    Upload::new(&headers(), line, Duration::from_millis(500)).within(limits).unwrap()
}

async fn everything(mut upload: Upload) -> (Vec<String>, Option<u16>) {
    let mut seen = Vec::new();
    loop {
        match upload.next().await {
            Ok(Some(Sent { name, content })) => seen.push(match content {
                Ok(mut file) => {
                    let mut text = String::new();
                    file.read_to_string(&mut text).unwrap();
                    format!("{name}: {text}")
                }
                Err(why) => format!("{name}: {why:?}"),
            }),
            Ok(None) => return (seen, None),
            Err(error) => return (seen, Some(actix_web::ResponseError::status_code(&error).as_u16())),
        }
    }
}

const ROOM: Limits = Limits { file: 100, files: 9, total: 1000 };

#[actix_web::test]
async fn files_come_in_their_order_however_they_are_cut() {
    let whole = everything(upload(vec![TWO_FILES], ROOM)).await;
    assert_eq!(whole.0, ["茶.jpg: 12345678", "b.jpg: 1234"]);
    assert_eq!(whole.1, None);
    let cut = TWO_FILES.replace('茶', "t").leak() as &str;
    let bytes = (0..cut.len()).map(|i| &cut[i..=i]).collect();
    assert_eq!(everything(upload(bytes, ROOM)).await.0, ["t.jpg: 12345678", "b.jpg: 1234"]);
}

#[actix_web::test]
async fn what_is_too_large_or_too_many_is_passed_over_alone() {
    let large = everything(upload(vec![TWO_FILES], Limits { file: 7, ..ROOM })).await;
    assert_eq!(large.0, ["茶.jpg: TooLarge", "b.jpg: 1234"]);
    let many = everything(upload(vec![TWO_FILES], Limits { files: 1, ..ROOM })).await;
    assert_eq!(many.0, ["茶.jpg: 12345678", "b.jpg: TooMany"]);
}

#[actix_web::test]
async fn too_much_in_all_is_refused() {
    let head = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n";
    let mebibyte = "0".repeat(1024 * 1024).leak() as &str;
    let got = everything(upload(vec![head, mebibyte, mebibyte], ROOM)).await;
    assert_eq!(got, (vec![], Some(413)));
    let mut long = headers();
    long.insert(CONTENT_LENGTH, HeaderValue::from_static("99999999999"));
    let upload = Upload::new(&long, stream::pending(), PATIENCE);
    assert!(upload.within(ROOM).is_err(), "it need not even come");
}

#[actix_web::test]
async fn a_line_that_stands_still_or_breaks_is_given_up() {
    let half = &TWO_FILES[..TWO_FILES.len() / 2];
    assert_eq!(everything(upload(vec![half], ROOM)).await.1, Some(408));
    let broken = stream::iter([Ok(Bytes::from_static(half.as_bytes()))]);
    let upload = Upload::new(&headers(), broken, PATIENCE).within(ROOM).unwrap();
    assert_eq!(everything(upload).await.1, Some(400));
}
