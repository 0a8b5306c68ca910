//! Interactions: what a person did, and what the bot made of it.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::{MessageInteraction, World};
use crate::id::Id;
use crate::record::Change;
use crate::wire;

/// How long the bot has to acknowledge, in real time.
pub const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(3);
/// How long the token is valid after that, in simulated time.
pub const TOKEN_VALID_SECONDS: i64 = 15 * 60;
/// Interactions older than the latest so many are forgotten.
const KEPT: usize = 20_000;

/// The kinds of interaction, with Discord's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InteractionKind {
    Command = 2,
    Component = 3,
    Autocomplete = 4,
    Modal = 5,
}

/// A suggestion of an autocompleted option, or a fixed choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// What the person sees.
    pub name: String,
    /// What the bot gets.
    pub value: Value,
}

/// One text input of a modal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModalInput {
    /// The input's own id.
    pub custom_id: String,
    /// What the person reads above it.
    pub label: String,
    /// Whether it has several lines.
    pub paragraph: bool,
    /// Fewest characters.
    pub min_length: u64,
    /// Most characters.
    pub max_length: u64,
    /// Whether it must be filled in.
    pub required: bool,
    /// What it is filled with at first.
    pub value: Option<String>,
    /// What it shows while empty.
    pub placeholder: Option<String>,
}

/// A form that the bot has opened for someone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Modal {
    /// The interaction to which it is the answer.
    pub interaction: Id,
    /// Where it was opened.
    pub channel: Id,
    /// The message whose component opened it, if any.
    pub message: Option<Id>,
    /// The form's id.
    pub custom_id: String,
    /// Its title.
    pub title: String,
    /// Its inputs, from top to bottom.
    pub inputs: Vec<ModalInput>,
}

/// How the bot acknowledged an interaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack {
    /// A message was sent (4).
    Message(Id),
    /// A message will be sent (5); until then it shows as "thinking".
    DeferredMessage(Id),
    /// Nothing to see yet (6).
    DeferredUpdate,
    /// The component's message was changed (7).
    Updated(Id),
    /// Suggestions (8).
    Choices(Vec<Choice>),
    /// A form (9).
    Modal(Modal),
}

/// Where an interaction stands.
#[derive(Clone, Debug, PartialEq)]
pub enum InteractionState {
    Pending,
    Answered(Ack),
    /// Not acknowledged in time: "This interaction failed".
    Failed,
}

#[derive(Debug)]
pub struct Interaction {
    pub id: Id,
    pub token: String,
    pub kind: InteractionKind,
    pub user: Id,
    pub channel: Id,
    pub guild: Option<Id>,
    /// The message of the component, or of the component that opened the modal.
    pub message: Option<Id>,
    /// The command's name with its subcommand.
    pub name: Option<String>,
    /// The interaction that opened the modal.
    pub opener: Option<Box<MessageInteraction>>,
    pub created: Instant,
    pub at: Timestamp,
    pub state: watch::Sender<InteractionState>,
    /// The message that `@original` names.
    pub original: Option<Id>,
    /// Messages sent through its webhook.
    pub followups: Vec<Id>,
}

impl Interaction {
    pub fn is_overdue(&self) -> bool {
        self.created.elapsed() > ACKNOWLEDGE_WITHIN
    }

    /// What its answers say of it.
    pub fn metadata(&self) -> MessageInteraction {
        MessageInteraction {
            id: self.id,
            kind: self.kind as u8,
            user: self.user,
            name: self.name.clone(),
            used: self.message.filter(|_| self.kind == InteractionKind::Component),
            opener: self.opener.clone(),
        }
    }

    pub fn pending(&self) -> bool {
        *self.state.borrow() == InteractionState::Pending
    }
}

/// What an actor wants to do.
pub struct Act {
    pub kind: InteractionKind,
    pub user: Id,
    pub channel: Id,
    pub message: Option<Id>,
    pub name: Option<String>,
    pub data: Value,
}

impl World {
    /// Makes an interaction at this instant and sends it to the bot.
    pub fn interact(&mut self, act: Act) -> (Id, watch::Receiver<InteractionState>) {
        self.interact_with(act, |_| {})
    }

    /// The same, with a hand in what the bot is told of it.
    pub fn interact_with(
        &mut self,
        act: Act,
        tamper: impl FnOnce(&mut Value),
    ) -> (Id, watch::Receiver<InteractionState>) {
        let id = self.new_id();
        let guild = self.channels.get(&act.channel).and_then(|channel| channel.guild);
        let (state, seen) = watch::channel(InteractionState::Pending);
        let interaction = Interaction {
            id,
            token: token(id),
            kind: act.kind,
            user: act.user,
            channel: act.channel,
            guild,
            message: act.message,
            name: act.name,
            opener: None,
            created: Instant::now(),
            at: self.now(),
            state,
            original: None,
            followups: Vec::new(),
        };
        let mut payload = wire::interaction(self, &interaction, act.data);
        tamper(&mut payload);
        self.interactions.insert(id, interaction);
        self.forget_old_interactions();
        self.hub.dispatch("INTERACTION_CREATE", 0, &payload, None);
        self.tell_interaction(id, "pending");
        (id, seen)
    }

    fn forget_old_interactions(&mut self) {
        while self.interactions.len() > KEPT {
            self.interactions.pop_first();
        }
    }

    pub fn tell_interaction(&self, id: Id, state: &'static str) {
        let Some(interaction) = self.interactions.get(&id) else { return };
        let (user, channel) = (interaction.user, interaction.channel);
        self.tell(Change::Interaction { id, user, channel, state });
    }

    /// Marks an interaction as answered.
    pub fn acknowledge(&mut self, id: Id, ack: Ack) {
        if let Some(interaction) = self.interactions.get(&id) {
            interaction.state.send_replace(InteractionState::Answered(ack));
        }
        self.tell_interaction(id, "answered");
    }

    /// Marks an interaction as failed, unless the answer came at the last moment.
    pub fn fail_interaction(&mut self, id: Id) {
        let Some(interaction) = self.interactions.get(&id).filter(|i| i.pending()) else { return };
        interaction.state.send_replace(InteractionState::Failed);
        self.tell_interaction(id, "failed");
    }

    /// The interaction that a token belongs to, while the token is valid.
    pub fn interaction_by_token(&self, token: &str) -> Option<&Interaction> {
        let id: Id = token.split('.').nth(1)?.parse().ok()?;
        let found = self.interactions.get(&id).filter(|interaction| interaction.token == token)?;
        let age = self.now().duration_since(found.at).as_secs();
        (age <= TOKEN_VALID_SECONDS).then_some(found)
    }
}

/// A token that names the interaction and cannot be mistaken for another's.
fn token(id: Id) -> String {
    let mixed = id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    format!("aW50ZXJhY3Rpb24.{id}.{mixed:016x}{:016x}", mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9))
}
