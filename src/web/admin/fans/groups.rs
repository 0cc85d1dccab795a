//! Weibo's groups of fans: they stand at Weibo only. What came of a call whose answer is lost is looked up there.

use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::why_wrong;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::Group;
use crate::weibo::{CallError, Client};
use crate::{customers, weibo};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;

/// Of an account, and of a name (fans-service.md §7.2).
const MOST: usize = 500;
const LONGEST_NAME: usize = 30;
/// Those that Weibo makes by itself: nobody, and the black list.
pub(super) const OWN_FROM: i64 = 2;

const HERE: &str = "/admin/fans/groups";

#[derive(Template)]
#[template(path = "admin/fans/groups.html")]
struct GroupsPage {
    page: Desk,
    /// Nothing where Weibo did not tell; why in `trouble`.
    groups: Option<Vec<Group>>,
    trouble: String,
    /// What was typed: a new name, of which group unless of a new one, a fan, and the group she is moved to.
    name: String,
    renamed: Option<i64>,
    fan: String,
    to: String,
    wrongs: Wrongs,
}

impl GroupsPage {
    fn is_own(&self, group: &Group) -> bool {
        group.id >= OWN_FROM
    }

    fn count(&self, group: &Group) -> String {
        group.count.map_or_else(|| "–".to_owned(), |count| count.to_string())
    }

    fn is_renamed(&self, group: &Group) -> bool {
        self.renamed == Some(group.id)
    }

    fn is_to(&self, group: &Group) -> bool {
        self.to == group.id.to_string()
    }
}

/// What is shown again in the forms.
#[derive(Default)]
struct Typed {
    name: String,
    renamed: Option<i64>,
    fan: String,
    to: String,
    wrongs: Wrongs,
}

/// `GET /admin/fans/groups`
pub async fn show(staff: Staff<EditFans>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    draw(StatusCode::OK, &shop, frame, Typed::default()).await
}

async fn draw(status: StatusCode, shop: &Shop, frame: Desk, typed: Typed) -> Result<HttpResponse, Error> {
    let (groups, trouble) = match shop.weibo().await {
        Ok(weibo) => match weibo.groups().await {
            Ok(groups) => (Some(groups), String::new()),
            Err(error) => (None, why(&frame, &error)),
        },
        Err(_) => (None, frame.say("groups-no-weibo")),
    };
    let Typed { name, renamed, fan, to, wrongs } = typed;
    page(status, &GroupsPage { page: frame, groups, trouble, name, renamed, fan, to, wrongs })
}

fn why(frame: &Desk, error: &CallError) -> String {
    match error {
        CallError::Refused { code, .. } if code == weibo::messages::NO_TOKEN => frame.say("groups-no-weibo"),
        CallError::Refused { code, message } => {
            frame.say_with("broadcast-refused", "why", format!("{code} {message}"))
        }
        CallError::Unknown(_) => frame.say("groups-no-answer"),
    }
}

/// `POST /admin/fans/groups`
pub async fn create(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = form.text("name");
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let name = match named(&frame, &typed) {
        Ok(name) => name,
        Err(wrong) => {
            return again(&shop, frame, Typed { name: typed, ..Typed::default() }, "name", wrong).await;
        }
    };
    let weibo = shop.weibo().await?;
    let before = match weibo.groups().await {
        Ok(groups) if groups.len() >= MOST => Err(frame.say_with("groups-too-many", "most", MOST)),
        Ok(groups) if groups.iter().any(|group| group.name == name) => Err(frame.say("groups-same-name")),
        Ok(groups) => Ok(groups.len()),
        Err(error) => Err(why(&frame, &error)),
    };
    if let Err(wrong) = before {
        return again(&shop, frame, Typed { name: typed, ..Typed::default() }, "name", wrong).await;
    }
    let done = weibo.create_group(&name).await.map(drop);
    let there = |groups: &[Group]| groups.iter().any(|group| group.name == name);
    let settled = settle(&weibo, done, there).await;
    end(
        &shop,
        &staff,
        frame,
        ("make-fan-group", json!({ "name": name })),
        settled,
        Typed { name: typed, ..Typed::default() },
    )
    .await
}

/// `POST /admin/fans/groups/{id}/name`
pub async fn rename(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = own(*id)?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let typed = Typed { name: form.text("name"), renamed: Some(id), ..Typed::default() };
    let name = match named(&frame, &typed.name) {
        Ok(name) => name,
        Err(wrong) => return again(&shop, frame, typed, "renamed", wrong).await,
    };
    let weibo = shop.weibo().await?;
    let done = weibo.rename_group(id, &name).await;
    let there = |groups: &[Group]| groups.iter().any(|group| group.id == id && group.name == name);
    let settled = settle(&weibo, done, there).await;
    end(&shop, &staff, frame, ("rename-fan-group", json!({ "id": id, "name": name })), settled, typed).await
}

