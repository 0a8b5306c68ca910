//! The operator's settings: from a file that is read strictly, from the environment, which
//! overrides the file, and otherwise the defaults, which `config/whetstone.toml` documents.

mod daily;
mod parse;
mod token;

pub use token::{TOKEN, TOKEN_FILE, TokenError, token};

use crate::{
    diagnostic::{
        Fault, Faults, Report, Source, fields,
        fields::{Fields, Value},
        nearest,
    },
    domain::daily::Declared,
    files,
    telemetry::Log,
};
use jiff::SignedDuration;
use parse::Complaint;
use std::{
    cell::RefCell,
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Bytes of a configuration file; a larger one is some other file.
const FILE_MAX: usize = 1024 * 1024;

/// All settings.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Config {
    /// How Discord is reached.
    pub discord: Discord,
    /// Where data is kept.
    pub store: Store,
    /// What is kept for the day on which the store is lost.
    pub backup: Backup,
    /// Where questions come from.
    pub bank: Bank,
    /// When questions are posted.
    pub schedule: Schedule,
    /// What is logged.
    pub log: Log,
    /// When the bot counts as healthy.
    pub health: Health,
    /// What is served to whoever runs the bot.
    pub ops: Ops,
    /// How often members and guilds may act.
    pub limits: Limits,
    /// The dailies that the file declares and governs.
    pub daily: Vec<Declared>,
    /// Each topic that a daily names, with the fault that it is if the bank has none such.
    topics: Vec<(String, Fault)>,
}

/// How Discord is reached.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Discord {
    /// The server to talk to instead of Discord's, without a slash at the end:
    /// `http://127.0.0.1:8080`. The gateway's address then comes from that server alone.
    pub api_url: Option<String>,
}

/// Where data is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Store {
    /// The folder.
    pub path: PathBuf,
    /// How much of it is kept in memory, in MiB.
    pub cache_mib: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { path: "data".into(), cache_mib: 64 }
    }
}

/// The backups that are made by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backup {
    /// Their folder; without one, `backups` in the store's folder.
    pub path: Option<PathBuf>,
    /// How many of them are kept; with 0 none is made.
    pub keep: usize,
}

impl Default for Backup {
    fn default() -> Self {
        Self { path: None, keep: 7 }
    }
}

/// Where questions come from, besides those compiled in.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Bank {
    /// Folders, of which later ones replace questions of earlier ones.
    pub extra: Vec<PathBuf>,
}

/// When questions are posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// How late a due question may still be posted; never negative.
    pub catch_up: SignedDuration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { catch_up: SignedDuration::from_hours(6) }
    }
}

/// When the bot counts as healthy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// The greatest age of its last sign of life; more than nothing.
    pub max_age: SignedDuration,
}

impl Default for Health {
    fn default() -> Self {
        Self { max_age: SignedDuration::from_secs(60) }
    }
}

/// What is served to whoever runs the bot.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Ops {
    /// Where `/livez`, `/readyz` and `/metrics` are served; nowhere if not set.
    pub listen: Option<SocketAddr>,
}

/// How many commands, clicks and forms a minute there may be, of which half may come at once; 0
/// for no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Of one member.
    pub member_per_minute: u32,
    /// Of all members of one guild together.
    pub guild_per_minute: u32,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self { member_per_minute: 0, guild_per_minute: 0 };
}

impl Default for Limits {
    fn default() -> Self {
        Self { member_per_minute: 60, guild_per_minute: 6_000 }
    }
}

impl Config {
    /// Reads the settings from a file, if there is one, and from the environment, whose
    /// variables `WHETSTONE_<SECTION>_<KEY>` override the file.
    ///
    /// # Errors
    /// Every fault of the file and of the variables.
    pub fn load(path: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let source = match path.map(read_file) {
            None => Source::new(Path::new("no file"), ""),
            Some(Ok(source)) => source,
            Some(Err(fault)) => return Err(Faults::new(vec![fault])),
        };
        Self::read(&source, env)
    }

