//! What the tests of the commands stand on: members who send commands, click on what they see, and
//! read the replies as plain text.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{
    Press, Typing,
    invocation::{Invocation, Origin, Value},
    posts::Posts,
};
use crate::{
    app::testing::{Fixture, GUILD, MONA, QUESTIONS},
    domain::{
        daily::Daily,
        ids::{ChannelId, DailyId, GuildId, UserId},
        round::Post,
    },
    error::{Error, Result},
    text::mistakes,
    ui::{Action, Button, Reply, Response},
};
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// A fixture that members talk to.
pub struct Desk(Fixture);

impl Deref for Desk {
    type Target = Fixture;

    fn deref(&self) -> &Fixture {
        &self.0
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Fixture {
        &mut self.0
    }
}

/// What a member sees: a reply, or a message of the channel.
pub struct Seen {
    response: Response,
    post: Option<Post>,
}

impl Display for Seen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.response.fmt(f)
    }
}

impl Seen {
    /// The message.
    pub fn reply(&self) -> &Reply {
        match &self.response {
            Response::Say(reply) | Response::Update(reply) => reply,
            Response::Ask(form) => panic!("a form, no message: {form:?}"),
        }
    }

    /// What the button of that label does.
    pub fn action(&self, label: &str) -> Action {
        let labelled = |button: &&Button| button.label == label && !button.disabled;
        let button = self.reply().rows.iter().flatten().find(labelled);
        button.unwrap_or_else(|| panic!("no button {label} below {self}")).action.clone()
    }
}

/// What a message quotes, as an adapter of a chat platform finds it.
fn quoted(reply: &Reply) -> Option<String> {
    reply.embeds.first().filter(|_| reply.ephemeral).map(|embed| embed.description.clone())
}

impl Desk {
    /// A desk in a guild without a daily.
    pub fn empty() -> Self {
        Self(Fixture::empty(Arc::new(Posts)))
    }

    /// A desk with one daily, named `daily`, that has posted so many rounds.
    pub async fn with_rounds(rounds: u32) -> (Self, Daily) {
        let mut desk = Self::empty();
        let id = desk.daily("daily", QUESTIONS).await.id;
        for _ in 0..rounds {
            desk.post(id).await;
        }
        let daily = desk.app.store.daily(id).await.unwrap().unwrap();
        (desk, daily)
    }

    fn origin(&self, user: UserId) -> Origin {
        let at = self.now;
        Origin { at, guild: Some(GUILD), channel: QUESTIONS, user, manages: user == MONA }
    }

    /// A command as a member sends it: `line` is its name and its subcommand's.
    pub fn invocation(&self, user: UserId, line: &str, options: &[(&str, Value)]) -> Invocation {
        let mut words = line.split(' ').map(str::to_owned);
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Invocation {
            origin: self.origin(user),
            command: words.next().unwrap(),
            subcommand: words.next(),
            options: options.collect::<BTreeMap<_, _>>(),
        }
    }

    /// Sends a command.
    pub async fn ask(&self, user: UserId, line: &str, options: &[(&str, Value)]) -> Seen {
        self.run(self.invocation(user, line, options)).await
    }

    /// Sends a command in a direct message.
    pub async fn ask_directly(&self, user: UserId, line: &str, options: &[(&str, Value)]) -> Seen {
        let mut invocation = self.invocation(user, line, options);
        invocation.origin = Origin { guild: None, manages: false, ..invocation.origin };
        self.run(invocation).await
    }

    /// Sends a command in another channel.
    pub async fn ask_in(&self, channel: ChannelId, user: UserId, line: &str) -> Seen {
        let mut invocation = self.invocation(user, line, &[]);
        invocation.origin.channel = channel;
        self.run(invocation).await
    }

    async fn run(&self, invocation: Invocation) -> Seen {
        seen(super::run(&self.app, &invocation).await.map(Response::Say))
    }

    /// Clicks on a button of what a member sees.
    pub async fn click(&self, user: UserId, seen: &Seen, label: &str) -> Seen {
        let quoted = quoted(seen.reply());
        let press = Press { quoted, ..self.press_on(user, seen.post) };
        self.press(&press, &seen.action(label)).await
    }

    /// Fills in the form that a member sees.
    pub async fn fill_in(&self, user: UserId, seen: &Seen, text: &str) -> Seen {
        let Response::Ask(form) = &seen.response else { panic!("no form: {seen}") };
        let press = Press { typed: Some(text.to_owned()), ..self.press_on(user, None) };
        self.press(&press, &form.action).await
    }

    /// Does what a button means, wherever it may come from.
    pub async fn act(&self, user: UserId, action: Action) -> Seen {
        self.press(&self.press_on(user, None), &action).await
    }

    /// The same from another guild.
    pub async fn act_elsewhere(&self, user: UserId, action: Action) -> Seen {
        let mut press = self.press_on(user, None);
        press.origin.guild = Some(GuildId(2));
        self.press(&press, &action).await
    }

    fn press_on(&self, user: UserId, message: Option<Post>) -> Press {
        Press { origin: self.origin(user), message, typed: None, quoted: None, shown_to: None }
    }

    async fn press(&self, press: &Press, action: &Action) -> Seen {
        seen(super::press(&self.app, press, action).await)
    }

    /// The message of a round as it stands in the channel.
    pub fn message(&self, daily: DailyId, number: u32) -> Seen {
        let message = self.chat.message(daily, number);
        let response = Response::Say(message.reply);
        Seen { response, post: Some(message.post) }
    }

    /// What is suggested while an option is typed: `name = value`, one a line.
    pub async fn suggested(&self, user: UserId, line: &str, option: &str, text: &str) -> String {
        let typing = Typing {
            invocation: self.invocation(user, line, &[]),
            option: option.to_owned(),
            text: text.to_owned(),
        };
        let found = super::suggest(&self.app, &typing).await.unwrap();
        let lines = found.iter().map(|found| format!("{} = {}", found.name, found.value));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// An outcome as a member sees it: a mistake in its words. A fault fails the test.
fn seen(outcome: Result<Response>) -> Seen {
    let response = match outcome {
        Ok(response) => response,
        Err(Error::Mistake(mistake)) => Response::Say(mistakes::mistake(&mistake)),
        Err(Error::Fault(fault)) => panic!("{}", fault.chain()),
    };
    Seen { response, post: None }
}

/// An option that holds a text.
pub fn text(name: &'static str, value: &str) -> (&'static str, Value) {
    (name, Value::Text(value.to_owned()))
}
