//! The app as real processes: `weipu demo` with a Weibo and a database elsewhere. Whatever ends one, it is started
//! again, as an operating system would.

use crate::ports::free_port;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use url::Url;

/// One app and whoever keeps it alive.
pub struct App {
    kill: Notify,
    dead: Notify,
    pub log: PathBuf,
}

/// What an app needs to know.
pub struct Place<'a> {
    pub folder: &'a Path,
    pub name: &'a str,
    pub port: u16,
    pub public: &'a Url,
    pub weibo: &'a Url,
    pub database: &'a str,
    pub secret: &'a str,
}

impl App {
    /// Starts and keeps it for as long as the program runs.
    pub fn keep(place: &Place<'_>) -> anyhow::Result<Arc<App>> {
        let log = place.folder.join(format!("{}.log", place.name));
        let app = Arc::new(App { kill: Notify::new(), dead: Notify::new(), log });
        let environment = environment(place);
        let mut child = app.start(&environment)?;
        let kept = app.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    // It gave up by itself: the database was away when it started.
                    _ = child.wait() => tokio::time::sleep(Duration::from_millis(300)).await,
                    () = kept.kill.notified() => {
                        let _ = child.kill().await;
                        kept.dead.notify_one();
                    }
                }
                match kept.start(&environment) {
                    Ok(again) => child = again,
                    Err(error) => crate::say(&format!("the app cannot be started: {error:#}")),
                }
            }
        });
        Ok(app)
    }

    /// By SIGKILL; returns when it is dead. The next one is being started then.
    pub async fn is_killed(&self) {
        self.kill.notify_one();
        self.dead.notified().await;
    }

    fn start(&self, environment: &[(String, String)]) -> anyhow::Result<Child> {
        let log: File = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let child = Command::new(env!("CARGO_BIN_EXE_weipu"))
            .arg("demo")
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }
}

fn environment(place: &Place<'_>) -> Vec<(String, String)> {
    let address = |port: u16| format!("127.0.0.1:{port}");
    let weibo = place.weibo.to_string();
    let mut all = vec![
        ("WEIPU_DATA_DIR", place.folder.join(place.name).display().to_string()),
        ("WEIPU_BIND", address(place.port)),
        ("WEIPU_OPERATIONS_BIND", address(free_port())),
        ("WEIPU_SANDBOX_BIND", address(free_port())),
        ("WEIPU_PHONE_BIND", address(free_port())),
        ("WEIPU_PUBLIC_URL", place.public.to_string()),
        ("WEIPU_SECRET_KEY", place.secret.to_owned()),
        // The least there is, so that some orders end while all of this goes on.
        ("WEIPU_ORDER_EXPIRY", "1m".to_owned()),
        ("WEIPU_LOG", "warn".to_owned()),
        ("DATABASE_URL", place.database.to_owned()),
    ];
    let weibos = ["PAY", "API", "OAUTH", "OAUTH_MOBILE", "SHARE", "MESSAGES", "UPLOAD"];
    let weibos = weibos.map(|name| (format!("WEIBO_{name}_URL"), weibo.clone()));
    all.extend(weibos.iter().map(|(name, value)| (name.as_str(), value.clone())));
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
