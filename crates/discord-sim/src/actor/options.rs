//! What Discord's client makes of a person's input: the `data` of an interaction, checked against
//! the registered command, the select or the modal.

use serde_json::{Map, Value, json};

use super::{ActError, SHOWN_WITH};
use crate::id::{Id, id_of};
use crate::permissions::ADMINISTRATOR;
use crate::wire;
use crate::world::{Channel, Command, Modal, World};

fn refused<T>(why: impl Into<String>) -> Result<T, ActError> {
    Err(ActError::Refused(why.into()))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether the client shows a command to a person in a channel.
pub(super) fn is_shown(world: &World, user: Id, channel: &Channel, command: &Command) -> bool {
    if command.kind() != 1 {
        return false;
    }
    let Some(guild) = channel.guild else { return channel.recipients.contains(&user) };
    let bot = world.app.bot;
    let here = world.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&bot));
    let has = world.permissions(channel, user);
    let needed = &command.body["default_member_permissions"];
    let needed: Option<u64> = needed.as_str().and_then(|bits| bits.parse().ok());
    let allowed = match needed {
        None => true,
        // "0" hides it from all but administrators.
        Some(0) => has & ADMINISTRATOR != 0,
        Some(needed) => has & needed == needed,
    };
    here && has & SHOWN_WITH == SHOWN_WITH && allowed
}

/// Builds the data of a command, or of its autocompletion if `typed` names an option and what has
/// been typed into it so far.
pub(super) fn command_data(
    world: &World,
    user: Id,
    channel: Id,
    path: &str,
    given: &[(&str, Value)],
    typed: Option<(&str, &str)>,
) -> Result<Value, ActError> {
    let state = world.channels.get(&channel).ok_or(ActError::NotVisible)?;
    let mut names = path.split_whitespace();
    let name = names.next().unwrap_or_default();
    let mut all = world.commands_in(state.guild).filter(|command| command.name() == name);
    let command = all.find(|command| is_shown(world, user, state, command));
    let command = command.ok_or(ActError::CommandNotShown)?;
    let mut resolved = Map::new();
    let mut reader = Reader { world, guild: state.guild, given, typed, resolved: &mut resolved };
    let options = reader.level(&command.body, &names.collect::<Vec<_>>())?;
    let mut data = json!({ "id": command.id, "name": name, "type": 1, "options": options });
    if !resolved.is_empty() {
        data["resolved"] = Value::Object(resolved);
    }
    if let Some(guild) = command.guild {
        data["guild_id"] = guild.into();
    }
    Ok(data)
}

struct Reader<'a> {
    world: &'a World,
    guild: Option<Id>,
    given: &'a [(&'a str, Value)],
    typed: Option<(&'a str, &'a str)>,
    resolved: &'a mut Map<String, Value>,
}

