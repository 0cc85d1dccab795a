//! Every row of user-agents.tsv, and strings made after the patterns that no row shows.

use super::*;
use proptest::prelude::*;

const ROWS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/user-agents.tsv"));
const IOS: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 12; X Build/Y; wv) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36";

fn route(user_agent: &str) -> &'static str {
    Agent::parse(user_agent).route(&Version::parse("4.3.0").unwrap()).as_str()
}

/// `(is a Weibo app, number, platform)`
fn seen(user_agent: &str) -> (bool, String, &'static str) {
    let agent = Agent::parse(user_agent);
    (agent.is_weibo(), agent.version().unwrap_or_default().to_owned(), agent.platform().as_str())
}

fn is(number: &str, platform: &'static str) -> (bool, String, &'static str) {
    (true, number.to_owned(), platform)
}

#[test]
fn every_recorded_agent_is_read_as_recorded() {
    for row in ROWS.lines().skip(1) {
        let [agent, weibo, version, platform] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let (is_weibo, number, system) = seen(agent);
        assert_eq!((is_weibo, number.as_str(), system), (weibo == "1", version, platform), "{agent}");
    }
    assert_eq!(ROWS.lines().count(), 84);
}

#[test]
fn every_recorded_agent_goes_where_the_rules_send_it() {
    let minimum = Version::parse("4.3").unwrap();
    for row in ROWS.lines().skip(1) {
        let [agent, weibo, version, platform] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let build = !version.contains('.');
        let old = !build && Version::parse(version).is_some_and(|version| version < minimum);
        let gate = agent.starts_with("Mozilla/") && agent.contains("__weibo__") && !build;
        let expected = match (weibo, old, gate) {
            ("1", true, _) => "client-too-old",
            ("1", false, true) => "client",
            ("0", ..) if platform == "other" => "desktop",
            _ => "mobile",
        };
        assert_eq!(route(agent), expected, "{agent}");
    }
}

