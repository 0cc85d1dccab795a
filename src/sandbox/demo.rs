//! The sandbox's own keys and numbers, which everybody knows: for demo and tests only.

use super::Settings;
use crate::weibo::signature::{SigningKey, VerifyingKey};
use std::path::PathBuf;
use url::Url;

/// Fingerprints of the published keys: a shop that takes real money refuses to start with either.
pub const KNOWN_FINGERPRINTS: [&str; 2] = [
    "821402042905514f5c47eb0e3d54c4ac957fba032aed6485c99c2239ecebbf4f",
    "58f5e942baa89750df5c3de0653c6746b1703dbb65e43b90038987f5bf9ea587",
];

/// The demo merchant's private key, PEM.
pub fn demo_merchant_private_key() -> &'static str {
    include_str!("keys/merchant.private.pem")
}

/// The public key with which the sandbox's notices are verified, PEM.
pub fn demo_platform_public_key() -> &'static str {
    include_str!("keys/platform.public.pem")
}

impl Settings {
    /// A merchant whose keys are published with the source.
    pub fn demo(
        public_url: Url,
        shop_url: Option<Url>,
        save_to: Option<PathBuf>,
    ) -> anyhow::Result<Settings> {
        Ok(Settings {
            app_key: "1900000001".into(),
            app_secret: "test-only-app-secret-0001".into(),
            seller_id: "7000000001".into(),
            fans_token: "2.00fansDemoTestOnlyToken0000001".into(),
            merchant_public: VerifyingKey::parse(include_str!("keys/merchant.public.pem"))?,
            platform_key: SigningKey::parse(include_str!("keys/platform.private.pem"))?,
            public_url,
            shop_url,
            phone_url: None,
            save_to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_fingerprints_are_those_of_the_published_keys() -> anyhow::Result<()> {
        let settings = Settings::demo(Url::parse("http://127.0.0.1:8090/")?, None, None)?;
        let merchant = SigningKey::parse(demo_merchant_private_key())?;
        assert_eq!(settings.merchant_public.fingerprint()?, KNOWN_FINGERPRINTS[0]);
        assert_eq!(merchant.fingerprint()?, KNOWN_FINGERPRINTS[0]);
        assert_eq!(settings.platform_key.fingerprint()?, KNOWN_FINGERPRINTS[1]);
        assert_eq!(VerifyingKey::parse(demo_platform_public_key())?.fingerprint()?, KNOWN_FINGERPRINTS[1]);
        Ok(())
    }
}
