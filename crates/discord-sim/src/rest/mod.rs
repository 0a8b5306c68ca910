//! REST version 10: the routes, and what a handler gets and gives.

mod callback;
mod commands;
mod guilds;
mod messages;
mod threads;
mod users;
mod webhooks;

use serde_json::Value;

use super::error::ApiError;
use super::id::Id;
use super::permissions::{self, Bits};
use super::world::{Channel, Upload, World};

/// A request that has found its route.
#[derive(Debug)]
pub(crate) struct Call {
    /// The path's parameters, by name.
    pub params: Vec<(&'static str, String)>,
    pub query: String,
    pub body: Value,
    pub files: Vec<Upload>,
    /// The bot token of the authorization header.
    pub token: Option<String>,
    /// The gateway's address.
    pub gateway: String,
}

/// What a handler gives.
pub(crate) enum Answer {
    Json(Value),
    Created(Value),
    Empty,
}

type Handler = fn(&mut World, &Call) -> Result<Answer, ApiError>;

/// One route.
pub(crate) struct Route {
    method: &'static str,
    pub template: &'static str,
    pub handler: Handler,
}

impl Route {
    /// Whether a bot token must come with it. Webhooks and callbacks carry the interaction's own.
    pub fn needs_token(&self) -> bool {
        !self.template.starts_with("/webhooks/")
            && !self.is_callback()
            && self.template != "/gateway"
    }

    /// Whether it acknowledges an interaction, which no rate limit touches.
    pub fn is_callback(&self) -> bool {
        self.template.starts_with("/interactions/")
    }
}

/// What the table says of a method and path.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    Route(&'static Route),
    /// The path exists, but not with this method.
    OtherMethod,
    Nothing,
}

macro_rules! routes {
    ($($method:ident $template:literal => $handler:path;)*) => {
        /// Every route; of two that match, the first wins.
        static ROUTES: &[Route] = &[
            $(Route { method: stringify!($method), template: $template, handler: $handler },)*
        ];
    };
}

routes! {
    GET "/gateway" => users::gateway;
    GET "/gateway/bot" => users::gateway_bot;
    GET "/users/@me" => users::me;
    PATCH "/users/@me" => users::edit_me;
    POST "/users/@me/channels" => users::open_dm;
    GET "/users/@me/guilds" => users::my_guilds;
    GET "/users/{user}" => users::user;
    GET "/applications/@me" => users::application;
    GET "/oauth2/applications/@me" => users::application;
    GET "/applications/{application}/commands" => commands::list;
    PUT "/applications/{application}/commands" => commands::overwrite;
    POST "/applications/{application}/commands" => commands::create;
    GET "/applications/{application}/commands/{command}" => commands::get;
    PATCH "/applications/{application}/commands/{command}" => commands::edit;
    DELETE "/applications/{application}/commands/{command}" => commands::delete;
    GET "/applications/{application}/guilds/{guild}/commands" => commands::list;
    PUT "/applications/{application}/guilds/{guild}/commands" => commands::overwrite;
    POST "/applications/{application}/guilds/{guild}/commands" => commands::create;
    GET "/applications/{application}/guilds/{guild}/commands/{command}" => commands::get;
    PATCH "/applications/{application}/guilds/{guild}/commands/{command}" => commands::edit;
    DELETE "/applications/{application}/guilds/{guild}/commands/{command}" => commands::delete;
    GET "/channels/{channel}" => guilds::channel;
    PATCH "/channels/{channel}" => threads::edit;
    DELETE "/channels/{channel}" => threads::delete;
    POST "/channels/{channel}/typing" => messages::typing;
    GET "/channels/{channel}/messages" => messages::list;
    POST "/channels/{channel}/messages" => messages::create;
    GET "/channels/{channel}/messages/pins" => messages::pins;
    PUT "/channels/{channel}/messages/pins/{message}" => messages::pin;
    DELETE "/channels/{channel}/messages/pins/{message}" => messages::unpin;
    GET "/channels/{channel}/messages/{message}" => messages::get;
    PATCH "/channels/{channel}/messages/{message}" => messages::edit;
    DELETE "/channels/{channel}/messages/{message}" => messages::delete;
    POST "/channels/{channel}/messages/{message}/crosspost" => messages::crosspost;
    POST "/channels/{channel}/messages/{message}/threads" => threads::on_message;
    GET "/channels/{channel}/pins" => messages::old_pins;
    PUT "/channels/{channel}/pins/{message}" => messages::pin;
    DELETE "/channels/{channel}/pins/{message}" => messages::unpin;
    POST "/channels/{channel}/threads" => threads::create;
    GET "/channels/{channel}/thread-members" => threads::members;
    PUT "/channels/{channel}/thread-members/{user}" => threads::add_member;
    DELETE "/channels/{channel}/thread-members/{user}" => threads::remove_member;
    GET "/guilds/{guild}" => guilds::guild;
    GET "/guilds/{guild}/channels" => guilds::channels;
    GET "/guilds/{guild}/roles" => guilds::roles;
    GET "/guilds/{guild}/members/{user}" => guilds::member;
    GET "/guilds/{guild}/threads/active" => threads::active;
    POST "/interactions/{interaction}/{token}/callback" => callback::answer;
    POST "/webhooks/{application}/{token}" => webhooks::followup;
    GET "/webhooks/{application}/{token}/messages/{message}" => webhooks::get;
    PATCH "/webhooks/{application}/{token}/messages/{message}" => webhooks::edit;
    DELETE "/webhooks/{application}/{token}/messages/{message}" => webhooks::delete;
}

