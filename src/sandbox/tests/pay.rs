//! Buying over HTTP: the cashier, the notice, the return, the query, and each way in which they go wrong.

use super::{IN_CLIENT, Town, is_genuine, params, signed};
use crate::sandbox::{Fault, Lasting, Outcome, Sandbox, Settings, State};
use crate::weibo::signature::{Params, read_form};
use futures_util::future::join_all;
use time::Duration;
use url::Url;

const OUT: &str = "SHOP20260305000001";

fn returned(response: &reqwest::Response) -> Params {
    assert_eq!(response.status(), 303);
    let to = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    read_form(to.query().unwrap().as_bytes()).unwrap()
}

#[actix_web::test]
async fn a_forged_request_opens_no_payment() {
    let town = Town::open();
    let mut forged = town.order(OUT);
    forged.insert("total_amount".into(), "1".into());
    for bad in [forged, town.unsigned_order(OUT), Params::new()] {
        let answer = town.open_cashier(&bad, IN_CLIENT).await;
        assert_eq!(answer.status(), 400);
    }
    assert!(town.sandbox.payments().is_empty());
}

#[actix_web::test]
async fn nonsense_is_refused_and_breaks_nothing() {
    let town = Town::open();
    for (path, status) in [
        ("/api/merchant/pay/cashier?a=1&a=2", 400),
        ("/api/merchant/pay/cashier?sign=%00&sign_type=RSA", 400),
        ("/nothing/here", 404),
        ("/sandbox/payments/1/pay", 404),
    ] {
        assert_eq!(town.browser.get(town.url(path)).send().await.unwrap().status(), status, "{path}");
    }
    for path in ["/sandbox/payments/%00/pay", "/sandbox/payments/no-such/leave"] {
        assert_eq!(town.post(path, &Params::new()).await.status(), 404, "{path}");
    }
    let twice = town.browser.post(town.url("/sandbox/payments/1/pay")).body("account=1&account=2");
    assert_eq!(twice.send().await.unwrap().status(), 400);
}

#[actix_web::test]
async fn a_payment_is_told_to_the_merchant_and_on_the_return() {
    let town = Town::open();
    let back = returned(&town.pays(OUT).await);
    assert!(is_genuine(&back));
    assert_eq!((back["status"].as_str(), back["buyer_id"].as_str()), ("PAY_STATUS_SUCCESS", "7000000002"));
    assert!(town.merchant.heard().is_empty(), "nothing happens by itself");

    let deliveries = town.sandbox.deliver_due().await;
    assert_eq!(deliveries[0].outcome, Outcome::Taken);
    let heard = town.merchant.heard();
    assert!(heard.len() == 1 && is_genuine(&heard[0]));
    for (name, value) in [
        ("out_pay_id", OUT),
        ("total_amount", "12900"),
        ("notify_type", "PAY_STATUS_SUCCESS_B"),
        ("pay_time", "2026-03-05 10:21:00"),
        ("subject", "春茶 A+B 礼盒 & 茶具"),
        ("body", ""),
    ] {
        assert_eq!(heard[0][name], value, "{name}");
    }
    assert_eq!(heard[0]["pay_id"].len(), 18);
    town.clock.advance(Duration::days(30));
    assert!(town.sandbox.deliver_due().await.is_empty());
}

#[actix_web::test]
async fn paying_twice_is_refused() {
    let town = Town::open();
    town.pays(OUT).await;
    let pay_id = town.sandbox.payments()[0].pay_id.clone();
    let again = town.post(&format!("/sandbox/payments/{pay_id}/pay"), &Params::new()).await;
    assert_eq!(again.status(), 409);
    town.sandbox.deliver_due().await;
    assert_eq!(town.merchant.heard().len(), 1);
}

#[actix_web::test]
async fn who_leaves_has_not_paid_and_may_come_back() {
    let town = Town::open();
    town.open_cashier(&town.order(OUT), IN_CLIENT).await;
    let pay_id = town.sandbox.payments()[0].pay_id.clone();
    let left = town.post(&format!("/sandbox/payments/{pay_id}/leave"), &Params::new()).await;
    assert_eq!(returned(&left)["status"], "PAY_STATUS_PENDING");
    town.pays(OUT).await;
    assert_eq!(town.sandbox.payments().len(), 1);
    assert!(matches!(town.sandbox.payments()[0].state, State::Paid { .. }));
}

