//! Who is asked for consent and who is not, tokens that are good no more, and how much the API lets one do.

use super::open::led_to;
use super::{IN_CLIENT, Town, params};
use crate::sandbox::{Fault, Lasting, Limits};
use crate::weibo::signature::{Params, write_form};
use serde_json::{Value, json};
use time::Duration;

const BUYER: &str = "7000000002";
const SHOP: &str = "7000000001";

impl Town {
    /// Asks for consent with these parameters besides, as this browser.
    async fn asks_as(&self, agent: &str, more: &[(&str, &str)]) -> reqwest::Response {
        let mut asked = self.asks_consent();
        asked.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut url = self.url("/oauth2/authorize");
        url.set_query(Some(&write_form(&asked)));
        self.browser.get(url).header("User-Agent", agent).send().await.unwrap()
    }

    async fn tells_of(&self, token: &str) -> Value {
        self.calls("/oauth2/get_token_info", params([("access_token", token)])).await
    }

    async fn shows_shop(&self, token: &str) -> Value {
        let asked = params([("access_token", token), ("uid", SHOP)]);
        self.get("/2/users/show.json", &asked).await.json().await.unwrap()
    }
}

#[actix_web::test]
async fn the_page_shows_what_is_asked_and_follows_only_when_ticked() {
    let town = Town::open();
    let scope = "email,follow_app_official_microblog,<b>";
    let html =
        town.asks_as(IN_CLIENT, &[("scope", scope), ("display", "wap2.0")]).await.text().await.unwrap();
    for part in ["看到你的邮箱", "&#60;b&#62;", "name=\"follow\"", "display-wap", "阿梨的茶桌"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("name=\"follow\" value=\"1\" checked"));
    let plain = town.asks_as(IN_CLIENT, &[("display", "\"><b>")]).await.text().await.unwrap();
    assert!(plain.contains("display-default\"") && !plain.contains("name=\"follow\""));
    let follows = || town.sandbox.people().into_iter().find(|one| one.uid == BUYER).unwrap().follows;
    town.token().await;
    assert!(follows().is_empty());
    let mut form = town.asks_consent();
    form.extend(params([("decision", "allow"), ("account", BUYER), ("scope", scope), ("follow", "1")]));
    town.post("/oauth2/authorize", &form).await;
    assert!(follows().contains(SHOP));
}

#[actix_web::test]
async fn in_the_client_nobody_is_asked_twice_for_the_same() {
    let town = Town::open();
    assert_eq!(town.asks_as(IN_CLIENT, &[]).await.status(), 200, "never agreed");
    town.token().await;
    let back = led_to(&town.asks_as(IN_CLIENT, &[]).await);
    assert_eq!((back["state"].as_str(), back.contains_key("code")), ("s&1", true));
    assert_eq!(town.asks_as(IN_CLIENT, &[("forcelogin", "true")]).await.status(), 200);
    assert_eq!(town.asks_as(IN_CLIENT, &[("scope", "email")]).await.status(), 200, "something new");
    assert_eq!(town.asks_as("Mozilla/5.0 (X11; Linux x86_64)", &[]).await.status(), 200, "not in the client");
    let elsewhere = town.asks_as(IN_CLIENT, &[("redirect_uri", "https://evil.example/")]).await;
    assert_eq!(elsewhere.status(), 400);
    assert!(elsewhere.text().await.unwrap().contains("21322"));
    town.sandbox.withdraw(BUYER);
    assert_eq!(town.asks_as(IN_CLIENT, &[]).await.status(), 200, "they took it back");
}

#[actix_web::test]
async fn an_app_inside_weibo_gets_no_code() {
    let town = Town::open();
    let mut form = town.asks_consent();
    form.extend(params([("decision", "allow"), ("account", BUYER), ("display", "apponweibo")]));
    let answer = town.post("/oauth2/authorize", &form).await;
    assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (200, None));
}

