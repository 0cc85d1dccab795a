//! A way to Postgres that breaks at the worst moment: some of the connections that say COMMIT are cut before Postgres
//! hears it, some after it has committed and before its word arrives. Whoever said it cannot know which.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// A simple query, its length, and what it says.
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";
/// One COMMIT of so many is cut.
const ONE_OF: u64 = 20;
/// Longer messages are not looked into.
const HEAD: usize = 5;

#[derive(Default)]
pub struct Cuts {
    pub on: AtomicBool,
    commits: AtomicU64,
    pub before: AtomicU64,
    pub after: AtomicU64,
}

enum Cut {
    None,
    Before,
    After,
}

impl Cuts {
    fn strikes(&self) -> Cut {
        if !self.on.load(Relaxed) {
            return Cut::None;
        }
        let commit = self.commits.fetch_add(1, Relaxed);
        match (commit % ONE_OF, commit / ONE_OF % 2) {
            (0, 0) => {
                self.before.fetch_add(1, Relaxed);
                Cut::Before
            }
            (0, _) => {
                self.after.fetch_add(1, Relaxed);
                Cut::After
            }
            _ => Cut::None,
        }
    }
}

/// Serves for ever.
pub async fn serve(listener: TcpListener, socket: PathBuf, cuts: Arc<Cuts>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let (socket, cuts) = (socket.clone(), cuts.clone());
        tokio::spawn(async move {
            // An end of either side is the end of both.
            let _ = pass(client, socket, &cuts).await;
        });
    }
}

async fn pass(client: TcpStream, socket: PathBuf, cuts: &Cuts) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (mut client_says, mut client_hears) = client.into_split();
    let (mut server_says, mut server_hears) = UnixStream::connect(socket).await?.into_split();
    let deaf = AtomicBool::new(false);
    let up = async {
        // The first message has no letter in front.
        let length = client_says.read_u32().await?;
        let mut first = vec![0; (length as usize).saturating_sub(4)];
        client_says.read_exact(&mut first).await?;
        server_hears.write_u32(length).await?;
        server_hears.write_all(&first).await?;
        loop {
            let mut message = vec![0; HEAD];
            client_says.read_exact(&mut message).await?;
            let length = u32::from_be_bytes([message[1], message[2], message[3], message[4]]) as usize;
            message.resize(HEAD + length.saturating_sub(4), 0);
            client_says.read_exact(&mut message[HEAD..]).await?;
            if message == COMMIT {
                match cuts.strikes() {
                    Cut::None => {}
                    Cut::Before => return Ok(()),
                    Cut::After => deaf.store(true, Relaxed),
                }
            }
            server_hears.write_all(&message).await?;
        }
    };
    let down = async {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let read = server_says.read(&mut bytes).await?;
            if read == 0 || deaf.load(Relaxed) {
                return Ok(());
            }
            client_hears.write_all(&bytes[..read]).await?;
        }
    };
    tokio::select! {
        ended = up => ended,
        ended = down => ended,
    }
}
