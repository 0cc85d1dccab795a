//! The vectors of weibo-pay.md §15, and all that must fail there. The keys protect nothing.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/keys/test-only-", $name))
    };
}

#[derive(serde::Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(serde::Deserialize)]
struct Vector {
    params: Params,
    string_to_sign: String,
    sha1_hex: String,
    signature: BTreeMap<String, String>,
    wire_form_rsa1024: String,
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/pay-vectors.json"));
    serde_json::from_str::<File>(file).unwrap().vectors
});
static SMALL: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::parse(key!("rsa1024.pkcs8.pem")).unwrap());
static SMALL_PUBLIC: LazyLock<VerifyingKey> =
    LazyLock::new(|| VerifyingKey::parse(key!("rsa1024.spki.pub.pem")).unwrap());

/// `(name in the vectors, [PKCS#1, PKCS#8], SPKI)`
const KEYS: [(&str, [&str; 2], &str); 2] = [
    ("rsa1024", [key!("rsa1024.pkcs1.pem"), key!("rsa1024.pkcs8.pem")], key!("rsa1024.spki.pub.pem")),
    ("rsa2048", [key!("rsa2048.pkcs1.pem"), key!("rsa2048.pkcs8.pem")], key!("rsa2048.spki.pub.pem")),
];

/// The DER in base64, as merchants paste it: no frame, one line.
fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn signed(params: &Params, text: &str) -> Params {
    let mut signer = Signer::new(MessageDigest::sha1(), &SMALL.0).unwrap();
    let sign = BASE64.encode(&signer.sign_oneshot_to_vec(text.as_bytes()).unwrap());
    params.clone().into_iter().chain([("sign".to_owned(), sign)]).collect()
}

#[test]
fn every_vector_is_signed_and_verified_with_every_form_of_both_keys() {
    assert_eq!(VECTORS.len(), 3);
    for (size, private, public) in KEYS {
        let public = [VerifyingKey::parse(public).unwrap(), VerifyingKey::parse(&bare(public)).unwrap()];
        for text in private.iter().flat_map(|pem| [(*pem).to_owned(), bare(pem), pem.replace('\n', "\r\n")]) {
            let key = SigningKey::parse(&text).unwrap();
            assert_eq!(key.fingerprint().unwrap(), public[0].fingerprint().unwrap());
            for vector in VECTORS.iter() {
                let sign = key.sign(&vector.params).unwrap();
                assert_eq!(sign, vector.signature[size]);
                let mut params = vector.params.clone();
                params.insert("sign".into(), sign);
                assert!(public.iter().all(|key| key.verifies(&params)));
            }
        }
    }
}

#[test]
fn the_text_and_the_wire_form_are_those_of_the_vectors() {
    for vector in VECTORS.iter() {
        let text = text_to_sign(&vector.params);
        assert_eq!(text, vector.string_to_sign);
        assert_eq!(HEXLOWER.encode(&hash(MessageDigest::sha1(), text.as_bytes()).unwrap()), vector.sha1_hex);
        let received = read_form(vector.wire_form_rsa1024.as_bytes()).unwrap();
        assert!(SMALL_PUBLIC.verifies(&received));
        assert_eq!(read_form(write_form(&received).as_bytes()).unwrap(), received);
        let mut sent = vector.params.clone();
        sent.insert("sign".into(), vector.signature["rsa1024"].clone());
        assert_eq!(received, sent);
    }
}

#[test]
fn any_altered_byte_fails() {
    for vector in VECTORS.iter() {
        let genuine = read_form(vector.wire_form_rsa1024.as_bytes()).unwrap();
        for (name, value) in &genuine {
            if name == "sign_type" {
                continue;
            }
            let blank = format!("{value} ");
            let other = value.replacen(|_: char| true, "\u{1}", 1);
            for altered in [blank, other].into_iter().filter(|altered| altered != value) {
                let mut params = genuine.clone();
                params.insert(name.clone(), altered);
                assert!(!SMALL_PUBLIC.verifies(&params), "{name}");
            }
        }
        let mut added = genuine.clone();
        added.insert("discount".into(), "1".into());
        assert!(!SMALL_PUBLIC.verifies(&added));
    }
}

#[test]
fn a_text_built_otherwise_fails() {
    let vector = &VECTORS[0];
    let encoded: Params = vector.params.iter().map(|(n, v)| (n.clone(), encode(v))).collect();
    let plus: Params = vector.params.iter().map(|(n, v)| (n.clone(), v.replace('+', " "))).collect();
    let with_type = format!("{}&sign_type=RSA", vector.string_to_sign);
    let with_empty = vector.string_to_sign.replace("&expire", "&body=&expire");
    let with_newline = format!("{}\n", vector.string_to_sign);
    for text in [text_to_sign(&encoded), text_to_sign(&plus), with_type, with_empty, with_newline] {
        assert!(!SMALL_PUBLIC.verifies(&signed(&vector.params, &text)), "{text}");
    }
    assert!(SMALL_PUBLIC.verifies(&signed(&vector.params, &vector.string_to_sign)));
}

fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[test]
fn a_plus_sent_unencoded_arrives_as_a_blank_and_fails() {
    let wire = &VECTORS[0].wire_form_rsa1024;
    for broken in [wire.replace("A%2BB", "A+B"), wire.replace("%2B", "+"), wire.replace("%25", "%2525")] {
        let params = read_form(broken.as_bytes()).unwrap();
        assert_eq!(SMALL_PUBLIC.verifies(&params), broken == *wire);
    }
}

#[test]
fn a_signature_that_is_missing_or_no_clean_base64_fails() {
    let vector = &VECTORS[1];
    let sign = &vector.signature["rsa1024"];
    let unpadded = sign.trim_end_matches('=').to_owned();
    let url_safe = sign.replace('+', "-").replace('/', "_");
    let longer = format!("{sign}{sign}");
    for bad in [
        "",
        " ",
        "=",
        "AAAA",
        &unpadded,
        &url_safe,
        &longer,
        &format!("{sign} "),
        &vector.signature["rsa2048"],
    ] {
        let mut params = vector.params.clone();
        params.insert("sign".into(), bad.to_owned());
        assert!(!SMALL_PUBLIC.verifies(&params), "{bad:?}");
    }
    assert!(!SMALL_PUBLIC.verifies(&vector.params));
    assert!(!SMALL_PUBLIC.verifies(&Params::new()));
}

#[test]
fn the_sign_type_chooses_nothing() {
    let genuine = read_form(VECTORS[1].wire_form_rsa1024.as_bytes()).unwrap();
    for word in ["RSA", "rsa", "MD5", "none", ""] {
        let mut params = genuine.clone();
        params.insert("sign_type".into(), word.into());
        assert!(SMALL_PUBLIC.verifies(&params));
    }
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    for twice in ["a=1&a=1", "a=1&b=2&a=", "a=1&%61=2", "sign=x&sign=y", "a&a", "=1&=2"] {
        assert_eq!(read_form(twice.as_bytes()), Err(Ambiguous), "{twice}");
    }
    assert_eq!(read_form(b"a=1&A=1&&b= 1+").unwrap().len(), 3);
    assert_eq!(read_form(b"").unwrap(), Params::new());
}

#[test]
fn a_key_too_short_or_broken_is_refused() {
    let short = Rsa::generate(512).unwrap();
    let pem = |der: Vec<u8>| BASE64.encode(&der);
    let spki = short.public_key_to_der().unwrap();
    assert_eq!(SigningKey::parse(&pem(short.private_key_to_der().unwrap())).err(), Some(KeyError::TooShort));
    assert_eq!(VerifyingKey::parse(&pem(spki)).err(), Some(KeyError::TooShort));

    let mut der = BASE64.decode(bare(KEYS[0].1[0]).as_bytes()).unwrap();
    let last = der.len() - 1;
    der[last] ^= 1;
    assert_eq!(SigningKey::parse(&pem(der)).err(), Some(KeyError::Broken));
    let curve = openssl::ec::EcKey::generate(
        &openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap(),
    );
    let curve = PKey::from_ec_key(curve.unwrap()).unwrap().private_key_to_pkcs8().unwrap();
    for bad in ["", "-----BEGIN PRIVATE KEY-----", "AAAA", "not a key", KEYS[0].2, &pem(curve)] {
        assert_eq!(SigningKey::parse(bad).err(), Some(KeyError::Unreadable), "{bad}");
    }
    assert_eq!(VerifyingKey::parse("AAAA").err(), Some(KeyError::Unreadable));
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?} {:?}", *SMALL, *SMALL_PUBLIC), "SigningKey(..) VerifyingKey(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_written_and_read_verifies(
        params in prop::collection::btree_map("[a-z_]{1,8}|\\PC{1,4}", any::<String>(), 0..8)
    ) {
        let mut params: Params = params;
        params.remove("sign");
        let sign = SMALL.sign(&params).unwrap();
        params.insert("sign".into(), sign);
        let received = read_form(write_form(&params).as_bytes()).unwrap();
        prop_assert_eq!(&received, &params);
        prop_assert!(SMALL_PUBLIC.verifies(&received));
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(params) = read_form(&body) {
            prop_assert!(!SMALL_PUBLIC.verifies(&params));
        }
    }
}