#[actix_web::test]
async fn the_account_that_pays_is_the_one_that_was_chosen() {
    let town = Town::open();
    town.open_cashier(&town.order(OUT), IN_CLIENT).await;
    let pay_id = town.sandbox.payments()[0].pay_id.clone();
    let path = format!("/sandbox/payments/{pay_id}/pay");
    let back = town.post(&path, &params([("account", "7000000004")])).await;
    assert_eq!(returned(&back)["buyer_id"], "7000000004");
}

#[actix_web::test]
async fn a_notice_is_repeated_until_the_merchant_says_success() {
    let town = Town::open();
    *town.merchant.says.lock().unwrap() = "fail";
    town.pays(OUT).await;
    let refused = town.sandbox.deliver_due().await;
    assert_eq!(refused[0].outcome, Outcome::Refused { status: 200, body: "fail".into() });
    town.clock.advance(Duration::seconds(14));
    assert!(town.sandbox.deliver_due().await.is_empty());
    *town.merchant.says.lock().unwrap() = " success\n";
    town.clock.advance(Duration::seconds(1));
    let taken = town.sandbox.deliver_due().await;
    assert_eq!((taken[0].attempt, &taken[0].outcome), (2, &Outcome::Taken));
    let heard = town.merchant.heard();
    assert_eq!(heard[0], heard[1], "a repetition is the same to the letter");
}

#[actix_web::test]
async fn a_notice_address_elsewhere_is_never_called() {
    let town = Town::open();
    let mut order = town.unsigned_order(OUT);
    order.insert("notify_url".into(), "https://shop.example/hooks".into());
    town.open_cashier(&signed(order), IN_CLIENT).await;
    let pay_id = town.sandbox.payments()[0].pay_id.clone();
    town.post(&format!("/sandbox/payments/{pay_id}/pay"), &Params::new()).await;
    assert_eq!(town.sandbox.deliver_due().await[0].outcome, Outcome::NotHere);
}

#[actix_web::test]
async fn each_fault_of_the_notice_does_what_it_says_once() {
    let town = Town::open();
    town.sandbox.set_late_minutes(3);
    let mut number = 0;
    let mut faulty = async |fault| {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        number += 1;
        town.pays(&format!("{OUT}{number}")).await;
        town.sandbox.deliver_due().await;
        std::mem::take(&mut *town.merchant.heard.lock().unwrap())
    };
    let twice = faulty(Fault::Twice).await;
    assert!(twice.len() == 2 && twice[0] == twice[1]);
    let one_fen = faulty(Fault::OneFen).await;
    assert!(one_fen[0]["total_amount"] == "1" && is_genuine(&one_fen[0]));
    assert!(!is_genuine(&faulty(Fault::Forged).await[0]));
    assert!(faulty(Fault::Silent).await.is_empty());
    let extra = faulty(Fault::ExtraFields).await;
    assert!(extra[0].contains_key("sandbox_备注") && is_genuine(&extra[0]));
    assert_eq!(faulty(Fault::ThenClosed).await[0]["status"], "PAY_STATUS_SUCCESS");
    town.clock.advance(Duration::seconds(1));
    town.sandbox.deliver_due().await;
    assert_eq!(town.merchant.heard()[0]["status"], "PAY_STATUS_CLOSED");
    town.merchant.heard.lock().unwrap().clear();
    assert!(faulty(Fault::Late).await.is_empty());
    town.clock.advance(Duration::minutes(3));
    assert_eq!(town.sandbox.deliver_due().await.len(), 1);
}

#[actix_web::test]
async fn a_notice_before_the_return_is_there_when_the_shopper_is_led_back() {
    let town = Town::open();
    town.sandbox.set_fault(Fault::BeforeReturn, Some(Lasting::Once));
    returned(&town.pays(OUT).await);
    assert_eq!(town.merchant.heard().len(), 1);
}

#[actix_web::test]
async fn the_return_can_be_unsigned_or_a_form() {
    let town = Town::open();
    town.sandbox.set_fault(Fault::ReturnUnsigned, Some(Lasting::Once));
    assert!(!returned(&town.pays(OUT).await).contains_key("sign"));
    town.sandbox.set_fault(Fault::ReturnPosted, Some(Lasting::Once));
    let form = town.pays("SHOP20260305000002").await;
    assert_eq!(form.status(), 200);
    let policy = form.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains(&format!("form-action 'self' {}", town.merchant.base.origin().ascii_serialization()))
    );
    assert!(form.text().await.unwrap().contains("name=\"sign\""));
}

