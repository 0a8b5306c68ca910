//! Answers interactions: within three seconds, once, and only after what was done is durable.

use super::{
    custom_id,
    endpoint::Rest,
    failure::{brief, is_already_acknowledged, is_garbled, is_limited, is_passing},
    limits::ACKNOWLEDGE_WITHIN,
    receive, render,
};
use crate::{
    app::App,
    commands::{self, Later, invocation::Press},
    error::{Error, Mistake, Result},
    text::{
        mistakes,
        reply::{Reply, Response},
    },
};
use serenity::all::{
    CommandInteraction, CreateInteractionResponse, CreateInteractionResponseMessage, Interaction,
    InteractionId,
};
use std::{sync::Arc, time::Duration};
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
    pub rest: Rest,
}

/// The interaction's address: what is needed to answer it.
struct Address<'a> {
    id: InteractionId,
    token: &'a str,
}

impl Answerer {
    /// Handles one interaction, in a span with its id.
    pub async fn handle(&self, interaction: Interaction) {
        let id = interaction.id();
        let span = tracing::info_span!("interaction", id = id.get(), reference = %reference(id));
        async {
            match &interaction {
                Interaction::Command(command) => self.command(command).await,
                Interaction::Autocomplete(command) => self.autocomplete(command).await,
                Interaction::Component(component) => {
                    let address = Address { id, token: &component.token };
                    let press = receive::click(component);
                    self.press(address, press, &component.data.custom_id).await;
                }
                Interaction::Modal(modal) => {
                    let address = Address { id, token: &modal.token };
                    let press = receive::submission(modal);
                    self.press(address, press, &modal.data.custom_id).await;
                }
                other => {
                    tracing::debug!(kind = ?other.kind(), "an interaction that needs no answer")
                }
            }
        }
        .instrument(span)
        .await;
    }

    async fn command(&self, command: &CommandInteraction) {
        let address = Address { id: command.id, token: &command.token };
        let invocation = receive::invocation(command);
        tracing::info!(
            command = invocation.command,
            subcommand = invocation.subcommand,
            user = invocation.origin.user.0,
            "command"
        );
        if commands::is_slow(&invocation) {
            if !self.acknowledge(&address, &defer_say()).await {
                return;
            }
            let outcome = commands::run(&self.app, &invocation).await;
            self.follow(&address, &or_words(outcome, address.id)).await;
        } else {
            let outcome = commands::run(&self.app, &invocation).await;
            self.say(&address, &or_words(outcome, address.id)).await;
        }
    }

    async fn autocomplete(&self, command: &CommandInteraction) {
        let address = Address { id: command.id, token: &command.token };
        let Some(typing) = receive::typing(command) else { return };
        let suggestions = commands::suggest(&self.app, &typing).await.unwrap_or_else(|error| {
            tracing::error!(%error, "no suggestions");
            Vec::new()
        });
        let answer = CreateInteractionResponse::Autocomplete(render::suggestions(suggestions));
        self.acknowledge(&address, &answer).await;
    }

    async fn press(&self, address: Address<'_>, press: Press, id: &str) {
        let Some(action) = custom_id::decode(id) else {
            tracing::warn!(custom_id = id, "not one of our custom ids");
            return self.say(&address, &mistakes::mistake(&Mistake::StaleButton)).await;
        };
        tracing::info!(?action, user = press.origin.user.0, "press");
        let slow = commands::is_slow_press(&action);
        let deferral = slow.map(|later| match later {
            Later::Say => defer_say(),
            Later::Update => CreateInteractionResponse::Acknowledge,
        });
        if let Some(deferral) = &deferral
            && !self.acknowledge(&address, deferral).await
        {
            return;
        }
        let outcome = commands::press(&self.app, &press, &action).await;
        let response = outcome.unwrap_or_else(|error| Response::Say(words(error, address.id)));
        match response {
            Response::Say(reply) | Response::Update(reply) if slow.is_some() => {
                self.follow(&address, &reply).await;
            }
            Response::Say(reply) => self.say(&address, &reply).await,
            Response::Update(reply) => {
                let answer = CreateInteractionResponse::UpdateMessage(render::response(&reply));
                self.acknowledge(&address, &answer).await;
            }
            Response::Ask(form) => {
                let answer = CreateInteractionResponse::Modal(render::modal(&form));
                self.acknowledge(&address, &answer).await;
            }
        }
    }

    async fn say(&self, address: &Address<'_>, reply: &Reply) {
        let answer = CreateInteractionResponse::Message(render::response(reply));
        self.acknowledge(address, &answer).await;
    }

    /// Sends the first answer, again where the connection broke and there is time left. An answer
    /// that had arrived after all is refused the second time, which is as good.
    async fn acknowledge(&self, address: &Address<'_>, answer: &CreateInteractionResponse) -> bool {
        let http = &self.rest.callbacks;
        let tries = async {
            loop {
                let files = Vec::new();
                let sent = http
                    .create_interaction_response(address.id, address.token, answer, files)
                    .await;
                match sent {
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
        tokio::time::timeout(ACKNOWLEDGE_WITHIN, tries).await.unwrap_or_else(|_| {
            tracing::error!("the answer did not get through in time");
            false
        })
    }

    /// Fills in the answer that was deferred.
    async fn follow(&self, address: &Address<'_>, reply: &Reply) {
        let http = &self.rest.callbacks;
        for tried in 0..LATE_TRIES {
            let edit = render::late_response(reply);
            let sent =
                http.edit_original_interaction_response(address.token, &edit, Vec::new()).await;
            match sent {
                Ok(_) => return,
                Err(error) if is_passing(&error) || is_limited(&error) => {
                    tracing::warn!(error = brief(&error), "the late answer is sent again");
                    tokio::time::sleep(pause(&error, tried)).await;
                }
                Err(error) if is_garbled(&error) => {
                    return tracing::warn!(error = brief(&error), "the late answer was taken");
                }
                Err(error) => {
                    return tracing::error!(error = brief(&error), "the late answer was refused");
                }
            }
        }
        tracing::error!("the late answer did not get through");
    }
}

/// How long to wait before an answer is tried again.
fn pause(error: &serenity::Error, tried: u32) -> Duration {
    let wait = RETRY_AFTER * (1 << tried.min(LATE_TRIES));
    if is_limited(error) { wait.max(RETRY_LIMITED_AFTER) } else { wait }
}

fn defer_say() -> CreateInteractionResponse {
    CreateInteractionResponse::Defer(CreateInteractionResponseMessage::new().ephemeral(true))
}

fn or_words(outcome: Result<Reply>, id: InteractionId) -> Reply {
    outcome.unwrap_or_else(|error| words(error, id))
}

/// A mistake in words, or the apology for a fault, which is logged.
fn words(error: Error, id: InteractionId) -> Reply {
    match error {
        Error::Mistake(mistake) => {
            tracing::info!(?mistake, "a mistake");
            mistakes::mistake(&mistake)
        }
        Error::Fault(fault) => {
            tracing::error!(fault = fault.chain(), "a fault");
            mistakes::apology(&reference(id))
        }
    }
}

/// The last digits of an interaction's id.
fn reference(id: InteractionId) -> String {
    format!("{:06}", id.get() % REFERENCE_DIGITS)
}
