//! The part of the table on REST: each route that the bot calls, by each of its uses, with each
//! fault.

use crate::{
    chains::{self, CHAINS, Outcome},
    journal::Journal,
    table,
};

#[test]
fn each_fault_of_each_route_leads_to_what_the_table_says() {
    Journal::of_all_else();
    let outcomes = chains::live_through();
    let mut text = String::new();
    for (feature, route) in CHAINS {
        let own =
            |outcome: &&Outcome| outcome.case.feature == feature && outcome.case.route == route;
        let rows: Vec<&Outcome> = outcomes.iter().filter(own).collect();
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!("\n### `{route}`: {}\n\n", feature.name()));
        text.push_str(&table::row(&["fault", "meanwhile", "afterwards", "help needed", "the log"]));
        text.push_str("|---|---|---|---|---|\n");
        text.extend(rows.into_iter().map(row));
    }
    text.push('\n');
    if std::env::var_os("FAULTS_ONLY").is_some() {
        return eprintln!("{text}");
    }
    table::compare("rest", &text);
}

fn row(outcome: &Outcome) -> String {
    let seen = &outcome.seen;
    table::row(&[
        outcome.case.kind.name(),
        &seen.meanwhile,
        &seen.afterwards,
        seen.helped.unwrap_or("none"),
        outcome.logged.as_deref().unwrap_or("—"),
    ])
}