impl Reader<'_> {
    /// The options of a command, group or subcommand; `path` are the names that lie deeper.
    fn level(&mut self, holder: &Value, path: &[&str]) -> Result<Vec<Value>, ActError> {
        let specs = items(&holder["options"]);
        if let Some((name, deeper)) = path.split_first() {
            let sub = specs.iter().find(|spec| spec["name"] == *name);
            let sub = sub.filter(|spec| matches!(spec["type"].as_u64(), Some(1 | 2)));
            let Some(sub) = sub else { return refused(format!("no subcommand {name}")) };
            let options = self.level(sub, deeper)?;
            return Ok(vec![json!({ "type": sub["type"], "name": name, "options": options })]);
        }
        if specs.iter().any(|spec| matches!(spec["type"].as_u64(), Some(1 | 2))) {
            return refused("a subcommand must be chosen");
        }
        self.leaf(specs)
    }

    fn leaf(&mut self, specs: &[Value]) -> Result<Vec<Value>, ActError> {
        let (given, typed) = (self.given, self.typed);
        let known = |name: &str| specs.iter().any(|spec| spec["name"] == name);
        let focused = typed.map(|(name, _)| name);
        if let Some(odd) = given.iter().map(|(name, _)| *name).chain(focused).find(|n| !known(n)) {
            return refused(format!("no option {odd}"));
        }
        let mut options = Vec::new();
        for spec in specs {
            let name = spec["name"].as_str().unwrap_or_default();
            let value = given.iter().find(|(given, _)| *given == name).map(|(_, value)| value);
            if let Some((_, partial)) = typed.filter(|(focused, _)| *focused == name) {
                if spec["autocomplete"] != true {
                    return refused(format!("{name} has no suggestions"));
                }
                options.push(json!({
                    "type": spec["type"], "name": name, "value": partial, "focused": true,
                }));
            } else if let Some(value) = value {
                self.check(name, spec, value)?;
                options.push(json!({ "type": spec["type"], "name": name, "value": value }));
            } else if spec["required"] == true && typed.is_none() {
                return refused(format!("{name} is required"));
            }
        }
        Ok(options)
    }

    fn check(&mut self, name: &str, spec: &Value, value: &Value) -> Result<(), ActError> {
        let choices = items(&spec["choices"]);
        if !choices.is_empty() && !choices.iter().any(|choice| choice["value"] == *value) {
            return refused(format!("{value} is no choice of {name}"));
        }
        match spec["type"].as_u64() {
            Some(3) => check_text(name, spec, value),
            Some(4) if value.as_i64().is_none() => refused(format!("{name} takes an integer")),
            Some(10) if value.as_f64().is_none() => refused(format!("{name} takes a number")),
            Some(4 | 10) => check_number(name, spec, value),
            Some(5) if !value.is_boolean() => refused(format!("{name} takes true or false")),
            Some(5) => Ok(()),
            Some(6..=9) => self.resolve(name, spec, value),
            _ => refused(format!("{name} is of a kind that the simulation does not know")),
        }
    }

    /// Checks a mentioned user, channel or role, and adds what the bot is told of it.
    fn resolve(&mut self, name: &str, spec: &Value, value: &Value) -> Result<(), ActError> {
        let Some(id) = id_of(value) else { return refused(format!("{name} takes a snowflake")) };
        let kind = spec["type"].as_u64().unwrap_or(0);
        let found = match kind {
            6 => self.resolve_user(id),
            7 => self.resolve_channel(id, &spec["channel_types"])?,
            8 => self.resolve_role(id),
            _ => self.resolve_user(id) || self.resolve_role(id),
        };
        if found { Ok(()) } else { refused(format!("{name}: there is no {id} here")) }
    }

    fn add(&mut self, kind: &str, id: Id, data: Value) {
        let all = self.resolved.entry(kind).or_insert_with(|| json!({}));
        all[id.to_string()] = data;
    }

    fn resolve_user(&mut self, id: Id) -> bool {
        let Some(user) = self.world.users.get(&id) else { return false };
        let guild = self.guild.and_then(|guild| self.world.guilds.get(&guild));
        let member = guild.and_then(|guild| Some((guild.id, guild.members.get(&id)?)));
        if let Some((guild, member)) = member {
            self.add("members", id, wire::resolved_member(self.world, guild, member));
        }
        self.add("users", id, wire::user(user));
        true
    }

    fn resolve_role(&mut self, id: Id) -> bool {
        let guild = self.guild.and_then(|guild| self.world.guilds.get(&guild));
        let Some(role) = guild.and_then(|guild| guild.roles.get(&id)) else { return false };
        self.add("roles", id, wire::role(role));
        true
    }

    fn resolve_channel(&mut self, id: Id, kinds: &Value) -> Result<bool, ActError> {
        let found = self.world.channels.get(&id).filter(|channel| channel.guild == self.guild);
        let Some(channel) = found else { return Ok(false) };
        let kinds = items(kinds);
        if !kinds.is_empty() && !kinds.contains(&json!(channel.kind.number())) {
            return refused("the channel is not of a kind that the option takes");
        }
        self.add(
            "channels",
            id,
            wire::interaction_channel(self.world, channel, self.world.app.bot),
        );
        Ok(true)
    }
}

