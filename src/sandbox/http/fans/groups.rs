//! Groups of fans: `messages/custom_rule/*` (fans-service.md §7.2).

use super::call::{Called, Refused, lost, ok, refusal_of_both};
use crate::sandbox::Sandbox;
use crate::sandbox::http::answer::broken;
use crate::sandbox::world::fans::trouble::Trouble;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The example has JSON, the table of the same page a parameter.
pub async fn create(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let created = Called::read(&request, &body, &sandbox).and_then(|called| {
        let in_json = called.json["group"]["name"].as_str().or(called.json["name"].as_str());
        let name = in_json.or(called.maybe("name")).ok_or(Trouble::Missing("name"))?;
        let id = sandbox.change(|world, _| world.create_group(name))?;
        Ok(json!({ "group": { "id": id, "name": name.trim() } }))
    });
    match created {
        Ok(_) if lost(&sandbox) => broken(),
        Ok(group) => HttpResponse::Ok().json(group),
        Err(refused) => refusal_of_both(&refused, &request, &sandbox),
    }
}

pub async fn list(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let listed = Called::read(&request, &body, &sandbox).and_then(|called| {
        let kind: Option<u8> = called.maybe("rule_type").map(|_| called.number("rule_type")).transpose()?;
        let mut groups = sandbox.world().groups();
        // Those that are always there belong to every list; keywords are not kept here.
        groups.retain(|group| kind.is_none_or(|kind| group.rule_type == 0 || group.rule_type == kind));
        Ok(groups)
    });
    match listed {
        Ok(groups) => HttpResponse::Ok().json(json!({ "groups": groups })),
        Err(refused) => refusal_of_both(&refused, &request, &sandbox),
    }
}

pub async fn rename(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let renamed = Called::read(&request, &body, &sandbox).and_then(|called| {
        let (id, name) = (called.number("id")?, called.text("name")?);
        Ok(sandbox.change(|world, _| world.rename_group(id, name))?)
    });
    done(renamed, &request, &sandbox)
}

pub async fn delete(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let deleted = Called::read(&request, &body, &sandbox).and_then(|called| {
        let id = called.number("id")?;
        Ok(sandbox.change(|world, _| world.delete_group(id))?)
    });
    done(deleted, &request, &sandbox)
}

pub async fn of_fan(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let found = Called::read(&request, &body, &sandbox)
        .and_then(|called| Ok(sandbox.world().group_of(called.uid("follower_id")?)?));
    match found {
        Ok(id) => HttpResponse::Ok().json(json!({ "groupid": id })),
        Err(refused) => refusal_of_both(&refused, &request, &sandbox),
    }
}

pub async fn move_fan(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let moved = Called::read(&request, &body, &sandbox).and_then(|called| {
        let (fan, to) = (called.uid("follower_id")?, called.number("to_groupid")?);
        Ok(sandbox.change(|world, _| world.move_to_group(fan, to))?)
    });
    done(moved, &request, &sandbox)
}

fn done(how: Result<(), Refused>, request: &HttpRequest, sandbox: &Sandbox) -> HttpResponse {
    match how {
        Ok(()) if lost(sandbox) => broken(),
        Ok(()) => ok(),
        Err(refused) => refusal_of_both(&refused, request, sandbox),
    }
}
