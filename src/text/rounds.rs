//! The words of a round: its message, and what one member sees of it.

use super::{answer, cut, plural, tame, words};
use crate::{
    app::{
        messenger::RoundCard,
        rounds::{Acted, QuizTried, QuizView, RoundView, Shared, Shown},
    },
    bank::limits::OWN_ANSWER_MAX,
    domain::{
        ids::UserId,
        ledger::Change,
        question::{Level, Question},
        round::{Grade, Participation, Tally},
        streak::Event,
    },
    ui::{Action, Button, Embed, Field, Form, Reply, Style},
};

/// The longest heading of a form.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>
const FORM_TITLE_MAX: usize = 45;

/// The longest name of a thread.
/// <https://discord.com/developers/docs/resources/channel#channel-object-channel-structure>
const THREAD_NAME_MAX: usize = 100;

/// What can be done with a question by its buttons and its form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Offer {
    /// Write an answer.
    Answer,
    /// Take the quiz.
    Quiz,
    /// See the hint.
    Hint,
    /// See the model answer.
    Reveal,
    /// Send the answer that was written.
    Send,
    /// Pick the choice at this place.
    Pick(u8),
    /// Say how well one knew it.
    Grade(Grade),
    /// Post one's answer in the thread.
    Share,
    /// See the whole model answer.
    Full,
    /// See what an interviewer would ask next.
    Deeper,
}

impl Offer {
    /// The buttons below a question, in their order.
    pub const BELOW_QUESTION: [Self; 4] = [Self::Answer, Self::Quiz, Self::Hint, Self::Reveal];

    pub(super) fn button(self, action: Action) -> Button {
        let (label, style) = match self {
            Self::Answer => ("Answer", Style::Primary),
            Self::Quiz => ("Quiz", Style::Success),
            Self::Hint => ("Hint", Style::Secondary),
            Self::Reveal => ("Reveal", Style::Secondary),
            Self::Send => ("Send", Style::Primary),
            Self::Pick(place) => (LETTERS[usize::from(place) % LETTERS.len()], Style::Secondary),
            Self::Grade(Grade::Missed) => ("Missed", Style::Secondary),
            Self::Grade(Grade::Partly) => ("Partly", Style::Secondary),
            Self::Grade(Grade::GotIt) => ("Got it", Style::Success),
            Self::Share => ("Share in thread", Style::Secondary),
            Self::Full => ("Full answer", Style::Primary),
            Self::Deeper => ("Go deeper", Style::Secondary),
        };
        Button::new(label, style, action)
    }
}

/// The colour of a level.
pub fn colour(level: Level) -> u32 {
    match level {
        Level::Beginner => 0x2E_9E_6B,
        Level::Intermediate => 0xD9_8E_04,
        Level::Advanced => 0xC2_3B_55,
    }
}

/// "Advanced · Databases, Concurrency".
pub fn subtitle(question: &Question, topics: &[String]) -> String {
    let level = match question.level {
        Level::Beginner => "Beginner",
        Level::Intermediate => "Intermediate",
        Level::Advanced => "Advanced",
    };
    format!("{level} · {}", topics.join(", "))
}

/// The round's message.
pub fn card(card: &RoundCard, action: impl Fn(Offer) -> Action) -> Reply {
    let content = match card.role.filter(|_| !card.closed) {
        Some(role) => format!("<@&{role}>"),
        None => String::new(),
    };
    let state = if card.closed { "closed" } else { "open until the next question" };
    let mut embed = Embed { footer: format!("#{} · {state}", card.number), ..Embed::default() };
    match &card.question {
        Some(question) => {
            embed.title = question.title.clone();
            embed.description = subtitle(question, &card.topics);
            embed.colour = colour(question.level);
        }
        None => embed.title = "This question has left the bank".to_owned(),
    }
    if card.closed {
        embed.fields = results(&card.tally);
    } else {
        embed.description.push_str("\n\n");
        embed.description.push_str(&count(card.tally.took_part));
    }
    let rows = vec![question_buttons(action)];
    Reply { content, embeds: vec![embed], rows, ephemeral: false, ..Reply::default() }
}

/// The name of the thread below the message.
pub fn thread_name(card: &RoundCard) -> String {
    let title = card.question.as_ref().map_or("question", |question| &question.title);
    cut(&format!("#{} · {title}", card.number), THREAD_NAME_MAX)
}

fn count(took_part: u32) -> String {
    match took_part {
        0 => "Nobody has taken part yet.".to_owned(),
        1 => "**1** person has taken part.".to_owned(),
        more => format!("**{more}** people have taken part."),
    }
}

fn results(tally: &Tally) -> Vec<Field> {
    let took_part = match tally.took_part {
        0 => "nobody".to_owned(),
        some => plural(some, "member"),
    };
    let mut fields = vec![field("Took part", took_part)];
    let [missed, partly, got_it] = tally.grades;
    if missed + partly + got_it > 0 {
        let grades = format!("got it **{got_it}** · partly **{partly}** · missed **{missed}**");
        fields.push(field("How they graded themselves", grades));
    }
    if tally.quiz_answers > 0 {
        let share = (u64::from(tally.quiz_right) * 100 + u64::from(tally.quiz_answers) / 2)
            / u64::from(tally.quiz_answers);
        let (right, all) = (tally.quiz_right, tally.quiz_answers);
        fields.push(field("Quiz", format!("**{share} %** right ({right} of {all})")));
    }
    fields
}

