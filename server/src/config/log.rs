//! The section `log`.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::section::{section, words};

words! {
    /// The form of log lines.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object per line, for collectors.
        Json = "json",
    }
}

section! {
    /// What the server writes to standard error.
    pub struct LogConfig {
        /// The form of the lines: `text` for people, `json` for collectors.
        pub format: LogFormat = LogFormat::Text => "\"text\"",
        /// What is logged: `error`, `warn`, `info`, `debug`, `trace` or `off`; or a filter directive such as
        /// `info,server=debug`. No level makes the server log a secret.
        pub level: String = "info".to_owned() => "\"info\"",
    }
}

/// Whether the directive can be used. A lone word that is no level is refused although the filter takes it: it would
/// mean a module of that name, and silence everywhere else.
pub(super) fn check_level(directive: &str) -> Result<(), String> {
    for part in directive.split(',') {
        let is_level = !part.is_empty() && part.parse::<LevelFilter>().is_ok();
        if !is_level && !part.contains(['=', '[', ']']) {
            return Err(format!("`{part}` is neither a level nor a directive"));
        }
    }
    EnvFilter::try_new(directive)
        .map(drop)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_levels_and_directives_only() {
        for right in ["info", "OFF", "warn,server=debug", "info,server::http=trace"] {
            assert_eq!(check_level(right), Ok(()), "{right}");
        }
        for wrong in ["", "verbose", "info,", "info, warn", "server=loud"] {
            assert!(check_level(wrong).is_err(), "{wrong}");
        }
    }
}
