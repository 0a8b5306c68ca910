//! A minimal bot on serenity, over TLS with its rate limiter on, against the simulated Discord.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use discord_sim::{ChannelKind, Fault, Id, Options, Response, Rule, Sim};
use serde_json::json;
use serenity::all as discord;
use serenity::all::{
    ButtonStyle, CommandOptionType, Context, CreateActionRow, CreateAutocompleteResponse,
    CreateButton, CreateCommand, CreateCommandOption, CreateInteractionResponse,
    CreateInteractionResponseMessage, EventHandler, GatewayIntents, Interaction, Ready,
};
use serenity::async_trait;
use serenity::http::HttpBuilder;

struct Bot;

type Done = serenity::Result<()>;

/// Notes the names of events as they come, and `Unknown` for one that serenity cannot read.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl discord::RawEventHandler for Seen {
    async fn raw_event(&self, _: Context, event: discord::Event) {
        let name = match event {
            discord::Event::Unknown(unknown) => format!("Unknown {}", unknown.kind),
            known => known.name().unwrap_or_default(),
        };
        self.0.lock().unwrap().push(name);
    }
}

#[async_trait]
impl EventHandler for Bot {
    async fn ready(&self, ctx: Context, _: Ready) {
        let text = |name: &str| {
            CreateCommandOption::new(CommandOptionType::String, name, "d").set_autocomplete(true)
        };
        let commands = vec![
            CreateCommand::new("ask").description("Ask something"),
            CreateCommand::new("slow").description("Think first"),
            CreateCommand::new("find").description("Find").add_option(text("text")),
        ];
        discord::Command::set_global_commands(&ctx.http, commands).await.unwrap();
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        // Requests that fail are part of the tests; what they lead to is looked at from outside.
        let _ = match interaction {
            Interaction::Command(command) if command.data.name == "slow" => {
                slow(&ctx, &command).await
            }
            Interaction::Command(command) => ask(&ctx, &command).await,
            Interaction::Autocomplete(typing) => {
                let typed = typing.data.autocomplete().unwrap().value.to_owned();
                let choices = CreateAutocompleteResponse::new().add_string_choice(&typed, "id");
                let response = CreateInteractionResponse::Autocomplete(choices);
                typing.create_response(&ctx.http, response).await
            }
            Interaction::Component(click) => clicked(&ctx, &click).await,
            Interaction::Modal(modal) => {
                let row = &modal.data.components[0].components[0];
                let discord::ActionRowComponent::InputText(input) = row else { return };
                let said = input.value.clone().unwrap_or_default();
                modal.create_response(&ctx.http, reply(&said, true)).await
            }
            _ => Ok(()),
        };
    }
}

fn reply(content: &str, ephemeral: bool) -> CreateInteractionResponse {
    let message = CreateInteractionResponseMessage::new().content(content).ephemeral(ephemeral);
    CreateInteractionResponse::Message(message)
}

async fn ask(ctx: &Context, command: &discord::CommandInteraction) -> Done {
    let button =
        |id: &str, label: &str| CreateButton::new(id).label(label).style(ButtonStyle::Primary);
    let row = CreateActionRow::Buttons(vec![button("go:1", "Go"), button("form", "Form")]);
    let message = CreateInteractionResponseMessage::new()
        .content(format!("Hello {}", command.user.name))
        .embed(discord::CreateEmbed::new().title("Question").field("Level", "any", true))
        .components(vec![row]);
    command.create_response(&ctx.http, CreateInteractionResponse::Message(message)).await
}

async fn slow(ctx: &Context, command: &discord::CommandInteraction) -> Done {
    command.defer_ephemeral(&ctx.http).await?;
    let edit = discord::EditInteractionResponse::new().content("thought");
    command.edit_response(&ctx.http, edit).await?;
    let more = discord::CreateInteractionResponseFollowup::new().content("more");
    command.create_followup(&ctx.http, more).await.map(|_| ())
}

