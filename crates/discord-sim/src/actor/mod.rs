//! Acting as a person, with what Discord's own client allows and checks.

mod forge;
mod options;
mod pending;
mod view;

use std::sync::Arc;

use serde_json::{Value, json};

pub use forge::Forgery;
pub use pending::{ActError, Pending, Response};
pub use view::{
    AttachmentView, AuthorView, ChannelView, CommandView, MemberView, MessageView, RoleView,
    ThreadView,
};

use super::Shared;
use super::id::Id;
use super::permissions::{
    MANAGE_THREADS, READ_MESSAGE_HISTORY, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS,
    USE_APPLICATION_COMMANDS, VIEW_CHANNEL,
};
use super::world::{
    Ack, Act, Choice, Draft, InteractionKind, InteractionState, Message, Modal, Origin, World,
};

/// Someone who uses the simulated Discord. Cheap to clone. Acts start a timer, and so must be
/// called within a Tokio runtime.
#[derive(Clone)]
pub struct Actor {
    pub(super) shared: Arc<Shared>,
    pub(super) id: Id,
}

type Acted = Result<Pending, ActError>;

impl Actor {
    /// The person's user id.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Uses a slash command, named with its subcommand as in `daily set`, and waits for what
    /// comes of it.
    ///
    /// # Errors
    ///
    /// Discord's client would not have sent it: the command is not shown, or an option is missing
    /// or wrong.
    pub async fn command(
        &self,
        channel: Id,
        name: &str,
        options: &[(&str, Value)],
    ) -> Result<Response, ActError> {
        Ok(self.start_command(channel, name, options)?.response().await)
    }

    /// Like [`Actor::command`], but without waiting.
    ///
    /// # Errors
    ///
    /// As for [`Actor::command`].
    pub fn start_command(&self, channel: Id, name: &str, options: &[(&str, Value)]) -> Acted {
        let mut world = self.shared.world();
        let data = options::command_data(&world, self.id, channel, name, options, None)?;
        Ok(self.act(&mut world, InteractionKind::Command, channel, None, Some(name), data))
    }

    /// Types `partial` into an option and waits for the suggestions. `others` are the options that
    /// are filled in already.
    ///
    /// # Errors
    ///
    /// As for [`Actor::command`], save that required options may be missing; also if the bot gave
    /// no suggestions.
    pub async fn autocomplete(
        &self,
        channel: Id,
        name: &str,
        focused: &str,
        partial: &str,
        others: &[(&str, Value)],
    ) -> Result<Vec<Choice>, ActError> {
        let pending = {
            let mut world = self.shared.world();
            let typed = Some((focused, partial));
            let data = options::command_data(&world, self.id, channel, name, others, typed)?;
            let kind = InteractionKind::Autocomplete;
            self.act(&mut world, kind, channel, None, Some(name), data)
        };
        match pending.response().await {
            Response::Choices(choices) => Ok(choices),
            _ => Err(ActError::NoChoices),
        }
    }

    /// Clicks a button by its custom id and waits for what comes of it.
    ///
    /// # Errors
    ///
    /// The message cannot be seen, or has no such button, or the button is disabled.
    pub async fn click(
        &self,
        channel: Id,
        message: Id,
        custom_id: &str,
    ) -> Result<Response, ActError> {
        Ok(self.start_click(channel, message, custom_id)?.response().await)
    }

    /// Like [`Actor::click`], but without waiting.
    ///
    /// # Errors
    ///
    /// As for [`Actor::click`].
    pub fn start_click(&self, channel: Id, message: Id, custom_id: &str) -> Acted {
        let mut world = self.shared.world();
        let button = self.component(&world, channel, message, |c| c["custom_id"] == custom_id)?;
        if button["type"] != 2 {
            return Err(ActError::NoSuchComponent(custom_id.to_owned()));
        }
        let data = json!({ "component_type": 2, "custom_id": custom_id, "id": button["id"] });
        Ok(self.act(&mut world, InteractionKind::Component, channel, Some(message), None, data))
    }

