//! What the binary does: its commands, and one sentence on standard error when one of them fails.

use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::Config;
use crate::transfers::command_line;
use crate::web::Changes;
use crate::{db, demo, doctor, sandbox, staff, web};
use actix_web::web::Data;
use clap::{Parser, Subcommand};
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// 微铺 Weipu: a small shop on Weibo.
#[derive(Parser)]
#[command(version, about, after_help = "Settings come from the environment; README.md has the table.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A whole shop in one process: private Postgres, sandbox, demo goods. For trying and for developing.
    Demo,
    /// The shop's pages and hooks, for real.
    Serve,
    /// The shop's background work, for real. Several may run.
    Work,
    /// Brings the database up to this version, and ends.
    Migrate {
        /// Prints the database's address and keeps it running until stopped, to look into it with psql.
        #[arg(long)]
        hold: bool,
    },
    /// Only the pretend Weibo.
    Sandbox,
    /// Checks a CSV of products, row by row, and tells what is wrong; with --apply brings the good rows in.
    Import {
        file: PathBuf,
        /// Without it nothing is changed.
        #[arg(long)]
        apply: bool,
    },
    /// Prints all products as CSV, drafts too.
    Export,
    /// The people who run the shop.
    #[command(subcommand)]
    Staff(Staff),
    /// Looks whether everything is set up right, and says in a line each what is wrong and how to mend it.
    Doctor {
        #[command(subcommand)]
        about: Option<About>,
    },
}

#[derive(Subcommand)]
enum About {
    /// Looks at all orders, the stock and the figures, whether everything adds up.
    Money,
}

#[derive(Subcommand)]
enum Staff {
    /// Prints a link, good once and for a day, that makes the first owner's account.
    OwnerLink,
    /// Prints a link, good once and for a day, with which this member sets a new password and enrols her
    /// second factor anew. Ends her sessions.
    Reset {
        /// The name with which she signs in.
        name: String,
    },
}

/// Runs the command of the command line. 0 done, 1 refused or failed, 2 wrong usage.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("WEIPU_LOG").unwrap_or_else(|_| "warn,weipu=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let done = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(perform(arguments.command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("weipu: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    match command {
        Command::Demo => demo::run(config).await,
        Command::Serve => {
            let (shop, operations) = (app::listen(config.bind)?, app::listen(config.operations_bind)?);
            let app = App::production(config).await?;
            let data = Data::new(app.shop.clone());
            tokio::spawn(app.shop.changes.clone().listen(app.worker.db.clone()));
            tokio::spawn(web::keep_books(app.shop.clone()));
            tokio::spawn(app.worker.clone().keep_up());
            let operations = app::plain_server(operations, move |cfg| web::operations::routes(cfg, &data))?;
            let servers = vec![app::shop_server(&app.shop, shop)?, operations];
            let stopped = app::until_stopped(servers, &app.shop.changes).await;
            web::write_books(&app.shop).await;
            stopped
        }
        Command::Work => {
            let app = App::production(config).await?;
            tokio::select! {
                () = app.worker.clone().run() => Ok(()),
                stopped = app::stop_asked() => stopped,
            }
        }
        Command::Migrate { hold } => {
            let (db, _postgres) = app::database(&config).await?;
            db::migrate(&db).await?;
            if !hold {
                return Ok(());
            }
            println!("{}", db.address());
            app::stop_asked().await
        }
        Command::Sandbox => {
            let (listener, phone_port) = (app::listen(config.sandbox_bind)?, app::listen(config.phone_bind)?);
            let shop = config.public_url.clone();
            let weibo = sandbox::Sandbox::new(demo::sandbox_settings(&config, shop)?, Clock::system())?;
            tokio::spawn(weibo.clone().run());
            println!("sandbox {}sandbox/", demo::base(config.sandbox_bind)?);
            let phone = weibo.clone();
            let phone = app::plain_server(phone_port, move |cfg| phone.phone_routes(cfg))?;
            let server = app::plain_server(listener, move |cfg| weibo.routes(cfg))?;
            app::until_stopped(vec![server, phone], &Changes::default()).await
        }
        Command::Import { file, apply } => {
            let (db, _postgres) = prepared(&config).await?;
            command_line::import(&db, &file, apply, &Clock::system(), &mut stdout()).await
        }
        Command::Export => {
            let (db, _postgres) = prepared(&config).await?;
            command_line::export(&db, &Clock::system(), &mut stdout()).await
        }
        Command::Staff(asked) => print_link(&config, asked).await,
        Command::Doctor { about: None } => doctor::run(config, &mut stdout()).await,
        Command::Doctor { about: Some(About::Money) } => doctor::money(&config, &mut stdout()).await,
    }
}

/// The database, brought up to date.
async fn prepared(config: &Config) -> anyhow::Result<(db::Db, Option<db::private::Private>)> {
    let (db, postgres) = app::database(config).await?;
    db::migrate(&db).await?;
    Ok((db, postgres))
}

async fn print_link(config: &Config, asked: Staff) -> anyhow::Result<()> {
    let base = match &config.public_url {
        Some(url) => url.clone(),
        None => demo::base(config.bind)?,
    };
    let (db, _postgres) = prepared(config).await?;
    let now = Clock::system().now();
    let link = match asked {
        Staff::OwnerLink => {
            let link = staff::first_owner_link(&db, now).await?;
            link.ok_or_else(|| anyhow::anyhow!("the shop has an owner already"))?
        }
        Staff::Reset { name } => {
            let link = staff::reset_link(&db, &name, now).await?;
            link.ok_or_else(|| anyhow::anyhow!("no member who may sign in is called {name:?}"))?
        }
    };
    println!("{base}admin/welcome/{link}");
    Ok(())
}
