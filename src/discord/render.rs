//! Plain replies and commands to serenity's types.

use super::custom_id::encode;
use crate::{
    commands::spec::{Opt, OptKind, Spec},
    ui::{Button, Embed, File, Form, Reply, Style, Suggestion},
};
use serde_json::{Value, json};
use serenity::all::{
    AutocompleteChoice, ButtonStyle, ChannelType, CommandOptionType, CreateActionRow,
    CreateAllowedMentions, CreateAttachment, CreateAutocompleteResponse, CreateButton,
    CreateCommand, CreateCommandOption, CreateEmbed, CreateEmbedFooter, CreateInputText,
    CreateInteractionResponseMessage, CreateMessage, CreateModal, EditInteractionResponse,
    EditMessage, InputTextStyle, InstallationContext, InteractionContext, Permissions, RoleId,
};

/// The custom id of the one input of a form.
pub(super) const INPUT: &str = "text";

/// The name of the fields' bar where an embed says nothing about its colour.
const NO_COLOUR: u32 = 0;

pub(super) fn embeds(reply: &Reply) -> Vec<CreateEmbed> {
    reply.embeds.iter().map(embed).collect()
}

fn embed(embed: &Embed) -> CreateEmbed {
    let mut created = CreateEmbed::new();
    if !embed.title.is_empty() {
        created = created.title(&embed.title);
    }
    if !embed.description.is_empty() {
        created = created.description(&embed.description);
    }
    if embed.colour != NO_COLOUR {
        created = created.colour(embed.colour);
    }
    if !embed.footer.is_empty() {
        created = created.footer(CreateEmbedFooter::new(&embed.footer));
    }
    created.fields(embed.fields.iter().map(|field| (&field.name, &field.value, false)))
}

pub(super) fn rows(reply: &Reply) -> Vec<CreateActionRow> {
    reply
        .rows
        .iter()
        .map(|row| CreateActionRow::Buttons(row.iter().map(button).collect()))
        .collect()
}

fn button(button: &Button) -> CreateButton {
    let style = match button.style {
        Style::Primary => ButtonStyle::Primary,
        Style::Secondary => ButtonStyle::Secondary,
        Style::Success => ButtonStyle::Success,
        Style::Danger => ButtonStyle::Danger,
    };
    CreateButton::new(encode(&button.action))
        .label(&button.label)
        .style(style)
        .disabled(button.disabled)
}

/// Nobody is pinged, whatever the text says.
pub(super) fn no_pings() -> CreateAllowedMentions {
    CreateAllowedMentions::new()
}

/// A message in a channel; of all mentions in it only the role's pings.
pub(super) fn message(reply: &Reply, role: Option<u64>) -> CreateMessage {
    let pings = no_pings().roles(role.into_iter().filter(|id| *id != 0).map(RoleId::new));
    let message =
        CreateMessage::new().embeds(embeds(reply)).components(rows(reply)).allowed_mentions(pings);
    if reply.content.is_empty() { message } else { message.content(&reply.content) }
}

/// The same message after a change. An edit pings nobody.
pub(super) fn edit(reply: &Reply) -> EditMessage {
    EditMessage::new()
        .content(&reply.content)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(no_pings())
}

/// The answer to an interaction, or the change of the message that was clicked on.
pub(super) fn response(reply: &Reply) -> CreateInteractionResponseMessage {
    CreateInteractionResponseMessage::new()
        .add_files(reply.file.iter().map(attachment))
        .content(&reply.content)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(no_pings())
        .ephemeral(reply.ephemeral)
}

/// What can be seen of the answer to an interaction, as it is sent.
pub(super) fn preview(reply: &Reply) -> Value {
    // Serenity's own types are JSON at all times.
    let sent = serde_json::to_value(response(reply)).unwrap_or_default();
    json!({
        "content": sent["content"],
        "embeds": sent["embeds"],
        "components": sent["components"],
    })
}

/// The late answer to an interaction.
pub(super) fn late_response(reply: &Reply) -> EditInteractionResponse {
    let response = EditInteractionResponse::new()
        .content(&reply.content)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(no_pings());
    let files = reply.file.iter().map(attachment);
    files.fold(response, |response, file| response.new_attachment(file))
}

fn attachment(file: &File) -> CreateAttachment {
    CreateAttachment::bytes(file.text.as_bytes(), &file.name)
}

/// A form.
pub(super) fn modal(form: &Form) -> CreateModal {
    let input = CreateInputText::new(InputTextStyle::Paragraph, &form.label, INPUT)
        .placeholder(&form.placeholder)
        .min_length(1)
        .max_length(form.max)
        .required(true);
    CreateModal::new(encode(&form.action), &form.title)
        .components(vec![CreateActionRow::InputText(input)])
}

/// Suggestions for an option that is being typed.
pub(super) fn suggestions(suggestions: Vec<Suggestion>) -> CreateAutocompleteResponse {
    let choices = suggestions.into_iter().map(|s| AutocompleteChoice::new(s.name, s.value));
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}

/// A command as it is registered.
pub(super) fn command(spec: &Spec) -> CreateCommand {
    let mut contexts = vec![InteractionContext::Guild];
    if spec.direct_messages {
        contexts.push(InteractionContext::BotDm);
    }
    let command = CreateCommand::new(spec.name)
        .description(spec.description)
        .contexts(contexts)
        .integration_types(vec![InstallationContext::Guild])
        .set_options(spec.options.iter().map(option).collect());
    if spec.manage_server {
        command.default_member_permissions(Permissions::MANAGE_GUILD)
    } else {
        command
    }
}

fn option(opt: &Opt) -> CreateCommandOption {
    let kind = match &opt.kind {
        OptKind::Subcommand(_) => CommandOptionType::SubCommand,
        OptKind::Text { .. } | OptKind::Choice(_) => CommandOptionType::String,
        OptKind::Integer(..) => CommandOptionType::Integer,
        OptKind::Boolean => CommandOptionType::Boolean,
        OptKind::User => CommandOptionType::User,
        OptKind::Channel => CommandOptionType::Channel,
        OptKind::Role => CommandOptionType::Role,
    };
    let created = CreateCommandOption::new(kind, opt.name, opt.description).required(opt.required);
    match &opt.kind {
        OptKind::Subcommand(options) => {
            options.iter().fold(created, |created, inner| created.add_sub_option(option(inner)))
        }
        OptKind::Text { max, autocomplete } => {
            created.max_length(*max).set_autocomplete(*autocomplete)
        }
        OptKind::Choice(choices) => choices
            .iter()
            .fold(created, |created, (name, value)| created.add_string_choice(*name, *value)),
        OptKind::Integer(min, max) => {
            created.min_int_value(min.unsigned_abs()).max_int_value(max.unsigned_abs())
        }
        OptKind::Channel => {
            created.channel_types(vec![ChannelType::Text, ChannelType::News, ChannelType::Forum])
        }
        OptKind::Boolean | OptKind::User | OptKind::Role => created,
    }
}
