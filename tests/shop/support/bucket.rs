//! A bucket that speaks S3 over HTTP and keeps everything in memory: what the shop says on the wire is what is
//! tested. It can go away, at once or after so many objects.

#![expect(clippy::format_push_string, clippy::format_collect, reason = "a test may take its time")]

use super::SERVERS;
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use weipu::files::{Bucket, Files, Place};

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/secret";
/// So few names a page, that a test sees more than one.
const PAGE: usize = 5;

#[derive(Default)]
struct World {
    objects: Mutex<BTreeMap<String, Bytes>>,
    /// Method and key, and every header, of each request.
    heard: Mutex<Vec<(String, String)>>,
    /// Objects that are taken before it goes away.
    takes: AtomicUsize,
    away: Mutex<bool>,
}

pub struct StandIn {
    world: Arc<World>,
    server: ServerHandle,
    pub files: Files,
}

impl StandIn {
    pub fn open() -> StandIn {
        let (listener, base) = super::settings::port();
        let world = Arc::new(World { takes: AtomicUsize::new(usize::MAX), ..World::default() });
        let served = Data::from(world.clone());
        let _inside = SERVERS.enter();
        let app = move || {
            let limit = PayloadConfig::new(1024 * 1024);
            App::new().app_data(served.clone()).app_data(limit).default_service(actix_web::web::to(answer))
        };
        let running = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = running.handle();
        SERVERS.spawn(running);
        let bucket = Bucket {
            name: "shop".into(),
            prefix: "our/pictures".into(),
            region: "cn-north-1".into(),
            endpoint: Some(base),
            bucket_in_host: false,
            access_key: "AKIDEXAMPLE".into(),
            secret_key: SECRET.into(),
            session_token: None,
        };
        StandIn { world, server: handle, files: Files::at(&Place::Bucket(bucket)).unwrap() }
    }

    /// It answers 503 to everything.
    pub fn goes_away(&self) {
        *self.world.away.lock().unwrap() = true;
    }

    /// It takes so many objects more, then goes away.
    pub fn goes_away_after(&self, objects: usize) {
        self.world.takes.store(objects, Ordering::SeqCst);
    }

    pub fn is_back(&self) {
        self.world.takes.store(usize::MAX, Ordering::SeqCst);
        *self.world.away.lock().unwrap() = false;
    }

    pub fn objects(&self) -> Vec<String> {
        self.world.objects.lock().unwrap().keys().cloned().collect()
    }

    /// Something that is not the shop's.
    pub fn holds(&self, key: &str) {
        self.world.objects.lock().unwrap().insert(key.into(), Bytes::from_static(b"x"));
    }

    /// How often this was asked.
    pub fn heard(&self, method: &str, part: &str) -> usize {
        let heard = self.world.heard.lock().unwrap();
        heard.iter().filter(|(asked, _)| asked.starts_with(method) && asked.contains(part)).count()
    }

    pub fn all_headers(&self) -> Vec<String> {
        self.world.heard.lock().unwrap().iter().map(|(_, headers)| headers.clone()).collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        super::outside(|| async { self.server.stop(false).await });
    }
}

async fn answer(request: HttpRequest, body: Bytes, world: Data<World>) -> HttpResponse {
    let path = request.path().to_owned();
    let headers = request.headers().iter().map(|(name, value)| format!("{name}: {value:?}\n")).collect();
    world.heard.lock().unwrap().push((format!("{} {path}", request.method()), headers));
    let signed = request.headers().get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !signed.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") {
        return HttpResponse::Forbidden().finish();
    }
    let full = || world.takes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err();
    if *world.away.lock().unwrap() || (request.method() == "PUT" && full()) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let Some(key) = path.strip_prefix("/shop/").filter(|key| !key.is_empty()) else {
        return list(&world, request.query_string());
    };
    let mut objects = world.objects.lock().unwrap();
    match request.method().as_str() {
        "PUT" => {
            objects.insert(key.into(), body);
            HttpResponse::Ok().insert_header(("etag", "\"e\"")).finish()
        }
        "DELETE" => {
            objects.remove(key);
            HttpResponse::NoContent().finish()
        }
        "GET" | "HEAD" => match objects.get(key) {
            None => HttpResponse::NotFound().finish(),
            Some(found) => HttpResponse::Ok()
                .insert_header(("etag", "\"e\""))
                .insert_header(("last-modified", "Sat, 21 Nov 2026 04:00:00 GMT"))
                .body(found.clone()),
        },
        _ => HttpResponse::new(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// `ListObjectsV2`, a few names a page.
fn list(world: &World, query: &str) -> HttpResponse {
    let asked: BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (of("prefix"), of("continuation-token"));
    let objects = world.objects.lock().unwrap();
    let all: Vec<_> = objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after).collect();
    let mut xml = String::from("<?xml version=\"1.0\"?><ListBucketResult>");
    for (key, bytes) in all.iter().take(PAGE) {
        xml += &format!(
            "<Contents><Key>{key}</Key><LastModified>2026-11-21T04:00:00.000Z</LastModified>\
             <ETag>e</ETag><Size>{}</Size></Contents>",
            bytes.len()
        );
    }
    if all.len() > PAGE {
        xml += &format!("<NextContinuationToken>{}</NextContinuationToken>", all[PAGE - 1].0);
    }
    xml += &format!("<IsTruncated>{}</IsTruncated></ListBucketResult>", all.len() > PAGE);
    HttpResponse::Ok().content_type("application/xml").body(xml)
}
