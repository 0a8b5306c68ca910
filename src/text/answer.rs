//! The words of a model answer, in three messages that a phone shows one at a time: in short, to grade
//! oneself by; in full; and what an interviewer would ask next.

use super::rounds::{Offer, colour, field};
use crate::{
    domain::question::{Question, Source},
    ui::{Action, Button, Embed, FIELD_MAX, Field, Reply},
};

/// The answer in short: a checklist, and what one hears from people who know more or less about it.
pub fn in_short(question: &Question) -> Embed {
    let points: Vec<String> =
        question.key_points.iter().map(|point| format!("☐ {point}")).collect();
    let mut fields = list("Did the answer mention …", "… and", &points);
    let voices = [
        ("You hear from somebody who has read about it", &question.weak),
        ("You hear from somebody who has run it", &question.strong),
    ];
    let heard = |(name, voice): (&str, &Option<String>)| Some(field(name, voice.clone()?));
    fields.extend(voices.into_iter().filter_map(heard));
    Embed {
        title: "Model answer in short".to_owned(),
        colour: colour(question.level),
        fields,
        ..Embed::default()
    }
}

/// The buttons that lead on from there.
pub fn buttons(question: &Question, action: impl Fn(Offer) -> Action) -> Vec<Button> {
    let deeper = (!question.follow_ups.is_empty()).then_some(Offer::Deeper);
    [Offer::Full].into_iter().chain(deeper).map(|offer| offer.button(action(offer))).collect()
}

/// The whole answer with its sources.
pub fn in_full(question: &Question) -> Reply {
    let sources: Vec<String> = question.sources.iter().map(source).collect();
    private(Embed {
        title: question.title.clone(),
        description: question.answer.clone(),
        colour: colour(question.level),
        fields: list("Sources", "… and", &sources),
        ..Embed::default()
    })
}

/// What an interviewer would ask next, with what a good answer has.
pub fn deeper(question: &Question) -> Reply {
    let asked = question.follow_ups.iter().map(|next| field(&next.ask, next.good.clone()));
    let description = match question.follow_ups.len() {
        0 => "This question has no follow-ups any longer.",
        _ => "What an interviewer would ask next, and what a good answer has.",
    };
    private(Embed {
        title: "Going deeper".to_owned(),
        description: description.to_owned(),
        colour: colour(question.level),
        fields: asked.collect(),
        ..Embed::default()
    })
}

fn private(embed: Embed) -> Reply {
    Reply { embeds: vec![embed], ephemeral: true, ..Reply::default() }
}

/// A link where there is an address. The brackets around it keep Discord from showing a preview.
fn source(source: &Source) -> String {
    let name = match &source.url {
        Some(url) => format!("[{}](<{url}>)", source.name),
        None => source.name.clone(),
    };
    match &source.backs {
        Some(backs) => format!("• {name}: {backs}"),
        None => format!("• {name}"),
    }
}

/// Lines in as many fields as they need, the first of which has another name than the rest.
fn list(first: &str, rest: &str, lines: &[String]) -> Vec<Field> {
    let mut parts: Vec<String> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some(part) if part.chars().count() + line.chars().count() < FIELD_MAX => {
                part.push('\n');
                part.push_str(line);
            }
            _ => parts.push(line.clone()),
        }
    }
    let names = [first].into_iter().chain(std::iter::repeat(rest));
    names.zip(parts).map(|(name, part)| field(name, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::testing, bank::limits, domain::question::FollowUp, ui::EMBEDS_MAX};

    fn question() -> Question {
        testing::bank().iter().next().cloned().unwrap_or_else(|| panic!("no question"))
    }

    #[test]
    fn what_a_question_does_not_have_is_not_offered() {
        let bare = Question {
            weak: None,
            strong: None,
            follow_ups: Vec::new(),
            sources: vec!["Knuth".into()],
            ..question()
        };
        let offered = |question: &Question| {
            let buttons = buttons(question, |_| Action::new("test", "test"));
            buttons.into_iter().map(|button| button.label).collect::<Vec<_>>()
        };
        assert_eq!(offered(&question()), ["Full answer", "Go deeper"]);
        assert_eq!(offered(&bare), ["Full answer"]);
        assert_eq!(in_short(&bare).fields.len(), 1);
        assert_eq!(in_full(&bare).embeds[0].fields[0].value, "• Knuth");
        assert!(deeper(&bare).embeds[0].description.contains("no follow-ups"));
    }

    #[test]
    fn every_message_has_room_for_the_longest_texts() {
        let text = |length: usize| "x".repeat(length);
        let next = FollowUp {
            ask: text(limits::FOLLOW_UP_ASK_MAX),
            good: text(limits::FOLLOW_UP_GOOD_MAX),
        };
        let source = Source {
            name: text(limits::SOURCE_NAME_MAX),
            url: Some(text(limits::SOURCE_URL_MAX)),
            backs: Some(text(limits::SOURCE_USE_MAX)),
        };
        let longest = Question {
            title: text(limits::TITLE_MAX),
            answer: text(limits::ANSWER_MAX),
            key_points: vec![text(limits::KEY_POINT_MAX); *limits::KEY_POINTS.end()],
            weak: Some(text(limits::VOICE_MAX)),
            strong: Some(text(limits::VOICE_MAX)),
            follow_ups: vec![next; limits::FOLLOW_UPS_MAX],
            sources: vec![source; *limits::SOURCES.end()],
            ..question()
        };
        let own =
            Embed { description: text(usize::from(limits::OWN_ANSWER_MAX)), ..Embed::default() };
        for embeds in
            [vec![own, in_short(&longest)], in_full(&longest).embeds, deeper(&longest).embeds]
        {
            assert!(embeds.iter().map(Embed::length).sum::<usize>() <= EMBEDS_MAX);
            for field in embeds.iter().flat_map(|embed| &embed.fields) {
                assert!(field.value.chars().count() <= FIELD_MAX, "{}", field.name);
            }
        }
    }
}
