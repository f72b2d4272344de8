//! The configuration as text: what `daypass config print` shows, and the reference in the documentation.

use std::fmt::Write as _;

use super::Config;
use super::section::{Key, Section};

pub(super) fn print(config: &Config) -> String {
    let defaults = Config::default();
    let mut out = String::from(
        "# Daypass: the configuration. Every key may be given by a variable instead, which wins: DAYPASS_ and the\n\
         # key's name in capitals, a section's name before it with two underscores (DAYPASS_LOG__FORMAT), lists with\n\
         # commas. Keys that are commented out are not set; what they show is an example.\n",
    );
    print_keys(&mut out, config.keys(), &defaults.keys());
    for (part, default) in config.parts().into_iter().zip(defaults.parts()) {
        out.push('\n');
        comment(&mut out, part.doc);
        line(&mut out, format_args!("[{}]", part.name));
        print_keys(&mut out, part.keys, &default.keys);
    }
    out
}

fn print_keys(out: &mut String, keys: Vec<Key>, defaults: &[Key]) {
    for (key, default) in keys.into_iter().zip(defaults) {
        out.push('\n');
        comment(out, key.doc);
        if let Some(usual) = default.value.as_ref().filter(|_| default.value != key.value) {
            line(out, format_args!("# Default: {usual}"));
        }
        match key.value {
            Some(value) => line(out, format_args!("{} = {value}", key.name)),
            None => line(out, format_args!("#{} = {}", key.name, key.example)),
        }
    }
}

fn comment(out: &mut String, doc: &[&str]) {
    for text in doc {
        line(out, format_args!("# {}", text.trim()));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
