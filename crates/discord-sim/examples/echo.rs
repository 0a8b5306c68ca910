//! A bot that says what it hears, and its test: `cargo test -p discord-sim --example echo`.
use serenity::all::*;

struct Echo;

#[async_trait]
impl EventHandler for Echo {
    async fn message(&self, ctx: Context, heard: Message) {
        if !heard.author.bot {
            heard.reply(&ctx, &heard.content).await.ok();
        }
    }
}

async fn run(http: Http) -> serenity::Result<()> {
    let intents = GatewayIntents::GUILD_MESSAGES | GatewayIntents::MESSAGE_CONTENT;
    ClientBuilder::new_with_http(http, intents).event_handler(Echo).await?.start().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(run(Http::new(&std::env::var("DISCORD_TOKEN")?)).await?)
}

#[tokio::test]
async fn what_is_heard_is_said() -> Result<(), Box<dyn std::error::Error>> {
    use discord_sim::{ChannelKind, Options, Sim};
    let privileged_intents = GatewayIntents::MESSAGE_CONTENT.bits();
    let sim = Sim::start(Options { privileged_intents, ..Options::default() }).await?;
    let ada = sim.add_user("ada", "Ada");
    let channel = sim.add_channel(sim.add_guild("Friends", ada), "talk", ChannelKind::Text);
    let http = HttpBuilder::new(sim.token()).proxy(sim.http_url()).ratelimiter_disabled(true);
    tokio::spawn(run(http.build()));
    sim.ready().await;
    sim.user(ada).say(channel, "Hello!")?;
    sim.until(|sim| sim.messages(channel).len() == 2).await;
    assert_eq!(sim.messages(channel)[1].content, "Hello!");
    Ok(())
}
