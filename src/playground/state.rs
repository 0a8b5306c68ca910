//! What the page shows: the guild as one of its people sees it.

use super::{Shared, company::Habit, library::Summary, trouble::Standing};
use crate::domain::{
    board::BoardKind,
    daily::Daily,
    ids::{GuildId, UserId},
    member::{Board, Record},
};
use discord_sim::{
    Actor, ChannelKind, ChannelView, CommandView, Id, MemberView, MessageView, RoleView,
};
use serde::{Deserialize, Serialize};

/// How many of a channel's newest messages are shown.
const SHOWN: usize = 200;

/// What the page asks for. What is missing or gone gives way to the first that there is.
#[derive(Deserialize)]
pub(super) struct Query {
    viewer: Option<Id>,
    channel: Option<Id>,
    thread: Option<Id>,
}

/// A channel or thread with its messages.
#[derive(Serialize)]
struct Open {
    id: Id,
    messages: Vec<MessageView>,
    /// Whether older ones are left out.
    cut: bool,
}

/// Somebody whom one can be.
#[derive(Serialize)]
struct Person {
    #[serde(flatten)]
    member: MemberView,
    /// How a simulated member takes part by themselves.
    habit: Option<&'static str>,
}

/// A daily, and what it will do next.
#[derive(Serialize)]
struct DailyView {
    name: String,
    channel: Id,
    /// The IANA name of its zone.
    zone: String,
    /// When the next question is due, in milliseconds since 1970. While the bot is away it is what
    /// the bot knew when it went, and may have gone by.
    due: Option<i64>,
    paused: bool,
}

impl DailyView {
    fn of(daily: &Daily) -> Self {
        let settings = &daily.settings;
        Self {
            name: settings.name.as_str().to_owned(),
            channel: Id(settings.channel.0),
            zone: settings.schedule.zone.iana_name().unwrap_or("UTC").to_owned(),
            due: daily.due_at().map(|due| due.as_millisecond()),
            paused: daily.pause.is_some(),
        }
    }
}

/// How somebody stands in the guild's first daily.
#[derive(Serialize)]
struct Place {
    name: String,
    streak: u32,
    best: u32,
    freezes: u8,
    /// Rounds ever taken part in; more than none.
    rounds: u32,
}

impl Place {
    /// Where a record puts its member; nowhere before their first round.
    fn of(daily: &Daily, name: String, record: &Record) -> Option<Self> {
        let rounds = record.scores.get(&Board { kind: BoardKind::All, month: None })?.score;
        let standing = record.streak.standing(daily.rounds);
        let (streak, best, freezes) = (standing.current, standing.best, standing.freezes);
        (rounds > 0).then_some(Self { name, streak, best, freezes, rounds })
    }
}

/// Everything on the page.
#[derive(Serialize)]
pub(super) struct State {
    guild: Id,
    guild_name: String,
    viewer: Id,
    /// Milliseconds since 1970 on the simulated clock.
    now: i64,
    /// The IANA name of the zone in which the page shows times.
    zone: String,
    /// Who one can be.
    people: Vec<Person>,
    /// Whom else a mention can name.
    members: Vec<MemberView>,
    roles: Vec<RoleView>,
    channels: Vec<ChannelView>,
    commands: Vec<CommandView>,
    open: Option<Open>,
    thread: Option<Open>,
    dailies: Vec<DailyView>,
    /// Who has taken part, the most rounds first.
    standings: Vec<Place>,
    trouble: Standing,
    bank: Summary,
}

impl Shared {
    /// The people whom the page lets one be.
    pub(super) fn people(&self) -> Vec<MemberView> {
        let mut people = self.sim.members(self.guild);
        people.retain(|member| !member.bot && !member.owner);
        people
    }

    /// The page for a viewer; nothing if the guild has no people.
    pub(super) async fn state(&self, query: &Query) -> Option<State> {
        let people = self.people();
        let asked = people.iter().find(|person| Some(person.id) == query.viewer);
        let viewer = asked.or(people.first())?.id;
        let actor = self.sim.user(viewer);
        let channels = actor.channels();
        let place = |wanted: Option<Id>| channels.iter().find(|c| Some(c.id) == wanted);
        let first = || channels.iter().find(|channel| channel.kind == ChannelKind::Text);
        let channel = place(query.channel).filter(|c| c.parent.is_none()).or_else(first);
        let thread = place(query.thread).filter(|c| c.parent.is_some());
        let open = |channel: &ChannelView| open(&actor, channel.id);
        let dailies = self.life.dailies(GuildId(self.guild.0)).await;
        let standings = match dailies.first() {
            Some(daily) => self.standings(daily, &people).await,
            None => Vec::new(),
        };
        Some(State {
            guild: self.guild,
            guild_name: self.sim.guild_name(self.guild).unwrap_or_default(),
            viewer,
            now: self.now().as_millisecond(),
            zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            members: self.sim.members(self.guild),
            roles: self.sim.roles(self.guild),
            commands: channel.map(|channel| actor.commands(channel.id)).unwrap_or_default(),
            open: channel.map(open),
            thread: thread.map(open),
            standings,
            people: people.into_iter().map(person).collect(),
            channels,
            dailies: dailies.iter().map(DailyView::of).collect(),
            trouble: self.standing(),
            bank: self.library.summary(),
        })
    }

    async fn standings(&self, daily: &Daily, people: &[MemberView]) -> Vec<Place> {
        let users: Vec<UserId> = people.iter().map(|person| UserId(person.id.0)).collect();
        let name = |user: UserId| people.iter().find(|person| person.id.0 == user.0);
        let records = self.life.records(daily, &users).await;
        let place =
            |(user, record): &(UserId, Record)| Place::of(daily, name(*user)?.name.clone(), record);
        let mut places: Vec<Place> = records.iter().filter_map(place).collect();
        places.sort_by_key(|place| std::cmp::Reverse((place.rounds, place.streak)));
        places
    }
}

fn person(member: MemberView) -> Person {
    let habit = Habit::of(&member.name).map(Habit::line);
    Person { member, habit }
}

fn open(actor: &Actor, id: Id) -> Open {
    let mut messages = actor.see(id);
    let older = messages.len().saturating_sub(SHOWN);
    messages.drain(..older);
    Open { id, messages, cut: older > 0 }
}
