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

/// Which of the cashier's three faces a browser is shown (weibo-pay.md §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Client,
    Desktop,
    Phone,
}

impl Face {
    /// The face for a `User-Agent`.
    pub fn of(agent: &str) -> Face {
        let agent = agent.get(..1024).unwrap_or(agent).to_ascii_lowercase();
        if agent.contains("__weibo__") {
            Face::Client
        } else if ["mobile", "android", "iphone", "ipad"].iter().any(|word| agent.contains(word)) {
            Face::Phone
        } else {
            Face::Desktop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_shown_the_face_of_its_kind() {
        let faces = CLIENTS.map(|client| Face::of(client.agent));
        assert_eq!(faces, [Face::Client, Face::Client, Face::Client, Face::Phone]);
        assert_eq!(Face::of("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"), Face::Desktop);
    }

    #[test]
    fn an_unknown_choice_is_the_usual_client() {
        assert_eq!(chosen([Some("no such"), Some("old")]).id, "old");
        assert_eq!(chosen([None, None]).id, "iphone");
    }
}
