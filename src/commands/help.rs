//! `/help`: built from the registry that registers the commands, so that it cannot fall behind.

use super::{Command, Invocation, Spec, registry, spec::OptKind};
use crate::{
    app::App,
    error::Result,
    text::{help, reply::Reply},
};
use async_trait::async_trait;

pub(super) struct HelpCommand;

#[async_trait]
impl Command for HelpCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "help",
            description: "What I can do",
            options: Vec::new(),
            manage_server: false,
            direct_messages: true,
        }
    }

    fn help(&self) -> &'static str {
        "this list"
    }

    async fn run(&self, _app: &App, invocation: &Invocation) -> Result<Reply> {
        let manages = invocation.origin.manages;
        let visible =
            registry().into_iter().filter(|command| manages || !command.spec().manage_server);
        let lines: Vec<String> = visible.map(line).collect();
        Ok(help::commands(&lines))
    }
}

fn line(command: &dyn Command) -> String {
    let spec = command.spec();
    let subcommands: Vec<&str> = spec
        .options
        .iter()
        .filter(|option| matches!(option.kind, OptKind::Subcommand(_)))
        .map(|option| option.name)
        .collect();
    let usage = match subcommands.is_empty() {
        true => format!("`/{}`", spec.name),
        false => format!("`/{} {}`", spec.name, subcommands.join("|")),
    };
    format!("{usage} — {}", command.help())
}
