//! The page and what it loads: which files there are, what each is called, and who names whom.
//!
//! Owns the rule that every name is made from the content, so that a browser may keep a file for ever. Must
//! never change what a file does.

use std::path::Path;

use catalogue::{Catalogue, LANGUAGES};

use crate::{
    Outcome, files, read,
    site::{Asset, Hash, Visit},
    wasm::{self, Built},
};

/// The files written by hand.
pub(crate) struct Page {
    html: String,
    boot: String,
    style: String,
    /// Pictures and the like, by their names.
    others: Vec<(String, Vec<u8>)>,
}

impl Page {
    /// Reads `index.html`, `boot.js`, and the style folder.
    pub(crate) fn read(frontend: &Path, style: &Path) -> Outcome<Self> {
        let text = |path: &Path| -> Outcome<String> {
            String::from_utf8(read(path)?).map_err(|error| format!("{}: {error}", path.display()).into())
        };
        let mut sheets = Vec::new();
        let mut others = Vec::new();
        for path in files(style)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("css") => sheets.push((name, text(&path)?)),
                Some("svg" | "png" | "ico") => others.push((name, read(&path)?)),
                _ => {}
            }
        }
        Ok(Self {
            html: text(&frontend.join("index.html"))?,
            boot: text(&frontend.join("boot.js"))?,
            style: join_sheets(sheets)?,
            others,
        })
    }

    /// Gives every file its name, innermost first, since a name that is written in a file changes its own.
    pub(crate) fn assemble(self, built: Built) -> Outcome<Vec<Asset>> {
        let mut assets = Vec::new();
        let mut names = Names::default();

        for (name, bytes) in self.others {
            let visit = if name.starts_with("favicon") {
                Visit::First
            } else {
                Visit::Later
            };
            assets.push(names.give(&name, bytes, visit)?);
        }
        let style = names.write_into(&self.style)?.into_bytes();
        assets.push(names.give("style.css", style, Visit::First)?);

        let app = names.give("app.wasm", built.wasm, Visit::First)?;
        let mut glue = replace_once(&built.glue, wasm::NAME_IN_GLUE, &app.name)?;
        assets.push(app);
        for (name, wasm) in built.parts {
            let part = names.give(&name, wasm, Visit::Later)?;
            glue = replace_once(&glue, &format!("./{name}"), &format!("./{}", part.name))?;
            assets.push(part);
        }
        let glue = names.give("glue.js", glue.into_bytes(), Visit::First)?;
        let boot = replace_once(&self.boot, "./glue.js", &format!("./{}", glue.name))?;
        assets.push(glue);
        assets.push(names.give("boot.js", boot.into_bytes(), Visit::First)?);

        for language in LANGUAGES {
            let (tag, texts) = (language.tag, language.read()?);
            let written = format!("texts-{tag}.txt");
            let lines = texts.lines(false).into_bytes();
            assets.push(names.give(&written, lines, Visit::FirstIn(tag))?);
            let later = format!("later-texts-{tag}.txt");
            assets.push(names.give(&later, texts.lines(true).into_bytes(), Visit::Later)?);
            let html = in_language(&self.html, tag, &texts)?;
            let html = html.replace("/assets/texts.txt", &format!("/assets/{written}"));
            let html = html.replace("/assets/later-texts.txt", &format!("/assets/{later}"));
            let html = names.write_into(&html)?;
            assets.push(Asset::new(
                format!("index-{tag}.html"),
                html.into_bytes(),
                Visit::FirstIn(tag),
            )?);
        }
        Ok(assets)
    }
}

