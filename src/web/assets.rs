//! Styles and scripts: compiled in, named after their content, kept for ever by browsers.

use super::Error;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, ContentEncoding};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, http::header};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

/// One file for the browser, made of several for people: a name that ends in `/` is all of a folder.
const BUNDLES: [(&str, &[&str]); 2] = [
    ("shop.css", &["css/tokens.css", "css/shop.css"]),
    ("admin.css", &["css/tokens.css", "css/admin.css", "css/admin/"]),
];

/// Bytes that are sent often, in every form a browser may ask for.
pub struct Packed {
    pub plain: Bytes,
    pub gzip: Bytes,
    pub brotli: Bytes,
}

struct Asset {
    address: String,
    kind: &'static str,
    packed: Packed,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let bundled = BUNDLES.into_iter().map(|(name, parts)| {
        let mut files: Vec<_> = Static::iter().filter(|file| file.starts_with("css/")).collect();
        files.sort();
        let of = |part: &'static str| {
            files
                .iter()
                .filter(move |f| if part.ends_with('/') { f.starts_with(part) } else { f.as_ref() == part })
        };
        let found = parts.iter().flat_map(|part| of(part)).filter_map(|file| Static::get(file));
        (name.to_owned(), found.flat_map(|file| file.data.into_owned()).collect::<Vec<u8>>())
    });
    let single = Static::iter()
        .filter(|name| !name.starts_with("css/") && !name.starts_with("sandbox/"))
        .filter_map(|name| whole(&name).map(|bytes| (name.into_owned(), bytes)));
    bundled.chain(single).map(|(name, bytes)| (name.clone(), asset(&name, bytes))).collect()
});

/// A file as browsers get it: a script without its comments, and led to the marked addresses of what it imports.
fn whole(name: &str) -> Option<Vec<u8>> {
    let bytes = Static::get(name)?.data.into_owned();
    let Some(folder) = name.strip_suffix(".js").and_then(|name| name.rsplit_once('/')).map(|(dir, _)| dir)
    else {
        return Some(bytes);
    };
    let text = String::from_utf8(bytes).ok()?;
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let mut script = String::new();
    for line in lines {
        let imported = line.split_once("\"./").and_then(|(_, rest)| rest.split_once(".js\""));
        match imported.map(|(module, _)| module).filter(|_| line.contains("import")) {
            Some(module) => {
                let path = format!("{folder}/{module}.js");
                let to = marked(&path, &whole(&path)?);
                script.push_str(&line.replace(&format!("./{module}.js"), &to));
            }
            None => script.push_str(line),
        }
        script.push('\n');
    }
    Some(script.into_bytes())
}

/// The address of a file, which changes with what is in it.
fn marked(name: &str, bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    format!("/static/{}/{name}", data_encoding::HEXLOWER.encode(&digest.as_ref()[..6]))
}

fn asset(name: &str, bytes: Vec<u8>) -> Asset {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    Asset { address: marked(name, &bytes), kind, packed: pack(bytes, 9) }
}

/// The address of a file under `static/`. Unknown names are a mistake of ours that a test finds.
pub fn address(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/static/missing", |asset| &asset.address)
}

/// Compresses; `effort` from 0 to 11.
pub fn pack(plain: Vec<u8>, effort: u32) -> Packed {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(effort.min(9)));
    let gzip = gzip.write_all(&plain).and_then(|()| gzip.finish()).unwrap_or_default();
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: i32::try_from(effort).unwrap_or(5),
        ..Default::default()
    };
    let packed = brotli::BrotliCompress(&mut plain.as_slice(), &mut brotli, &params);
    let brotli = if packed.is_ok() { brotli } else { Vec::new() };
    Packed { plain: plain.into(), gzip: gzip.into(), brotli: brotli.into() }
}

impl Packed {
    /// The smallest form this browser takes, with the header that names it.
    pub fn respond(
        &self,
        request: &HttpRequest,
        mut response: actix_web::HttpResponseBuilder,
    ) -> HttpResponse {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
        let takes = |name: &str| accepted.is_some_and(|a| a.split(',').any(|part| takes(part, name)));
        response.insert_header((header::VARY, "Accept-Encoding, User-Agent"));
        if takes("br") && !self.brotli.is_empty() {
            return response.insert_header(ContentEncoding::Brotli).body(self.brotli.clone());
        }
        if takes("gzip") && !self.gzip.is_empty() {
            return response.insert_header(ContentEncoding::Gzip).body(self.gzip.clone());
        }
        response.insert_header((CONTENT_ENCODING, "identity")).body(self.plain.clone())
    }
}