    /// Reads the settings from the bytes of a file, and from the environment.
    ///
    /// # Errors
    /// As for [`Config::load`].
    pub fn parse(
        path: &Path,
        bytes: &[u8],
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Faults> {
        let source = Source::decode(path, bytes, FILE_MAX);
        Self::read(&source.map_err(|fault| Faults::new(vec![fault]))?, env)
    }

    fn read(source: &Source, env: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let report = Report::default();
        let config = fields::read(source, 0..source.text().len(), &report, |root| {
            Reader { env: &env, report: &report }.config(root)
        });
        report.finish(config)
    }

    /// The folder of the backups that are made by themselves.
    pub fn backup_folder(&self) -> PathBuf {
        self.backup.path.clone().unwrap_or_else(|| self.store.path.join("backups"))
    }

    /// Checks that the bank has every topic that a declared daily names.
    ///
    /// # Errors
    /// Each that it has not, with its place in the file.
    pub fn check_topics<'a>(
        &self,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), Faults> {
        let unknown = |topic: &str| !known.clone().into_iter().any(|id| id == topic);
        let report = Report::default();
        for (topic, fault) in self.topics.iter().filter(|(topic, _)| unknown(topic)) {
            report.add(fault.clone().suggest(topic, known.clone()));
        }
        report.finish(())
    }
}

/// What the name of each variable begins with that overrides a setting.
const PREFIX: &str = "WHETSTONE_";

/// A variable of the environment that is named like a setting and is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The variable that was probably meant.
    pub meant: Option<String>,
}

/// Those of the variables that are named like a setting and are none. They are no faults: where
/// a service is named `whetstone`, Kubernetes adds some to each container.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<UnknownVariable> {
    let known = variables();
    let known = || known.iter().map(String::as_str);
    let unknown = |name: String| {
        let rest = name.strip_prefix(PREFIX).filter(|_| known().all(|known| known != name))?;
        let meant = nearest(rest, known().filter_map(|name| name.strip_prefix(PREFIX)));
        let meant = meant.map(|meant| format!("{PREFIX}{meant}"));
        Some(UnknownVariable { name, meant })
    };
    names.into_iter().filter_map(unknown).collect()
}

/// All variables that are read: those that are asked for.
fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::from([format!("{PREFIX}CONFIG")]));
    let nothing = Source::new(Path::new("no file"), "");
    let read = Config::read(&nothing, |name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    debug_assert!(read.is_ok(), "nothing can be wrong about no settings");
    asked.into_inner()
}

fn read_file(path: &Path) -> Result<Source, Fault> {
    let bytes = files::read(path, FILE_MAX).map_err(|error| {
        let fault = Fault::whole(path, format!("cannot read the configuration: {error}"));
        fault.hint("is the path right, and may this user read it?")
    })?;
    Source::decode(path, &bytes, FILE_MAX)
}

/// Reads settings from the file's tables and from the environment.
struct Reader<'a, E> {
    env: &'a E,
    report: &'a Report,
}

