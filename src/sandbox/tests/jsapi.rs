//! The client's JS interface over HTTP: tickets, the script with what was chosen, and who is admitted.

use super::{Town, params};
use crate::sandbox::{Fault, Lasting};
use serde_json::{Value, json};
use time::Duration;

const TICKET: &str = "/oauth2/js_ticket/generate";
const SCRIPT: &str = "/open/thirdpart/js/jsapi/mobile.js";

impl Town {
    async fn script_for(&self, cookie: &str) -> String {
        let asked = self.browser.get(self.url(SCRIPT)).header("Cookie", format!("sandbox_bridge={cookie}"));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/javascript; charset=utf-8");
        let text = answer.text().await.unwrap();
        let (_, chosen) = text.trim_end().rsplit_once("})(").unwrap();
        chosen.trim_end_matches(");").to_owned()
    }

    async fn chooses(&self, wishes: Value) -> u16 {
        let asked = self.browser.post(self.url("/sandbox/api/bridge")).body(wishes.to_string());
        asked.send().await.unwrap().status().as_u16()
    }
}

#[actix_web::test]
async fn a_ticket_is_given_to_the_application_and_to_nobody_else() {
    let town = Town::open();
    let known = [("client_id", "1900000001"), ("client_secret", "test-only-app-secret-0001")];
    let by_form: Value = town.post(TICKET, &params(known)).await.json().await.unwrap();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(known).finish();
    let by_query = town.browser.get(town.url(&format!("{TICKET}?{query}"))).send().await.unwrap();
    let by_query: Value = by_query.json().await.unwrap();
    for answer in [&by_form, &by_query] {
        assert_eq!((&answer["result"], &answer["expire_time"]), (&json!(true), &json!(7199)), "{answer}");
    }
    assert_ne!(by_form["js_ticket"], by_query["js_ticket"]);
    for wrong in [
        params([]),
        params([("client_id", "1900000001")]),
        params([("client_id", "1900000001"), ("client_secret", "wrong")]),
    ] {
        let answer = town.post(TICKET, &wrong).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], 21324);
    }
    town.sandbox.set_fault(Fault::TicketRefused, Some(Lasting::Once));
    assert_eq!(town.post(TICKET, &params(known)).await.status(), 400);
    assert_eq!(town.post(TICKET, &params(known)).await.status(), 200);
}

#[actix_web::test]
async fn a_page_is_admitted_while_its_ticket_lives() {
    let town = Town::open();
    let at = town.clock.now().unix_timestamp();
    let claim = |signature: &str| {
        let at = at.to_string();
        let page = "http://127.0.0.1:8080/p/茶?a=b%20c";
        let fields = [("number", "3"), ("appkey", "1900000001"), ("noncestr", "n"), ("timestamp", &at)];
        let more = [("signature", signature), ("url", page)];
        let mut url = town.url("/sandbox/jsapi/check.js");
        url.query_pairs_mut().extend_pairs(fields).extend_pairs(more);
        url
    };
    let ask = async |url| town.browser.get(url).send().await.unwrap().text().await.unwrap();
    town.sandbox.change(|world, now| world.give_ticket("t".into(), now));
    let text = format!("jsapi_ticket=t&noncestr=n&timestamp={at}&url=http://127.0.0.1:8080/p/茶?a=b%20c");
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let signature = data_encoding::HEXLOWER.encode(digest.as_ref());
    assert_eq!(ask(claim(&signature)).await, "window.sandboxAdmits(3, true);");
    assert_eq!(ask(claim("")).await, "window.sandboxAdmits(3, false);");
    let mut foreign = claim(&signature);
    foreign.set_query(Some(&foreign.query().unwrap().replace("1900000001", "1900000002")));
    assert_eq!(ask(foreign).await, "window.sandboxAdmits(3, false);");
    assert_eq!(
        ask(town.url("/sandbox/jsapi/check.js?number=);alert(1)")).await,
        "window.sandboxAdmits(0, false);"
    );
    town.clock.advance(Duration::hours(2));
    assert_eq!(ask(claim(&signature)).await, "window.sandboxAdmits(3, false);");
}

#[actix_web::test]
async fn what_is_chosen_stands_in_the_script_and_nothing_else_does() {
    let town = Town::open();
    assert_eq!(town.script_for("").await, "{}");
    assert_eq!(town.chooses(json!({ "getLocation": "553", "bridge": "late" })).await, 200);
    assert_eq!(town.script_for("").await, r#"{"bridge":"late","getLocation":"553"}"#);
    let own = "getLocation=550&init=403&openMenu=%22%7D%29%3Balert%281%29&nothing=500";
    assert_eq!(town.script_for(own).await, r#"{"bridge":"late","getLocation":"550","init":"403"}"#);
    assert_eq!(town.chooses(json!({ "bridge": null })).await, 200);
    for bad in [json!({ "openMenu": "x" }), json!({ "x": "500" }), json!({ "openMenu": 500 }), json!([])] {
        assert_eq!(town.chooses(bad.clone()).await, 400, "{bad}");
    }
    assert_eq!(town.script_for("").await, r#"{"getLocation":"553"}"#);

    let at_desk = async |action, to| {
        town.post("/sandbox/desk/bridge", &params([("action", action), ("to", to)])).await.status().as_u16()
    };
    assert_eq!((at_desk("openMenu", "501").await, at_desk("getLocation", "ok").await), (303, 303));
    assert_eq!(at_desk("openMenu", "late").await, 400);
    assert_eq!(town.script_for("").await, r#"{"openMenu":"501"}"#);
}
