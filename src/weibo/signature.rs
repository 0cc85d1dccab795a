//! Weibo Pay's signature: RSA PKCS#1 v1.5 with SHA-1 over the sorted, raw parameters (weibo-pay.md §3).
//! The only file that names openssl: no other maintained crate signs SHA-1 without an open advisory.

use data_encoding::{BASE64, HEXLOWER};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{HasPublic, PKey, Private, Public};
use openssl::rsa::{Rsa, RsaRef};
use openssl::sign::{Signer, Verifier};
use std::collections::BTreeMap;
use std::fmt;

/// Decoded parameters of one request, each name once.
pub type Params = BTreeMap<String, String>;

/// Weibo's own merchants have 1024 bits; nothing shorter is a key.
const SHORTEST: i32 = 1024;

/// Why a key cannot be used. Says nothing of the key itself.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("not a PEM or base64 RSA key")]
    Unreadable,
    #[error("an RSA key of fewer than 1024 bits")]
    TooShort,
    #[error("an RSA key whose numbers do not belong together")]
    Broken,
}

/// The merchant's private key (or, in the sandbox, the platform's).
#[derive(Clone)]
pub struct SigningKey(PKey<Private>);

/// A public key to verify with.
#[derive(Clone)]
pub struct VerifyingKey(PKey<Public>);

impl SigningKey {
    /// Reads PKCS#1 or PKCS#8, as PEM or as bare base64 of the DER.
    pub fn parse(text: &str) -> Result<SigningKey, KeyError> {
        let der = der(text)?;
        let key = Rsa::private_key_from_der(&der)
            .and_then(PKey::from_rsa)
            .or_else(|_| PKey::private_key_from_der(&der))
            .map_err(|_| KeyError::Unreadable)?;
        let rsa = key.rsa().map_err(|_| KeyError::Unreadable)?;
        if bits(&rsa) < SHORTEST {
            return Err(KeyError::TooShort);
        }
        // A damaged key signs as well, only wrongly: better to say so at the start than at the first order.
        if rsa.check_key().unwrap_or(false) { Ok(SigningKey(key)) } else { Err(KeyError::Broken) }
    }

    /// Its public half.
    pub fn public(&self) -> anyhow::Result<VerifyingKey> {
        Ok(VerifyingKey(PKey::public_key_from_der(&self.0.public_key_to_der()?)?))
    }

    /// How long it is.
    pub fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// The base64 signature over `params` without `sign`, `sign_type` and empty values.
    pub fn sign(&self, params: &Params) -> anyhow::Result<String> {
        let mut signer = Signer::new(MessageDigest::sha1(), &self.0)?;
        Ok(BASE64.encode(&signer.sign_oneshot_to_vec(text_to_sign(params).as_bytes())?))
    }

    /// SHA-256 of the public half (SPKI DER), in lower-case hex.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        Ok(HEXLOWER.encode(&hash(MessageDigest::sha256(), &self.0.public_key_to_der()?)?))
    }
}

impl VerifyingKey {
    /// Reads SPKI or PKCS#1, as PEM or as bare base64 of the DER.
    pub fn parse(text: &str) -> Result<VerifyingKey, KeyError> {
        let der = der(text)?;
        let key = PKey::public_key_from_der(&der)
            .or_else(|_| Rsa::public_key_from_der_pkcs1(&der).and_then(PKey::from_rsa))
            .map_err(|_| KeyError::Unreadable)?;
        let rsa = key.rsa().map_err(|_| KeyError::Unreadable)?;
        if bits(&rsa) < SHORTEST { Err(KeyError::TooShort) } else { Ok(VerifyingKey(key)) }
    }

    /// Reads one or more: PEM blocks one after the other, or a single bare base64.
    pub fn parse_all(text: &str) -> Result<Vec<VerifyingKey>, KeyError> {
        let mut keys = Vec::new();
        let mut block = String::new();
        for line in text.lines() {
            block.push_str(line);
            block.push('\n');
            if line.starts_with("-----END") {
                keys.push(VerifyingKey::parse(&std::mem::take(&mut block))?);
            }
        }
        if keys.is_empty() || !block.trim().is_empty() {
            keys.push(VerifyingKey::parse(&block)?);
        }
        Ok(keys)
    }

    /// How long it is.
    pub fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// PEM, as [`VerifyingKey::parse`] reads it.
    pub fn to_pem(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.0.public_key_to_pem()?)?)
    }

    /// Whether `params["sign"]` is this key's signature over all other parameters, as received.
    /// The algorithm is fixed: `sign_type` is never asked which one to use.
    pub fn verifies(&self, params: &Params) -> bool {
        let Some(signature) = params.get("sign").and_then(|sign| BASE64.decode(sign.as_bytes()).ok()) else {
            return false;
        };
        Verifier::new(MessageDigest::sha1(), &self.0)
            .and_then(|mut verifier| verifier.verify_oneshot(&signature, text_to_sign(params).as_bytes()))
            .unwrap_or(false)
    }

    /// SHA-256 of the key (SPKI DER), in lower-case hex.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        Ok(HEXLOWER.encode(&hash(MessageDigest::sha256(), &self.0.public_key_to_der()?)?))
    }
}

/// The text that is signed: `name=value` by byte order of the names, joined by `&`, values raw.
pub fn text_to_sign(params: &Params) -> String {
    let mut text = String::new();
    for (name, value) in params {
        if value.is_empty() || name == "sign" || name == "sign_type" {
            continue;
        }
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The same name twice: which of the two was signed cannot be known.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a parameter is there twice")]
pub struct Ambiguous;

/// Reads a form body or a query, decoding it exactly once; values are not trimmed.
pub fn read_form(form: &[u8]) -> Result<Params, Ambiguous> {
    let mut params = Params::new();
    for (name, value) in form_urlencoded::parse(form) {
        if params.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Ambiguous);
        }
    }
    Ok(params)
}

/// Writes parameters as a form body or a query.
pub fn write_form(params: &Params) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// Counted, not rounded up to whole bytes: 1023 bits are too few.
fn bits<T: HasPublic>(key: &RsaRef<T>) -> i32 {
    key.n().num_bits()
}

/// A key never shows itself in a log.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(..)")
    }
}

fn der(text: &str) -> Result<Vec<u8>, KeyError> {
    let bare: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("-----"))
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    BASE64.decode(bare.as_bytes()).map_err(|_| KeyError::Unreadable)
}

#[cfg(test)]
mod tests;
