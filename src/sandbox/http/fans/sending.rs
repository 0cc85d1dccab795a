//! What the shop says by itself: `messages/reply`, `sendall` and `invite` (fans-service.md §6, §7).

use super::call::{Called, Refused, lost, refusal, refusal_of_both, result};
use crate::sandbox::Sandbox;
use crate::sandbox::http::answer::{broken, told};
use crate::sandbox::world::fans::reply::{SandboxReply, data_text};
use crate::sandbox::world::fans::trouble::Trouble;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

pub async fn reply(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let said = Called::read(&request, &body, &sandbox).and_then(|called| {
        let (kind, data) = (called.text("type")?, called.text("data")?);
        let fan = called.uid("receiver_id")?;
        if !matches!(called.maybe("save_sender_box"), None | Some("0" | "1")) {
            return Err(Trouble::Invalid("save_sender_box").into());
        }
        let data = data_text(data).map_err(Trouble::from)?;
        let said = SandboxReply::read(kind, &data).map_err(Trouble::from)?;
        sandbox.change(|world, now| world.serve(fan, said, now))?;
        Ok((kind.to_owned(), data, fan))
    });
    match said {
        Ok(_) if lost(&sandbox) => broken(),
        Ok((kind, data, fan)) => {
            let shop = sandbox.0.settings.seller_id.parse::<u64>().unwrap_or(0);
            HttpResponse::Ok().json(json!({
                "result": true, "sender_id": shop, "receiver_id": fan, "type": kind, "data": data,
            }))
        }
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}

/// The body is JSON; the token stands in the query or in a header.
pub async fn send_all(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let taken = Called::read(&request, &body, &sandbox).and_then(|called| {
        if called.json.is_null() {
            return Err(Refused::Parameter);
        }
        Ok(sandbox.change(|world, now| world.broadcast(&called.json, now))?)
    });
    match taken {
        Ok(_) if lost(&sandbox) => broken(),
        Ok(msg_id) => {
            let answer = HttpResponse::Ok().json(json!({ "result": true, "msg_id": msg_id }));
            told(answer, format!("msg_id {msg_id}"))
        }
        Err(refused) => refusal_of_both(&refused, &request, &sandbox),
    }
}

pub async fn invite(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let invited = Called::read(&request, &body, &sandbox).and_then(|called| {
        let uid = called.uid("uid")?;
        let data: Value = data_text(called.text("data")?).map_err(Trouble::from)?;
        Ok(sandbox.change(|world, now| world.invite(uid, &data, now))?)
    });
    match invited {
        Ok(()) if lost(&sandbox) => broken(),
        Ok(()) => result(),
        Err(refused) => refusal(&refused, &request, &sandbox),
    }
}
