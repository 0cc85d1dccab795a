//! The signature of a push (fans-service.md §1): over secret, time and nonce, never over the body. What a push says
//! is therefore nobody's word.

use data_encoding::HEXLOWER;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

/// SHA-1, in lower-case hex, of the three in byte order, one behind the other.
pub fn sign_push(secret: &SecretString, timestamp: &str, nonce: &str) -> String {
    let mut texts = [secret.expose_secret(), timestamp, nonce];
    texts.sort_unstable();
    HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, texts.concat().as_bytes()).as_ref())
}

/// Whether one of the secrets signed it; which, and how much of it is right, the time it takes does not tell. The
/// time and the nonce are as received, undecoded by anything but the query's own rules.
pub fn check_push<'a>(
    secrets: impl IntoIterator<Item = &'a SecretString>,
    signature: &str,
    timestamp: &str,
    nonce: &str,
) -> bool {
    let fits = |secret: &SecretString| {
        let same = sign_push(secret, timestamp, nonce).as_bytes().ct_eq(signature.as_bytes());
        (same & Choice::from(u8::from(!secret.expose_secret().is_empty()))).unwrap_u8()
    };
    let any = secrets.into_iter().fold(0, |any, secret| any | fits(secret));
    bool::from(Choice::from(any))
}