fn check_text(name: &str, spec: &Value, value: &Value) -> Result<(), ActError> {
    let Some(text) = value.as_str() else { return refused(format!("{name} takes text")) };
    let length = text.chars().count() as u64;
    let min = spec["min_length"].as_u64().unwrap_or(u64::from(spec["required"] == true));
    let max = spec["max_length"].as_u64().unwrap_or(6000);
    if (min..=max).contains(&length) {
        Ok(())
    } else {
        refused(format!("{name} takes {min} to {max} characters"))
    }
}

fn check_number(name: &str, spec: &Value, value: &Value) -> Result<(), ActError> {
    let number = value.as_f64().unwrap_or_default();
    let low = spec["min_value"].as_f64().is_some_and(|min| number < min);
    let high = spec["max_value"].as_f64().is_some_and(|max| number > max);
    if low || high { refused(format!("{name}: {value} is out of range")) } else { Ok(()) }
}

/// Builds the data of a select.
pub(super) fn select_data(
    world: &World,
    channel: Id,
    select: &Value,
    values: &[&str],
) -> Result<Value, ActError> {
    let kind = select["type"].as_u64().unwrap_or(0);
    if !matches!(kind, 3 | 5..=8) {
        return refused("it is no select");
    }
    let min = select["min_values"].as_u64().unwrap_or(1);
    let max = select["max_values"].as_u64().unwrap_or(1);
    if !(min..=max).contains(&(values.len() as u64)) {
        return refused(format!("the select takes {min} to {max} values"));
    }
    let offered = |value: &&&str| !items(&select["options"]).iter().any(|o| o["value"] == ***value);
    if let Some(odd) = values.iter().find(offered).filter(|_| kind == 3) {
        return refused(format!("the select does not offer {odd}"));
    }
    let mut data =
        json!({ "component_type": kind, "custom_id": select["custom_id"], "values": values });
    if kind != 3 {
        data["resolved"] = resolve_selected(world, channel, kind, values)?;
    }
    Ok(data)
}

fn resolve_selected(
    world: &World,
    channel: Id,
    kind: u64,
    values: &[&str],
) -> Result<Value, ActError> {
    let guild = world.channels.get(&channel).and_then(|channel| channel.guild);
    let mut resolved = Map::new();
    let resolved_ref = &mut resolved;
    let mut reader = Reader { world, guild, given: &[], typed: None, resolved: resolved_ref };
    // The selects' numbers 5 to 8 stand for user, role, mentionable, channel.
    let option = json!({ "type": match kind { 5 => 6, 6 => 8, 7 => 9, _ => 7 } });
    for value in values {
        reader.resolve("the select", &option, &json!(value))?;
    }
    Ok(Value::Object(resolved))
}

/// Builds the data of a modal that is sent off.
pub(super) fn modal_data(modal: &Modal, values: &[(&str, &str)]) -> Result<Value, ActError> {
    let known = |id: &str| modal.inputs.iter().any(|input| input.custom_id == id);
    if let Some((odd, _)) = values.iter().find(|(id, _)| !known(id)) {
        return refused(format!("the modal has no input {odd}"));
    }
    let mut rows = Vec::new();
    for input in &modal.inputs {
        let given = values.iter().find(|(id, _)| *id == input.custom_id).map(|(_, value)| *value);
        let value = given.or(input.value.as_deref()).unwrap_or_default();
        let length = value.chars().count() as u64;
        let empty_is_fine = length == 0 && !input.required;
        if length == 0 && input.required {
            return refused(format!("{} is required", input.label));
        }
        if !empty_is_fine && !(input.min_length..=input.max_length).contains(&length) {
            let (min, max) = (input.min_length, input.max_length);
            return refused(format!("{} takes {min} to {max} characters", input.label));
        }
        let field = json!({ "type": 4, "custom_id": input.custom_id, "value": value });
        rows.push(json!({ "type": 1, "components": [field] }));
    }
    Ok(json!({ "custom_id": modal.custom_id, "components": rows }))
}
