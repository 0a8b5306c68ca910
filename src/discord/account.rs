//! What Discord says of the bot's own account: whether it knows the token, and what its
//! application is set to.

use super::{endpoint::Rest, failure::brief, gateway::INTENTS};
use serde::Deserialize;
use serenity::{
    Error,
    all::{GatewayIntents, LightMethod, Request, Route},
    http::HttpError,
};

/// The account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The bot's name.
    pub name: String,
    /// The bot's id.
    pub id: u64,
    /// The intents that the bot needs and its application does not grant, as Discord's page names
    /// them.
    pub refused_intents: Vec<&'static str>,
    /// Where interactions are sent instead of to the gateway, if anywhere.
    pub interactions_url: Option<String>,
    /// How often the bot may connect anew today.
    pub starts_left: u64,
}

/// The parts of an application that matter here.
/// <https://discord.com/developers/docs/resources/application#application-object>
#[derive(Deserialize)]
struct Application {
    #[serde(default)]
    flags: u64,
    interactions_endpoint_url: Option<String>,
}

/// Privileged intents with the flags of an application that grants them: one for a bot in few
/// guilds, one for a bot in many.
/// <https://discord.com/developers/docs/resources/application#application-object-application-flags>
const PRIVILEGED: [(GatewayIntents, u64, &str); 3] = [
    (GatewayIntents::GUILD_PRESENCES, 0b11 << 12, "Presence Intent"),
    (GatewayIntents::GUILD_MEMBERS, 0b11 << 14, "Server Members Intent"),
    (GatewayIntents::MESSAGE_CONTENT, 0b11 << 18, "Message Content Intent"),
];

/// Looks at the account.
///
/// # Errors
/// Why it cannot be looked at, and what to do.
pub async fn look(rest: &Rest) -> Result<Account, String> {
    let user = rest.paced().await.get_current_user().await.map_err(why)?;
    let request = Request::new(Route::Oauth2ApplicationCurrent, LightMethod::Get);
    let application: Application = rest.paced().await.fire(request).await.map_err(why)?;
    let gateway = rest.paced().await.get_bot_gateway().await.map_err(why)?;
    Ok(Account {
        name: user.name.clone(),
        id: user.id.get(),
        refused_intents: refused(INTENTS, application.flags),
        interactions_url: application.interactions_endpoint_url,
        starts_left: gateway.session_start_limit.remaining,
    })
}

fn refused(needed: GatewayIntents, flags: u64) -> Vec<&'static str> {
    let refused = PRIVILEGED
        .iter()
        .filter(|(intent, granted, _)| needed.contains(*intent) && flags & granted == 0);
    refused.map(|(_, _, name)| *name).collect()
}

fn why(error: Error) -> String {
    match &error {
        Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code.as_u16() == 401 =>
        {
            "Token: Discord refuses it. Copy it anew from the application's page, under Bot, into \
             DISCORD_TOKEN or the file that DISCORD_TOKEN_FILE names"
                .to_owned()
        }
        error => format!("Discord: it cannot be asked: {}", brief(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privileged_intents_are_refused_unless_the_application_grants_them() {
        assert_eq!(refused(INTENTS, 0), [""; 0]);
        let all = GatewayIntents::all();
        let names = ["Presence Intent", "Server Members Intent", "Message Content Intent"];
        assert_eq!(refused(all, 0), names);
        assert_eq!(refused(all, 1 << 13 | 1 << 14), ["Message Content Intent"]);
        assert_eq!(refused(all, 1 << 12 | 1 << 15 | 1 << 19), [""; 0]);
    }
}
