//! Interactions as Discord sends them to plain invocations.

use super::{limits::TEXT_INPUT_MAX, render::INPUT, snowflake};
use crate::{
    commands::invocation::{Invocation, Origin, Press, Typing, Value},
    domain::{
        ids::{ChannelId, GuildId, MessageId, RoleId, UserId},
        round::Post,
    },
};
use serenity::all::{
    ActionRowComponent, ButtonKind, CommandDataOption, CommandDataOptionValue, CommandInteraction,
    ComponentInteraction, GuildId as DiscordGuild, Member, Message, MessageFlags,
    MessageInteractionMetadata, ModalInteraction, Permissions, User,
};
use std::collections::BTreeMap;

fn origin(
    id: u64,
    guild: Option<DiscordGuild>,
    channel: u64,
    member: Option<&Member>,
    user: &User,
) -> Origin {
    // What Discord says the member may do in the channel, overwrites included.
    let permissions = member.filter(|_| guild.is_some()).and_then(|member| member.permissions);
    let manages = permissions
        .is_some_and(|p| p.intersects(Permissions::MANAGE_GUILD | Permissions::ADMINISTRATOR));
    Origin {
        at: snowflake::time_of(id),
        guild: guild.map(|guild| GuildId(guild.get())),
        channel: ChannelId(channel),
        user: UserId(user.id.get()),
        manages,
    }
}

/// A slash command.
pub(super) fn invocation(command: &CommandInteraction) -> Invocation {
    let (subcommand, options) = match command.data.options.as_slice() {
        [CommandDataOption { name, value: CommandDataOptionValue::SubCommand(options), .. }] => {
            (Some(name.clone()), options.as_slice())
        }
        options => (None, options),
    };
    Invocation {
        origin: origin(
            command.id.get(),
            command.guild_id,
            command.channel_id.get(),
            command.member.as_deref(),
            &command.user,
        ),
        command: command.data.name.clone(),
        subcommand,
        options: values(options),
    }
}

fn values(options: &[CommandDataOption]) -> BTreeMap<String, Value> {
    let value = |value: &CommandDataOptionValue| match value {
        CommandDataOptionValue::String(text) => Some(Value::Text(text.clone())),
        CommandDataOptionValue::Integer(number) => Some(Value::Integer(*number)),
        CommandDataOptionValue::Boolean(yes) => Some(Value::Boolean(*yes)),
        CommandDataOptionValue::User(id) => Some(Value::User(UserId(id.get()))),
        CommandDataOptionValue::Channel(id) => Some(Value::Channel(ChannelId(id.get()))),
        CommandDataOptionValue::Role(id) => Some(Value::Role(RoleId(id.get()))),
        _ => None,
    };
    options.iter().filter_map(|option| Some((option.name.clone(), value(&option.value)?))).collect()
}

/// A command that is being typed; `None` where no option has the focus.
pub(super) fn typing(command: &CommandInteraction) -> Option<Typing> {
    let focused = command.data.autocomplete()?;
    let (option, text) = (focused.name.to_owned(), focused.value.to_owned());
    Some(Typing { invocation: invocation(command), option, text })
}

/// A click on a button.
pub(super) fn click(component: &ComponentInteraction) -> Press {
    Press {
        origin: origin(
            component.id.get(),
            component.guild_id,
            component.channel_id.get(),
            component.member.as_ref(),
            &component.user,
        ),
        message: Some(post_of(&component.message)),
        typed: None,
        quoted: quoted(&component.message, &component.user),
        shown_to: shown_to(&component.message),
    }
}

/// A form that was sent.
pub(super) fn submission(modal: &ModalInteraction) -> Press {
    let inputs = modal.data.components.iter().flat_map(|row| &row.components);
    let typed = inputs
        .filter_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == INPUT => input.value.clone(),
            _ => None,
        })
        .next();
    Press {
        origin: origin(
            modal.id.get(),
            modal.guild_id,
            modal.channel_id.get(),
            modal.member.as_ref(),
            &modal.user,
        ),
        message: modal.message.as_deref().map(post_of),
        typed: typed.map(|text| text.chars().take(TEXT_INPUT_MAX).collect()),
        quoted: None,
        shown_to: modal.message.as_deref().and_then(shown_to),
    }
}

/// Where and when a message stands.
pub(super) fn post_of(message: &Message) -> Post {
    Post {
        channel: ChannelId(message.channel_id.get()),
        message: MessageId(message.id.get()),
        at: snowflake::time_of(message.id.get()),
    }
}

/// The only member who sees a message, where it is not there for all: whoever did what it answers.
fn shown_to(message: &Message) -> Option<UserId> {
    let ephemeral = message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL));
    let whose = message.interaction_metadata.as_deref().filter(|_| ephemeral)?;
    let user = match whose {
        MessageInteractionMetadata::Command(asked) => &asked.user,
        MessageInteractionMetadata::Component(asked) => &asked.user,
        MessageInteractionMetadata::ModalSubmit(asked) => &asked.user,
        _ => return None,
    };
    Some(UserId(user.id.get()))
}

/// The custom id of the button that was clicked on, if its message has it.
pub(super) fn button(component: &ComponentInteraction) -> Option<&str> {
    let id = component.data.custom_id.as_str();
    has_button(&component.message, id).then_some(id)
}

/// Whether a message has a button with that custom id that can be clicked. Discord checks so too.
pub(super) fn has_button(message: &Message, custom_id: &str) -> bool {
    let rows = message.components.iter().flat_map(|row| &row.components);
    rows.filter_map(|component| match component {
        ActionRowComponent::Button(button) if !button.disabled => Some(&button.data),
        _ => None,
    })
    .any(|data| matches!(data, ButtonKind::NonLink { custom_id: id, .. } if id == custom_id))
}

/// What a message that is there for this member alone says in its first embed.
fn quoted(message: &Message, user: &User) -> Option<String> {
    shown_to(message).filter(|owner| owner.0 == user.id.get())?;
    message.embeds.first()?.description.clone()
}