    /// Clicks the button with this label.
    ///
    /// # Errors
    ///
    /// As for [`Actor::click`].
    pub async fn click_label(
        &self,
        channel: Id,
        message: Id,
        label: &str,
    ) -> Result<Response, ActError> {
        Ok(self.start_click_label(channel, message, label)?.response().await)
    }

    /// Like [`Actor::click_label`], but without waiting.
    ///
    /// # Errors
    ///
    /// As for [`Actor::click`].
    pub fn start_click_label(&self, channel: Id, message: Id, label: &str) -> Acted {
        let button = {
            let world = self.shared.world();
            self.component(&world, channel, message, |c| c["type"] == 2 && c["label"] == label)?
        };
        let missing = || ActError::NoSuchComponent(label.to_owned());
        self.start_click(channel, message, button["custom_id"].as_str().ok_or_else(missing)?)
    }

    /// Chooses `values` in a select and waits for what comes of it.
    ///
    /// # Errors
    ///
    /// The message cannot be seen, has no such select, or the select does not offer the values.
    pub async fn select(
        &self,
        channel: Id,
        message: Id,
        custom_id: &str,
        values: &[&str],
    ) -> Result<Response, ActError> {
        let pending = {
            let mut world = self.shared.world();
            let select =
                self.component(&world, channel, message, |c| c["custom_id"] == custom_id)?;
            let data = options::select_data(&world, channel, &select, values)?;
            self.act(&mut world, InteractionKind::Component, channel, Some(message), None, data)
        };
        Ok(pending.response().await)
    }

    /// Sends a modal off, with values by the inputs' custom ids; inputs not named keep what they
    /// were filled with. Waits for what comes of it.
    ///
    /// # Errors
    ///
    /// A value is too long, too short, missing, or for no input of the modal.
    pub async fn submit(
        &self,
        modal: &Modal,
        values: &[(&str, &str)],
    ) -> Result<Response, ActError> {
        Ok(self.start_submit(modal, values)?.response().await)
    }

    /// Like [`Actor::submit`], but without waiting.
    ///
    /// # Errors
    ///
    /// As for [`Actor::submit`].
    pub fn start_submit(&self, modal: &Modal, values: &[(&str, &str)]) -> Acted {
        let data = options::modal_data(modal, values)?;
        let mut world = self.shared.world();
        let asked = world.interactions.get(&modal.interaction);
        if asked.is_some_and(|interaction| interaction.user != self.id) {
            return Err(ActError::NotYours);
        }
        let opener = asked.map(|interaction| Box::new(interaction.metadata()));
        let (channel, message) = (modal.channel, modal.message);
        let pending = self.act(&mut world, InteractionKind::Modal, channel, message, None, data);
        if let Some(interaction) = world.interactions.get_mut(&pending.id()) {
            interaction.opener = opener;
        }
        Ok(pending)
    }

    /// The modal that an interaction of this person's opened, for a page that knows but its id.
    pub fn opened(&self, interaction: Id) -> Option<Modal> {
        let world = self.shared.world();
        let found = world.interactions.get(&interaction).filter(|i| i.user == self.id)?;
        match &*found.state.borrow() {
            InteractionState::Answered(Ack::Modal(modal)) => Some(modal.clone()),
            _ => None,
        }
    }

    /// Sends a plain message.
    ///
    /// # Errors
    ///
    /// The person may not write there.
    pub fn say(&self, channel: Id, text: &str) -> Result<Id, ActError> {
        let mut world = self.shared.world();
        let state = world.channels.get(&channel).ok_or(ActError::NotVisible)?;
        let thread = state.thread.is_some();
        let needed = if thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
        if world.permissions(state, self.id) & needed == 0 || !state.kind.holds_messages() {
            return Err(ActError::NotAllowed);
        }
        let locked = state.thread.as_ref().is_some_and(|thread| thread.locked);
        if locked && world.permissions(state, self.id) & MANAGE_THREADS == 0 {
            return Err(ActError::NotAllowed);
        }
        world.unarchive(channel);
        Ok(world.post(channel, self.id, Draft::text(text), Origin::default()))
    }