/// Whether one part of an Accept-Encoding header, such as `br;q=0.5`, takes this encoding.
fn takes(part: &str, name: &str) -> bool {
    let mut words = part.split(';');
    let named = words.next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name));
    let refused = words.any(|w| matches!(w.trim().trim_start_matches("q="), "0" | "0.0" | "0.00" | "0.000"));
    named && !refused
}

/// `GET /static/{mark}/{name}`: the mark changes with the content, so the answer never does.
pub async fn get(path: Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let (_, name) = path.into_inner();
    let asset = ASSETS.get(&name).filter(|asset| asset.address == request.path()).ok_or(Error::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(asset.kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    Ok(asset.packed.respond(&request, response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The modules that use the Weibo client's JS interface, and do without it.
    const INTERFACE: [&str; 11] =
        ["weibo", "press", "light", "place", "book", "share", "zoom", "beside", "pick", "scan", "follow"];

    #[test]
    fn styles_and_scripts_keep_their_budgets() {
        let css = ASSETS["shop.css"].packed.brotli.len();
        assert!(css > 500 && css <= 12 * 1024, "shop.css {css}");
        let all: usize = scripts(|name| name.starts_with("js/admin/"));
        assert!(all > 100 && all <= 12 * 1024, "the back office's scripts {all}");
    }

    /// The bytes of all these scripts, as most browsers take them.
    fn scripts(those: impl Fn(&str) -> bool) -> usize {
        let those = ASSETS.iter().filter(|(name, _)| name.starts_with("js/") && those(name));
        those.map(|(_, asset)| asset.packed.gzip.len()).sum()
    }

    /// What the pages under this folder load, but for those of the back office and the sandbox.
    fn loaded_under(folder: &std::path::Path, loaded: &mut BTreeSet<String>) {
        for path in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if path.ends_with("templates/admin") || path.ends_with("templates/sandbox") {
                continue;
            }
            if path.is_dir() {
                loaded_under(&path, loaded);
                continue;
            }
            let page = std::fs::read_to_string(path).unwrap();
            let named = page.split("asset(\"js/").skip(1).filter_map(|rest| rest.split('"').next());
            loaded.extend(named.map(|name| format!("js/{name}")));
        }
    }

    #[test]
    fn the_clients_interface_and_the_other_scripts_of_shoppers_have_6_kb_each() {
        let interface: BTreeSet<_> = INTERFACE.into_iter().map(|name| format!("js/{name}.js")).collect();
        let weight = scripts(|name| interface.contains(name));
        assert!(interface.iter().all(|name| ASSETS.contains_key(name)), "{interface:?}");
        assert!(weight <= 6 * 1024, "{weight} bytes: {interface:?}");

        let mut loaded = BTreeSet::new();
        loaded_under(std::path::Path::new("templates"), &mut loaded);
        let everywhere = ["order", "height", "sign-in", "login"].map(|name| format!("js/{name}.js"));
        assert!(everywhere.iter().all(|name| loaded.contains(name)), "folders are walked: {loaded:?}");
        loop {
            let imports = |name: &String| {
                let script = String::from_utf8_lossy(&ASSETS[name].packed.plain).into_owned();
                ASSETS
                    .iter()
                    .filter(|(_, asset)| script.contains(&asset.address))
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>()
            };
            let more: Vec<_> =
                loaded.iter().flat_map(imports).filter(|name| !loaded.contains(name)).collect();
            if more.is_empty() {
                break;
            }
            loaded.extend(more);
        }
        assert!(loaded.contains("js/weibo.js"), "imports are followed: {loaded:?}");
        let others: BTreeSet<_> = loaded.difference(&interface).cloned().collect();
        let weight = scripts(|name| others.contains(name));
        assert!(weight <= 6 * 1024, "{weight} bytes: {others:?}");
        // Whatever has to do with the interface counts as of it.
        for other in others {
            let script = String::from_utf8_lossy(&ASSETS[&other].packed.plain).into_owned();
            let asks = interface.iter().any(|name| script.contains(&ASSETS[name].address));
            assert!(!asks, "{other} asks the client");
        }
    }

    #[test]
    fn what_a_script_imports_is_there() {
        for (name, asset) in ASSETS.iter().filter(|(name, _)| name.starts_with("js/")) {
            let script = String::from_utf8_lossy(&asset.packed.plain);
            assert!(
                !script.contains("\"./") && !script.contains("// "),
                "{name} keeps what is not for browsers"
            );
            for address in script.split('"').filter(|word| word.starts_with("/static/")) {
                assert!(ASSETS.values().any(|asset| asset.address == address), "{name} imports {address}");
            }
        }
    }

    #[test]
    fn an_encoding_that_is_refused_is_not_used() {
        assert!(takes(" br", "br") && takes("gzip;q=0.8", "gzip"));
        assert!(!takes("br;q=0", "br") && !takes("brx", "br"));
    }
}
