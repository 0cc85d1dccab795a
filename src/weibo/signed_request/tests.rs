//! Signed requests: the vectors, and everything that only looks like one.

use super::*;
use crate::weibo::testing::offline;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The vectors of oauth-and-statuses.md §2.1.
const SIGNED_IN: &str = "Z1_rasU9r4f1MRFfw4yfe51kC6LAjfJKNDaX4sayBgg.eyJ1c2VyIjp7ImNvdW50cnkiOiJjbiIsImxvY2FsZSI6InpoX0NOIiwidmVyc2lvbiI6NX0sImFsZ29yaXRobSI6IkhNQUMtU0hBMjU2IiwiaXNzdWVkX2F0IjoxNzcyNjc3MjMwLCJleHBpcmVzIjoxNTc2ODAwMDAsIm9hdXRoX3Rva2VuIjoiMi4wMFRFU1RPTkxZVEVTVE9OTFlURVNUT05MWTAwMDEiLCJ1c2VyX2lkIjo3MDAwMDAwMDAyLCJyZWZlcmVyIjoiaHR0cHM6Ly93ZWliby5jb20vdS83MDAwMDAwMDAxIiwic2NvcGUiOiIiLCJleHRfZGF0YSI6IiIsIm91aWQiOiI3MDAwMDAwMDAxIn0";
const LOGGED_OUT: &str = "GXXvFIViykMZ6UeiDnHxdIFAEINPu7pLGjqAqyffS48.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc3MjY3NzIzMCwidXNlciI6eyJjb3VudHJ5IjoiY24iLCJsb2NhbGUiOiJ6aF9DTiIsInZlcnNpb24iOjV9LCJvdWlkIjoiNzAwMDAwMDAwMSJ9";
const SECRET: &str = "test-only-app-secret-0001";
const MAC: &str = "675feb6ac53daf87f531115fc38c9f7b9d640ba2c08df24a343697e2c6b20608";
const ISSUED: i64 = 1_772_677_230;
const AGE: Span = Span::minutes(5);

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(ISSUED + seconds).unwrap()
}

fn read(text: &str) -> Result<SignedRequest, Rejected> {
    offline().read_signed_request(text, at(10), AGE)
}

fn known(text: &str) -> Known {
    match read(text).unwrap().viewer {
        Viewer::Known(known) => known,
        Viewer::Stranger => panic!("nobody is known"),
    }
}

fn mac(part: &[u8], secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    BASE64URL_NOPAD.encode(hmac::sign(&key, part).as_ref())
}

/// As Weibo would sign it.
fn signed(payload: &[u8]) -> String {
    let part = BASE64URL_NOPAD.encode(payload);
    format!("{}.{part}", mac(part.as_bytes(), SECRET))
}

/// The payload of the vector, with these fields in place of its own.
fn with(fields: &Value) -> String {
    let (_, part) = SIGNED_IN.split_once('.').unwrap();
    let mut payload: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        payload[name] = value.clone();
    }
    signed(payload.to_string().as_bytes())
}

#[test]
fn the_vector_of_somebody_who_is_signed_in() {
    let request = read(SIGNED_IN).unwrap();
    assert_eq!(data_encoding::HEXLOWER.encode(&request.mark), MAC);
    let known = known(SIGNED_IN);
    assert_eq!(known.uid, 7_000_000_002);
    assert_eq!(known.token.expose_secret(), "2.00TESTONLYTESTONLYTESTONLY0001");
    assert_eq!(known.expires_in.as_secs(), 157_680_000 - 10, "counted from when it was issued");
}

#[test]
fn the_vector_of_a_visitor_who_is_logged_out() {
    assert!(matches!(read(LOGGED_OUT).unwrap().viewer, Viewer::Stranger));
}

