//! The command that shows the bot on a simulated Discord.

use super::{Outcome, told_to_stop};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};
use whetstone::{playground, telemetry};

#[derive(Args)]
pub struct PlaygroundArgs {
    /// Where the page listens; this machine alone can reach it.
    #[arg(long, value_name = "ADDRESS", default_value_t = playground::DEFAULT_ADDRESS)]
    listen: SocketAddr,
    /// Keep the store and the simulated server in this folder; without one nothing is kept.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A further folder of questions, read again whenever it changes; may be given again.
    #[arg(long, value_name = "DIR")]
    bank: Vec<PathBuf>,
}

pub async fn run(args: PlaygroundArgs) -> Outcome {
    let until = told_to_stop()?;
    let log = telemetry::Log { filter: "whetstone=warn,error".to_owned(), ..Default::default() };
    telemetry::init(&log, None);
    let ready = |address| println!("The playground is at http://{address} (Ctrl-C ends it)");
    let options = playground::Options { address: args.listen, keep: args.keep, bank: args.bank };
    Ok(playground::run(options, ready, until).await?)
}
