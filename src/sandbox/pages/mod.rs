//! The pages that people see: what each shows; how it looks is in `templates/sandbox/`.

mod consent;
pub mod desk;
mod fans;
mod frame;
mod messages;
mod stream;

pub use consent::ConsentPage;
pub use desk::DeskPage;
pub use fans::{FansPage, FansScanPage};
pub use frame::FramePage;
pub use messages::MessagesPage;
pub use stream::StreamPage;

use super::clients::Face;
use super::world::World;
use super::world::pay::{Payment, State, price};
use super::world::people::Person;
use crate::weibo::signature::Params;
use askama::Template;

/// One sentence in place of what was asked for.
#[derive(Template)]
#[template(path = "sandbox/message.html")]
pub struct MessagePage {
    pub title: &'static str,
    pub words: String,
}

/// The cashier, in one of its three faces.
#[derive(Template)]
#[template(path = "sandbox/cashier.html")]
pub struct CashierPage {
    pub face: &'static str,
    pub payment: Payment,
    pub merchant: String,
    pub yuan: String,
    pub cents: String,
    pub until: String,
    pub people: Vec<Person>,
    pub acting: Person,
}

impl CashierPage {
    pub fn new(world: &World, payment: &Payment, face: Face, acting: &str) -> CashierPage {
        let seller = &payment.order.seller_id;
        let (yuan, cents) = price(payment.order.total_fen);
        let nobody = || super::world::people::first_people(seller).swap_remove(1);
        CashierPage {
            face: match face {
                Face::Client => "client",
                Face::Desktop => "desktop",
                Face::Phone => "phone",
            },
            merchant: world.person(seller).map_or_else(|| seller.clone(), |person| person.name.clone()),
            yuan,
            cents,
            until: super::world::pay_time(payment.expires_at),
            people: world.people().iter().filter(|person| person.uid != *seller).cloned().collect(),
            acting: world.person(acting).cloned().unwrap_or_else(nobody),
            payment: payment.clone(),
        }
    }

    fn pending(&self) -> bool {
        self.payment.state == State::Pending
    }

    fn paid(&self) -> bool {
        matches!(self.payment.state, State::Paid { .. })
    }
}

/// The way back to the merchant as a form: without script it takes a button.
#[derive(Template)]
#[template(path = "sandbox/return.html")]
pub struct ReturnPage {
    pub to: String,
    pub fields: Params,
}

/// A text to be posted by a person.
#[derive(Template)]
#[template(path = "sandbox/composer.html")]
pub struct ComposerPage {
    pub title: &'static str,
    pub action: String,
    pub text: String,
    pub trouble: Option<String>,
    pub people: Vec<Person>,
    pub acting: String,
}

impl ComposerPage {
    pub fn new(
        world: &World,
        text: String,
        trouble: Option<String>,
        wished: [Option<&str>; 2],
    ) -> ComposerPage {
        ComposerPage {
            title: "发微博",
            action: "/share/share.php".into(),
            text,
            trouble,
            people: world.people().to_vec(),
            acting: world.acting(wished).map(|person| person.uid.clone()).unwrap_or_default(),
        }
    }

    /// The same for saying a status again.
    pub fn of_repost(
        world: &World,
        id: u64,
        text: String,
        trouble: Option<String>,
        wished: [Option<&str>; 2],
    ) -> ComposerPage {
        let action = format!("/sandbox/statuses/{id}/repost");
        ComposerPage { title: "转发", action, ..ComposerPage::new(world, text, trouble, wished) }
    }
}

/// Where the link under a QR code is put in.
#[derive(Template)]
#[template(path = "sandbox/scan.html")]
pub struct ScanPage {
    pub link: String,
    pub trouble: Option<String>,
}