impl<E: Fn(&str) -> Option<String>> Reader<'_, E> {
    fn config(&self, root: &mut Fields<'_>) -> Config {
        let mut topics = Vec::new();
        Config {
            discord: self.section(root, "discord", |section| self.discord(section)),
            store: self.section(root, "store", |section| self.store(section)),
            backup: self.section(root, "backup", |section| self.backup(section)),
            bank: self.section(root, "bank", |section| self.bank(section)),
            schedule: self.section(root, "schedule", |section| Schedule {
                catch_up: self.duration(section, "catch_up", Schedule::default().catch_up, false),
            }),
            log: self.section(root, "log", |section| self.log(section)),
            health: self.section(root, "health", |section| Health {
                max_age: self.duration(section, "max_age", Health::default().max_age, true),
            }),
            ops: self.section(root, "ops", |section| Ops {
                listen: self.text(section, "listen", None, |text| parse::address(text).map(Some)),
            }),
            limits: self.section(root, "limits", |section| self.limits(section)),
            daily: daily::read(root, self.report, &mut topics),
            topics,
        }
    }

    /// Reads a section, which may be missing from the file as a whole.
    fn section<T>(
        &self,
        root: &mut Fields<'_>,
        name: &'static str,
        read: impl FnOnce(&mut Section<'_>) -> T,
    ) -> T {
        let fields = root.optional(name).and_then(|value| value.table());
        let mut section = Section { name, fields };
        let settings = read(&mut section);
        section.fields.into_iter().for_each(Fields::finish);
        settings
    }

    fn discord(&self, section: &mut Section<'_>) -> Discord {
        let api_url = self.text(section, "api_url", None, |text| parse::api_url(text).map(Some));
        Discord { api_url }
    }

    fn store(&self, section: &mut Section<'_>) -> Store {
        let Store { path, cache_mib } = Store::default();
        let cache = |value: &Value<'_>| value.integer().map(|number| number.to_string());
        Store {
            path: self.text(section, "path", path, parse::path),
            cache_mib: self.scalar(section, "cache_mib", cache_mib, cache, parse::cache_mib),
        }
    }

    fn backup(&self, section: &mut Section<'_>) -> Backup {
        let Backup { path, keep } = Backup::default();
        let number = |value: &Value<'_>| value.integer().map(|number| number.to_string());
        Backup {
            path: self.text(section, "path", path, |text| parse::path(text).map(Some)),
            keep: self.scalar(section, "keep", keep, number, parse::backups_kept),
        }
    }

    fn bank(&self, section: &mut Section<'_>) -> Bank {
        let of_file = |value: &Value<'_>| {
            let texts = value.texts()?;
            let paths = texts.into_iter().map(|text| parse::path(&text.value));
            let paths: Result<_, _> = paths.collect();
            self.report.note(paths.map_err(|complaint| complaint.of(value)))
        };
        let of_variable =
            |text: &str| text.split(':').filter(|part| !part.is_empty()).map(parse::path).collect();
        Bank { extra: self.setting(section, "extra", Vec::new(), of_file, of_variable) }
    }

    fn log(&self, section: &mut Section<'_>) -> Log {
        let Log { format, filter } = Log::default();
        Log {
            format: self.text(section, "format", format, parse::log_format),
            filter: self.text(section, "filter", filter, parse::log_filter),
        }
    }

    fn limits(&self, section: &mut Section<'_>) -> Limits {
        let Limits { member_per_minute, guild_per_minute } = Limits::default();
        let count = |value: &Value<'_>| value.integer().map(|number| number.to_string());
        let mut read = |key, default| self.scalar(section, key, default, count, parse::per_minute);
        Limits {
            member_per_minute: read("member_per_minute", member_per_minute),
            guild_per_minute: read("guild_per_minute", guild_per_minute),
        }
    }

    fn duration(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        default: SignedDuration,
        positive: bool,
    ) -> SignedDuration {
        self.text(section, key, default, |text| parse::duration(text, positive))
    }

    /// A setting that the file writes as a text.
    fn text<T>(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> T {
        let of_file = |value: &Value<'_>| value.text().map(|text| text.value);
        self.scalar(section, key, default, of_file, parse)
    }

    /// A setting that is understood alike in the file, where `of_file` gives its text, and in
    /// the environment.
    fn scalar<T>(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        default: T,
        of_file: impl Fn(&Value<'_>) -> Option<String>,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> T {
        let of_file = |value: &Value<'_>| {
            let text = of_file(value)?;
            self.report.note(parse(&text).map_err(|complaint| complaint.of(value)))
        };
        self.setting(section, key, default, of_file, &parse)
    }

    /// A setting: from its variable, or else from the file, or else the default.
    fn setting<T>(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        default: T,
        of_file: impl Fn(&Value<'_>) -> Option<T>,
        of_variable: impl Fn(&str) -> Result<T, Complaint>,
    ) -> T {
        let value = section.fields.as_mut().and_then(|fields| fields.optional(key));
        let written = value.and_then(|value| of_file(&value));
        let name = format!("{PREFIX}{}_{key}", section.name).to_uppercase();
        let set = (self.env)(&name).filter(|text| !text.is_empty());
        let set = set.and_then(|text| {
            let result = of_variable(&text);
            self.report.note(result.map_err(|complaint| complaint.of_variable(&name, &text)))
        });
        set.or(written).unwrap_or(default)
    }
}

/// A section of the settings and its table in the file, if it has one.
struct Section<'a> {
    name: &'static str,
    fields: Option<Fields<'a>>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "config/tests.rs"]
mod tests;
