//! The clients that the drawn phone can be: their names and what they call themselves (user-agents.md §1).

/// One client.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    pub id: &'static str,
    pub label: &'static str,
    pub agent: &'static str,
}

/// The first is what the phone is until another is chosen.
pub const CLIENTS: [Client; 4] = [
    Client {
        id: "iphone",
        label: "客户端 11.12.1 iPhone",
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
                (KHTML, like Gecko) Mobile/15E148 Weibo (iPhone14,3__weibo__11.12.1__iphone__os16.6)",
    },
    Client {
        id: "old",
        label: "客户端 4.2.5 Android（太旧）",
        agent: "Mozilla/5.0 (Linux; U; Android 4.3; zh-cn; HTC One Build/JSS15J) AppleWebKit/534.30 \
                (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30 \
                Weibo (HTC-HTC One__weibo__4.2.5__android__android4.3)",
    },
    Client {
        id: "android",
        label: "客户端 15.12.2 Android",
        agent: "Mozilla/5.0 (Linux; Android 14; 2211133C Build/UKQ1.230804.001; wv) AppleWebKit/537.36 \
                (KHTML, like Gecko) Version/4.0 Chrome/122.0.6261.119 Mobile Safari/537.36 \
                Weibo (Xiaomi-2211133C__weibo__15.12.2__android__android14)",
    },
    Client {
        id: "none",
        label: "不是微博，手机浏览器",
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
                (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
    },
];

/// The first of the wished-for clients that exists, else the usual one.
pub fn chosen(wished: [Option<&str>; 2]) -> &'static Client {
    let mut wished = wished.into_iter().flatten();
    wished.find_map(|id| CLIENTS.iter().find(|client| client.id == id)).unwrap_or(&CLIENTS[0])
}
