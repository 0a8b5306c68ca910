//! The words of practice questions, of searching and of the topics.

use super::{
    Words, answer, cut, plural,
    rounds::{
        Offer, colour, field, own_answer, question_buttons, quiz_card, quiz_solution, subtitle,
    },
    words,
};
use crate::{
    app::{
        practice::{PracticeQuiz, TopicCount},
        rounds::Shown,
    },
    domain::question::{Level, Question},
    ui::{Action, Embed, Reply},
};

/// The command's own words, by the path of what they describe.
pub const COMMAND: Words = &[
    ("", "A question to practise on, or the open round again"),
    (
        "help",
        "another question at any time, by level and topic; `today` shows the open round, `find` searches, `show` gives one by name",
    ),
    ("beginner", "A beginner question, now"),
    ("intermediate", "An intermediate question, now"),
    ("advanced", "An advanced question, now"),
    ("any", "A question of any level, now"),
    ("topic", "Only questions of this topic"),
    ("private", "Show it to me alone"),
    ("today", "The open round again"),
    ("find", "Search the bank"),
    ("find text", "Words of the title or topic"),
    ("show", "One question by its name"),
    ("show id", "The question"),
];

/// A practice question.
pub fn question(shown: &Shown, private: bool, action: impl Fn(Offer) -> Action) -> Reply {
    let question = &shown.question;
    let embed = Embed {
        title: question.title.clone(),
        description: subtitle(question, &shown.topics),
        colour: colour(question.level),
        footer: format!("Practice · {}", question.id),
        ..Embed::default()
    };
    let rows = vec![question_buttons(action)];
    Reply { embeds: vec![embed], rows, ephemeral: private, ..Reply::default() }
}

/// After a practice answer.
pub fn answered(shown: &Shown, text: &str, action: impl Fn(Offer) -> Action) -> Reply {
    let mut reply = revealed(shown, action);
    reply.embeds.insert(0, own_answer(text));
    reply
}

/// The model answer in short.
pub fn revealed(shown: &Shown, action: impl Fn(Offer) -> Action) -> Reply {
    let embed = Embed { title: shown.question.title.clone(), ..answer::in_short(&shown.question) };
    let rows = vec![answer::buttons(&shown.question, action)];
    Reply { embeds: vec![embed], rows, ephemeral: true, ..Reply::default() }
}

/// A practice quiz, open or solved.
pub fn quiz(quiz: &PracticeQuiz, action: impl Fn(Offer) -> Action) -> Reply {
    let question = &quiz.shown.question;
    let Some((picked, right)) = quiz.picked else {
        return quiz_card(question, quiz.seed, "Practice", action);
    };
    Reply {
        content: if right { "**Right!**" } else { "**Not quite.**" }.to_owned(),
        embeds: vec![quiz_solution(question, quiz.seed, Some(picked))],
        ephemeral: true,
        ..Reply::default()
    }
}

/// What a search found.
pub fn found(text: &str, questions: &[Question]) -> Reply {
    let content = if questions.is_empty() {
        format!(
            "Nothing in the bank is like “{}”. `/topics` lists what there is.",
            super::escape(&cut(text, 80))
        )
    } else {
        let lines: Vec<String> = questions
            .iter()
            .map(|question| {
                format!(
                    "• {} — `{}` ({})",
                    question.title,
                    question.id,
                    words::level(question.level)
                )
            })
            .collect();
        format!("{}\n\nSee one with `/question show`.", lines.join("\n"))
    };
    Reply { content, ephemeral: true, ..Reply::default() }
}

/// The topics with how many questions each has; `levels` counts each question once.
pub fn topics(counts: &[TopicCount], levels: [usize; 3]) -> Reply {
    // An embed holds 25 fields: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
    let fields = counts
        .iter()
        .take(25)
        .map(|count| {
            let about = cut(&count.topic.about, 100);
            field(&count.topic.name, format!("{about}\n{}", by_level(count.by_level)))
        })
        .collect();
    let total: usize = levels.iter().sum();
    let embed = Embed {
        title: format!("{} by topic", plural(total as u64, "question")),
        description: format!("{}. A question may have several topics.", by_level(levels)),
        colour: 0x4B_6B_C9,
        fields,
        ..Embed::default()
    };
    Reply { embeds: vec![embed], ephemeral: true, ..Reply::default() }
}

/// "3 beginner · 1 advanced".
fn by_level(counts: [usize; 3]) -> String {
    let present = Level::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    let parts: Vec<String> =
        present.map(|(level, count)| format!("{count} {}", words::level(*level))).collect();
    parts.join(" · ")
}
