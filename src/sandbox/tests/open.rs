//! The open platform over HTTP: consent, tokens, people, reposts and shares, share pages, the desk's pages.

use super::{IN_CLIENT, Town, params};
use crate::sandbox::{Card, Fault, Lasting};
use crate::weibo::signature::{Params, read_form, write_form};
use serde_json::{Value, json};
use time::Duration;
use url::Url;

const BUYER: &str = "7000000002";
const SHOP: &str = "7000000001";

impl Town {
    pub(super) fn callback(&self) -> String {
        self.merchant.base.join("oauth/weibo/callback").unwrap().into()
    }

    pub(super) fn asks_consent(&self) -> Params {
        let callback = self.callback();
        params([("client_id", "1900000001"), ("redirect_uri", &callback), ("state", "s&1")])
    }

    pub(super) async fn get(&self, path: &str, query: &Params) -> reqwest::Response {
        let mut url = self.url(path);
        url.set_query(Some(&write_form(query)));
        self.browser.get(url).send().await.unwrap()
    }

    pub(super) async fn decides(&self, decision: &str) -> Params {
        let mut form = self.asks_consent();
        form.extend(params([("decision", decision), ("account", BUYER)]));
        led_to(&self.post("/oauth2/authorize", &form).await)
    }

    pub(super) async fn exchanges(&self, code: &str) -> Value {
        let callback = self.callback();
        let form = params([
            ("client_id", "1900000001"),
            ("client_secret", "test-only-app-secret-0001"),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &callback),
        ]);
        self.post("/oauth2/access_token", &form).await.json().await.unwrap()
    }

    pub(super) async fn token(&self) -> String {
        let code = self.decides("allow").await.remove("code").unwrap();
        self.exchanges(&code).await["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn calls(&self, path: &str, form: Params) -> Value {
        self.post(path, &form).await.json().await.unwrap()
    }
}

pub(super) fn led_to(response: &reqwest::Response) -> Params {
    assert_eq!(response.status(), 303);
    let to = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    read_form(to.query().unwrap().as_bytes()).unwrap()
}

#[actix_web::test]
async fn nobody_is_led_to_an_address_that_is_not_registered() {
    let town = Town::open();
    for (name, value) in [("redirect_uri", "https://evil.example/"), ("client_id", "1900000009")] {
        let mut asked = town.asks_consent();
        asked.insert(name.into(), value.into());
        assert_eq!(town.get("/oauth2/authorize", &asked).await.status(), 400);
        asked.insert("decision".into(), "allow".into());
        assert_eq!(town.post("/oauth2/authorize", &asked).await.status(), 400);
    }
}

#[actix_web::test]
async fn who_refuses_is_led_back_with_the_error() {
    let back = Town::open().decides("refuse").await;
    assert_eq!((back["error"].as_str(), back["error_code"].as_str()), ("access_denied", "21330"));
    assert_eq!(back["state"], "s&1");
}

#[actix_web::test]
async fn a_code_is_good_once_and_not_for_long() {
    let town = Town::open();
    let back = town.decides("allow").await;
    assert_eq!(back["state"], "s&1");
    let token = town.exchanges(&back["code"]).await;
    assert_eq!((&token["uid"], &token["expires_in"]), (&json!(BUYER), &json!(2_592_000)));
    assert_eq!(town.exchanges(&back["code"]).await["error_code"], 21325);
    let late = town.decides("allow").await;
    town.clock.advance(Duration::minutes(10));
    assert_eq!(town.exchanges(&late["code"]).await["error_code"], 21325);
}

#[actix_web::test]
async fn a_token_tells_whose_it_is_until_it_expires_or_is_revoked() {
    let town = Town::open();
    let token = town.token().await;
    let form = || params([("access_token", token.as_str())]);
    let told = town.calls("/oauth2/get_token_info", form()).await;
    assert_eq!((&told["uid"], &told["appkey"]), (&json!(7_000_000_002_u64), &json!("1900000001")));
    town.clock.advance(Duration::days(31));
    assert!(town.calls("/oauth2/get_token_info", form()).await["expire_in"].as_i64().unwrap() < 0);
    let expired: Value = town.get("/2/account/get_uid.json", &form()).await.json().await.unwrap();
    assert_eq!(expired["error_code"], 21327);
    assert_eq!(town.calls("/oauth2/revokeoauth2", form()).await["result"], "true");
    assert_eq!(town.calls("/oauth2/get_token_info", form()).await["error_code"], 21316);
}

#[actix_web::test]
async fn a_token_may_travel_in_the_header() {
    let town = Town::open();
    let call = town.browser.get(town.url("/2/users/show.json?screen_name=山间小铺"));
    let shop: Value = call
        .header("Authorization", format!("OAuth2 {}", town.token().await))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&shop["idstr"], &shop["followers_count"]), (&json!(SHOP), &Value::Null));
    let none: Value = town.get("/2/users/show.json", &params([("uid", SHOP)])).await.json().await.unwrap();
    assert_eq!(none["error_code"], 21332);
}

