//! A simulated Discord for a bot that runs elsewhere, until it is ended:
//! `cargo run -p discord-sim --example serve`.
#![allow(clippy::print_stdout, reason = "it tells where it is")]

use discord_sim::{ChannelKind, Limits, Options, Sim};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sim = Sim::start(Options { limits: Limits::none(), ..Options::default() }).await?;
    let guild = sim.add_guild("Friends", sim.add_user("ada", "Ada"));
    let channel = sim.add_channel(guild, "talk", ChannelKind::Text);
    println!("API {}\ntoken {}\nguild {guild}, channel {channel}", sim.http_url(), sim.token());
    std::future::pending().await
}