/// The four buttons of a question.
pub fn question_buttons(action: impl Fn(Offer) -> Action) -> Vec<Button> {
    Offer::BELOW_QUESTION.map(|offer| offer.button(action(offer))).to_vec()
}

/// The form in which an answer is typed.
pub fn form(title: Option<&str>, action: Action) -> Form {
    Form {
        title: cut(title.unwrap_or("The open question"), FORM_TITLE_MAX),
        action,
        label: "Your answer".to_owned(),
        placeholder: "In your own words. It is shown to you alone and not stored.".to_owned(),
        max: OWN_ANSWER_MAX,
    }
}

/// The hint, for one member.
pub fn hint(shown: &Shown) -> Reply {
    let embed = Embed {
        title: "Hint".to_owned(),
        description: shown.question.hint.clone(),
        colour: colour(shown.question.level),
        ..Embed::default()
    };
    Reply { embeds: vec![embed], ephemeral: true, ..Reply::default() }
}

/// A member's own answer, quoted back. It is the first embed of its message: sharing takes it from
/// there, for it is stored nowhere else.
pub fn own_answer(text: &str) -> Embed {
    Embed { title: "Your answer".to_owned(), description: text.to_owned(), ..Embed::default() }
}

/// After an answer: the answer, the model answer, the checklist, and what can be done next.
pub fn answered(acted: &Acted, text: &str, action: impl Fn(Offer) -> Action) -> Reply {
    let mut reply = revealed(acted, &action);
    reply.embeds.insert(0, own_answer(text));
    if acted.view.round.thread_id.is_some() {
        let button = Offer::Share.button(action(Offer::Share));
        // Below the buttons that lead on, beside those to grade oneself if they are there.
        match reply.rows.get_mut(1) {
            Some(row) => row.push(button),
            None => reply.rows.push(vec![button]),
        }
    }
    reply
}

/// After a reveal.
pub fn revealed(acted: &Acted, action: impl Fn(Offer) -> Action) -> Reply {
    let question = &acted.view.shown.question;
    let graded = acted.change.as_ref().and_then(|change| change.after.graded);
    let mut rows = vec![answer::buttons(question, &action)];
    if acted.change.is_some() && graded.is_none() {
        rows.push(grades(action));
    }
    Reply {
        content: standing_line(acted),
        embeds: vec![answer::in_short(question)],
        rows,
        ephemeral: true,
        ..Reply::default()
    }
}

fn grades(action: impl Fn(Offer) -> Action) -> Vec<Button> {
    let button = |grade| Offer::Grade(grade).button(action(Offer::Grade(grade)));
    Grade::ALL.map(button).to_vec()
}

/// What the act did for the member's streak, in one or two sentences.
pub fn standing_line(acted: &Acted) -> String {
    let number = acted.view.round.number;
    let Some(change) = &acted.change else {
        return format!("Round #{number} has closed, so this is practice: it changes no streak.");
    };
    if acted.newly_took_part() {
        return took_part_line(change);
    }
    match change.after.took_part() {
        Some(_) => format!("You have taken part in round #{number}."),
        None => "Grade your own answer to take part in this round.".to_owned(),
    }
}

fn took_part_line(change: &Change) -> String {
    let mut line = match change.record.streak.current {
        1 => "You are in. Your streak stands at **1** round.".to_owned(),
        current => format!("You are in. Your streak stands at **{current}** rounds."),
    };
    let covered = change.events.iter().filter(|e| matches!(e, Event::Covered { .. })).count();
    match covered {
        0 => {}
        1 => line.push_str(" A freeze covered the round that you missed."),
        more => line.push_str(&format!(" Freezes covered the {more} rounds that you missed.")),
    }
    if change.events.iter().any(|event| matches!(event, Event::Earned { .. })) {
        line.push_str(" You have earned a freeze.");
    }
    if let Some(Event::Broke { was, .. }) =
        change.events.iter().find(|event| matches!(event, Event::Broke { .. }))
    {
        line.push_str(&format!(" The last one ended at {was}; a new one begins."));
    }
    line
}

/// After a grade: what was said, in place of the buttons.
pub fn graded(acted: &Acted, grade: Grade) -> Reply {
    let line = match &acted.change {
        None => standing_line(acted),
        Some(change) => {
            let (given, _) = change.after.graded.unwrap_or((grade, jiff::Timestamp::UNIX_EPOCH));
            let kept = if given == grade { "" } else { " already" };
            format!(
                "You{kept} graded yourself: **{}**. {}",
                words::grade(given),
                standing_line(acted)
            )
        }
    };
    Reply { content: line, ephemeral: true, ..Reply::default() }
}

