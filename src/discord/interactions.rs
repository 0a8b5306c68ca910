//! Answers interactions: within three seconds, once, and only after what was done is durable.

use super::{
    custom_id,
    endpoint::Rest,
    failure::{brief, is_already_acknowledged, is_garbled, is_limited, is_passing},
    limits::{ACKNOWLEDGE_WITHIN, CUSTOM_ID_MAX},
    receive, render,
};
use crate::{
    app::App,
    commands::{
        self, Later,
        invocation::{Origin, Press},
        pace::{Pace, Verdict},
    },
    error::{Error, Mistake, Result},
    telemetry::metrics::{self, Answer},
    ui::{Action, Reply, Response},
};
use serenity::all::{
    Builder, CommandInteraction, CreateInteractionResponse, CreateInteractionResponseMessage,
    Interaction, InteractionId,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument;

/// How many digits of an interaction's id make its reference.
const REFERENCE_DIGITS: u64 = 1_000_000;

/// Between two tries to answer.
const RETRY_AFTER: Duration = Duration::from_millis(150);

/// The same where Discord limits the rate, which it does by the second. It limits no answers to
/// interactions by itself, but what stands before it may.
const RETRY_LIMITED_AFTER: Duration = Duration::from_secs(1);

/// How often an answer that was deferred is tried. As each wait is twice the one before, that is
/// over some ten seconds; a member who waits longer has asked again.
const LATE_TRIES: u32 = 7;

/// Answers interactions.
#[derive(Clone)]
pub(super) struct Answerer {
    pub app: Arc<App>,
    pub pace: Arc<Pace>,
    pub rest: Rest,
}

/// The interaction's address: what is needed to answer it, and to count the answer.
struct Address<'a> {
    id: InteractionId,
    token: &'a str,
    /// What it counts as.
    label: &'static str,
    arrived: Instant,
}

impl Answerer {
    /// Handles one interaction, in a span with its id.
    pub async fn handle(&self, interaction: Interaction) {
        let (id, arrived) = (interaction.id(), Instant::now());
        let address = |token, label| Address { id, token, label, arrived };
        let span = tracing::info_span!("interaction", id = id.get(), reference = %reference(id));
        async {
            match &interaction {
                Interaction::Command(command) => {
                    let address = address(&command.token, commands::label(&command.data.name));
                    address.count(self.command(&address, command).await);
                }
                Interaction::Autocomplete(command) => {
                    let address = address(&command.token, commands::TYPING);
                    address.count(self.autocomplete(&address, command).await);
                }
                Interaction::Component(component) => {
                    let address = address(&component.token, commands::UNKNOWN);
                    let press = receive::click(component);
                    self.handle_press(address, press, receive::button(component)).await;
                }
                Interaction::Modal(modal) => {
                    let address = address(&modal.token, commands::UNKNOWN);
                    let press = receive::submission(modal);
                    self.handle_press(address, press, Some(&modal.data.custom_id)).await;
                }
                other => {
                    tracing::debug!(kind = ?other.kind(), "an interaction that needs no answer")
                }
            }
        }
        .instrument(span)
        .await;
    }

    async fn command(&self, address: &Address<'_>, command: &CommandInteraction) -> Answer {
        let invocation = receive::invocation(command);
        if let Some(answer) = self.too_fast(address, &invocation.origin).await {
            return answer;
        }
        tracing::info!(
            command = invocation.command,
            subcommand = invocation.subcommand,
            user = invocation.origin.user.0,
            "command"
        );
        if commands::is_slow(&invocation) {
            if !self.acknowledge(address, &defer_say()).await {
                return Answer::Unanswered;
            }
            let outcome = commands::run(&self.app, &invocation).await;
            let answer = answer_of(&outcome);
            taken(answer, self.follow(address, &or_words(outcome, address.id)).await)
        } else {
            let outcome = commands::run(&self.app, &invocation).await;
            let answer = answer_of(&outcome);
            taken(answer, self.say(address, &or_words(outcome, address.id)).await)
        }
    }

    async fn autocomplete(&self, address: &Address<'_>, command: &CommandInteraction) -> Answer {
        let Some(typing) = receive::typing(command) else { return Answer::Unanswered };
        if !self.pace.suggests(&typing.invocation.origin) {
            tracing::debug!("no suggestions for one who types this fast");
            return Answer::TooFast;
        }
        let suggestions = commands::suggest(&self.app, &typing).await;
        let answer = answer_of(&suggestions);
        let suggestions = suggestions.unwrap_or_else(|error| {
            tracing::error!(%error, "no suggestions");
            Vec::new()
        });
        let list = CreateInteractionResponse::Autocomplete(render::suggestions(suggestions));
        taken(answer, self.acknowledge(address, &list).await)
    }

    /// Handles a click or a form, `id` being the custom id of a button of that message or of a form.
    async fn handle_press(&self, mut address: Address<'_>, press: Press, id: Option<&str>) {
        let action = id.and_then(custom_id::decode);
        if let Some(action) = &action {
            address.label = commands::press_label(action);
        }
        if let Some(answer) = self.too_fast(&address, &press.origin).await {
            return address.count(answer);
        }
        let answer = match action {
            Some(action) => self.press(&address, press, action).await,
            None => {
                let custom_id = id.map(|id| id.chars().take(CUSTOM_ID_MAX).collect::<String>());
                tracing::warn!(custom_id, "not a button of ours, or not of this message");
                let stale = words(Mistake::StaleButton.into(), address.id);
                taken(Answer::Mistake, self.say(&address, &stale).await)
            }
        };
        address.count(answer);
    }

