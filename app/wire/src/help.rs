//! Help for whoever put a permanent token where it must not be: the code that their server needs instead. It goes into
//! the refusal, and onto the exposed token's page.

use serde::{Deserialize, Serialize};

/// What a site is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelpLanguage {
    /// PHP, WordPress among it.
    Php,
    /// JavaScript on a server: Node, Deno, Bun.
    JavaScript,
    /// Python.
    Python,
}

impl HelpLanguage {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Php, Self::JavaScript, Self::Python];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Php => "PHP",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        }
    }

    /// How a server asks for a temporary token. The files are run by the tests as they are.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Php => include_str!("../../../clients/help/day-pass.php"),
            Self::JavaScript => include_str!("../../../clients/help/day-pass.mjs"),
            Self::Python => include_str!("../../../clients/help/day_pass.py"),
        }
    }

    /// What the address of a page tells; JavaScript where it tells nothing.
    #[must_use]
    pub fn of_page(page: &str) -> Self {
        let path = page.split(['?', '#']).next().unwrap_or_default();
        let written_in = |extension: &str| path.rsplit_once('.').is_some_and(|(_, end)| end == extension);
        if written_in("php") || path.contains("/wp-") {
            Self::Php
        } else if written_in("py") || path.contains("/wsgi") {
            Self::Python
        } else {
            Self::JavaScript
        }
    }
}

/// What to do instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// The language of the code, guessed from the page's address.
    pub language: HelpLanguage,
    /// The code.
    pub code: String,
    /// Whole guides, relative to the server: `/api/guides/…`.
    pub guides: Vec<String>,
}

impl Help {
    /// Where the guides are.
    pub const GUIDES: [&str; 3] = [
        "/api/guides/wordpress",
        "/api/guides/node",
        "/api/guides/static-site",
    ];

    /// The help in a language.
    #[must_use]
    pub fn in_language(language: HelpLanguage) -> Self {
        Self {
            language,
            code: language.code().to_owned(),
            guides: Self::GUIDES.map(str::to_owned).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_guessed() {
        for (page, language) in [
            ("https://a.example/index.php?x=.py", HelpLanguage::Php),
            ("https://a.example/wp-content/x.html", HelpLanguage::Php),
            ("https://a.example/app.py", HelpLanguage::Python),
            ("https://a.example", HelpLanguage::JavaScript),
            ("", HelpLanguage::JavaScript),
        ] {
            assert_eq!(HelpLanguage::of_page(page), language, "{page}");
        }
    }
}
