//! Time zones by their IANA names, from the database inside the binary, so that a daily means the
//! same on every host.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A text that is no time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone {
    /// What was written.
    pub name: String,
    /// The names most like it, the most alike first; there may be none.
    pub nearest: Vec<String>,
}

/// The database's entry for computers whose zone nobody has set; it is no place's time.
const UNSET: &str = "Factory";

/// The zone of that IANA name, in capitals or not. Offsets such as `+02:00` are no names.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    let name = name.trim();
    TimeZoneDatabase::bundled()
        .get(name)
        .ok()
        // `Etc/Unknown` can be had from jiff but is the name of no zone.
        .filter(|zone| zone.iana_name().is_some_and(|name| name != UNSET))
        .ok_or_else(|| UnknownZone { name: name.to_owned(), nearest: nearest(name) })
}

/// All IANA names in alphabetical order.
pub fn zone_names() -> Vec<String> {
    let mut names: Vec<String> = TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name != UNSET)
        .collect();
    names.sort_unstable();
    names
}

/// The names that hold a text, those first of which the whole or the city begins with it.
pub fn zones_with(text: &str) -> Vec<String> {
    let wanted = text.trim().to_lowercase().replace(' ', "_");
    let found = |name: String| {
        let lower = name.to_lowercase();
        let city = lower.rsplit('/').next().unwrap_or_default();
        let begins = lower.starts_with(&wanted) || city.starts_with(&wanted);
        lower.contains(&wanted).then_some((!begins, name))
    };
    let mut names: Vec<(bool, String)> = zone_names().into_iter().filter_map(found).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

/// How many names an error suggests.
const SUGGESTIONS: usize = 3;
/// How like a name must be to be suggested, from 0 to 1 (the same).
const LIKE_ENOUGH: f64 = 0.8;

fn nearest(written: &str) -> Vec<String> {
    let written = written.to_lowercase().replace(' ', "_");
    let mut likely: Vec<(f64, String)> = zone_names()
        .into_iter()
        .map(|name| (likeness(&written, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .collect();
    // The sort is stable: names equally like stay in alphabetical order.
    likely.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    likely.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

/// People write `Berlin` as well as `Europe/Berln`, so the city alone counts too.
fn likeness(written: &str, name: &str) -> f64 {
    let city = name.rsplit('/').next().unwrap_or(name);
    strsim::jaro_winkler(written, name).max(strsim::jaro_winkler(written, city))
}

/// For serde: a zone is stored by its IANA name.
pub(super) mod by_name {
    use jiff::tz::TimeZone;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    /// Writes the name of the zone.
    pub fn serialize<S: Serializer>(zone: &TimeZone, to: S) -> Result<S::Ok, S::Error> {
        let name = zone.iana_name();
        to.serialize_str(name.ok_or_else(|| ser::Error::custom("a time zone without a name"))?)
    }

    /// Reads the name of a zone.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
        let name = String::deserialize(from)?;
        super::zone(&name).map_err(|_| de::Error::custom(format!("no time zone {name:?}")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{zone, zone_names};

    #[test]
    fn every_listed_name_is_a_zone() {
        let names = zone_names();
        assert!(names.len() > 400, "{}", names.len());
        assert!(names.is_sorted());
        for name in names {
            assert_eq!(zone(&name).unwrap().iana_name(), Some(name.as_str()));
        }
    }

    #[test]
    fn names_may_be_written_in_any_case() {
        assert_eq!(zone(" america/new_YORK ").unwrap().iana_name(), Some("America/New_York"));
        assert_eq!(zone("utc").unwrap().iana_name(), Some("UTC"));
    }

    #[test]
    fn the_nearest_names_are_suggested() {
        for (written, meant) in [
            ("Europe/Berln", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Asia/Katmando", "Asia/Katmandu"),
        ] {
            let error = zone(written).unwrap_err();
            assert_eq!(error.nearest.first().map(String::as_str), Some(meant), "{written}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for written in ["", "+02:00", "EST5EDT4", "Etc/Unknown", "Factory", "../etc/passwd"] {
            let error = zone(written).unwrap_err();
            assert_eq!(error.name, written);
        }
        assert_eq!(zone("qqqqqqqq").unwrap_err().nearest, [""; 0]);
    }
}
