//! The vectors of oauth-and-statuses.md §2.1, and what each fault of the frame alters.

use super::*;
use crate::sandbox::Lasting;
use serde_json::{Value, json};
use time::macros::datetime;

const SECRET: &str = "test-only-app-secret-0001";
const OUTER: Outer<'_> = Outer { secret: SECRET, owner: "7000000001" };
const BUYER: &str = "7000000002";
const NOW: OffsetDateTime = datetime!(2026-03-05 10:20:30 +8);

const SIGNED_IN: &str = "Z1_rasU9r4f1MRFfw4yfe51kC6LAjfJKNDaX4sayBgg.eyJ1c2VyIjp7ImNvdW50cnkiOiJjbiIsImxvY2FsZSI6InpoX0NOIiwidmVyc2lvbiI6NX0sImFsZ29yaXRobSI6IkhNQUMtU0hBMjU2IiwiaXNzdWVkX2F0IjoxNzcyNjc3MjMwLCJleHBpcmVzIjoxNTc2ODAwMDAsIm9hdXRoX3Rva2VuIjoiMi4wMFRFU1RPTkxZVEVTVE9OTFlURVNUT05MWTAwMDEiLCJ1c2VyX2lkIjo3MDAwMDAwMDAyLCJyZWZlcmVyIjoiaHR0cHM6Ly93ZWliby5jb20vdS83MDAwMDAwMDAxIiwic2NvcGUiOiIiLCJleHRfZGF0YSI6IiIsIm91aWQiOiI3MDAwMDAwMDAxIn0";
const NOBODY: &str = "GXXvFIViykMZ6UeiDnHxdIFAEINPu7pLGjqAqyffS48.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc3MjY3NzIzMCwidXNlciI6eyJjb3VudHJ5IjoiY24iLCJsb2NhbGUiOiJ6aF9DTiIsInZlcnNpb24iOjV9LCJvdWlkIjoiNzAwMDAwMDAwMSJ9";

fn fresh() -> [String; 2] {
    ["2.00own".into(), "2.00strange".into()]
}

fn open(signed: &str) -> (bool, Value) {
    let (mac, payload) = signed.split_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let genuine = hmac::verify(&key, payload.as_bytes(), &BASE64URL_NOPAD.decode(mac.as_bytes()).unwrap());
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap();
    (genuine.is_ok(), serde_json::from_slice(&payload).unwrap())
}

#[test]
fn the_documents_vectors_come_out_byte_for_byte() {
    let viewer = Viewer {
        uid: 7_000_000_002,
        token: "2.00TESTONLYTESTONLYTESTONLY0001".into(),
        expires: 157_680_000,
        scope: String::new(),
    };
    assert_eq!(sign(SECRET, &payload(Some(&viewer), "7000000001", ALGORITHM, NOW)), SIGNED_IN);
    let mut world = World::new("7000000001");
    assert_eq!(world.signed_request(OUTER, None, fresh(), NOW), NOBODY);
}

#[test]
fn an_opened_frame_gives_a_token_and_a_second_one_the_same() {
    let mut world = World::new("7000000001");
    let (genuine, said) = open(&world.signed_request(OUTER, Some(BUYER), fresh(), NOW));
    assert!(genuine);
    assert_eq!((&said["user_id"], &said["oauth_token"]), (&json!(7_000_000_002_u64), &json!("2.00own")));
    assert_eq!(world.live_token("2.00own", NOW).unwrap().uid, BUYER);
    let later = NOW + Duration::hours(1);
    let (_, again) =
        open(&world.signed_request(OUTER, Some(BUYER), ["2.00new".into(), String::new()], later));
    assert_eq!(again["oauth_token"], "2.00own");
    assert_eq!(again["expires"].as_i64().unwrap(), said["expires"].as_i64().unwrap() - 3600);
}

#[test]
fn each_fault_spoils_one_thing() {
    let asked = |fault| {
        let mut world = World::new("7000000001");
        world.faults.switch_on(fault, Lasting::Once);
        let signed = world.signed_request(OUTER, Some(BUYER), fresh(), NOW);
        let (genuine, said) = open(&signed);
        let token = world.token(said["oauth_token"].as_str().unwrap()).unwrap().clone();
        (genuine, said, token)
    };
    assert!(!asked(Fault::FrameForged).0);
    let (genuine, said, _) = asked(Fault::FrameStale);
    assert_eq!((genuine, &said["issued_at"]), (true, &json!(1_772_677_230 - 86_400)));
    let (genuine, said, _) = asked(Fault::FrameAlgorithm);
    assert_eq!((genuine, &said["algorithm"]), (true, &json!("HMAC-SHA1")));
    let (genuine, _, token) = asked(Fault::FrameOtherApp);
    assert_eq!((genuine, token.app.as_deref(), token.uid.as_str()), (true, Some(OTHER_APP), BUYER));
    let (genuine, said, token) = asked(Fault::FrameOtherPerson);
    assert_eq!((genuine, &said["user_id"], token.app), (true, &json!(7_000_000_002_u64), None));
    assert_ne!(token.uid, BUYER);
}

#[test]
fn a_replayed_one_is_the_last_one_whoever_looks() {
    let mut world = World::new("7000000001");
    let first = world.signed_request(OUTER, Some(BUYER), fresh(), NOW);
    world.faults.switch_on(Fault::FrameReplayed, Lasting::Once);
    let later = NOW + Duration::minutes(1);
    assert_eq!(world.signed_request(OUTER, Some("7000000003"), fresh(), later), first);
    assert_ne!(world.signed_request(OUTER, Some("7000000003"), fresh(), later), first);
}
