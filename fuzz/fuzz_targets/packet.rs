//! What Weibo pushes: any body is a packet or it is not, in either format, and what is one is fit to be kept.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weipu_fuzz::weibo::messages::{Content, Format, LARGEST_PACKET, Packet, Reply, read, write_reply};

fn fits(text: &str) -> bool {
    text.len() <= LARGEST_PACKET && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

fn check(packet: &Packet) {
    assert!(packet.sender > 0 && packet.receiver > 0 && fits(&packet.text));
    let kept = serde_json::to_string(&packet.content).expect("what was read can be kept");
    let again: Content = serde_json::from_str(&kept).expect("what is kept can be read");
    assert_eq!(again, packet.content);
    if let Content::Unknown { name } = &packet.content {
        assert!(fits(name) && name.chars().count() <= 64);
    }
}

fuzz_target!(|body: &[u8]| {
    let Ok((packet, format)) = read(body) else { return };
    check(&packet);
    assert_eq!(format == Format::Xml, body.iter().find(|b| b"{<".contains(b)) == Some(&b'<'));
    // Her words said back to her are read as they were, but for what XML cannot hold.
    let reply = Reply::Text { text: packet.text.clone() };
    let back = write_reply(&reply, packet.sender, packet.receiver, packet.created_at, Format::Xml)
        .expect("a text has a form");
    if let Ok((said, _)) = read(&back) {
        let kept: String = packet.text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
        assert_eq!((said.text, said.sender, said.receiver), (kept, packet.receiver, packet.sender));
    } else {
        assert!(back.len() > LARGEST_PACKET || packet.created_at.unix_timestamp() <= 0, "not read again");
    }
});
