//! What the pages share: bar, contents, sections, tables of parameters, and running text with code in it.
//!
//! No text about a method may enter.

use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// An entry of the contents: the id of a heading and its text.
pub(super) type Entry = (&'static str, &'static str);

/// The pages, as the bar shows them.
const PAGES: [Entry; 6] = [
    ("/api", "Reference"),
    ("/api/errors", "Errors"),
    ("/api/guides/gallery", "Gallery"),
    ("/api/guides/wordpress", "WordPress"),
    ("/api/guides/node", "Node"),
    ("/api/guides/static-site", "Static site"),
];

/// A page: bar, contents at its left, text.
#[component]
pub(super) fn Page(
    /// Its address.
    path: &'static str,
    /// Its title.
    title: &'static str,
    /// What it is about, in a sentence or two.
    lead: &'static str,
    /// What its contents list.
    contents: &'static [Entry],
    /// Whether it has examples in several languages.
    #[prop(optional)]
    languages: bool,
    /// Its sections.
    children: Children,
) -> impl IntoView {
    let pages = PAGES.map(|(href, text)| {
        view! {
            <li>
                <a href=href aria-current=(href == path).then_some("page")>{text}</a>
            </li>
        }
    });
    let entries = || {
        contents
            .iter()
            .map(|(id, text)| view! { <li><a href=format!("#{id}")>{*text}</a></li> })
            .collect_view()
    };
    let (wide, narrow) = if contents.is_empty() {
        (None, None)
    } else {
        (
            Some(view! {
                <aside class="contents">
                    <nav aria-label="On this page">
                        <h2>"On this page"</h2>
                        <ul>{entries()}</ul>
                    </nav>
                </aside>
            }),
            Some(view! {
                <details class="contents-fold">
                    <summary>"On this page"</summary>
                    <nav aria-label="On this page">
                        <ul>{entries()}</ul>
                    </nav>
                </details>
            }),
        )
    };
    let switch = languages.then(super::code::languages);
    view! {
        <Title text=format!("{title} · Daypass") />
        <a class="skip" href="#text">"Skip to the text"</a>
        <header class="ref-bar">
            <a class="brand" href="/api">
                <i aria-hidden="true"></i>
                "Daypass"
            </a>
            <nav aria-label="Reference">
                <ul>{pages}</ul>
            </nav>
        </header>
        <div class="ref-body">
            {wide}
            <main id="text" tabindex="-1">
                <header class="ref-head">
                    <h1>{title}</h1>
                    <p>{rich(lead)}</p>
                </header>
                {narrow}
                {switch}
                {children()}
            </main>
        </div>
    }
}

/// A section with an anchor.
#[component]
pub(super) fn Section(
    /// Its anchor.
    id: &'static str,
    /// Its heading; of a method, the path.
    title: &'static str,
    /// Of a method, the verb of HTTP.
    #[prop(optional)]
    verb: Option<&'static str>,
    /// Its text.
    children: Children,
) -> impl IntoView {
    let heading = match verb {
        None => title.into_any(),
        Some(verb) => view! {
            <span class="verb">{verb}</span>
            " "
            <code>{title}</code>
        }
        .into_any(),
    };
    view! {
        <section id=id aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>
                <a class="anchor" href=format!("#{id}")>{heading}</a>
            </h2>
            {children()}
        </section>
    }
}

/// A row of a table of parameters or fields: name, what it holds, what it means.
pub(super) type Row = (&'static str, String, String);

/// Parameters of a request or fields of an answer.
pub(super) fn table(caption: &'static str, heads: [&'static str; 3], rows: Vec<Row>) -> AnyView {
    let rows = rows.into_iter().map(|(name, holds, means)| {
        view! {
            <tr>
                <th scope="row">
                    <code>{name}</code>
                </th>
                <td data-label=heads[1]><div>{rich(&holds)}</div></td>
                <td data-label=heads[2]><div>{rich(&means)}</div></td>
            </tr>
        }
    });
    view! {
        <div class="card">
            <table class="list cards params">
                <caption class="sr">{caption}</caption>
                <thead>
                    <tr>{heads.map(|head| view! { <th scope="col">{head}</th> })}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Running text in which `` `code` `` is code and `[text](address)` is a link.
pub(super) fn rich(text: &str) -> AnyView {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.into_any(),
            Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
            Piece::Link(text, href) => view! { <a href=href>{text}</a> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// A paragraph of [`rich`] text.
pub(super) fn p(text: &str) -> AnyView {
    view! { <p>{rich(text)}</p> }.into_any()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Code(String),
    Link(String, String),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '[']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let (piece, after) = if let Some(inside) = from.strip_prefix('`') {
            inside
                .split_once('`')
                .map(|(code, after)| (Piece::Code(code.to_owned()), after))
                .unzip()
        } else {
            link(from).unzip()
        };
        if let (Some(piece), Some(after)) = (piece, after) {
            if !plain.is_empty() {
                found.push(Piece::Plain(std::mem::take(&mut plain)));
            }
            found.push(piece);
            rest = after;
        } else {
            plain.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        found.push(Piece::Plain(plain));
    }
    found
}

fn link(from: &str) -> Option<(Piece, &str)> {
    let (text, after) = from.strip_prefix('[')?.split_once("](")?;
    let (href, after) = after.split_once(')')?;
    Some((Piece::Link(text.to_owned(), href.to_owned()), after))
}

/// What stands at addresses under `/api/` where nothing is.
#[component]
pub(super) fn NotFound() -> impl IntoView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
    view! {
        <Page
            path=""
            title="There is nothing here"
            lead="No page and no method of the API stands at this address. Upper and lower case differ."
            contents=&[]
        >
            <p>
                <a class="btn first" href="/api">"Open the reference"</a>
            </p>
        </Page>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_text_has_code_and_links() {
        let plain = |text: &str| Piece::Plain(text.to_owned());
        assert_eq!(
            pieces("Send `a` to [b](/c), `or"),
            [
                plain("Send "),
                Piece::Code("a".to_owned()),
                plain(" to "),
                Piece::Link("b".to_owned(), "/c".to_owned()),
                plain(", `or"),
            ]
        );
        assert_eq!(pieces("grants[0]"), [plain("grants[0]")]);
        assert_eq!(pieces("`[a](b)`"), [Piece::Code("[a](b)".to_owned())]);
    }
}
