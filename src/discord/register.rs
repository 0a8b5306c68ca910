//! Registers the commands, in bulk, and only when they changed: Discord limits how often.
//! <https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-global-application-commands>

use super::{endpoint::Rest, failure::brief, render};
use crate::{app::App, commands};
use serenity::all::CreateCommand;
use std::time::Duration;

/// The note in the store that holds what was registered last.
const NOTE: &str = "registered commands";

/// Between two tries, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(300);

/// Registers the commands unless they are registered so already.
pub(super) async fn register(app: &App, rest: &Rest) {
    let commands: Vec<CreateCommand> =
        commands::specs().map(|spec| render::command(&spec)).collect();
    let application = rest.routes.application_id().map_or(0, |id| id.get());
    let Ok(body) = serde_json::to_string(&commands) else {
        return tracing::error!("the commands cannot be written as JSON");
    };
    let wanted = format!("{application} {body}");
    match app.store.note(NOTE).await {
        Ok(Some(noted)) if noted == wanted => return tracing::debug!("commands are unchanged"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "registering the commands anew"),
    }
    let mut wait = FIRST_RETRY;
    while let Err(error) = rest.paced().await.create_global_commands(&commands).await {
        tracing::warn!(error = brief(&error), "the commands could not be registered; trying again");
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LAST_RETRY);
    }
    tracing::info!(count = commands.len(), "commands registered");
    if let Err(error) = app.store.set_note(NOTE, &wanted).await {
        tracing::warn!(%error, "the registration could not be noted");
    }
}