#[test]
fn variants_of_the_main_pattern_are_read() {
    for (agent, expected) in [
        (
            format!("{IOS} Mobile/15E148 Weibo(iPhone14,3__weibo__13.7.0__iphone__os16.6)"),
            is("13.7.0", "ios"),
        ),
        (
            format!("{IOS}  Mobile/15E148  Weibo (iPhone14,3__weibo__15.12.2__iphone__os26.2)"),
            is("15.12.2", "ios"),
        ),
        (format!("{IOS} Mobile/15E148 Weibo (iPod7,1__weibo__6.1.0__iphone__os9.3)"), is("6.1.0", "ios")),
        (format!("{IOS} Weibo (iPhone3,1__weibo__3.4.1__ios__os5.1)"), is("3.4.1", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__6.10.1__iphon"), is("6.10.1", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__6.10.1__iphone"), is("6.10.1", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__6.10.1__"), is("6.10.1", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__6.10.1_"), is("6.10.1", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__6.10."), is("6.10", "ios")),
        (format!("{IOS} Weibo (iPhone8,1__weibo__"), is("", "ios")),
        (format!("{IOS} Weibo (__weibo__14.1.0)"), is("14.1.0", "ios")),
        (format!("{IOS} Weibo (__weibo__14.1.0) a__android__b"), is("14.1.0", "ios")),
        (format!("{IOS} Weibo/___weibo__12.1.0__iphone"), is("12.1.0", "ios")),
        (format!("{IOS} Weibo (iPhone10,3__weibo__7.99.0__iphone__os__17.0__zh_CN)"), is("7.99.0", "ios")),
        (format!("{IOS} WEIBO (IPHONE10,3__WEIBO__9.1.0__IPHONE__OS13)"), is("9.1.0", "ios")),
        (format!("{IOS} Weibo (iPhone11,8__weibo__9.1.0 beta1__iphone__os12.4.1)"), is("9.1.0", "ios")),
        (
            format!("{IOS} Weibo (iPhone15,2__weibo__14.5.0__iphone__os17.5_wbox_1_2_3_a1b2)"),
            is("14.5.0", "ios"),
        ),
        (
            format!("{ANDROID} Weibo (vivo-vivo X1 Y2__weibo__4.10__android__android4.4.2)"),
            is("4.10", "android"),
        ),
        (format!("{ANDROID}samsung-SM-G9__weibo__5.1.0__android__android4.2"), is("5.1.0", "android")),
        (
            format!("{ANDROID} Weibo (a__weibo__b__weibo__6.0.1_beta1__android__android6)"),
            is("6.0.1", "android"),
        ),
        (
            format!(
                "{ANDROID} Weibo (X__weibo__9.0.0__android__android9-update1) tae_sdk_a_2.0.0 AliApp(BC/2.0.0)"
            ),
            is("9.0.0", "android"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 9_2 like Mac OS X) Weibo (iPad5,4__weibo__6.11.1".into(),
            is("6.11.1", "ipad"),
        ),
        (
            "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2) Weibo (PC__weibo__2.0.1__win8__win8pad)"
                .into(),
            is("2.0.1", "wp"),
        ),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4 Weibo (X__weibo__15.1.0__ohos".into(),
            is("15.1.0", "other"),
        ),
    ] {
        assert_eq!(seen(&agent), expected, "{agent}");
    }
}

#[test]
fn a_bare_token_is_read_encoded_or_not_and_never_passes_the_gate() {
    for (agent, expected) in [
        ("Xiaomi-MIX 2S__weibo__15.1.2__android__android10", is("15.1.2", "android")),
        ("Xiaomi-MIX%202S__weibo__15.1.2__android__android10", is("15.1.2", "android")),
        ("Xiaomi-MIX+2S__weibo__15.1.2__android__android10", is("15.1.2", "android")),
        ("iPhone14%2C3__weibo__13.7.0__iphone__os16.6", is("13.7.0", "ios")),
        ("iPhone14%2c3%5F%5Fweibo%5f%5F13.7.0%5F%5Fiphone", is("13.7.0", "ios")),
        ("A%26B=C&D+1__weibo__7.0.0__android__android7", is("7.0.0", "android")),
        ("%E5%BE%AE%E5%8D%9A%ff%zz%__weibo__7.0.0__ipad", is("7.0.0", "ipad")),
        ("iPhone9,1__weibo__7.12.2__iphone__os11.1 ijkplayer WBFPlayer", is("7.12.2", "ios")),
        ("__weibo__4.3", is("4.3", "other")),
    ] {
        assert_eq!(seen(agent), expected, "{agent}");
        assert_eq!(route(agent), "mobile", "{agent}");
    }
    assert_eq!(route("LGE-Nexus+4__weibo__3.5.1__android__android4.2.2"), "client-too-old");
}

#[test]
fn other_editions_and_native_stacks_are_weibo_but_fail_the_gate() {
    for (agent, expected) in [
        (format!("{IOS} Mobile/15E148 WeiboIntliOS_iPhone_6710"), is("6710", "ios")),
        (format!("{IOS} Mobile/15E148 WeiboIntliOS_4"), is("4", "ios")),
        (format!("{IOS} Mobile/15E148 WEIBOLITEIOS_iPhone_1070"), is("1070", "ios")),
        ("Mozilla/5.0 (iPad; CPU OS 15_0 like Mac OS X) WeiboIntliOS_iPad_6710".into(), is("6710", "ipad")),
        ("Pixel 7_14_WeiboIntlAndroid_7120".into(), is("7120", "android")),
        ("Pixel+7_14_WeiboIntlAndroid_7120".into(), is("7120", "android")),
        ("HUAWEI_10_weibolite_1090".into(), is("1090", "android")),
        ("HTC Desire S_4.0.4_weibo_4.3.0_htc_new".into(), is("4.3.0", "android")),
        ("iPhone 4S_6.1.2_weibo_4.3.1_iPhone_wifi unknown".into(), is("4.3.1", "ios")),
        ("GT-I9300_4.0.4_weibo_10.3.5_android_unknown Lavf/57.41.100".into(), is("10.3.5", "android")),
        ("Weibo/62823 CFNetwork/1325.0.1 Darwin/21.1.0".into(), is("62823", "ios")),
        ("Weibo/62823 (iPad; iOS 15.2; Scale/2.00)".into(), is("62823", "ipad")),
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Windows8_SINA)".into(), is("", "wp")),
        (format!("{IOS} Weibo (iPhone7,2"), is("", "ios")),
        (format!("{IOS} Weibo(iPad7,5)"), is("", "ipad")),
        (format!("{IOS} Weibo (iPhone7,2__we"), is("", "ios")),
    ] {
        assert_eq!(seen(&agent), expected, "{agent}");
        assert_eq!(route(&agent), "mobile", "{agent}");
    }
    assert_eq!(route("HTC One_4.3_weibo_4.2.6_android"), "client-too-old");
    assert_eq!(route("iPhone 4S_6.1.2_weibo_3.6.0_iPhone_wifi"), "client-too-old");
}

#[test]
fn look_alikes_are_no_weibo_app() {
    for (agent, expected) in [
        ("weibo (+http://www.yourdomain.com)".to_owned(), "desktop"),
        ("weibo+(+http://www.yourdomain.com)".to_owned(), "desktop"),
        ("Weibo/1.0".to_owned(), "desktop"),
        ("Weibo/1.0 (Macintosh)".to_owned(), "desktop"),
        ("Weibo".to_owned(), "desktop"),
        ("my_weibo_1.0".to_owned(), "desktop"),
        ("my_weibo_1.0_crawler".to_owned(), "desktop"),
        (format!("{CHROME} Weibo"), "desktop"),
        (format!("{ANDROID} Weibo (2012112000)/12.2.5"), "mobile"),
        (format!("{ANDROID} Weibo (Xiaomi-MI 5)"), "mobile"),
        ("iOS__iPhone__iOS__16.0__x__iPhone14,3__1".to_owned(), "mobile"),
        (
            format!("{IOS} Mobile/15E148 MicroMessenger/8.0.40(0x18002831) NetType/WIFI Language/zh_CN"),
            "mobile",
        ),
        (format!("{ANDROID} AliApp(DingTalk/7.0.40) com.alibaba.android.rimet/1"), "mobile"),
        (format!("{ANDROID} WindVane/8.5.0 AliApp(TB/10.20.0)"), "mobile"),
        (format!("{CHROME} MicroMessenger/7.0.20 WindowsWechat"), "desktop"),
    ] {
        assert!(!Agent::parse(&agent).is_weibo(), "{agent}");
        assert_eq!(route(&agent), expected, "{agent}");
    }
}

#[test]
fn the_gate_opens_exactly_at_the_minimum() {
    for (version, expected) in [
        ("1", "client-too-old"),
        ("4.2.9", "client-too-old"),
        ("4.2.99999999999999999999", "client-too-old"),
        ("4.3", "client"),
        ("4.3.0", "client"),
        ("4.03", "client"),
        ("4.3.0_build2", "client"),
        ("4.10", "client"),
        ("10.10", "client"),
        ("15.12.2", "client"),
        ("99999999999999999999999", "client"),
        ("", "mobile"),
        ("x4.3", "mobile"),
    ] {
        assert_eq!(
            route(&format!("{ANDROID} Weibo (X__weibo__{version}__android__android9)")),
            expected,
            "{version}"
        );
    }
    let agent = Agent::parse(&format!("{IOS} Weibo (iPhone7,2__weibo__5.2.9__iphone__os9)"));
    assert_eq!(agent.route(&Version::parse("5.3").unwrap()), Route::ClientTooOld);
}

#[test]
fn phones_and_tablets_are_mobile_and_desktop_mode_is_believed() {
    for (agent, expected) in [
        (IOS, "mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", "mobile"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Android 13; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0", "mobile"),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114 Safari/537.36 ArkWeb/4.1",
            "mobile",
        ),
        (
            "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0) like iPhone OS 7_0_3 Mobile Safari/537",
            "mobile",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
            "desktop",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "desktop"),
        (CHROME, "desktop"),
        ("curl/8.5.0", "desktop"),
        ("", "desktop"),
    ] {
        assert_eq!(route(agent), expected, "{agent}");
        assert!(!Agent::parse(agent).is_weibo(), "{agent}");
    }
}

#[test]
fn only_the_first_kilobyte_is_read() {
    for junk in ["_weibo_", "__weibo__", "%", "+", "微博", "(iPhone", "4.3.", "Weibo (iPhone1,"] {
        let long = junk.repeat(100_000 / junk.len());
        assert_eq!(Agent::parse(&long), Agent::parse(&long[..long.floor_char_boundary(LONGEST)]));
    }
    assert!(!Agent::parse(&format!("{}__weibo__9.0.0", "x".repeat(LONGEST))).is_weibo());
}

proptest! {
    #[test]
    fn no_agent_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..1500)) {
        route(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_patchwork_of_its_words_makes_it_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "__weibo__", "_weibo_", "Weibo", " (", "iPhone", "iPad", "7,2", ")", "4.3", ".", "__", "android", "htc",
            "Weibo/", "WeiboIntliOS_", "_WeiboIntlAndroid_", "_weibolite_", "%", "%5F", "+", "é", "\0", "Mozilla/5.0 ",
        ]), 0..40)
    ) {
        let agent = words.concat();
        prop_assert_eq!(Agent::parse(&agent).is_weibo() || !agent.contains("__weibo__"), true);
        route(&agent);
    }

    #[test]
    fn any_device_and_version_passes_the_gate_by_its_number(
        device in "[A-Za-z0-9 ,-]{0,20}", major in 0u32..30, minor in 0u32..30
    ) {
        let agent = format!("{ANDROID} Weibo ({device}__weibo__{major}.{minor}.1__android__android9)");
        prop_assert_eq!(route(&agent), if (major, minor) >= (4, 3) { "client" } else { "client-too-old" });
    }
}
