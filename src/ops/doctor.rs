//! The doctor: looks over REST alone whether the bot could work as it is configured, and says what
//! is wrong and what to do. It needs no bot to run, and changes nothing.

use crate::{
    app::messenger::{Messenger, Needs},
    bank::Shelf,
    config::Config,
    discord::{
        endpoint::{Endpoint, Rest},
        messenger::DiscordMessenger,
    },
    domain::{
        daily::{Daily, Declared, Settings},
        ids::GuildId,
    },
    error::{Fault, Result},
    store::{OpenError, Store},
    text::checks::{self, Finding},
};
use secrecy::SecretString;

/// All that was found. Where the token is refused, nothing more can be looked at.
///
/// # Errors
/// Where the client cannot be set up, or the bank or the store fails.
pub async fn examine(
    config: &Config,
    endpoint: Endpoint,
    token: SecretString,
) -> Result<Vec<Finding>> {
    let messenger = DiscordMessenger::new(Rest::new(&endpoint, &token)?);
    let account = messenger.account().await;
    let mut findings = checks::account(&account);
    if account.is_err() {
        return Ok(findings);
    }
    let mut dailies = config.daily.clone();
    findings.push(stored(config, &mut dailies).await?);
    let bank = Shelf::open(config.bank.extra.clone()).await;
    findings.extend(bank.as_ref().err().map(|faults| Finding::bad(faults.to_string())));
    for Declared { guild, settings } in dailies {
        let name = format!("daily “{}” of server {guild}", &*settings.name);
        findings.extend(of_daily(&messenger, guild, &settings, &name).await);
        if let Ok(shelf) = &bank
            && shelf.current().matching(&settings.filter).is_empty()
        {
            findings.push(Finding::bad(format!("{name}: no question matches it.")));
        }
    }
    Ok(findings)
}

/// Adds the dailies of the store that the file does not declare, where no bot uses the store.
async fn stored(config: &Config, dailies: &mut Vec<Declared>) -> Result<Finding> {
    let path = &config.store.path;
    let (place, cache) = (path.clone(), config.store.cache_mib << 20);
    let open = move || place.join("db").exists().then(|| Store::open(&place, cache));
    let opened = tokio::task::spawn_blocking(open).await;
    let panicked = |error| Fault::because("the store's opening ended in a panic", error);
    match opened.map_err(panicked)? {
        None => Ok(Finding::good(format!("Store: there is none in {} yet.", path.display()))),
        Some(Ok(store)) => {
            let all = store.all_dailies().await?;
            let count = all.len();
            let own = all.into_iter().filter(|daily| !daily.governed);
            dailies.extend(own.map(|Daily { guild, settings, .. }| Declared { guild, settings }));
            Ok(Finding::good(format!("Store: it can be read and holds {count} dailies.")))
        }
        Some(Err(OpenError::Locked(_))) => Ok(Finding::good(
            "Store: a running bot uses it. `/daily check` in Discord looks at the dailies that were \
             set up there.",
        )),
        Some(Err(error)) => Ok(Finding::bad(format!("Store: {error}"))),
    }
}

async fn of_daily(
    messenger: &DiscordMessenger,
    guild: GuildId,
    settings: &Settings,
    name: &str,
) -> Vec<Finding> {
    let Settings { channel, thread, pin, role, .. } = *settings;
    let needs = Needs { embeds: true, thread, pin, role };
    let found = messenger.inspect(guild, channel, needs).await;
    let findings = checks::channel(&format!("channel {channel}"), &found);
    let plain = |found: Finding| Finding {
        // The command line shows no Markdown.
        words: format!("{name}: {}", found.words.replace(['*'], "")),
        ..found
    };
    findings.into_iter().map(plain).collect()
}
