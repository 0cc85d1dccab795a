//! Where files are kept: a folder, or a bucket with its keys.

use super::{Nonsense, Source, nonsense, url};
use crate::files::{Bucket, Place};
use secrecy::SecretString;
use url::Url;

/// `file:FOLDER`, or `s3://BUCKET/PREFIX` with the variables that all programs for S3 know.
pub(super) fn read(from: &Source<'_>) -> Result<Option<Place>, Nonsense> {
    let name = "WEIPU_FILES";
    let Some(text) = from.text(name)? else { return Ok(None) };
    if let Some(folder) = text.strip_prefix("file:").filter(|folder| !folder.is_empty()) {
        return Ok(Some(Place::Folder(folder.into())));
    }
    let expected = || nonsense(name, "expected file: and a folder, or s3:// and a bucket");
    let rest = text.strip_prefix("s3://").ok_or_else(expected)?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_end_matches('/');
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let word = |word: &str| !word.is_empty() && !word.starts_with('.') && word.bytes().all(plain);
    if !word(bucket) || !(prefix.is_empty() || prefix.split('/').all(word)) {
        return Err(expected());
    }
    let needed = |name: &str| {
        let text = from.text(name)?;
        text.ok_or_else(|| nonsense(name, "not set; WEIPU_FILES names a bucket that needs it"))
    };
    let region = from.text("AWS_REGION")?.or(from.text("AWS_DEFAULT_REGION")?);
    Ok(Some(Place::Bucket(Bucket {
        name: bucket.into(),
        prefix: prefix.into(),
        region: region.unwrap_or_else(|| "us-east-1".into()),
        endpoint: endpoint(from)?,
        bucket_in_host: from.or("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false", yes)?,
        access_key: needed("AWS_ACCESS_KEY_ID")?,
        secret_key: needed("AWS_SECRET_ACCESS_KEY")?.into(),
        session_token: from.text("AWS_SESSION_TOKEN")?.map(SecretString::from),
    })))
}

/// Pictures and keys travel to it: http is for a stand-in on this very machine only.
fn endpoint(from: &Source<'_>) -> Result<Option<Url>, Nonsense> {
    let name = "AWS_ENDPOINT";
    let Some(url) = from.parsed(name, url)? else { return Ok(None) };
    let loopback = match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !(loopback && from.or("AWS_ALLOW_HTTP", "false", yes)?) {
        return Err(nonsense(name, "must be https; http only on this machine and with AWS_ALLOW_HTTP=true"));
    }
    Ok(Some(url))
}

fn yes(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn place(settings: &[(&str, &str)]) -> Result<Option<Place>, Nonsense> {
        let settings: HashMap<_, _> = settings.iter().copied().collect();
        read(&Source { lookup: &|name| settings.get(name).map(|v| (*v).to_owned()) })
    }

    #[test]
    fn a_bucket_has_keys_and_is_reached_by_https() {
        let base = [
            ("WEIPU_FILES", "s3://shop/pictures/"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "very secret"),
        ];
        let Some(Place::Bucket(bucket)) = place(&base).unwrap() else { panic!("no bucket") };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("shop", "pictures"));
        assert!(!format!("{bucket:?}").contains("very secret"));
        for missing in 1..3 {
            let some: Vec<_> =
                base.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, v)| *v).collect();
            let Err(error) = place(&some) else { panic!("no {}", base[missing].0) };
            assert!(error.to_string().starts_with(base[missing].0), "{error}");
        }
        let with = |more: &[(&'static str, &'static str)]| place(&[&base[..], more].concat());
        assert!(with(&[("AWS_ENDPOINT", "https://minio.example")]).is_ok());
        assert!(with(&[("AWS_ENDPOINT", "http://127.0.0.1:9000")]).is_err());
        assert!(with(&[("AWS_ENDPOINT", "http://127.0.0.1:9000"), ("AWS_ALLOW_HTTP", "true")]).is_ok());
        assert!(with(&[("AWS_ENDPOINT", "http://minio.example"), ("AWS_ALLOW_HTTP", "true")]).is_err());
    }
}
