//! People and statuses as the API writes them (oauth-and-statuses.md §1.4, §3.1).

use crate::sandbox::world::World;
use crate::sandbox::world::people::Person;
use crate::sandbox::world::statuses::Status;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

/// All fields of someone who let the application act for them; fewer of others (§1.4).
pub fn person_json(world: &World, person: &Person, now: OffsetDateTime) -> Value {
    let mut fields = json!({
        "id": person.uid.parse::<u64>().unwrap_or(0),
        "idstr": person.uid,
        "screen_name": person.name,
        "name": person.name,
        "location": person.location,
        "gender": person.gender,
        "profile_image_url": "",
        "avatar_large": "",
        "profile_url": format!("u/{}", person.uid),
        "verified": person.verified,
        "verified_type": if person.verified { 2 } else { -1 },
        "lang": "zh-cn",
    });
    if world.has_consented(&person.uid, now) {
        fields["description"] = "".into();
        fields["verified_reason"] = if person.verified { "沙箱商家" } else { "" }.into();
        fields["followers_count"] = world.followers(&person.uid).into();
        fields["friends_count"] = person.follows.len().into();
        fields["statuses_count"] = world.stream().filter(|status| status.uid == person.uid).count().into();
    }
    fields
}

pub fn status_json(world: &World, status: &Status, now: OffsetDateTime) -> Value {
    let mut fields = json!({
        "id": status.id,
        "idstr": status.id.to_string(),
        "mid": status.id.to_string(),
        "text": status.text,
        "created_at": said_at(status.said_at),
        "source": "沙箱",
        "reposts_count": status.repost_count,
        "comments_count": status.comment_count,
        "attitudes_count": status.like_count,
    });
    if let Some(person) = world.person(&status.uid) {
        fields["user"] = person_json(world, person, now);
    }
    if let Some(original) = status.reposts.and_then(|id| world.status(id)) {
        fields["retweeted_status"] = status_json(world, original, now);
    }
    fields
}

/// `Fri Aug 28 00:00:00 +0800 2009`
fn said_at(at: OffsetDateTime) -> String {
    let format = format_description!(
        "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] +0800 [year]"
    );
    at.to_offset(crate::clock::SHOP_ZONE).format(format).unwrap_or_default()
}
