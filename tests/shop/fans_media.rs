//! What fans sent is looked at for a month, and then nothing of it is kept but the words beside it.

use crate::support::desk::{ALI, talk};
use crate::support::desk_files::Keep;
use crate::support::{Duration, TestShop};
use secrecy::SecretString;
use weipu::fans::media;
use weipu::weibo::FansKeys;

/// A shop whose files of fans are at a keep.
async fn with_keep() -> (TestShop, Keep) {
    let keep = Keep::open();
    let base = keep.base.clone();
    let shop = TestShop::with_weibo(|weibo| {
        weibo.addresses.upload = base;
        let secret = SecretString::from("test-only-app-secret-0001");
        weibo.fans = Some(FansKeys { token: "2.00fansTestOnlyToken0000000001".into(), secret });
    })
    .await;
    keep.gives(200, b"\x89PNG\r\n\x1a\n the picture");
    (shop, keep)
}

impl TestShop {
    /// What is kept of fans' files.
    fn kept_of_fans(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.starts_with("fan.")).collect();
        names.sort();
        names
    }

    /// As it comes round by itself, so long from now.
    async fn sweeps_media(&self, later: Duration) -> anyhow::Result<usize> {
        media::sweep(&self.app.shop.db, &self.app.shop.files, self.clock.now() + later).await
    }
}

