//! What Discord says of the bot's own account: whether it knows the token, and what its
//! application is set to.

use super::{endpoint::Rest, failure::brief, gateway::INTENTS};
use crate::{
    app::messenger::{Account, AccountError},
    domain::ids::UserId,
};
use serde::Deserialize;
use serenity::{
    Error,
    all::{GatewayIntents, LightMethod, Request, Route},
    http::HttpError,
};

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
pub(super) async fn look(rest: &Rest) -> Result<Account, AccountError> {
    let user = rest.paced().await.get_current_user().await.map_err(why)?;
    let request = Request::new(Route::Oauth2ApplicationCurrent, LightMethod::Get);
    let application: Application = rest.paced().await.fire(request).await.map_err(why)?;
    let gateway = rest.paced().await.get_bot_gateway().await.map_err(why)?;
    Ok(Account {
        name: user.name.clone(),
        id: UserId(user.id.get()),
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

fn why(error: Error) -> AccountError {
    match &error {
        Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code.as_u16() == 401 =>
        {
            AccountError::BadToken
        }
        error => AccountError::Unavailable(brief(error)),
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