#[actix_web::test]
async fn users_show_wants_exactly_one_name() {
    let town = Town::open();
    let token = town.token().await;
    for (uid, name, code) in [("", "", 10016), (SHOP, "山间小铺", 10008), ("1", "", 20003)] {
        let asked = params([("access_token", token.as_str()), ("uid", uid), ("screen_name", name)]);
        let answer: Value = town.get("/2/users/show.json", &asked).await.json().await.unwrap();
        assert_eq!(answer["error_code"], code, "{uid} {name}");
    }
}

#[actix_web::test]
async fn a_status_is_reposted_by_the_rules() {
    let town = Town::open();
    let id = town.sandbox.say(SHOP, "第一炉五仁出来了", None).unwrap().id.to_string();
    let token = town.token().await;
    let form = |id: &str, text: &str, rip: &str| {
        params([("access_token", token.as_str()), ("id", id), ("status", text), ("rip", rip)])
    };
    let path = "/2/statuses/repost.json";
    let long = "茶".repeat(141);
    for (id, text, rip, code) in [
        (id.as_str(), "好吃", "", 10016),
        (&id, "好吃", "here", 10017),
        ("1", "好吃", "127.0.0.1", 20101),
        ("x", "好吃", "127.0.0.1", 10017),
        (&id, &long, "127.0.0.1", 20012),
        (&id, "a\0b", "127.0.0.1", 0),
    ] {
        let answer = town.post(path, &form(id, text, rip)).await;
        assert_eq!(answer.status(), 400);
        if code != 0 {
            assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], code);
        }
    }
    let said = town.calls(path, form(&id, "好吃", "127.0.0.1")).await;
    assert_eq!((&said["retweeted_status"]["idstr"], &said["user"]["idstr"]), (&json!(id), &json!(BUYER)));
    assert_eq!(town.calls(path, form(&id, "好吃", "127.0.0.1")).await["error_code"], 20019);
    town.sandbox.delete_status(id.parse().unwrap()).unwrap();
    assert_eq!(town.calls(path, form(&id, "还要", "127.0.0.1")).await["error_code"], 20101);
}

#[actix_web::test]
async fn a_share_needs_an_address_of_the_shop_and_no_topic() {
    let town = Town::open();
    let token = town.token().await;
    let shop = town.merchant.base.join("p/tea").unwrap();
    let path = "/2/statuses/share.json";
    let form =
        |text: &str| params([("access_token", token.as_str()), ("status", text), ("rip", "127.0.0.1")]);
    for text in ["没有地址", "别处 https://evil.example/", &format!("#茶# {shop}")] {
        assert_eq!(town.calls(path, form(text)).await["error_code"], 10017, "{text}");
    }
    let text = format!("买到了 {shop}");
    assert_eq!(town.calls(path, form(&text)).await["text"], text);
    assert_eq!(town.calls(path, form(&text)).await["error_code"], 20019);
}