#[test]
fn what_must_fail_fails() {
    let (signature, part) = SIGNED_IN.split_once('.').unwrap();
    let payload = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
    let over_the_decoded = format!("{}.{part}", mac(&payload, SECRET));
    let of_another_app = format!("{}.{part}", mac(part.as_bytes(), "test-only-app-secret-0002"));
    for (wrong, why) in [
        (over_the_decoded, Rejected::Forged),
        (of_another_app, Rejected::Forged),
        (format!("{}.{part}", mac(part.as_bytes(), "")), Rejected::Forged),
        (with(&json!({ "algorithm": "HMAC-SHA1" })), Rejected::OtherAlgorithm),
        (with(&json!({ "algorithm": "none" })), Rejected::OtherAlgorithm),
        (with(&json!({ "algorithm": null })), Rejected::OtherAlgorithm),
        (format!("{signature}{part}"), Rejected::Malformed),
        (format!("{signature}."), Rejected::Forged),
        (format!(".{part}"), Rejected::Forged),
        (format!("{}.{part}", &signature[..22]), Rejected::Malformed),
        (format!("{SIGNED_IN}.{part}"), Rejected::Forged),
        (format!("{part}.{signature}"), Rejected::Forged),
        (String::new(), Rejected::Malformed),
        (".".into(), Rejected::Forged),
        (with(&json!({ "issued_at": null })), Rejected::Malformed),
        (with(&json!({ "issued_at": "soon" })), Rejected::Malformed),
        (with(&json!({ "issued_at": i64::MAX })), Rejected::Malformed),
        (signed(b"[]"), Rejected::Malformed),
        (signed(b"not JSON"), Rejected::Malformed),
        (signed(b""), Rejected::Malformed),
        (signed(&[b' '; LONGEST]), Rejected::Malformed),
    ] {
        assert_eq!(read(&wrong).unwrap_err(), why, "{wrong}");
    }
}

#[test]
fn what_must_pass_passes() {
    let (signature, part) = SIGNED_IN.split_once('.').unwrap();
    assert!(with(&json!({ "algorithm": "hmac-sha256" })) != SIGNED_IN);
    let padded = format!("{part}=");
    for right in [
        with(&json!({ "algorithm": "hmac-sha256" })),
        with(&json!({ "algorithm": "Hmac-Sha256" })),
        with(&json!({ "user_id": "7000000002" })),
        format!("{signature}=.{part}"),
        format!("{signature}.{part}="),
        format!("{signature}=.{part}=="),
        format!("{}.{padded}", mac(padded.as_bytes(), SECRET)),
    ] {
        assert_eq!(known(&right).uid, 7_000_000_002, "{right}");
    }
    // However it is written, it is the same one.
    assert_eq!(read(&format!("{signature}=.{part}=")).unwrap().mark, read(SIGNED_IN).unwrap().mark);
}

#[test]
fn its_age_is_bounded_on_both_sides() {
    let read = |seconds| offline().read_signed_request(SIGNED_IN, at(seconds), AGE).map(drop);
    for fresh in [-60, 0, 299, 300] {
        assert_eq!(read(fresh), Ok(()), "{fresh}");
    }
    for stale in [-61, -3600, 301, 86_400] {
        assert_eq!(read(stale), Err(Rejected::Stale), "{stale}");
    }
}

#[test]
fn half_of_somebody_is_nobody() {
    for half in [
        json!({ "user_id": null }),
        json!({ "oauth_token": null }),
        json!({ "oauth_token": "" }),
        json!({ "oauth_token": "2.00 x\r\ny" }),
        json!({ "user_id": 0 }),
        json!({ "user_id": -7 }),
        json!({ "user_id": "7000000002 " }),
        json!({ "user_id": 7.5 }),
    ] {
        assert!(matches!(read(&with(&half)).unwrap().viewer, Viewer::Stranger), "{half}");
    }
}

#[test]
fn a_token_lives_as_long_as_is_said_and_no_longer() {
    for (said, left) in [
        (json!(100), 90),
        (json!("100"), 90),
        (json!(5), 0),
        (json!(null), 0),
        (json!(-1), 0),
        (json!(i64::MAX), 157_680_000 - 10),
    ] {
        assert_eq!(known(&with(&json!({ "expires": said }))).expires_in.as_secs(), left, "{said}");
    }
}

#[test]
fn nothing_secret_is_shown_for_debugging() {
    assert!(!format!("{:?}", read(SIGNED_IN).unwrap()).contains("TESTONLY"));
}

proptest! {
    #[test]
    fn any_changed_byte_fails(at in 0..SIGNED_IN.len(), to in 0_u8..128) {
        let mut bytes = SIGNED_IN.as_bytes().to_vec();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(read(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn nothing_that_is_sent_makes_it_panic(text in ".*", payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&text).is_err());
        let _ = read(&format!("{text}.{text}"));
        let _ = read(&signed(&payload));
    }

    #[test]
    fn nothing_that_weibo_could_sign_makes_it_panic(issued in any::<i64>(), uid in any::<i64>(), expires in any::<i64>()) {
        let _ = read(&with(&json!({ "issued_at": issued, "user_id": uid, "expires": expires })));
    }
}