    /// The messages of a channel as this person sees them, oldest first: with their own ephemeral
    /// ones and without those of others. Empty if they cannot see the channel.
    pub fn see(&self, channel: Id) -> Vec<MessageView> {
        let world = self.shared.world();
        let Some(state) = world.channels.get(&channel) else { return Vec::new() };
        let needed = VIEW_CHANNEL | READ_MESSAGE_HISTORY;
        if world.permissions(state, self.id) & needed != needed {
            return Vec::new();
        }
        let own = state.messages.values().filter(|message| self.may_see(message));
        own.map(|message| MessageView::of(&world, message)).collect()
    }

    /// One message as this person sees it.
    pub fn look(&self, channel: Id, message: Id) -> Option<MessageView> {
        let world = self.shared.world();
        self.visible(&world, channel, message).ok().map(|message| MessageView::of(&world, message))
    }

    /// The direct-message channel with the bot.
    pub fn dm(&self) -> Id {
        self.shared.world().dm(self.id)
    }

    /// Dismisses an ephemeral message.
    ///
    /// # Errors
    ///
    /// There is no ephemeral message of that id for this person.
    pub fn dismiss(&self, channel: Id, message: Id) -> Result<(), ActError> {
        let mut world = self.shared.world();
        let found = self.visible(&world, channel, message)?;
        if found.ephemeral_for != Some(self.id) {
            return Err(ActError::NotAllowed);
        }
        world.delete_message(channel, message);
        Ok(())
    }

    /// The channels and threads that this person sees.
    pub fn channels(&self) -> Vec<ChannelView> {
        let world = self.shared.world();
        let seen = world.channels.values();
        let seen = seen.filter(|state| world.permissions(state, self.id) & VIEW_CHANNEL != 0);
        seen.map(ChannelView::of).collect()
    }

    /// The slash commands that this person is shown in a channel, with their options.
    pub fn commands(&self, channel: Id) -> Vec<CommandView> {
        let world = self.shared.world();
        let Some(state) = world.channels.get(&channel) else { return Vec::new() };
        let shown = world.commands_in(state.guild);
        let shown = shown.filter(|command| options::is_shown(&world, self.id, state, command));
        shown.map(CommandView::of).collect()
    }

    fn may_see(&self, message: &Message) -> bool {
        message.ephemeral_for.is_none_or(|only| only == self.id)
    }

    fn visible<'a>(
        &self,
        world: &'a World,
        channel: Id,
        message: Id,
    ) -> Result<&'a Message, ActError> {
        let state = world.channels.get(&channel).ok_or(ActError::NotVisible)?;
        let needed = VIEW_CHANNEL | READ_MESSAGE_HISTORY;
        let message = state.messages.get(&message).filter(|message| self.may_see(message));
        let message = message.ok_or(ActError::NotVisible)?;
        let may = world.permissions(state, self.id) & needed == needed;
        if may { Ok(message) } else { Err(ActError::NotVisible) }
    }

    /// A component that can be used, of a message that can be seen.
    fn component(
        &self,
        world: &World,
        channel: Id,
        message: Id,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, ActError> {
        let message = self.visible(world, channel, message)?;
        let found = message.buttons().find(|component| wanted(component));
        let Some(component) = found else {
            let labels = message.buttons().filter_map(|c| c["label"].as_str());
            let labels = labels.collect::<Vec<_>>().join(", ");
            return Err(ActError::NoSuchComponent(format!("not among: {labels}")));
        };
        let disabled = component["disabled"] == true;
        if disabled { Err(ActError::Disabled) } else { Ok(component.clone()) }
    }

    fn act(
        &self,
        world: &mut World,
        kind: InteractionKind,
        channel: Id,
        message: Option<Id>,
        name: Option<&str>,
        data: Value,
    ) -> Pending {
        let name = name.map(str::to_owned);
        let act = Act { kind, user: self.id, channel, message, name, data };
        let (id, state) = world.interact(act);
        Pending::new(Arc::clone(&self.shared), id, channel, state)
    }
}

/// What it takes to be shown slash commands in a guild's channel.
const SHOWN_WITH: u64 = VIEW_CHANNEL | USE_APPLICATION_COMMANDS;
