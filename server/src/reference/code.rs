//! Code on the pages: blocks with comments and strings set apart, and examples in the reader's language.
//!
//! The choice of the language is a group of radio buttons and a rule of the style sheet: no script.

use leptos::prelude::*;

/// A language of the examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Curl,
    JavaScript,
    Php,
    Python,
    Rust,
    /// Answers.
    Json,
    /// nginx's configuration.
    Nginx,
    /// Pages.
    Html,
}

impl Language {
    /// Those that a reader chooses between.
    const CHOICES: [Self; 5] = [Self::Curl, Self::JavaScript, Self::Php, Self::Python, Self::Rust];

    const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::JavaScript => "JavaScript",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Json => "JSON",
            Self::Nginx => "nginx",
            Self::Html => "HTML",
        }
    }

    /// As the style sheet names it.
    const fn class(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::JavaScript => "js",
            Self::Php => "php",
            Self::Python => "python",
            Self::Rust => "rust",
            Self::Json => "json",
            Self::Nginx => "nginx",
            Self::Html => "html",
        }
    }

    /// How a comment starts that goes on to the end of the line.
    const fn comment(self) -> Option<&'static str> {
        match self {
            Self::Curl | Self::Python | Self::Nginx => Some("#"),
            Self::JavaScript | Self::Php | Self::Rust | Self::Html => Some("//"),
            Self::Json => None,
        }
    }
}

/// The choice of a language, for all examples of a page.
pub(super) fn languages() -> impl IntoView {
    let choices = Language::CHOICES.map(|language| {
        let id = format!("in-{}", language.class());
        view! {
            <label>
                <input
                    type="radio"
                    name="language"
                    id=id
                    checked=language == Language::Curl
                    autocomplete="off"
                />
                {language.name()}
            </label>
        }
    });
    view! {
        <fieldset class="languages">
            <legend>"Examples in"</legend>
            {choices}
        </fieldset>
    }
}

/// The same example in every language of [`Language::CHOICES`], in that order.
pub(super) fn examples(texts: [String; 5]) -> AnyView {
    let blocks: Vec<_> = Language::CHOICES
        .into_iter()
        .zip(texts)
        .map(|(language, text)| {
            view! { <div class=format!("example {}", language.class())>{code(language, language.name(), &text)}</div> }
        })
        .collect();
    view! { <div class="examples">{blocks}</div> }.into_any()
}

/// A block of code with a caption. It scrolls inside itself, so it can be focused.
pub(super) fn code(language: Language, caption: &str, text: &str) -> AnyView {
    let spans: Vec<_> = spans(language, text.trim_end())
        .into_iter()
        .map(|(kind, text)| match kind {
            Kind::Plain => text.to_owned().into_any(),
            Kind::Comment => view! { <i>{text.to_owned()}</i> }.into_any(),
            Kind::String => view! { <b>{text.to_owned()}</b> }.into_any(),
        })
        .collect();
    view! {
        <figure class="code">
            <figcaption>{caption.to_owned()}</figcaption>
            <pre tabindex="0" role="group" aria-label=format!("Example: {caption}")>
                <code>{spans}</code>
            </pre>
        </figure>
    }
    .into_any()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Comment,
    String,
}

/// Splits a text into comments, strings and the rest. Good enough for our own examples, and for nothing else.
fn spans(language: Language, text: &str) -> Vec<(Kind, &str)> {
    let mut found: Vec<(Kind, &str)> = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = if starts_comment(language, text, at) {
            (Kind::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if matches!(c, '"' | '\'' | '`') {
            match string_length(rest, c) {
                Some(length) => (Kind::String, length),
                None => (Kind::Plain, 1),
            }
        } else {
            (Kind::Plain, c.len_utf8())
        };
        if kind != Kind::Plain {
            if plain < at {
                found.push((Kind::Plain, &text[plain..at]));
            }
            found.push((kind, &rest[..length]));
            plain = at + length;
        }
        at += length;
    }
    if plain < text.len() {
        found.push((Kind::Plain, &text[plain..]));
    }
    found
}

/// A comment starts at the beginning of a line or after a space: `https://` is none.
fn starts_comment(language: Language, text: &str, at: usize) -> bool {
    language
        .comment()
        .is_some_and(|mark| text[at..].starts_with(mark))
        && text[..at].chars().next_back().is_none_or(char::is_whitespace)
}

fn string_length(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_set_apart() {
        assert_eq!(
            spans(Language::JavaScript, "f(\"https://x\"); // it's a call\ng"),
            [
                (Kind::Plain, "f("),
                (Kind::String, "\"https://x\""),
                (Kind::Plain, "); "),
                (Kind::Comment, "// it's a call"),
                (Kind::Plain, "\ng"),
            ]
        );
        assert_eq!(
            spans(Language::Json, "{\"a\\\"#\": 1}")[1],
            (Kind::String, "\"a\\\"#\"")
        );
        assert_eq!(
            spans(Language::Curl, "curl https://x/#y 'open"),
            [(Kind::Plain, "curl https://x/#y 'open")]
        );
    }

    #[test]
    fn no_text_is_lost() {
        for text in ["", "ø 'å' # \"", "a\n# b\n\"c", "`${x}` // 'é'"] {
            for language in [Language::Curl, Language::Rust, Language::Json] {
                let joined: String = spans(language, text).into_iter().map(|(_, part)| part).collect();
                assert_eq!(joined, text);
            }
        }
    }
}