#[actix_web::test]
async fn a_new_login_takes_the_place_of_the_old() {
    let town = Town::open();
    let (old, new) = (town.token().await, town.token().await);
    assert_eq!((old.len(), old.starts_with("2.00")), (32, true));
    assert_eq!(town.tells_of(&old).await["error_code"], 21315);
    assert_eq!(town.shows_shop(&old).await["error_code"], 21315);
    assert_eq!(town.tells_of(&new).await["uid"], 7_000_000_002_u64);
    town.sandbox.withdraw(BUYER);
    assert_eq!(town.shows_shop(&new).await["error_code"], 21316);
}

#[actix_web::test]
async fn an_unaudited_app_has_room_for_so_many_and_its_tokens_live_shortly() {
    let town = Town::open();
    let limits = Limits { accounts: Some(1), token_seconds: Some(86_400), ..Limits::default() };
    town.sandbox.set_limits(limits);
    let token = town.token().await;
    assert_eq!(town.tells_of(&token).await["expire_in"], 86_400);
    let mut form = town.asks_consent();
    form.extend(params([("decision", "allow"), ("account", "7000000003")]));
    let back = led_to(&town.post("/oauth2/authorize", &form).await);
    assert_eq!((back["error_code"].as_str(), back.get("code")), ("21321", None));
    town.token().await;
    town.clock.advance(Duration::days(1));
    assert_eq!(town.shows_shop(&token).await["error_code"], 21315, "replaced before it expired");
}

#[actix_web::test]
async fn whose_a_token_is_can_be_wrong_in_three_ways() {
    let town = Town::open();
    let switch = |fault| town.sandbox.set_fault(fault, Some(Lasting::Once));
    switch(Fault::TokenUidWrong);
    let code = town.decides("allow").await.remove("code").unwrap();
    let said = town.exchanges(&code).await;
    assert_eq!(said["uid"], SHOP);
    let token = said["access_token"].as_str().unwrap();
    assert_eq!(town.tells_of(token).await["uid"], 7_000_000_002_u64, "the token itself is hers");
    switch(Fault::TokenOfAnotherApp);
    let strange = town.token().await;
    assert_eq!(town.tells_of(&strange).await["appkey"], "1900000009");
    assert_eq!(town.tells_of(token).await["appkey"], "1900000001", "hers still stands");
    let another = town.sandbox.token_of_another_app(BUYER);
    assert_eq!(town.tells_of(&another).await["appkey"], "1900000009");
    switch(Fault::TokenInfoLost);
    let asked = town.browser.post(town.url("/oauth2/get_token_info")).form(&[("access_token", token)]);
    assert!(match asked.send().await {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
}

#[actix_web::test]
async fn each_limit_answers_with_its_own_code() {
    let town = Town::open();
    let token = town.token().await;
    for (fault, code) in
        [(Fault::IpOverLimit, 10022), (Fault::OverLimit, 10023), (Fault::ApiOverLimit, 10024)]
    {
        town.sandbox.set_fault(fault, Some(Lasting::Once));
        assert_eq!(town.shows_shop(&token).await["error_code"], code);
        assert_eq!(town.shows_shop(&token).await["idstr"], SHOP, "once");
    }
    let set = town.browser.post(town.url("/sandbox/api/limits")).body("{\"user_per_day\":4}");
    assert_eq!(set.send().await.unwrap().json::<Value>().await.unwrap()["ip_per_hour"], Value::Null);
    assert_eq!(town.shows_shop(&token).await["idstr"], SHOP, "the fourth");
    assert_eq!(town.shows_shop(&token).await["error_code"], 10023);
    town.clock.advance(Duration::days(1));
    assert_eq!(town.shows_shop(&token).await["idstr"], SHOP);
    let nonsense = town.browser.post(town.url("/sandbox/api/limits")).body("{\"users\":4}");
    assert_eq!(nonsense.send().await.unwrap().status(), 400);
}

#[actix_web::test]
async fn both_ways_to_send_token_and_parameters_are_the_same() {
    let town = Town::open();
    let id = town.sandbox.say(SHOP, "新茶", None).unwrap().id.to_string();
    let token = town.token().await;
    let header = format!("OAuth2 {token}");
    let url = |query: &str| town.url(&format!("/2/statuses/repost.json?{query}"));
    let post = |url| town.browser.post(url);
    let form = |text: &str| format!("id={id}&status={text}&rip=127.0.0.1");
    let encoded = "application/x-www-form-urlencoded";
    for (call, text) in [
        (post(url(&form("a+b"))).header("Authorization", &header), "a b"),
        (post(url(&form("c%20d%2B1&access_token="))).header("Authorization", &header), "c d+1"),
        (
            post(url(&format!("access_token={token}"))).header("Content-Type", encoded).body(form("e+f")),
            "e f",
        ),
        (post(url(&form("g"))).header("Content-Type", encoded).body(format!("access_token={token}")), "g"),
    ] {
        let said: Value = call.send().await.unwrap().json().await.unwrap();
        assert_eq!(said["text"], text, "{said}");
    }
    let answer = town.browser.get(url(&form("h"))).header("Authorization", &header).send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], 10021);
}