    async fn press(&self, address: &Address<'_>, press: Press, action: Action) -> Answer {
        tracing::info!(?action, user = press.origin.user.0, "press");
        if let Err(error) = commands::may_press(&press, &action) {
            return taken(Answer::Mistake, self.say(address, &words(error, address.id)).await);
        }
        let slow = commands::later(&action);
        let deferral = slow.map(|later| match later {
            Later::Say => defer_say(),
            Later::Update => CreateInteractionResponse::Acknowledge,
        });
        if let Some(deferral) = &deferral
            && !self.acknowledge(address, deferral).await
        {
            return Answer::Unanswered;
        }
        let outcome = commands::press(&self.app, &press, &action).await;
        let answer = answer_of(&outcome);
        let response = outcome.unwrap_or_else(|error| Response::Say(words(error, address.id)));
        let sent = match response {
            Response::Say(reply) | Response::Update(reply) if slow.is_some() => {
                self.follow(address, &reply).await
            }
            Response::Say(reply) => self.say(address, &reply).await,
            Response::Update(reply) => {
                let update = CreateInteractionResponse::UpdateMessage(render::response(&reply));
                self.acknowledge(address, &update).await
            }
            Response::Ask(form) => {
                let modal = CreateInteractionResponse::Modal(render::modal(&form));
                self.acknowledge(address, &modal).await
            }
        };
        taken(answer, sent)
    }

    /// What became of an interaction that came too fast after others; of any other nothing has yet.
    async fn too_fast(&self, address: &Address<'_>, origin: &Origin) -> Option<Answer> {
        match self.pace.judge(origin) {
            Verdict::Go => None,
            Verdict::Slow(wait) => {
                tracing::warn!(user = origin.user.0, wait, "too fast");
                let words = words(Mistake::TooFast { wait }.into(), address.id);
                Some(taken(Answer::TooFast, self.say(address, &words).await))
            }
            Verdict::Ignore => {
                tracing::debug!(user = origin.user.0, "too fast, and told so");
                Some(Answer::TooFast)
            }
        }
    }

    async fn say(&self, address: &Address<'_>, reply: &Reply) -> bool {
        let answer = CreateInteractionResponse::Message(render::response(reply));
        self.acknowledge(address, &answer).await
    }

    /// Sends the first answer, again where the connection broke and there is time left. An answer
    /// that had arrived after all is refused the second time, which is as good.
    async fn acknowledge(&self, address: &Address<'_>, answer: &CreateInteractionResponse) -> bool {
        let http = &self.rest.callbacks;
        let tries = async {
            loop {
                // Sending takes the files out of the answer.
                let answer = answer.clone();
                match answer.execute(http, (address.id, address.token)).await {
                    Ok(()) => return true,
                    Err(error) if is_already_acknowledged(&error) => return true,
                    Err(error) if is_passing(&error) || is_limited(&error) => {
                        tracing::warn!(error = brief(&error), "the answer is sent again");
                        tokio::time::sleep(pause(&error, 0)).await;
                    }
                    Err(error) => {
                        tracing::error!(error = brief(&error), "the answer was refused");
                        return false;
                    }
                }
            }
        };
        let taken = tokio::time::timeout(ACKNOWLEDGE_WITHIN, tries).await.unwrap_or_else(|_| {
            tracing::error!("the answer did not get through in time");
            false
        });
        if taken {
            metrics::answered(address.label, address.arrived.elapsed());
        }
        taken
    }

    /// Fills in the answer that was deferred. Returns whether Discord took it.
    async fn follow(&self, address: &Address<'_>, reply: &Reply) -> bool {
        let http = &self.rest.callbacks;
        for tried in 0..LATE_TRIES {
            match render::late_response(reply).execute(http, address.token).await {
                Ok(_) => return true,
                Err(error) if is_passing(&error) || is_limited(&error) => {
                    tracing::warn!(error = brief(&error), "the late answer is sent again");
                    tokio::time::sleep(pause(&error, tried)).await;
                }
                Err(error) if is_garbled(&error) => {
                    tracing::warn!(error = brief(&error), "the late answer was taken");
                    return true;
                }
                Err(error) => {
                    tracing::error!(error = brief(&error), "the late answer was refused");
                    return false;
                }
            }
        }
        tracing::error!("the late answer did not get through");
        false
    }
}

/// How long to wait before an answer is tried again.
fn pause(error: &serenity::Error, tried: u32) -> Duration {
    let wait = RETRY_AFTER * (1 << tried.min(LATE_TRIES));
    if is_limited(error) { wait.max(RETRY_LIMITED_AFTER) } else { wait }
}

impl Address<'_> {
    fn count(&self, answer: Answer) {
        metrics::interaction(self.label, answer);
    }
}

fn answer_of<T>(outcome: &Result<T>) -> Answer {
    match outcome {
        Ok(_) => Answer::Done,
        Err(Error::Mistake(_)) => Answer::Mistake,
        Err(Error::Fault(_)) => Answer::Fault,
    }
}

fn taken(answer: Answer, taken: bool) -> Answer {
    if taken { answer } else { Answer::Unanswered }
}

fn defer_say() -> CreateInteractionResponse {
    CreateInteractionResponse::Defer(CreateInteractionResponseMessage::new().ephemeral(true))
}

fn or_words(outcome: Result<Reply>, id: InteractionId) -> Reply {
    outcome.unwrap_or_else(|error| words(error, id))
}

/// How an error is told, which is logged here.
fn words(error: Error, id: InteractionId) -> Reply {
    match &error {
        Error::Mistake(mistake) => tracing::info!(?mistake, "a mistake"),
        Error::Fault(fault) => tracing::error!(fault = fault.chain(), "a fault"),
    }
    commands::error_reply(&error, &reference(id))
}

/// The last digits of an interaction's id.
fn reference(id: InteractionId) -> String {
    format!("{:06}", id.get() % REFERENCE_DIGITS)
}
