//! The desk: who holds the phone, the switches, the traffic.

use crate::clock::SHOP_ZONE;
use crate::sandbox::clients::{CLIENTS, Client};
use crate::sandbox::world::people::Person;
use crate::sandbox::world::{World, jsapi};
use crate::sandbox::{Direction, Exchange, Fault, Lasting};
use askama::Template;
use time::macros::format_description;
use url::Url;

/// How many exchanges are listed.
const LISTED: usize = 60;

#[derive(Template)]
#[template(path = "sandbox/desk.html")]
pub struct DeskPage {
    pub shown: Shown,
    pub account: String,
    pub people: Vec<Person>,
    pub clients: &'static [Client],
    pub notice: Vec<Switch>,
    pub gateway: Vec<Switch>,
    pub api: Vec<Switch>,
    pub others_on: usize,
    pub signing_in: Vec<Switch>,
    pub signing_in_on: usize,
    pub refunds: Vec<Switch>,
    pub refunds_on: usize,
    pub fans: Vec<Switch>,
    pub fans_on: usize,
    /// Where the shop listens to fans.
    pub bound_to: Option<String>,
    /// What the client's interface can be told about, and what it is told.
    pub actions: Vec<&'static str>,
    pub told: Vec<(String, String)>,
    pub traffic: Vec<Line>,
}

/// What the phone shows, and to whom.
pub struct Shown {
    pub account: Option<Person>,
    pub client: &'static Client,
    pub screen: Url,
    pub has_phone: bool,
}

/// One fault's switch.
pub struct Switch {
    pub name: String,
    pub label: String,
    pub english: &'static str,
    pub lasting: Option<Lasting>,
}

/// One exchange.
pub struct Line {
    pub time: String,
    pub who: &'static str,
    pub call: String,
    pub answer: String,
    pub good: bool,
}

impl Shown {
    fn page(&self, path: &str) -> String {
        self.screen.join(path).map(String::from).unwrap_or_default()
    }
}

impl Switch {
    fn is_on(&self) -> bool {
        self.lasting.is_some()
    }

    fn is_pinned(&self) -> bool {
        self.lasting == Some(Lasting::UntilOff)
    }
}

impl DeskPage {
    pub fn new(world: &World, shown: Shown, traffic: &[Exchange]) -> DeskPage {
        let switches =
            |faults: &[Fault]| -> Vec<Switch> { faults.iter().map(|fault| switch(world, *fault)).collect() };
        let (gateway, api) =
            (switches(&Fault::GATEWAY), switches(&[&Fault::API[..], &Fault::STATUSES].concat()));
        let refunds =
            [&Fault::REFUND[..], &Fault::REFUND_LATER, &Fault::REFUND_QUERY, &Fault::MESSAGE].concat();
        let refunds = switches(&refunds);
        let fans = switches(&Fault::FANS);
        let signing_in = switches(&[&Fault::OAUTH[..], &Fault::FRAME].concat());
        DeskPage {
            account: shown.account.as_ref().map(|person| person.name.clone()).unwrap_or_default(),
            shown,
            people: world.people().to_vec(),
            clients: &CLIENTS,
            notice: switches(&Fault::NOTICE),
            others_on: gateway.iter().chain(&api).filter(|switch| switch.is_on()).count(),
            gateway,
            api,
            signing_in_on: signing_in.iter().filter(|switch| switch.is_on()).count(),
            signing_in,
            refunds_on: refunds.iter().filter(|switch| switch.is_on()).count(),
            refunds,
            fans_on: fans.iter().filter(|switch| switch.is_on()).count(),
            fans,
            bound_to: world.fans.bound_to.clone(),
            actions: jsapi::ACTIONS.to_vec(),
            told: world.chosen().iter().map(|(name, to)| (name.clone(), to.clone())).collect(),
            traffic: traffic.iter().rev().take(LISTED).map(line).collect(),
        }
    }
}

fn switch(world: &World, fault: Fault) -> Switch {
    let (label, english) = label(fault);
    let label = match fault {
        Fault::Late | Fault::RefundNoticeLate | Fault::FanLate => {
            format!("{label} {} 分钟", world.faults.late_minutes())
        }
        _ => label.to_owned(),
    };
    Switch { name: fault.name(), label, english, lasting: world.faults.lasting(fault) }
}

