//! Members of the staff: how they join, enrol their second factor, and sign in again.

use super::TestShop;
use super::buyer::Buyer;
use super::page::Page;
use data_encoding::BASE32_NOPAD;
use std::collections::BTreeMap;
use std::sync::Mutex;
use time::Duration;
use totp_rs::Builder;
use weipu::staff::{self, Role};

/// Everybody's.
pub const PASSWORD: &str = "沙箱里的老板没有真钱";
pub const OWNER: &str = "阿山";

/// The authenticators of all members: by name the secret, and the last step whose code was used.
#[derive(Default)]
pub struct Factors(Mutex<BTreeMap<String, (Vec<u8>, u64)>>);

/// What an authenticator shows in this step of thirty seconds.
pub fn code_of(secret: &[u8], step: u64) -> String {
    let secret: [u8; 20] = secret.try_into().unwrap();
    Builder::new().with_secret(secret).build().unwrap().generate(step * 30).to_string()
}

/// The secret as the page of enrolment says it in letters.
pub fn secret_on(page: &Page) -> Vec<u8> {
    BASE32_NOPAD.decode(page.text("code.letters").replace(' ', "").as_bytes()).unwrap()
}

impl TestShop {
    pub fn step(&self) -> u64 {
        u64::try_from(self.clock.now().unix_timestamp()).unwrap() / 30
    }

    /// The owner, who has just made her account and enrolled: [`OWNER`], with [`PASSWORD`].
    pub async fn owner(&self) -> Buyer {
        let link = staff::first_owner_link(&self.app.shop.db, self.clock.now()).await.unwrap().unwrap();
        self.joins(&link, OWNER).await
    }

    /// Somebody whom the owner has invited for this role; she enrols where she has to.
    pub async fn member(&self, name: &str, role: Role) -> Buyer {
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let owner = staff::everybody(&mut tx).await.unwrap().remove(0).member;
        let link = staff::invite(&mut tx, &owner, role, self.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        self.joins(&link, name).await
    }

    async fn joins(&self, link: &str, name: &str) -> Buyer {
        let mut member = self.desktop();
        member.opens(&format!("/admin/welcome/{link}")).await;
        let form = member.page().form("form").with("name", name).with("password", PASSWORD);
        if member.submits(&form).await.has("#enrol") {
            self.enrols(&mut member, name).await;
        }
        let page = member.opens("/admin").await;
        assert_eq!(page.url.path(), "/admin", "{}", page.told());
        member
    }

    /// On the page of enrolment: puts the secret into her authenticator and gives its code. What she sees
    /// then are her recovery codes.
    pub async fn enrols(&self, member: &mut Buyer, name: &str) {
        let (secret, step) = (secret_on(member.page()), self.step());
        let form = member.page().form("#enrol").with("code", code_of(&secret, step));
        let page = member.submits(&form).await;
        assert!(page.has("ol.codes li"), "{}", page.told());
        self.factors.0.lock().unwrap().insert(name.to_owned(), (secret, step));
    }

    /// What her authenticator shows next: a code that was not used yet. Time passes when it has to.
    pub fn code(&self, name: &str) -> String {
        let mut factors = self.factors.0.lock().unwrap();
        let (secret, used) = factors.get_mut(name).expect("she has enrolled");
        if *used > self.step() {
            self.later(Duration::seconds(30));
        }
        *used = self.step().max(*used + 1);
        code_of(secret, *used)
    }

    /// At the door: name, password, and her code when she has one.
    pub async fn signs_in(&self, member: &mut Buyer, name: &str) {
        member.opens("/admin/sign-in").await;
        let form = member.page().form("form").with("name", name).with("password", PASSWORD);
        if member.submits(&form).await.url.path() == "/admin/sign-in/code" {
            let form = member.page().form("form").with("code", self.code(name));
            member.submits(&form).await;
        }
        assert_eq!(member.page().url.path(), "/admin", "{}", member.page().told());
    }
}
