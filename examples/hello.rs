//! What actix-web can do at most on this machine: one word for every request, or nothing for whatever is posted, from as
//! many workers as the shop has. `.ci/bench` compares the shop's pages with it. The port is the only argument.

use actix_web::{App, HttpServer, web};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap_or_default().parse()?;
    let app = || {
        let hello = App::new().route("/", web::get().to(async || "hello\n"));
        hello.route("/hook", web::post().to(async |_: web::Bytes| ""))
    };
    let server = HttpServer::new(app);
    Ok(server.bind(("127.0.0.1", port))?.run().await?)
}
