//! The second factor: codes of an authenticator (RFC 6238: SHA-1, six digits, thirty seconds), each good
//! once, and recovery codes for the day the phone is gone.

use super::{Member, StaffId, store};
use crate::db::Tx;
use crate::seal::{Keyring, fingerprint, random};
use anyhow::Context;
use data_encoding::BASE32_NOPAD;
use sqlx::PgConnection;
use time::OffsetDateTime;
use totp_rs::{Builder, Totp};
use url::Url;

/// So many recovery codes a member gets, of so many random bytes each.
const CODES: usize = 10;
const CODE_BYTES: usize = 10;

/// What an authenticator and the shop share.
pub struct Secret([u8; 20]);

impl Secret {
    pub fn fresh() -> Secret {
        Secret(random())
    }

    /// For a form that brings it back: only the shop can open it, and only for the same `form`.
    pub fn sealed_for(&self, form: &str, keys: &Keyring) -> anyhow::Result<String> {
        Ok(BASE32_NOPAD.encode(&keys.seal(&enrolling(form), &self.0)?))
    }

    /// Nothing when it was not sealed for this form.
    pub fn open(sealed: &str, form: &str, keys: &Keyring) -> Option<Secret> {
        let sealed = BASE32_NOPAD.decode(sealed.as_bytes()).ok()?;
        keys.open(&enrolling(form), &sealed)?.try_into().ok().map(Secret)
    }

    /// As somebody types it who cannot scan: groups of four letters.
    pub fn in_groups(&self) -> String {
        grouped(&BASE32_NOPAD.encode(&self.0), " ")
    }

    /// What the picture says, in the form that authenticators read.
    pub fn address(&self, shop: &str, member: &str) -> anyhow::Result<Url> {
        let mut url = Url::parse("otpauth://totp/")?;
        // A colon parts the shop from the member.
        let label = format!("{}:{}", shop.replace(':', " "), member.replace(':', " "));
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("an address without a path"))?
            .pop()
            .push(&label);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", &BASE32_NOPAD.encode(&self.0))
            .append_pair("issuer", shop)
            .extend_pairs([("algorithm", "SHA1"), ("digits", "6"), ("period", "30")])
            .finish();
        // Authenticators show a plus as a plus.
        url.set_query(Some(&query.replace('+', "%20")));
        Ok(url)
    }

    /// The step of time whose code this is, if it is one of now, just before or just after.
    fn step(&self, code: &str, now: OffsetDateTime) -> anyhow::Result<Option<i64>> {
        let totp: Totp = Builder::new().with_secret(self.0).build().context("a secret of 20 bytes")?;
        let now = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        totp.check(code, now).map(i64::try_from).transpose().context("a step of time")
    }
}

fn enrolling(form: &str) -> String {
    format!("enrolling {form}")
}

fn kept(of: StaffId) -> String {
    format!("second factor of {}", of.0)
}

fn grouped(letters: &str, by: &str) -> String {
    let groups: Vec<&str> =
        letters.as_bytes().chunks(4).filter_map(|four| std::str::from_utf8(four).ok()).collect();
    groups.join(by)
}

/// Keeps the secret and makes recovery codes, when the code is a right one. They are told this once.
pub async fn enrol(
    tx: &mut Tx,
    who: &Member,
    secret: &Secret,
    code: &str,
    keys: &Keyring,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Vec<String>>> {
    let Some(step) = secret.step(&digits(code), now)? else { return Ok(None) };
    store::factor::keep(tx, who.id, &keys.seal(&kept(who.id), &secret.0)?, step).await?;
    Ok(Some(reissue_recovery_codes(tx, who.id).await?))
}

/// Signing in asks for the password only; recovery codes are void.
pub async fn disenrol(tx: &mut Tx, of: StaffId) -> sqlx::Result<()> {
    store::factor::drop_all(tx, of).await
}

/// New recovery codes: those of before are void.
pub async fn reissue_recovery_codes(tx: &mut Tx, of: StaffId) -> anyhow::Result<Vec<String>> {
    let codes: Vec<String> = (0..CODES).map(|_| BASE32_NOPAD.encode(&random::<CODE_BYTES>())).collect();
    let prints: Vec<Vec<u8>> = codes.iter().map(|code| fingerprint(code)).collect();
    store::factor::replace_codes(tx, of, &prints).await?;
    Ok(codes.iter().map(|code| grouped(code, "-")).collect())
}

pub async fn recovery_codes_left(conn: &mut PgConnection, of: StaffId) -> sqlx::Result<i64> {
    store::factor::codes_left(conn, of).await
}

/// How somebody has shown that she has her second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Code,
    RecoveryCode,
}

/// Uses a code up; nothing when it is wrong or was used before.
pub(super) async fn use_up(
    tx: &mut Tx,
    who: &Member,
    code: &str,
    keys: &Keyring,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Shown>> {
    let typed = digits(code);
    if typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_digit()) {
        let Some(sealed) = store::factor::find(tx, who.id).await? else { return Ok(None) };
        let secret = keys
            .open(&kept(who.id), &sealed)
            .context("the second factor was sealed by a key that is gone")?;
        let secret =
            Secret(secret.try_into().map_err(|_| anyhow::anyhow!("a second factor of another length"))?);
        let Some(step) = secret.step(&typed, now)? else { return Ok(None) };
        return Ok(store::factor::use_step(tx, who.id, step).await?.then_some(Shown::Code));
    }
    let print = fingerprint(&typed.to_uppercase());
    Ok(store::factor::use_code(tx, who.id, &print, now).await?.then_some(Shown::RecoveryCode))
}

/// What was typed without the blanks and dashes that people put in, and with the digits that a Chinese
/// keyboard makes turned into plain ones.
fn digits(code: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        c => c,
    };
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(40).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, shortened to six digits.
        let secret = Secret(*b"12345678901234567890");
        let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        assert_eq!(secret.step("287082", at(59)).unwrap(), Some(1));
        assert_eq!(secret.step("081804", at(1_111_111_109)).unwrap(), Some(37_037_036));
        assert_eq!(secret.step("287082", at(89)).unwrap(), Some(1), "one step later");
        assert_eq!(secret.step("287082", at(90)).unwrap(), None, "two steps later");
        for wrong in ["", "28708", "2870822", "+87082", "２８７０８２"] {
            assert_eq!(secret.step(wrong, at(59)).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn an_authenticator_can_read_the_address() {
        let url = Secret([7; 20]).address("山间 小铺:二", "阿 山").unwrap();
        assert!(url.path().starts_with("/%E5") && !url.as_str().contains('+'), "{url}");
        assert_eq!(url.path().matches(':').count(), 1, "{url}");
        let secret = url.query_pairs().find(|(name, _)| name == "secret").unwrap().1.into_owned();
        assert_eq!(BASE32_NOPAD.decode(secret.as_bytes()).unwrap(), [7; 20]);
    }

    #[test]
    fn a_secret_comes_back_to_its_own_form_only() {
        let keys = Keyring::parse(&Keyring::fresh()).unwrap();
        let sealed = Secret([7; 20]).sealed_for("a", &keys).unwrap();
        assert!(Secret::open(&sealed, "a", &keys).is_some());
        assert!(Secret::open(&sealed, "b", &keys).is_none());
        assert!(Secret::open("AAAA", "a", &keys).is_none());
        let now = datetime!(2026-11-21 09:00 +8);
        assert!(Secret([7; 20]).step("000000", now).is_ok());
    }
}