/// `POST /admin/fans/groups/{id}/removal`
pub async fn remove(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = own(*id)?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let weibo = shop.weibo().await?;
    let done = weibo.delete_group(id).await;
    let settled = settle(&weibo, done, |groups| groups.iter().all(|group| group.id != id)).await;
    end(&shop, &staff, frame, ("remove-fan-group", json!({ "id": id })), settled, Typed::default()).await
}

/// `POST /admin/fans/groups/members`
pub async fn move_fan(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = Typed { fan: form.text("fan"), to: form.text("to"), ..Typed::default() };
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let fan = typed.fan.trim().parse::<i64>().ok().filter(|uid| *uid > 0);
    let to = typed.to.parse::<i64>().ok().filter(|group| *group >= 0);
    let (Some(fan), Some(to)) = (fan, to) else {
        let (field, wrong) =
            if fan.is_none() { ("fan", "groups-wrong-fan") } else { ("to", "groups-wrong-to") };
        let wrong = frame.say(wrong);
        return again(&shop, frame, typed, field, wrong).await;
    };
    let weibo = shop.weibo().await?;
    let settled = match weibo.move_to_group(fan, to).await {
        Err(CallError::Unknown(_)) => match weibo.group_of(fan).await {
            Ok(group) if group == to => Settled::Done,
            Ok(_) => Settled::NotDone,
            Err(_) => Settled::Unknown,
        },
        said => Settled::of(said),
    };
    // Whose account it is, is personal.
    end(&shop, &staff, frame, ("move-fan-to-group", json!({ "to": to })), settled, typed).await
}

/// What became of a change at Weibo.
enum Settled {
    Done,
    Refused(CallError),
    /// No answer came, and looked up it was not done.
    NotDone,
    Unknown,
}

impl Settled {
    fn of(said: Result<(), CallError>) -> Settled {
        match said {
            Ok(()) => Settled::Done,
            Err(CallError::Unknown(_)) => Settled::Unknown,
            Err(refused) => Settled::Refused(refused),
        }
    }
}

/// A lost answer is settled by how the groups stand now.
async fn settle(weibo: &Client, said: Result<(), CallError>, there: impl Fn(&[Group]) -> bool) -> Settled {
    match Settled::of(said) {
        Settled::Unknown => match weibo.groups().await {
            Ok(groups) if there(&groups) => Settled::Done,
            Ok(_) => Settled::NotDone,
            Err(_) => Settled::Unknown,
        },
        settled => settled,
    }
}

async fn end(
    shop: &Shop,
    staff: &Staff<EditFans>,
    frame: Desk,
    (action, mut after): (&'static str, serde_json::Value),
    settled: Settled,
    typed: Typed,
) -> Result<HttpResponse, Error> {
    let field = match (&typed.renamed, typed.fan.is_empty()) {
        (Some(_), _) => "renamed",
        (None, true) => "name",
        (None, false) => "fan",
    };
    let wrong = match &settled {
        Settled::Done => None,
        Settled::Refused(error) => Some(why(&frame, error)),
        Settled::NotDone => Some(frame.say("groups-not-done")),
        Settled::Unknown => Some(frame.say("groups-unknown")),
    };
    if matches!(settled, Settled::Done | Settled::Unknown) {
        after["answered"] = json!(wrong.is_none());
        let mut tx = shop.db.begin().await?;
        let change = Change { action, subject: "fan groups", before: None, after: Some(after) };
        audit::record(&mut tx, staff, change, shop.clock.now()).await?;
        tx.commit().await?;
    }
    match wrong {
        None => {
            staff.says_next("groups-done")?;
            Ok(see_other(HERE))
        }
        Some(wrong) => again(shop, frame, typed, field, wrong).await,
    }
}

async fn again(
    shop: &Shop,
    frame: Desk,
    mut typed: Typed,
    field: &'static str,
    wrong: String,
) -> Result<HttpResponse, Error> {
    typed.wrongs.add(field, wrong);
    draw(StatusCode::UNPROCESSABLE_ENTITY, shop, frame, typed).await
}

fn named(frame: &Desk, typed: &str) -> Result<String, String> {
    match customers::line(typed, LONGEST_NAME) {
        Ok(name) if name.is_empty() => Err(frame.say("wrong-missing")),
        Ok(name) => Ok(name),
        Err(why) => Err(why_wrong(frame.words, why)),
    }
}

fn own(id: i64) -> Result<i64, Error> {
    if id >= OWN_FROM { Ok(id) } else { Err(Error::NotFound) }
}
