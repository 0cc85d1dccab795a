//! The back office on a phone: a tracking number is scanned, a picture taken. No script of Weibo's is loaded there: the
//! bridge that the client injects has to do.

use super::FAILURES;
use crate::support::{Browser, Device, Shop, office};

/// A browser that reads codes: what it sees is always the same parcel.
const DETECTOR: &str = "window.BarcodeDetector = class { static async getSupportedFormats() { return window.formats ?? ['code_128']; } \
    async detect(it) { return it.width > 5 ? [{ rawValue: ' YT8800000000001 ' }] : []; } };";

/// The window in which one takes or chooses the photo cannot be seen: its input is put on the page.
const SEEN: &str = "HTMLInputElement.prototype.click = function () { this.id = 'photo'; \
    document.querySelector('main').append(this); }, true";

impl Browser {
    /// The owner on her phone, at an order that is paid.
    async fn has_a_parcel_to_send(&self, shop: &Shop) -> anyhow::Result<String> {
        let order = self.orders(shop, "walnut-cookie").await?;
        self.clicks("a#pay").await?;
        self.pays(shop).await?;
        self.learns_of_the_payment().await?;
        self.is_the_owner(shop).await?;
        Ok(shop.at(&format!("/admin/orders/{}", order.number)))
    }

    async fn tracking_is(&self, number: &str) -> anyhow::Result<()> {
        self.until(&format!("document.getElementById('tracking').value === '{number}'")).await
    }

    /// The words beside the input, named as the input names them.
    async fn is_told_beside(&self, input: &str, words: &str) -> anyhow::Result<()> {
        let told = format!("document.querySelector('{input} ~ [role=status]').textContent");
        self.until(&format!("{told} === document.querySelector('{input}').dataset.{words}")).await
    }

    /// How many pictures the form holds, and that each is a JPEG that can be read.
    async fn holds_pictures(&self, count: usize) -> anyhow::Result<()> {
        self.until(&format!("document.getElementById('files').files.length === {count}")).await?;
        let kinds = "[...document.getElementById('files').files].every(it => it.type === 'image/jpeg' && it.size > 999)";
        assert!(self.value_of(kinds).await? == true);
        Ok(())
    }
}

#[tokio::test]
async fn a_tracking_number_is_scanned_in_the_client() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::CLIENT).await?;
    let order = her.has_a_parcel_to_send(shop).await?;
    her.injects_its_bridge().await?;
    her.goes_to(&order).await?;
    her.has_no("[data-jsapi], script[src*='mobile.js']").await?;
    her.clicks("#ship .beside").await?;
    her.tracking_is("SF1234567890123").await?;
    her.keeps("scanned").await?;

    for code in FAILURES {
        her.client_answers(shop, &format!("scanQRCode={code}")).await?;
        her.goes_to(&order).await?;
        her.has_asked("checkAvailability").await?;
        if code == "absent" {
            her.until("document.readyState === 'complete'").await?;
            her.has_no(".beside").await?;
            continue;
        }
        her.clicks("#ship .beside").await?;
        her.has_asked("scanQRCode").await?;
        match code {
            "550" => her.is_free("#ship .beside").await?,
            "553" => her.is_told_beside("#tracking", "denied").await?,
            _ => {
                her.is_told_beside("#tracking", "unable").await?;
                her.is_off("#ship .beside").await?;
            }
        }
        her.tracking_is("").await?;
    }
    her.client_answers(shop, "").await?;
    her.goes_to(&order).await?;
    her.clicks("#ship .beside").await?;
    her.tracking_is("SF1234567890123").await?;
    her.clicks("#ship button[name=next]").await?;
    her.sees("p.said").await.map(|_| ())
}

#[tokio::test]
async fn elsewhere_a_photo_is_read_where_the_browser_can() -> anyhow::Result<()> {
    let shop = office()?;
    let folder = tempfile::tempdir()?;
    let label = crate::support::picture(folder.path(), "label.png", [240, 240, 240])?;
    let dot = folder.path().join("dot.png");
    image::RgbImage::new(2, 2).save(&dot)?;
    let his = Browser::open(Device::ANDROID).await?;
    let order = his.has_a_parcel_to_send(shop).await?;
    his.goes_to(&order).await?;
    his.until("document.readyState === 'complete'").await?;
    his.has_no(".beside").await?;

    his.prepares(DETECTOR).await?;
    his.goes_to(&order).await?;
    his.value_of(SEEN).await?;
    for (photo, number) in [(&dot, ""), (&label, "YT8800000000001")] {
        // She looks through the camera and takes none.
        his.clicks("#ship .beside").await?;
        his.sees("#photo").await?;
        his.value_of("document.getElementById('photo').remove(), true").await?;
        his.is_free("#ship .beside").await?;
        his.clicks("#ship .beside").await?;
        his.attaches("#photo", std::slice::from_ref(photo)).await?;
        his.tracking_is(number).await?;
        if number.is_empty() {
            his.is_told_beside("#tracking", "nothing").await?;
        }
        his.value_of("document.getElementById('photo').remove(), true").await?;
    }
    his.prepares("window.formats = []").await?;
    his.goes_to(&order).await?;
    his.until("document.readyState === 'complete'").await?;
    his.has_no(".beside").await?;

    // In a client that cannot after all, a second tap opens the camera.
    let her = Browser::open(Device::CLIENT).await?;
    her.is_the_owner(shop).await?;
    her.client_answers(shop, "scanQRCode=500").await?;
    her.injects_its_bridge().await?;
    her.prepares(DETECTOR).await?;
    her.goes_to(&order).await?;
    her.value_of(SEEN).await?;
    her.clicks("#ship .beside").await?;
    her.is_told_beside("#tracking", "again").await?;
    her.has_no("#photo").await?;
    her.clicks("#ship .beside").await?;
    her.attaches("#photo", &[label]).await?;
    her.tracking_is("YT8800000000001").await?;

    let desk = Browser::open(Device::DESKTOP).await?;
    desk.prepares(DETECTOR).await?;
    desk.is_the_owner(shop).await?;
    desk.goes_to(&order).await?;
    desk.until("document.readyState === 'complete' && Boolean(window.BarcodeDetector)").await?;
    desk.has_no(".beside").await
}

#[tokio::test]
async fn the_clients_pictures_join_those_that_were_chosen() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.is_the_owner(shop).await?;
    her.injects_its_bridge().await?;
    let pictures = shop.at("/admin/products/2/pictures");
    for code in FAILURES {
        her.client_answers(shop, &format!("pickImage={code}")).await?;
        her.goes_to(&pictures).await?;
        her.has_asked("checkAvailability").await?;
        if code == "absent" {
            her.has_no(".beside").await?;
            continue;
        }
        her.clicks(".beside").await?;
        her.has_asked("pickImage").await?;
        match code {
            "550" => her.is_free(".beside").await?,
            "553" => her.is_told_beside("#files", "denied").await?,
            _ => {
                her.is_told_beside("#files", "unable").await?;
                her.is_off(".beside").await?;
            }
        }
        her.holds_pictures(0).await?;
    }
    her.client_answers(shop, "").await?;
    her.goes_to(&pictures).await?;
    her.clicks(".beside").await?;
    her.holds_pictures(1).await?;
    her.clicks(".beside").await?;
    her.holds_pictures(2).await?;
    let before = her.value_of("document.querySelectorAll('.pictures > li').length").await?;
    her.clicks("#upload p > button:not(.beside)").await?;
    let before = before.as_u64().unwrap_or_default();
    her.until(&format!("document.querySelectorAll('.pictures > li').length === {}", before + 2)).await
}
