//! What comes of an act: the answer, the bounded wait for it, and what cannot be done at all.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::view::MessageView;
use crate::Shared;
use crate::id::Id;
use crate::record::Change;
use crate::world::{ACKNOWLEDGE_WITHIN, Ack, Choice, InteractionState, Modal};

/// Why Discord's client would not let a person do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// No such command is shown to this person here.
    #[error("the command is not shown to this person in this channel")]
    CommandNotShown,
    /// An option or a modal's value is missing or wrong.
    #[error("the client refuses the input: {0}")]
    Refused(String),
    /// The channel or message cannot be seen.
    #[error("this person cannot see the channel or the message")]
    NotVisible,
    /// The message has no such button or select.
    #[error("the message has no such component: {0}")]
    NoSuchComponent(String),
    /// The button or select is disabled.
    #[error("the component is disabled")]
    Disabled,
    /// The person may not do that here.
    #[error("this person may not do that here")]
    NotAllowed,
    /// The modal was opened for someone else.
    #[error("the modal was opened for someone else")]
    NotYours,
    /// The bot gave no suggestions.
    #[error("loading options failed")]
    NoChoices,
}

/// What a person gets to see of their act.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Response {
    /// A message came, at once or after "thinking".
    Message {
        /// It.
        message: Box<MessageView>,
        /// Whether the bot had to think first.
        deferred: bool,
    },
    /// The bot is still thinking, longer than one waits.
    Thinking {
        /// The message that says so.
        message: Id,
    },
    /// The component's message changed.
    Updated {
        /// It.
        message: Box<MessageView>,
    },
    /// The bot has taken note; what it does about it may show later.
    Acknowledged,
    /// A form opened.
    Modal(Modal),
    /// Suggestions came.
    #[serde(serialize_with = "choices")]
    Choices(Vec<Choice>),
    /// "This interaction failed": no answer within three seconds.
    Failed,
}

fn choices<S: serde::Serializer>(choices: &Vec<Choice>, to: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeStruct;
    let mut fields = to.serialize_struct("Choices", 1)?;
    fields.serialize_field("choices", choices)?;
    fields.end()
}

impl Response {
    /// The message that came or changed.
    pub fn message(&self) -> Option<&MessageView> {
        match self {
            Self::Message { message, .. } | Self::Updated { message } => Some(message),
            _ => None,
        }
    }

    /// The modal that opened.
    pub fn modal(&self) -> Option<&Modal> {
        match self {
            Self::Modal(modal) => Some(modal),
            _ => None,
        }
    }

    /// Whether the interaction failed.
    pub fn is_failed(&self) -> bool {
        *self == Self::Failed
    }
}

/// An act whose answer is still to come.
pub struct Pending {
    shared: Arc<Shared>,
    id: Id,
    channel: Id,
    state: watch::Receiver<InteractionState>,
    /// Lets it fail after three seconds, whether or not anyone waits.
    timer: JoinHandle<()>,
}

impl Pending {
    pub(super) fn new(
        shared: Arc<Shared>,
        id: Id,
        channel: Id,
        state: watch::Receiver<InteractionState>,
    ) -> Self {
        let late = Arc::clone(&shared);
        let timer = tokio::spawn(async move {
            tokio::time::sleep(ACKNOWLEDGE_WITHIN).await;
            late.world().fail_interaction(id);
        });
        Self { shared, id, channel, state, timer }
    }

    /// The interaction; its snowflake is the instant of the act.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Waits for the acknowledgement (three seconds at most) and, if the bot deferred its answer,
    /// for that (as long as the options of the simulation say).
    pub async fn response(mut self) -> Response {
        let answered = self.state.wait_for(|state| *state != InteractionState::Pending).await;
        let state = answered.map_or(InteractionState::Failed, |state| state.clone());
        self.timer.abort();
        match state {
            InteractionState::Answered(ack) => self.seen(ack).await,
            InteractionState::Pending | InteractionState::Failed => Response::Failed,
        }
    }

    async fn seen(&self, ack: Ack) -> Response {
        match ack {
            Ack::Message(message) => self.message(message, false),
            Ack::DeferredMessage(message) => self.thought(message).await,
            Ack::DeferredUpdate => Response::Acknowledged,
            Ack::Updated(message) => match self.view(message) {
                Some(message) => Response::Updated { message: Box::new(message) },
                None => Response::Acknowledged,
            },
            Ack::Choices(choices) => Response::Choices(choices),
            Ack::Modal(modal) => Response::Modal(modal),
        }
    }

    fn view(&self, message: Id) -> Option<MessageView> {
        let world = self.shared.world();
        world.message(self.channel, message).map(|message| MessageView::of(&world, message))
    }

    fn message(&self, message: Id, deferred: bool) -> Response {
        match self.view(message) {
            Some(view) => Response::Message { message: Box::new(view), deferred },
            None => Response::Acknowledged,
        }
    }

    /// Waits until a deferred message has been filled in.
    async fn thought(&self, message: Id) -> Response {
        let mut changes = self.shared.changes.subscribe();
        let loading = || {
            let world = self.shared.world();
            world.message(self.channel, message).is_some_and(|message| message.loading())
        };
        let filled = async {
            while loading() {
                // Having lagged behind is no harm, for the state itself is read anew.
                let next: Result<Change, _> = changes.recv().await;
                if matches!(next, Err(tokio::sync::broadcast::error::RecvError::Closed)) {
                    return;
                }
            }
        };
        let patience: Duration = self.shared.options.deferred_wait;
        match tokio::time::timeout(patience, filled).await {
            Ok(()) => self.message(message, true),
            Err(_) => Response::Thinking { message },
        }
    }
}