#[tokio::test]
async fn what_a_fan_sent_goes_after_a_month_and_her_words_stay() {
    let (shop, keep) = with_keep().await;
    let mut owner = shop.owner().await;
    let picture = shop.heard_as(ALI, "image", r#"{"kind":"image","file":2}"#, "x").await;
    let voice = shop.heard_as(ALI, "voice", r#"{"kind":"voice","file":4}"#, "x").await;
    let without = shop.heard_as(ALI, "image", r#"{"kind":"image","file":null}"#, "x").await;
    shop.heard(ALI, "杯口有一道裂").await;
    let paths = [format!("{picture}"), format!("{picture}?small=1"), format!("{voice}")];
    for path in paths.iter().chain(&paths) {
        owner.opens(&format!("{}/media/{path}", talk(ALI))).await;
    }
    let asked = keep.asked();
    assert_eq!(asked.len(), 3, "each once: {asked:?}");
    assert!(asked[1].starts_with("/2/mss/msget_thumbnail?fid=2&"), "a small one among the words: {asked:?}");
    let all = [format!("fan.{picture}.2"), format!("fan.{picture}.2.small"), format!("fan.{voice}.4")];
    assert_eq!(shop.kept_of_fans(), all);

    assert_eq!(shop.sweeps_media(Duration::days(30)).await.unwrap(), 0, "somebody may be fetching it");
    shop.runs("UPDATE fan_messages SET said_at = said_at - interval '30 days'").await;
    owner.browser.expects_failure = true;
    let asked = keep.asked().len();
    for path in [format!("{picture}"), format!("{picture}?small=1")] {
        assert_eq!(owner.opens(&format!("{}/media/{path}", talk(ALI))).await.status, 410, "{path}");
    }
    let page = owner.opens(&talk(ALI)).await;
    assert!(page.has(&format!("#m{picture} [data-gone]")) && page.has(&format!("#m{voice} [data-gone]")));
    assert!(!page.has(&format!("#m{without} [data-gone]")), "there never was a file");
    assert!(!page.has("#said img") && !page.has("#said audio") && page.body.contains("杯口有一道裂"));
    assert_eq!(keep.asked().len(), asked, "nobody asks for it any more");

    assert_eq!(shop.sweeps_media(Duration::HOUR).await.unwrap(), 3);
    assert_eq!(shop.kept_of_fans(), Vec::<String>::new());
    assert_eq!(shop.sweeps_media(Duration::HOUR).await.unwrap(), 0, "each once");
    keep.closes().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_stays_for_the_next_sweep_and_keeps_no_other() {
    let (shop, keep) = with_keep().await;
    let mut owner = shop.owner().await;
    let mut pictures = Vec::new();
    for file in 1..=3 {
        let content = format!(r#"{{"kind":"image","file":{file}}}"#);
        let picture = shop.heard_as(ALI, "image", &content, "x").await;
        owner.opens(&format!("{}/media/{picture}", talk(ALI))).await;
        pictures.push(picture);
    }
    // The second cannot be removed.
    let stuck = shop.folder.path().join(format!("fan.{}.2", pictures[1]));
    std::fs::remove_file(&stuck).unwrap();
    std::fs::create_dir(&stuck).unwrap();
    let waits = "SELECT min(id) FROM fan_messages WHERE media_swept_at IS NULL HAVING count(*) = 1";
    for _ in 0..2 {
        let told = format!("{:#}", shop.sweeps_media(Duration::days(31)).await.unwrap_err());
        assert!(told.contains(&format!("message {}", pictures[1])), "{told}");
        assert_eq!(shop.kept_of_fans(), [format!("fan.{}.2", pictures[1])]);
        assert_eq!(shop.count(waits).await, pictures[1]);
    }
    std::fs::remove_dir(&stuck).unwrap();
    std::fs::write(&stuck, "x").unwrap();
    assert_eq!(shop.sweeps_media(Duration::days(31)).await.unwrap(), 1);
    assert_eq!(shop.kept_of_fans(), Vec::<String>::new());
    keep.closes().await;
}

#[tokio::test]
async fn a_sweep_takes_all_there_is_however_much_and_nothing_younger() {
    let shop = TestShop::open().await;
    shop.heard(ALI, "你好").await;
    shop.runs(
        "INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
         SELECT 7000000002, 'fan', 'image', jsonb_build_object('kind', 'image', 'file', n), '',
             (SELECT said_at FROM fan_messages LIMIT 1) - CASE WHEN n <= 450 THEN interval '31 days' ELSE '0' END, 'heard'
         FROM generate_series(1, 460) n",
    )
    .await;
    // A whole batch of the oldest cannot be removed.
    let ids = shop.count("SELECT min(id) FROM fan_messages WHERE kind = 'image'").await;
    let stuck = |n: i64| shop.folder.path().join(format!("fan.{}.{n}", ids + n - 1));
    for n in 1..=200 {
        std::fs::create_dir(stuck(n)).unwrap();
    }
    shop.sweeps_media(Duration::ZERO).await.unwrap_err();
    let left = "SELECT count(*) FROM fan_messages WHERE media_swept_at IS NULL";
    assert_eq!(shop.count(left).await, 211);
    for n in 1..=200 {
        std::fs::remove_dir(stuck(n)).unwrap();
    }
    assert_eq!(shop.sweeps_media(Duration::ZERO).await.unwrap(), 200);
    assert_eq!(shop.count(left).await, 11);
}

#[tokio::test]
async fn where_weibo_has_no_small_picture_the_whole_one_stands_there() {
    let (shop, keep) = with_keep().await;
    let mut owner = shop.owner().await;
    let picture = shop.heard_as(ALI, "image", r#"{"kind":"image","file":2}"#, "x").await;
    let whole = format!("{}/media/{picture}", talk(ALI));
    for (status, bytes) in [(500, &b"{}"[..]), (200, b"<html>not found</html>"), (404, b"")] {
        keep.gives_small(status, bytes);
        let shown = owner.opens(&format!("{whole}?small=1")).await;
        assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, "image/png"), "{status}");
    }
    let wholes = keep.asked().iter().filter(|asked| !asked.contains("thumbnail")).count();
    assert_eq!(wholes, 1, "asked for once, and kept: {:?}", keep.asked());
    assert_eq!(shop.kept_of_fans(), [format!("fan.{picture}.2")], "nothing else is called small");
    keep.gives_small(200, b"\x89PNG\r\n\x1a\n the small picture");
    owner.opens(&format!("{whole}?small=1")).await;
    assert_eq!(shop.kept_of_fans().len(), 2, "{:?}", shop.kept_of_fans());
    // Neither is there.
    let other = shop.heard_as(ALI, "image", r#"{"kind":"image","file":3}"#, "x").await;
    keep.gives_small(500, b"");
    keep.gives(500, b"");
    owner.browser.expects_failure = true;
    assert_eq!(owner.opens(&format!("{}/media/{other}?small=1", talk(ALI))).await.status, 502);
    keep.closes().await;
}