/// The quiz of a round.
pub fn quiz(view: &QuizView, action: impl Fn(Offer) -> Action) -> Reply {
    let question = &view.view.shown.question;
    let Some(result) = view.result else {
        return quiz_card(question, view.seed, "One try", action);
    };
    let verdict = if result.right { "right" } else { "wrong" };
    Reply {
        content: format!("You have had your one try at this quiz, and it was {verdict}."),
        embeds: vec![quiz_solution(question, view.seed, None)],
        ephemeral: true,
        ..Reply::default()
    }
}

/// A quiz whose choices wait to be clicked.
pub fn quiz_card(
    question: &Question,
    seed: u64,
    footer: &str,
    action: impl Fn(Offer) -> Action,
) -> Reply {
    let choices: Vec<String> = question
        .quiz
        .shuffled(seed)
        .iter()
        .zip(LETTERS)
        .map(|(choice, letter)| format!("**{letter}** · {}", choice.text))
        .collect();
    let embed = Embed {
        title: "Quiz".to_owned(),
        description: format!("{}\n\n{}", question.quiz.ask, choices.join("\n")),
        colour: colour(question.level),
        footer: footer.to_owned(),
        ..Embed::default()
    };
    let picks = (0_u8..).map(Offer::Pick).take(LETTERS.len());
    let buttons = picks.map(|offer| offer.button(action(offer))).collect();
    Reply { embeds: vec![embed], rows: vec![buttons], ephemeral: true, ..Reply::default() }
}

const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// The quiz with its right choice marked, and why.
pub fn quiz_solution(question: &Question, seed: u64, picked: Option<usize>) -> Embed {
    let choices: Vec<String> = question
        .quiz
        .shuffled(seed)
        .iter()
        .enumerate()
        .map(|(place, choice)| {
            let mark = match (choice.right, picked == Some(place)) {
                (true, _) => "✅",
                (false, true) => "❌",
                (false, false) => "▫️",
            };
            format!("{mark} **{}** · {}", LETTERS[place % LETTERS.len()], choice.text)
        })
        .collect();
    Embed {
        title: "Quiz".to_owned(),
        description: format!("{}\n\n{}", question.quiz.ask, choices.join("\n")),
        colour: colour(question.level),
        fields: vec![field("Why", question.quiz.why.clone())],
        ..Embed::default()
    }
}

/// After a try at the quiz.
pub fn quiz_tried(tried: &QuizTried) -> Reply {
    let question = &tried.acted.view.shown.question;
    let verdict = match (tried.earlier, tried.right) {
        (Some(earlier), _) if earlier.right => "Your one try was right; it stands.".to_owned(),
        (Some(_), _) => "Your one try was wrong; it stands.".to_owned(),
        (None, true) => format!("**Right!** {}", standing_line(&tried.acted)),
        (None, false) => format!("**Not quite.** {}", standing_line(&tried.acted)),
    };
    let picked = tried.earlier.is_none().then_some(tried.picked);
    Reply {
        content: verdict,
        embeds: vec![quiz_solution(question, tried.seed, picked)],
        ephemeral: true,
        ..Reply::default()
    }
}

/// The open round again, for `/question today`.
pub fn again(
    view: &RoundView,
    part: &Participation,
    guild: u64,
    action: impl Fn(Offer) -> Action,
) -> Reply {
    let (round, shown) = (&view.round, &view.shown);
    let post = round.post;
    let link = format!("https://discord.com/channels/{guild}/{}/{}", post.channel, post.message);
    let own = match part.took_part() {
        Some(_) => "You have taken part.",
        None => "You have not taken part yet.",
    };
    let embed = Embed {
        title: shown.question.title.clone(),
        description: format!(
            "{}\n\n{own} [Go to the round]({link})",
            subtitle(&shown.question, &shown.topics)
        ),
        colour: colour(shown.question.level),
        footer: format!("#{} of {}", round.number, view.daily.settings.name.as_str()),
        ..Embed::default()
    };
    let rows = vec![question_buttons(action)];
    Reply { embeds: vec![embed], rows, ephemeral: true, ..Reply::default() }
}

/// A member's answer as it stands in the thread. Whose words they are is said above and below it,
/// where no answer can write.
pub fn shared(author: UserId, answer: &str) -> Reply {
    let embed = Embed {
        description: tame(answer),
        footer: "A member's own answer".to_owned(),
        ..Embed::default()
    };
    Reply { content: format!("<@{author}> answered:"), embeds: vec![embed], ..Reply::default() }
}

/// After sharing.
pub fn sharing(shared: Shared) -> Reply {
    let content = match shared {
        Shared::Done => "Your answer is in the round's thread.",
        Shared::Already => "You have shared an answer to this round already.",
        Shared::NoThread => "This round has no thread, so there is nowhere to share it.",
    };
    Reply { content: content.to_owned(), ephemeral: true, ..Reply::default() }
}

pub(super) fn field(name: &str, value: impl Into<String>) -> Field {
    Field { name: name.to_owned(), value: value.into() }
}