fn label(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::Late => ("晚到", "late"),
        Fault::Twice => ("发两次", "sent twice"),
        Fault::OneFen => ("金额改成 ¥0.01", "amount altered"),
        Fault::Forged => ("签名是别人的", "forged"),
        Fault::Silent => ("一直不发（只能查询）", "never sent"),
        Fault::ThenClosed => ("先发成功再发关闭", "success, then closed"),
        Fault::ExtraFields => ("多带几个字段", "unknown fields, signed"),
        Fault::BeforeReturn => ("比返回先到", "before the return"),
        Fault::QueryFails => ("查询回 500", "query fails"),
        Fault::QueryHangs => ("查询不回答", "query hangs 30 s"),
        Fault::QueryGarbage => ("查询回一页 HTML", "query answers HTML"),
        Fault::QueryUnknownCode => ("查询回没见过的 code", "unknown code"),
        Fault::QueryOneFen => ("查询的金额是 ¥0.01", "query alters amount"),
        Fault::QueryEchoes => ("查询带回 extra", "query echoes extra"),
        Fault::TokenExpired => ("令牌过期 21327", "token expired"),
        Fault::NotPermitted => ("没有权限 10014", "not permitted"),
        Fault::IpOverLimit => ("本机超过频次 10022", "address over limit"),
        Fault::OverLimit => ("超过频次 10023", "over limit"),
        Fault::ApiOverLimit => ("这个接口超过频次 10024", "over limit of this call"),
        Fault::AnswerLost => ("做了但回答丢了", "done, answer lost"),
        Fault::ErrorAs200 => ("错误也回 HTTP 200", "errors with status 200"),
        Fault::TooManyUsers => ("超出未审核应用的人数 21321", "too many users"),
        Fault::TokenUidWrong => ("换令牌时回别人的 uid", "another uid with the token"),
        Fault::TokenOfAnotherApp => ("换到别的应用的令牌", "another application's token"),
        Fault::TokenInfoLost => ("问令牌是谁的，没有回答", "no answer whose token it is"),
        Fault::FrameForged => ("签名是别的应用的", "forged"),
        Fault::FrameStale => ("一天以前的", "a day old"),
        Fault::FrameAlgorithm => ("算法写成 HMAC-SHA1", "another algorithm"),
        Fault::FrameOtherApp => ("令牌是别的应用的", "another application's token"),
        Fault::FrameOtherPerson => ("令牌是别人的", "another person's token"),
        Fault::FrameReplayed => ("重放上一次的", "replayed"),
        Fault::RefundAnswerLost => ("退款做了但回答丢了", "refund taken, answer lost"),
        Fault::RefundRefused => ("退款被拒 990014", "refund refused"),
        Fault::RefundNotAccepted => ("退款回 is_success=F", "refund not accepted"),
        Fault::RefundHangs => ("退款不回答", "refund hangs 30 s"),
        Fault::RefundGarbage => ("退款回一页 HTML", "refund answers HTML"),
        Fault::RefundFailsLater => ("退款受理后失败", "accepted, fails later"),
        Fault::RefundThenFails => ("退款成功后又失败", "done, then failed"),
        Fault::RefundSilent => ("退款不通知（只能查询）", "no refund notice"),
        Fault::RefundNoticeTwice => ("退款通知发两次", "refund notice twice"),
        Fault::RefundNoticeForged => ("退款通知的签名是别人的", "refund notice forged"),
        Fault::RefundNoticeLate => ("退款通知晚到", "refund notice late"),
        Fault::RefundNoticeFirst => ("退款通知比回答先到", "notice before the answer"),
        Fault::RefundNoticeAltered => ("退款通知写的是别的付款", "notice names another payment"),
        Fault::RefundQueryFails => ("退款查询回 500", "refund query fails"),
        Fault::RefundQueryEmpty => ("退款查询回空", "refund query empty"),
        Fault::RefundQueryList => ("退款查询回一列", "refund query answers a list"),
        Fault::MessageRefused => ("私信被拒 990024", "message refused"),
        Fault::MessageAnswerLost => ("私信送了但回答丢了", "message sent, answer lost"),
        Fault::TicketRefused => ("不发 JS 票据 21324", "no JS ticket"),
        Fault::TicketLost => ("JS 票据没有回答", "JS ticket lost"),
        Fault::ReturnUnsigned => ("返回不带签名", "return unsigned"),
        Fault::ReturnPosted => ("返回用 POST", "return by POST"),
        Fault::CashierScheme => ("收银台跳 sinaweibo://", "as the real client"),
        another => status_label(another),
    }
}

fn status_label(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::PostDropped => ("没做，回答也断了", "not done, connection broken"),
        Fault::PostDelayed => ("做了但回 20032", "accepted but delayed"),
        Fault::PostFails => ("做了但回 10003", "done, answered 10003"),
        Fault::PostCaptcha => ("要验证码 20031", "captcha needed"),
        Fault::ReadFails => ("读微博回 500", "reading fails"),
        Fault::ReadForbidden => ("不许读微博 10014", "reading not permitted"),
        of_fans => fan_label(of_fans),
    }
}

fn fan_label(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::FanTwice => ("粉丝的消息推两次", "fan's packet twice"),
        Fault::FanLate => ("粉丝的消息晚到", "fan's packet late"),
        Fault::FanForged => ("粉丝的消息签名是别人的", "fan's packet forged"),
        Fault::FanSlow => ("商家答得太晚，再推一次", "answer too late, pushed again"),
        Fault::FanRefused => ("客服消息被拒 990105", "reply refused"),
        Fault::FanModerated => ("群发被审核拦下", "broadcast kept back"),
        _ => ("", ""),
    }
}

fn line(exchange: &Exchange) -> Line {
    let format = format_description!("[hour]:[minute]:[second]");
    let call = format!("{} {} {}", exchange.method, exchange.path, exchange.about);
    Line {
        time: exchange.at.to_offset(SHOP_ZONE).format(format).unwrap_or_default(),
        who: match exchange.direction {
            Direction::ToMerchant => "→ 商家",
            Direction::FromMerchant => "← 商家",
            Direction::FromPhone => "手机",
        },
        call: call.trim_end().to_owned(),
        answer: exchange.answer.clone(),
        good: exchange.good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_words_of_its_own() {
        let mut words: Vec<_> = Fault::all().map(label).collect();
        assert!(words.iter().all(|(chinese, english)| !chinese.is_empty() && !english.is_empty()));
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