#[actix_web::test]
async fn the_query_tells_what_is_so_by_either_number() {
    let town = Town::open();
    let unknown = town.asks(params([("seller_id", "7000000001"), ("out_pay_id", OUT)])).await;
    assert_ne!(unknown["code"], "100000");
    town.open_cashier(&town.order(OUT), IN_CLIENT).await;
    let ask = || params([("seller_id", "7000000001"), ("appkey", "1900000001"), ("out_pay_id", OUT)]);
    assert_eq!(town.asks(ask()).await["data"]["status"], "PAY_STATUS_PENDING");
    town.pays(OUT).await;
    let paid = town.asks(ask()).await;
    assert_eq!((&paid["code"], &paid["data"]["total_amount"]), (&"100000".into(), &"12900".into()));
    let pay_id = paid["data"]["pay_id"].as_str().unwrap();
    let both = params([("seller_id", "7000000001"), ("pay_id", pay_id), ("out_pay_id", "no such")]);
    assert_eq!(town.asks(both).await["data"]["out_pay_id"], OUT);
    let unsigned = town.post("/api/merchant/pay/query", &ask()).await;
    assert_ne!(unsigned.json::<serde_json::Value>().await.unwrap()["code"], "100000");
}

#[actix_web::test]
async fn a_gateway_that_misbehaves_does_so_as_told() {
    let town = Town::open();
    town.pays(OUT).await;
    let ask = || signed(params([("seller_id", "7000000001"), ("out_pay_id", OUT)]));
    for (fault, status, holds) in [
        (Fault::QueryFails, 500, ""),
        (Fault::QueryGarbage, 200, "<!doctype html>"),
        (Fault::QueryUnknownCode, 200, "\"987654\""),
        (Fault::QueryOneFen, 200, "\"total_amount\":\"1\""),
    ] {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        let answer = town.post("/api/merchant/pay/query", &ask()).await;
        assert_eq!(answer.status(), status, "{fault:?}");
        assert!(answer.text().await.unwrap().contains(holds), "{fault:?}");
    }
    let well = town.post("/api/merchant/pay/query", &ask()).await.text().await.unwrap();
    assert!(well.contains("\"total_amount\":\"12900\""));
}

#[actix_web::test]
async fn the_cashier_shows_a_face_to_each_kind_of_browser() {
    let town = Town::open();
    let desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
    let phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
    for (agent, face) in
        [(IN_CLIENT, "cashier-client"), (desktop, "cashier-desktop"), (phone, "cashier-phone")]
    {
        let page = town.open_cashier(&town.order(OUT), agent).await.text().await.unwrap();
        assert!(page.contains(face) && page.contains("沙箱 SANDBOX"), "{face}");
    }
    town.sandbox.set_fault(Fault::CashierScheme, Some(Lasting::Once));
    let led = town.open_cashier(&town.order(OUT), IN_CLIENT).await;
    assert_eq!(led.status(), 302);
    assert!(led.headers()["location"].to_str().unwrap().starts_with("sinaweibo://wbpay?pay_params="));
}

#[actix_web::test]
async fn of_many_buttons_pressed_at_once_one_pays() {
    let town = Town::open();
    town.open_cashier(&town.order(OUT), IN_CLIENT).await;
    let path = format!("/sandbox/payments/{}/pay", town.sandbox.payments()[0].pay_id);
    let nothing = Params::new();
    let answers = join_all((0..8).map(|_| town.post(&path, &nothing))).await;
    let paid = answers.iter().filter(|answer| answer.status() == 303).count();
    let refused = answers.iter().filter(|answer| answer.status() == 409).count();
    assert_eq!((paid, refused, town.sandbox.waiting_notices().len()), (1, 7, 1));
}

#[actix_web::test]
async fn a_sandbox_that_was_stopped_goes_on_where_it_was() {
    let town = Town::open();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let start = || {
        let settings = Settings::demo(town.base.clone(), None, Some(file.clone())).unwrap();
        Sandbox::new(settings, town.clock.clone())
    };
    let first = start().unwrap();
    first.set_fault(Fault::Late, Some(Lasting::UntilOff));
    first.say("7000000001", "茶", None).unwrap();
    let again = start().unwrap();
    assert_eq!((again.faults(), again.statuses()), (first.faults(), first.statuses()));
    std::fs::write(&file, "{").unwrap();
    assert!(start().is_err(), "what cannot be read is not thrown away");
}