/// Finds the route, and the parameters in the path.
pub(crate) fn find(method: &str, path: &str) -> (Found, Vec<(&'static str, String)>) {
    let mut other = Found::Nothing;
    for route in ROUTES {
        let Some(params) = fit(route.template, path) else { continue };
        if route.method == method {
            return (Found::Route(route), params);
        }
        other = Found::OtherMethod;
    }
    (other, Vec::new())
}

fn fit(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut params = Vec::new();
    let mut given = path.trim_end_matches('/').split('/');
    for wanted in template.split('/') {
        let is = given.next()?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !is.is_empty() => {
                params.push((name, is.replace("%40", "@")));
            }
            None if wanted == is => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(params)
}

impl Call {
    pub fn text(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(param, _)| *param == name);
        found.map_or("", |(_, value)| value)
    }

    /// A snowflake in the path.
    pub fn id(&self, name: &'static str) -> Result<Id, ApiError> {
        self.text(name).parse().map_err(|_| {
            let message = format!("Value \"{}\" is not snowflake.", self.text(name));
            ApiError::form(&format!("{name}_id"), "NUMBER_TYPE_COERCE", &message)
        })
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The parameter that has buckets of its own: channel, guild, or webhook with its token.
    pub fn major(&self) -> String {
        ["channel", "guild", "token"].map(|name| self.text(name)).join(":")
    }
}

/// The channel of a request, if the bot can see it and has all of `needed` there.
fn channel_for<'a>(world: &'a World, call: &Call, needed: Bits) -> Result<&'a Channel, ApiError> {
    let id = call.id("channel")?;
    let channel = world.channels.get(&id).ok_or_else(ApiError::unknown_channel)?;
    let has = world.permissions(channel, world.app.bot);
    if has & permissions::VIEW_CHANNEL == 0 {
        return Err(ApiError::missing_access());
    }
    if has & needed == needed { Ok(channel) } else { Err(ApiError::missing_permissions()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(method: &str, path: &str) -> &'static str {
        match find(method, path).0 {
            Found::Route(route) => route.template,
            Found::OtherMethod => "other method",
            Found::Nothing => "nothing",
        }
    }

    #[test]
    fn literal_segments_win_over_parameters() {
        assert_eq!(template("GET", "/users/@me"), "/users/@me");
        assert_eq!(template("GET", "/users/5"), "/users/{user}");
        assert_eq!(
            template("GET", "/channels/1/messages/pins"),
            "/channels/{channel}/messages/pins"
        );
        assert_eq!(template("PUT", "/users/@me"), "other method");
        assert_eq!(template("GET", "/nowhere"), "nothing");
    }
}
