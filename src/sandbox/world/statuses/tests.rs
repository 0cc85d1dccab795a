//! The sandbox's stream: the rules of reposting and sharing.

use super::*;
use time::{Duration, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-03-05 10:21 +8);
const SHOP: &str = "7000000001";
const FAN: &str = "7000000002";
const FRIEND: &str = "7000000003";

fn world_with_a_status() -> (World, u64) {
    let mut world = World::new(SHOP);
    let id = world.say(SHOP, "第一炉五仁出来了", None, NOW).unwrap().id;
    (world, id)
}

#[test]
fn nobody_reposts_their_own_status_or_one_that_is_gone() {
    let (mut world, id) = world_with_a_status();
    assert_eq!(world.repost(SHOP, id, "", NOW).err(), Some(SayError::Own));
    assert_eq!(world.repost(FAN, id + 1, "", NOW).err(), Some(SayError::NoSuchStatus));
    assert_eq!(world.repost("1", id, "", NOW).err(), Some(SayError::NoSuchUser));
    let repost = world.repost(FAN, id, "好吃", NOW).unwrap().id;
    world.delete_status(id).unwrap();
    assert_eq!(world.repost(FRIEND, repost, "好吃", NOW).err(), Some(SayError::NoSuchStatus));
    assert_eq!(world.delete_status(id), Err(SayError::NoSuchStatus));
}

#[test]
fn a_repost_of_a_repost_leads_to_the_original_and_both_are_counted() {
    let (mut world, id) = world_with_a_status();
    let first = world.repost(FAN, id, "", NOW).unwrap().id;
    let second = world.repost(FRIEND, first, "", NOW).unwrap().clone();
    assert_eq!((second.reposts, second.text.as_str()), (Some(id), "转发微博"));
    assert_eq!((world.status(id).unwrap().repost_count, world.status(first).unwrap().repost_count), (2, 1));
}

#[test]
fn the_same_text_is_not_said_twice_by_the_same_person() {
    let (mut world, id) = world_with_a_status();
    world.repost(FAN, id, "好吃", NOW).unwrap();
    let later = NOW + Duration::days(1);
    assert_eq!(world.repost(FAN, id, "好吃", later).err(), Some(SayError::Repeated));
    assert!(world.repost(FRIEND, id, "好吃", later).is_ok());
    assert!(world.repost(FAN, id, "真好吃", later).is_ok());
}

#[test]
fn a_text_may_have_140_characters_or_twice_as_many_letters() {
    let mut world = World::new(SHOP);
    assert!(world.say(FAN, &"茶".repeat(140), None, NOW).is_ok());
    assert!(world.say(FAN, &"a".repeat(280), None, NOW).is_ok());
    assert_eq!(world.say(FAN, &"茶".repeat(141), None, NOW).err(), Some(SayError::TooLong));
    assert_eq!(world.say(FAN, &"a".repeat(281), None, NOW).err(), Some(SayError::TooLong));
    assert_eq!(world.say(FAN, " \n", None, NOW).err(), Some(SayError::Empty));
    assert_eq!(world.say(FAN, "a\0", None, NOW).err(), Some(SayError::Invalid));
}

#[test]
fn an_address_ends_where_chinese_begins() {
    let found: Vec<_> = addresses("看http://127.0.0.1:8080/p/1，好 https://x.example/?a=1 http").collect();
    let written: Vec<_> = found.iter().map(|(written, _)| *written).collect();
    assert_eq!(written, ["http://127.0.0.1:8080/p/1", "https://x.example/?a=1"]);
}

#[test]
fn only_the_newest_statuses_are_kept() {
    let (mut world, first) = world_with_a_status();
    for number in 0..KEPT {
        world.say(FAN, &number.to_string(), None, NOW).unwrap();
    }
    assert!(world.status(first).is_none() && world.stream().count() == KEPT);
}