/// Fills the page's holes: `{lang}`, and `{page.starting}` and the like from the catalogue.
fn in_language(html: &str, tag: &str, texts: &Catalogue) -> Outcome<String> {
    let mut filled = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('{') {
        let (hole, after) = after
            .split_once('}')
            .ok_or("index.html: a brace without a partner")?;
        let text = match hole {
            "lang" => tag,
            key => {
                let found = texts.find(key);
                found
                    .ok_or_else(|| format!("index.html names the text {key}, which does not exist"))?
                    .1
            }
        };
        filled.push_str(before);
        filled.push_str(&escaped(text));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// A text between two tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// One style sheet: `main.css` first (it declares the layers, so that the order of the others decides nothing),
/// the others by name.
fn join_sheets(mut sheets: Vec<(String, String)>) -> Outcome<String> {
    sheets.sort_by(|(a, _), (b, _)| (a != "main.css", a).cmp(&(b != "main.css", b)));
    let mut joined = String::new();
    for (name, text) in sheets {
        if text.contains("@import") {
            return Err(
                format!("{name}: @import would load a second style sheet; all of them are joined").into(),
            );
        }
        joined.push_str(&without_comments(&text));
        joined.push('\n');
    }
    Ok(joined)
}

/// Comments are for us, not for the browser. (None of our sheets has `/*` inside a string.)
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Replaces a name that has to be there: if it is not, the file would load something that does not exist.
fn replace_once(text: &str, from: &str, to: &str) -> Outcome<String> {
    match text.matches(from).count() {
        0 => Err(format!("the script does not name {from}").into()),
        _ => Ok(text.replace(from, to)),
    }
}

/// The names given so far: as written by hand, and as served.
#[derive(Default)]
struct Names(Vec<(String, String)>);

impl Names {
    /// `style.css` becomes `style-0123456789abcdef.css`.
    fn give(&mut self, name: &str, bytes: Vec<u8>, visit: Visit) -> Outcome<Asset> {
        let (stem, extension) = name
            .rsplit_once('.')
            .ok_or("a file without an extension has no type")?;
        let mut hash = Hash::default();
        hash.update(&bytes);
        let hash = hash.finish();
        let served = format!("{stem}-{}.{extension}", &hash[..16]);
        self.0
            .push((format!("/assets/{name}"), format!("/assets/{served}")));
        Asset::new(served, bytes, visit)
    }

    /// Puts the served names in place of the written ones; a path to nothing is an error here, not a 404 later.
    fn write_into(&self, text: &str) -> Outcome<String> {
        let text = self
            .0
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        for rest in text.split("/assets/").skip(1) {
            if !self
                .0
                .iter()
                .any(|(_, served)| format!("/assets/{rest}").starts_with(served.as_str()))
            {
                let name = rest.split(['"', '\'', ')', ' ', '\n']).next().unwrap_or_default();
                return Err(format!("/assets/{name} is named, but there is no such file").into());
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            html:
                r#"<html lang="{lang}"><link href="/assets/style.css"><script src="/assets/boot.js"></script>
<link href="/assets/texts.txt"><meta content="/assets/later-texts.txt"><p>{page.starting}</p>"#
                    .into(),
            boot: "import('./glue.js')".into(),
            style: "a{}".into(),
            others: vec![("favicon.svg".into(), b"<svg/>".to_vec())],
        }
    }

    fn built(wasm: &[u8]) -> Built {
        Built {
            wasm: wasm.to_vec(),
            parts: vec![("split_token.wasm".into(), b"part".to_vec())],
            glue: "new URL('frontend_bg.wasm', import.meta.url); fetch('./split_token.wasm')".into(),
        }
    }

    fn find<'a>(assets: &'a [Asset], stem: &str) -> &'a Asset {
        assets.iter().find(|asset| asset.name.starts_with(stem)).unwrap()
    }

    #[test]
    fn every_file_names_the_next_one_as_it_is_served() {
        let assets = page().assemble(built(b"wasm")).unwrap();
        let text = |stem| String::from_utf8(find(&assets, stem).bytes.clone()).unwrap();
        assert!(text("index").contains(&find(&assets, "boot").name));
        assert!(text("index").contains(&find(&assets, "style").name));
        assert!(text("boot").contains(&find(&assets, "glue").name));
        assert!(text("glue").contains(&find(&assets, "app").name));
        assert!(text("glue").contains(&find(&assets, "split_token-").name));
    }

    #[test]
    fn every_language_has_a_page_that_names_its_own_texts() {
        let assets = page().assemble(built(b"wasm")).unwrap();
        for (tag, starting) in [
            ("en", "Starting Daypass…"),
            ("nb", "Daypass starter …"),
            ("de", "Daypass startet …"),
        ] {
            let html = find(&assets, &format!("index-{tag}.html")).bytes.clone();
            let html = String::from_utf8(html).unwrap();
            assert!(html.contains(&format!("<html lang=\"{tag}\">")), "{html}");
            assert!(html.contains(&format!("<p>{starting}</p>")), "{html}");
            let texts = find(&assets, &format!("texts-{tag}-"));
            assert!(html.contains(&format!("/assets/{}", texts.name)), "{html}");
            let later = find(&assets, &format!("later-texts-{tag}-"));
            assert!(html.contains(&format!("/assets/{}", later.name)), "{html}");
        }
    }

    #[test]
    fn a_text_that_does_not_exist_is_refused() {
        let mut page = page();
        page.html.push_str("{page.nothing}");
        assert!(page.assemble(built(b"wasm")).is_err());
    }

    #[test]
    fn a_change_in_the_innermost_file_changes_every_name_around_it() {
        let before = page().assemble(built(b"one")).unwrap();
        let after = page().assemble(built(b"two")).unwrap();
        for stem in ["app", "glue", "boot"] {
            assert_ne!(find(&before, stem).name, find(&after, stem).name);
        }
        assert_eq!(find(&before, "style").name, find(&after, "style").name);
    }

    #[test]
    fn a_path_to_nothing_is_refused() {
        let mut page = page();
        page.html.push_str(r#"<img src="/assets/logo.svg">"#);
        let error = page.assemble(built(b"wasm")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "/assets/logo.svg is named, but there is no such file"
        );
    }

    #[test]
    fn main_css_comes_first_and_comments_go() {
        let sheets = vec![
            ("a.css".into(), "b {}\n/* why */\nc {}".into()),
            ("main.css".into(), "a {}".into()),
        ];
        assert_eq!(join_sheets(sheets).unwrap(), "a {}\nb {}\nc {}\n");
    }

    #[test]
    fn an_import_is_refused() {
        assert!(join_sheets(vec![("a.css".into(), "@import 'b.css';".into())]).is_err());
    }
}