#[actix_web::test]
async fn an_error_may_come_with_the_status_200() {
    let town = Town::open();
    town.sandbox.set_fault(Fault::ErrorAs200, Some(Lasting::Once));
    let answer = town.get("/2/users/show.json", &Params::new()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], 21332);
    assert_eq!(town.get("/2/users/show.json", &Params::new()).await.status(), 400);
}

#[actix_web::test]
async fn the_frame_says_who_looks_to_programs_too() {
    let town = Town::open();
    let ask = async |body: &str| {
        let asked = town.browser.post(town.url("/sandbox/api/signed_request")).body(body.to_owned());
        asked.send().await.unwrap()
    };
    assert_eq!(ask("{\"account\":\"1\"}").await.status(), 400);
    for body in ["{}", "{\"account\":\"7000000002\"}"] {
        let said: Value = ask(body).await.json().await.unwrap();
        assert!(said["signed_request"].as_str().unwrap().contains('.'));
    }
    assert_eq!(town.asks_as(IN_CLIENT, &[]).await.status(), 200, "the frame asks nobody and is no consent");
    let shown = town.shows_shop(&town.token().await).await;
    assert_eq!(shown["follow_me"], json!(false));
}

#[actix_web::test]
async fn the_page_around_the_light_app_posts_as_whoever_looks() {
    let town = Town::open();
    let open = async |path: &str| town.browser.get(town.url(path)).send().await.unwrap();
    let light = format!("action=\"{}\"", town.merchant.base.join("light").unwrap());
    for (path, known, framed) in [
        ("/sandbox/frame", true, true),
        ("/sandbox/frame?account=", false, true),
        ("/sandbox/light?account=7000000003", true, false),
    ] {
        let answer = open(path).await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let shop = town.merchant.base.origin().ascii_serialization();
        assert!(
            policy.contains(&format!("form-action 'self' {shop};")) && !policy.contains("unsafe"),
            "{policy}"
        );
        let html = answer.text().await.unwrap();
        assert!(html.contains(&light), "{html}");
        assert_eq!(html.contains("target=\"light\"") && html.contains("width=\"940\""), framed, "{path}");
        let sent = html.split("name=\"signed_request\" value=\"").nth(1).unwrap();
        let payload = sent.split('"').next().unwrap().split_once('.').unwrap().1;
        let payload = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["user_id"].is_u64(), known, "{path}");
    }
    assert_eq!(open("/sandbox/frame?account=1").await.status(), 404);
    assert_eq!(open("/sandbox/outer.js").await.status(), 200);
    let desk = open("/sandbox/").await.text().await.unwrap();
    assert!(desk.contains("name=\"fault\" value=\"frame_replayed\"") && desk.contains("/sandbox/light\""));
}