async fn clicked(ctx: &Context, click: &discord::ComponentInteraction) -> Done {
    if click.data.custom_id != "form" {
        return click
            .create_response(&ctx.http, reply(&format!("Clicked {}", click.data.custom_id), true))
            .await;
    }
    let input = discord::CreateInputText::new(discord::InputTextStyle::Paragraph, "Words", "words");
    let modal =
        discord::CreateModal::new("m", "Form").components(vec![CreateActionRow::InputText(input)]);
    click.create_response(&ctx.http, CreateInteractionResponse::Modal(modal)).await
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
    channel: Id,
    ada: Id,
    bob: Id,
    bot: tokio::task::JoinHandle<()>,
    guild: Id,
    seen: Seen,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.bot.abort();
    }
}

async fn stage() -> Stage {
    stage_with(Options::default()).await
}

async fn stage_with(options: Options) -> Stage {
    let sim = Sim::start(options).await.unwrap();
    let (ada, bob) = (sim.add_user("ada", "Ada"), sim.add_user("bob", "Bob"));
    let guild = sim.add_guild("Team", ada);
    sim.add_member(guild, bob, &[]);
    let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
    // Enough of them that GUILD_CREATE is large and comes compressed.
    for n in 0..40 {
        sim.add_channel(guild, &format!("more-{n}"), ChannelKind::Text);
    }
    let http = HttpBuilder::new(sim.token()).client(client(&sim)).build();
    let seen = Seen::default();
    let intents = GatewayIntents::non_privileged();
    let mut bot = discord::ClientBuilder::new_with_http(http, intents)
        .event_handler(Bot)
        .raw_event_handler(seen.clone())
        .await
        .unwrap();
    let http = Arc::clone(&bot.http);
    let bot = tokio::spawn(async move { bot.start().await.unwrap() });
    sim.ready().await;
    wait_for(|| !sim.commands(None).is_empty()).await;
    Stage { sim, http, channel, guild, ada, bob, bot, seen }
}

/// The bot answers a command.
async fn answered(stage: &Stage) {
    let response = stage.sim.user(stage.ada).command(stage.channel, "ask", &[]).await.unwrap();
    assert!(response.message().is_some(), "{response:?}");
}

async fn wait_for(done: impl Fn() -> bool) {
    let all = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("it happens in time");
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
}