#[actix_web::test]
async fn the_api_fails_as_it_is_told() {
    let town = Town::open();
    let id = town.sandbox.say(SHOP, "新茶", None).unwrap().id.to_string();
    let token = town.token().await;
    let form = || params([("access_token", token.as_str()), ("id", &id), ("rip", "127.0.0.1")]);
    for (fault, code) in
        [(Fault::TokenExpired, 21327), (Fault::NotPermitted, 10014), (Fault::OverLimit, 10023)]
    {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        assert_eq!(town.calls("/2/statuses/repost.json", form()).await["error_code"], code);
    }
    town.sandbox.set_fault(Fault::AnswerLost, Some(Lasting::Once));
    let lost = town.browser.post(town.url("/2/statuses/repost.json")).form(&form()).send().await;
    assert!(match lost {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(town.sandbox.statuses()[0].text, "转发微博", "it was done all the same");
}

#[actix_web::test]
async fn the_share_page_posts_as_the_chosen_account() {
    let town = Town::open();
    let page =
        town.get("/share/share.php", &params([("title", "<b>茶"), ("url", "http://x.example/")])).await;
    let html = page.text().await.unwrap();
    assert!(html.contains("&#60;b&#62;茶 http://x.example/") && html.contains("沙箱 SANDBOX"));
    let empty = town.post("/share/mobile.php", &params([("status", " "), ("account", BUYER)])).await;
    assert_eq!(empty.status(), 422);
    town.post("/share/mobile.php", &params([("status", "茶来了"), ("account", "7000000003")])).await;
    assert_eq!(town.sandbox.statuses()[0].uid, "7000000003");
}

#[actix_web::test]
async fn cards_stand_in_the_stream_and_lead_only_to_the_web() {
    let town = Town::open();
    let card = |url: &str| Card {
        url: url.into(),
        title: "五仁月饼 四枚盒".into(),
        image: String::new(),
        price: "¥88.00".into(),
        stock: "余 42 盒".into(),
    };
    assert!(town.sandbox.say(SHOP, "看", Some(card("javascript:alert(1)"))).is_err());
    town.sandbox
        .say(SHOP, "看 http://shop.example/a?u=http://b", Some(card("http://shop.example/p/1")))
        .unwrap();
    let html = town.get("/sandbox/stream", &Params::new()).await.text().await.unwrap();
    assert!(html.contains("href=\"http://shop.example/p/1\"") && html.contains("¥88.00"));
}

#[actix_web::test]
async fn the_desk_switches_faults_and_lists_what_happened_without_secrets() {
    let town = Town::open();
    town.pays("SHOP20260305000001").await;
    let switched =
        town.post("/sandbox/desk/faults", &params([("fault", "twice"), ("to", "until_off")])).await;
    assert_eq!(switched.status(), 303);
    assert_eq!(town.sandbox.faults().lasting(Fault::Twice), Some(Lasting::UntilOff));
    for bad in [("fault", "no"), ("to", "once")] {
        assert_eq!(town.post("/sandbox/desk/faults", &params([bad])).await.status(), 400);
    }
    assert_eq!(town.post("/sandbox/desk/account", &params([("account", "1")])).await.status(), 400);
    let desk = town.get("/sandbox/", &Params::new()).await;
    let policy = desk.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(!policy.contains("unsafe"));
    let html = desk.text().await.unwrap();
    assert!(html.contains("GET /api/merchant/pay/cashier") && !html.contains("sign="));
}

#[actix_web::test]
async fn the_json_doors_take_sense_and_refuse_nonsense() {
    let town = Town::open();
    let send = async |method: &str, path: &str, body: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        town.browser.request(method, town.url(path)).body(body.to_owned()).send().await.unwrap()
    };
    for (path, body) in [
        ("/sandbox/api/faults", "{"),
        ("/sandbox/api/faults", "[]"),
        ("/sandbox/api/faults", "{\"no\":\"once\"}"),
        ("/sandbox/api/faults", "{\"twice\":\"sometimes\"}"),
        ("/sandbox/api/notices", "{\"schedule\":[]}"),
        ("/sandbox/api/statuses", "{\"user\":\"1\",\"text\":\"x\"}"),
        ("/sandbox/api/statuses", "{\"user\":\"7000000001\",\"text\":\"\\u0000\"}"),
    ] {
        assert_eq!(send("POST", path, body).await.status(), 400, "{path} {body}");
    }
    assert_eq!(
        send("POST", "/sandbox/api/faults", "{\"late\":\"once\",\"late_minutes\":3}").await.status(),
        200
    );
    assert_eq!(
        (town.sandbox.faults().late_minutes(), send("GET", "/sandbox/api", "").await.status().as_u16()),
        (3, 200)
    );
    let said = send("POST", "/sandbox/api/statuses", "{\"user\":\"7000000001\",\"text\":\"茶\"}").await;
    let id = said.json::<Value>().await.unwrap()["id"].to_string();
    assert_eq!(send("DELETE", &format!("/sandbox/api/statuses/{id}"), "").await.status(), 204);
    assert_eq!(send("DELETE", &format!("/sandbox/api/statuses/{id}"), "").await.status(), 404);
    for path in ["payments", "notices", "statuses", "people", "traffic"] {
        assert_eq!(send("GET", &format!("/sandbox/api/{path}"), "").await.status(), 200, "{path}");
    }
    assert_eq!(town.open_cashier(&town.order("SHOP20260305000009"), IN_CLIENT).await.status(), 200);
}

#[actix_web::test]
async fn nonsense_is_answered_in_the_callers_own_form() {
    let town = Town::open();
    let say = async |path: &str, body: &str| {
        let answer = town.browser.post(town.url(path)).body(body.to_owned()).send().await.unwrap();
        assert!(answer.status().is_client_error() || answer.status() == 200, "{path}");
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(say("/2/statuses/repost.json", "id=1&id=2").await["error_code"], 10008);
    assert_eq!(say("/2/no/such.json", "").await["error_code"], 10020);
    assert_eq!(say("/oauth2/access_token", "code=%00").await["error_code"], 21323);
    assert_eq!(say("/oauth2/get_token_info", "").await["error_code"], 21332);
    assert_eq!(say("/api/merchant/pay/refund/apply", "").await["code"], "990001");
    assert_eq!(say("/api/merchant/transfer/create", "").await["code"], "990099");
    assert!(say("/sandbox/api/nothing", "").await["error"].is_string());
}
