//! A minimal bot on serenity, over TLS with its rate limiter on, against the simulated Discord.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use serenity::all as discord;
use serenity::all::{
    ButtonStyle, Context, CreateActionRow, CreateButton, CreateCommand, CreateInteractionResponse,
    CreateInteractionResponseMessage, EventHandler, GatewayIntents, Interaction, Ready,
};
use serenity::async_trait;
use serenity::http::HttpBuilder;
use whetstone::sim::{ChannelKind, Fault, Id, Options, Response, Rule, Sim};

struct Bot;

#[async_trait]
impl EventHandler for Bot {
    async fn ready(&self, ctx: Context, _: Ready) {
        let commands = vec![CreateCommand::new("ask").description("Ask something")];
        discord::Command::set_global_commands(&ctx.http, commands).await.unwrap();
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        match interaction {
            Interaction::Command(command) => {
                let button = CreateButton::new("go:1").label("Go").style(ButtonStyle::Primary);
                let message = CreateInteractionResponseMessage::new()
                    .content(format!("Hello {}", command.user.name))
                    .components(vec![CreateActionRow::Buttons(vec![button])]);
                let response = CreateInteractionResponse::Message(message);
                command.create_response(&ctx.http, response).await.unwrap();
            }
            Interaction::Component(component) => {
                let message = CreateInteractionResponseMessage::new()
                    .content(format!("Clicked {}", component.data.custom_id))
                    .ephemeral(true);
                let response = CreateInteractionResponse::Message(message);
                // Cut requests are part of the tests.
                let _ = component.create_response(&ctx.http, response).await;
            }
            _ => {}
        }
    }
}

/// An HTTP client as the bot makes it: discord.com resolves to the simulation.
fn client(sim: &Sim) -> reqwest::Client {
    reqwest::Client::builder()
        .resolve("discord.com", sim.https_addr())
        .add_root_certificate(reqwest::Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap())
        .build()
        .unwrap()
}

struct Stage {
    sim: Sim,
    http: Arc<discord::Http>,
    guild: Id,
    channel: Id,
    ada: Id,
    bob: Id,
    bot: tokio::task::JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.bot.abort();
    }
}

async fn stage() -> Stage {
    let sim = Sim::start(Options::default()).await.unwrap();
    let (ada, bob) = (sim.add_user("ada", "Ada"), sim.add_user("bob", "Bob"));
    let guild = sim.add_guild("Team", ada);
    sim.add_member(guild, bob, &[]);
    let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
    let port = sim.https_addr().port();
    // HttpBuilder talks to https://discord.com without a port, so the resolver carries it.
    assert_ne!(port, 0);
    let http = HttpBuilder::new(sim.token()).client(client(&sim)).build();
    let mut bot = discord::ClientBuilder::new_with_http(http, GatewayIntents::GUILDS)
        .event_handler(Bot)
        .await
        .unwrap();
    let http = Arc::clone(&bot.http);
    let bot = tokio::spawn(async move { bot.start().await.unwrap() });
    sim.ready().await;
    wait_for(|| !sim.commands(None).is_empty()).await;
    Stage { sim, http, guild, channel, ada, bob, bot }
}

async fn wait_for(done: impl Fn() -> bool) {
    let all = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("it happens in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_and_a_click_are_answered() {
    let stage = stage().await;
    let ada = stage.sim.user(stage.ada);
    let response = ada.command(stage.channel, "ask", &[]).await.unwrap();
    let Response::Message { message, deferred: false } = response else { panic!("{response:?}") };
    assert_eq!(message.content, "Hello ada");
    let bob = stage.sim.user(stage.bob);
    let response = bob.click_label(stage.channel, message.id, "Go").await.unwrap();
    let answer = response.message().expect("a message");
    assert_eq!((answer.content.as_str(), answer.ephemeral), ("Clicked go:1", true));
    assert_eq!(bob.see(stage.channel).len(), 2);
    assert_eq!(ada.see(stage.channel).len(), 1);
    let callbacks = stage.sim.requests();
    let callbacks = callbacks.iter().filter(|r| r.path.ends_with("/callback"));
    assert_eq!(callbacks.map(|r| r.status).collect::<Vec<_>>(), [Some(204), Some(204)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_answer_is_seen_before_the_bot_learns_of_it() {
    let stage = stage().await;
    let rule = Rule::new("POST /channels/*/messages", Fault::HoldAfter).once();
    let held = stage.sim.faults().add(rule);
    let http = Arc::clone(&stage.http);
    let channel = discord::ChannelId::new(stage.channel.0);
    let sending = tokio::spawn(async move { channel.say(&http, "claimed").await });
    held.hit().await;
    assert_eq!(stage.sim.messages(stage.channel).len(), 1);
    assert!(!sending.is_finished());
    held.release();
    assert_eq!(sending.await.unwrap().unwrap().content, "claimed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_before_leaves_no_trace_and_a_cut_after_does() {
    let stage = stage().await;
    let http = HttpBuilder::new(stage.sim.token())
        .client(client(&stage.sim))
        .ratelimiter_disabled(true)
        .build();
    let channel = discord::ChannelId::new(stage.channel.0);
    for (fault, left) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        let cut = stage.sim.faults().add(Rule::new("POST /channels/*/messages", fault));
        assert!(channel.say(&http, "x").await.is_err());
        cut.release();
        // reqwest may have tried the request again on a new connection if it was never answered.
        assert_eq!(stage.sim.messages(stage.channel).len().min(1), left);
        assert!(cut.hits() >= 1);
    }
    let records = stage.sim.requests();
    let posts: Vec<_> = records.iter().filter(|r| r.path.ends_with("/messages")).collect();
    assert!(posts.iter().all(|record| record.cut && record.body["content"] == json!("x")));
    assert_eq!(posts.first().unwrap().status, None);
    assert_eq!(posts.last().unwrap().status, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_during_a_cut_is_delivered_by_the_resume() {
    let stage = stage().await;
    let ada = stage.sim.user(stage.ada);
    let asked = ada.command(stage.channel, "ask", &[]).await.unwrap();
    let message = asked.message().unwrap().id;
    stage.sim.gateway().cut();
    let pending = ada.start_click(stage.channel, message, "go:1").unwrap();
    let response = pending.response().await;
    assert_eq!(stage.sim.gateway().stats().resumes, 1);
    assert_eq!(response.message().map(|m| m.content.as_str()), Some("Clicked go:1"));
    assert!(stage.guild.0 > 0);
}