#[tokio::test(flavor = "multi_thread")]
async fn deferring_typing_and_forms_work_as_serenity_sends_them() {
    let stage = stage().await;
    let (ada, channel) = (stage.sim.user(stage.ada), stage.channel);
    let slow = ada.command(channel, "slow", &[]).await.unwrap();
    let Response::Message { message, deferred: true } = slow else { panic!("{slow:?}") };
    assert_eq!((message.content.as_str(), message.ephemeral), ("thought", true));
    wait_for(|| ada.see(channel).len() == 2).await;
    let choices = ada.autocomplete(channel, "find", "text", "abc", &[]).await.unwrap();
    assert_eq!(choices[0].name, "abc");
    let asked = ada.command(channel, "ask", &[]).await.unwrap();
    let form = ada.click_label(channel, asked.message().unwrap().id, "Form").await.unwrap();
    let response = ada.submit(form.modal().unwrap(), &[("words", "my words")]).await.unwrap();
    assert_eq!(response.message().unwrap().content, "my words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_edited_pinned_and_gets_a_thread() {
    let stage = stage().await;
    let (http, channel) = (&stage.http, discord::ChannelId::new(stage.channel.0));
    let claim = discord::CreateMessage::new()
        .content("round 41")
        .nonce(discord::Nonce::String("d:41".to_owned()))
        .enforce_nonce(true);
    let mut message = channel.send_message(http, claim.clone()).await.unwrap();
    assert_eq!(channel.send_message(http, claim).await.unwrap().id, message.id);
    let embed = discord::CreateEmbed::new().title("closed").colour(0x00_ff_00);
    message.edit(http, discord::EditMessage::new().embed(embed)).await.unwrap();
    message.pin(http).await.unwrap();
    let thread = discord::CreateThread::new("answers");
    let thread = channel.create_thread_from_message(http, message.id, thread).await.unwrap();
    thread.id.say(http, "in the thread").await.unwrap();
    let rename = discord::EditThread::new().name("closed").archived(true);
    thread.id.edit_thread(http, rename).await.unwrap();
    let page = channel.messages(http, discord::GetMessages::new().limit(10)).await.unwrap();
    let found = page.iter().find(|found| found.id == message.id).unwrap();
    assert_eq!((found.pinned, found.embeds[0].title.as_deref()), (true, Some("closed")));
    assert_eq!(found.thread.as_ref().map(|thread| thread.name.as_str()), Some("closed"));
    assert_eq!(channel.pins(http).await.unwrap().len(), 1);
    let view = &stage.sim.messages(stage.channel)[0];
    assert_eq!(
        view.thread.as_ref().map(|thread| (thread.archived, thread.messages)),
        Some((true, 1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_out_and_an_error_has_its_code() {
    let stage = stage().await;
    let (http, channel) = (&stage.http, discord::ChannelId::new(stage.channel.0));
    let retry_after = Duration::from_millis(300);
    let limit = Rule::new("POST /channels/*/messages", Fault::RouteLimit { retry_after }).once();
    let limit = stage.sim.faults().add(limit);
    channel.say(http, "x").await.unwrap();
    assert_eq!(limit.hits(), 1);
    stage.sim.deny_bot(stage.channel, discord_sim::permissions::SEND_MESSAGES);
    let error = channel.say(http, "y").await.unwrap_err();
    let discord::Error::Http(discord::HttpError::UnsuccessfulRequest(response)) = error else {
        panic!("{error:?}")
    };
    assert_eq!((response.status_code.as_u16(), response.error.code), (403, 50013));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_resumes_when_asked_to_and_when_closed() {
    let stage = stage().await;
    let gateway = stage.sim.gateway();
    gateway.request_reconnect();
    wait_for(|| gateway.stats().resumes == 1).await;
    answered(&stage).await;
    gateway.close(4000);
    wait_for(|| gateway.stats().resumes == 2).await;
    answered(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_begins_anew_when_heartbeats_stay_without_answer() {
    let heartbeat_interval = Duration::from_millis(400);
    let stage = stage_with(Options { heartbeat_interval, ..Options::default() }).await;
    let gateway = stage.sim.gateway();
    gateway.mute_acks(true);
    // Serenity restarts a shard whose heartbeat was not acknowledged, some seconds later.
    wait_for(|| gateway.stats().identifies == 2).await;
    gateway.mute_acks(false);
    answered(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_begins_anew_after_an_invalid_session() {
    let stage = stage().await;
    let gateway = stage.sim.gateway();
    gateway.invalidate(false);
    wait_for(|| gateway.stats().identifies == 2).await;
    answered(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serenity_can_read_every_event() {
    let stage = stage().await;
    let (sim, http, ada) = (&stage.sim, &stage.http, stage.sim.user(stage.ada));
    let channel = discord::ChannelId::new(stage.channel.0);
    let said = ada.say(stage.channel, "hello").unwrap();
    let message = channel.say(http, "x").await.unwrap();
    message.pin(http).await.unwrap();
    let thread = discord::CreateThread::new("t");
    let thread = channel.create_thread_from_message(http, message.id, thread).await.unwrap();
    thread.id.edit_thread(http, discord::EditThread::new().archived(true)).await.unwrap();
    thread.id.delete(http).await.unwrap();
    sim.remove_message(stage.channel, said);
    let role = sim.add_role(stage.guild, "team", 0);
    ada.command(stage.channel, "ask", &[]).await.unwrap();
    ada.command(ada.dm(), "ask", &[]).await.unwrap();
    let forum = sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
    sim.deny_bot(forum, 1 << 10);
    sim.remove_channel(forum);
    sim.kick_bot(stage.guild);
    let sent = || sim.gateway_events().len();
    wait_for(|| stage.seen.0.lock().unwrap().len() >= sent()).await;
    let seen = stage.seen.0.lock().unwrap().clone();
    assert!(seen.iter().all(|name| !name.starts_with("Unknown")), "{seen:?}");
    for name in [
        "READY",
        "GUILD_CREATE",
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "CHANNEL_PINS_UPDATE",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_DELETE",
        "GUILD_ROLE_CREATE",
        "INTERACTION_CREATE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "GUILD_DELETE",
    ] {
        assert!(seen.iter().any(|seen| seen == name), "{name} is not among {seen:?}");
    }
    assert!(role > said);
}
