//! Tokens as a table (CSV, RFC 4180), in both directions: what an export writes can be imported again.
//!
//! A table never holds a secret. Its texts are foreign until they are checked, so what goes wrong with a cell is told
//! by its column, never by its content.
//!
//! The forms of cells: grants are `Press photos: read+download; Open: read` (a backslash before `;`, `:` and `\` in a
//! name), origins and networks stand side by side with spaces between, a rate limit is `100/60`, `unlimited` or empty
//! (the default), an end is RFC 3339 or a date (its first moment in UTC), an empty lifetime is the default.
//!
//! **Spreadsheets** take a cell that begins like a formula for one. Such a cell is written with an apostrophe in front
//! of it, and so is one that begins with an apostrophe; reading takes one apostrophe away again where one of these
//! characters follows it.

use std::borrow::Cow;

use wire::{
    Contact, FieldError, FieldErrorCode, Grant, IMPORT_COLUMNS, InterfaceName, Kind, LIMITS, MaybeRateLimit,
    Network, Note, Origin, Permission, Permissions, RateLimit, Reason, TemporaryLifetime, TextError,
    Timestamp, TokenName, TokenView, contains_token_value,
};

use crate::secret::KeySha256;

/// What an export tells beside; an import does not look at it.
pub const INFORMATIVE_COLUMNS: [&str; 6] =
    ["id", "status", "hint", "created_at", "created_by", "last_used_at"];

/// The most characters of a name or of rights that are shown again.
const SHOWN: usize = 500;

/// The columns of an export: those of an import but for the digests, then the informative ones.
#[must_use]
pub fn export_columns() -> Vec<&'static str> {
    IMPORT_COLUMNS
        .into_iter()
        .filter(|column| *column != "sha256")
        .chain(INFORMATIVE_COLUMNS)
        .collect()
}

/// A token as a row, in the order of [`export_columns`], ready to be written.
#[must_use]
pub fn cells(token: &TokenView) -> Vec<String> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let lifetime = match token.temporary_lifetime {
        TemporaryLifetime::Default => String::new(),
        other => other.number().to_string(),
    };
    let rate_limit = match token.rate_limit {
        MaybeRateLimit::Default => String::new(),
        MaybeRateLimit::Unlimited => "unlimited".to_owned(),
        MaybeRateLimit::Limited(limit) => format!("{}/{}", limit.requests, limit.per_seconds),
    };
    let joined = |words: Vec<String>| words.join(" ");
    [
        token.name.clone(),
        token.kind.as_str().to_owned(),
        grants_in_words(&token.grants),
        lifetime,
        time(token.expires_at),
        joined(token.allowed_origins.iter().map(ToString::to_string).collect()),
        joined(token.allowed_networks.iter().map(ToString::to_string).collect()),
        rate_limit,
        token.note.clone(),
        token.contact.clone(),
        token.write_reason.clone(),
        token.id.to_string(),
        token.status.as_str().to_owned(),
        token.hint.clone().unwrap_or_default(),
        token.created_at.to_string(),
        token.created_by.clone().unwrap_or_default(),
        time(token.last_used_at),
    ]
    .into_iter()
    .map(defused)
    .collect()
}

fn grants_in_words(grants: &[Grant]) -> String {
    let words = grants.iter().map(|grant| {
        let permissions: Vec<_> = grant.permissions.iter().map(Permission::as_str).collect();
        let name: String = grant
            .interface
            .as_str()
            .chars()
            .flat_map(|c| {
                matches!(c, ';' | ':' | '\\')
                    .then_some('\\')
                    .into_iter()
                    .chain([c])
            })
            .collect();
        format!("{name}: {}", permissions.join("+"))
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Whether a spreadsheet would take a text that begins so for a formula. Some take the wide forms too.
const fn begins_a_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠')
}

fn defused(text: String) -> String {
    if text.starts_with(|c| begins_a_formula(c) || c == '\'') {
        format!("'{text}")
    } else {
        text
    }
}

fn fused(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c| begins_a_formula(c) || c == '\'') => rest,
        _ => text,
    }
}

/// Why a text is no table. Nothing of it was looked at further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not UTF-8.
    #[error("The table is not UTF-8. Save it as “CSV UTF-8”.")]
    NotUtf8,
    /// Nothing but a header, or not even that.
    #[error("The table has no rows. The first line names the columns, the others are one token each.")]
    Empty,
    /// More rows than allowed.
    #[error("The table has more than 1000 rows. Import it in parts.")]
    TooLong,
    /// A quotation mark that never ends, or the like.
    #[error("The table cannot be read from line {0} on.")]
    Unreadable(u64),
    /// Columns that are missing, unknown or there twice.
    #[error("columns break rules")]
    Columns(Vec<FieldError>),
}

/// A row of a table. Where a cell breaks a rule, its default stands here, and the rule is among the errors.
#[derive(Debug)]
pub struct TableRow {
    /// The line in the file, from 1 (the header).
    pub line: u64,
    /// The name as it was written, masked where it looks like a token's value.
    pub shown_name: String,
    /// The rights as they were written, likewise.
    pub shown_grants: String,
    /// The name; `None` where it cannot be one.
    pub name: Option<TokenName>,
    /// Where the token may be kept.
    pub kind: Kind,
    /// Its rights.
    pub grants: Vec<Grant>,
    /// How long its temporary tokens live.
    pub temporary_lifetime: TemporaryLifetime,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Pages that it may be used from.
    pub allowed_origins: Vec<Origin>,
    /// Networks that it may be used from.
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    pub rate_limit: MaybeRateLimit,
    /// A free note.
    pub note: Note,
    /// Who answers for the integration.
    pub contact: Contact,
    /// Why it may write.
    pub write_reason: Reason,
    /// The SHA-256 of its key.
    pub sha256: Option<KeySha256>,
    /// What is wrong; `field` is the column.
    pub errors: Vec<FieldError>,
}

/// Reads a table: UTF-8 with or without a byte order mark, cells between commas or semicolons.
///
/// # Errors
/// When it is no table, or its columns are wrong. What is wrong with a row stands in the row.
pub fn read(bytes: &[u8]) -> Result<Vec<TableRow>, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    // Names of columns hold neither.
    let delimiter = if first.contains(';') && !first.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let unreadable =
        |error: &csv::Error| TableError::Unreadable(error.position().map_or(1, csv::Position::line));
    let header = reader.headers().map_err(|e| unreadable(&e))?;
    let columns: Vec<String> = header.iter().map(|c| c.trim().to_ascii_lowercase()).collect();
    check_columns(&columns)?;
    let mut rows = Vec::new();
    let (mut line, mut at) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(&e))?;
        if rows.len() >= LIMITS.table_rows {
            return Err(TableError::TooLong);
        }
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            // The reader's own count stands before the line breaks that it has not looked at yet.
            let from = record
                .position()
                .map_or(0, |p| usize::try_from(p.byte()).unwrap_or(at));
            let begin = from + bytes_of_line_breaks(&text[from..]);
            line += text[at..begin].matches('\n').count() as u64;
            at = begin;
            rows.push(row(&columns, &record, line));
        }
    }
    if rows.is_empty() {
        Err(TableError::Empty)
    } else {
        Ok(rows)
    }
}

fn bytes_of_line_breaks(text: &str) -> usize {
    text.len() - text.trim_start_matches(['\r', '\n']).len()
}

fn check_columns(columns: &[String]) -> Result<(), TableError> {
    if columns.iter().all(String::is_empty) {
        return Err(TableError::Empty);
    }
    let mut errors = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let known =
            IMPORT_COLUMNS.contains(&column.as_str()) || INFORMATIVE_COLUMNS.contains(&column.as_str());
        if !known {
            errors.push(FieldError {
                detail: format!(
                    "there is no such column; the columns are {}",
                    IMPORT_COLUMNS.join(", ")
                ),
                ..FieldError::new(column.as_str(), FieldErrorCode::UnknownField)
            });
        } else if columns[..at].contains(column) {
            errors.push(FieldError::new(column.as_str(), FieldErrorCode::Duplicate));
        }
    }
    if !columns.iter().any(|c| c == "name") {
        errors.push(FieldError::new("name", FieldErrorCode::Required));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(TableError::Columns(errors))
    }
}

/// The cells of a row by column, and what is wrong with them so far.
struct Cells<'a> {
    columns: &'a [String],
    record: &'a csv::StringRecord,
    errors: Vec<FieldError>,
}

impl<'a> Cells<'a> {
    fn text(&self, column: &str) -> &'a str {
        let at = self.columns.iter().position(|c| c == column);
        fused(at.and_then(|at| self.record.get(at)).unwrap_or_default().trim())
    }

    /// Notes that a cell breaks a rule, at its entry of that number where it has several.
    fn wrong(&mut self, column: &str, code: FieldErrorCode, detail: impl Into<String>) {
        self.errors.push(FieldError {
            detail: detail.into(),
            ..FieldError::new(column, code)
        });
    }

    /// Reads a cell; an empty one is the default.
    fn read<T: Default>(
        &mut self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, (FieldErrorCode, String)>,
    ) -> T {
        let text = self.text(column);
        if text.is_empty() {
            return T::default();
        }
        read(text).unwrap_or_else(|(code, detail)| {
            self.wrong(column, code, detail);
            T::default()
        })
    }
}

fn of_text(error: TextError) -> (FieldErrorCode, String) {
    (error.code, error.to_string())
}

fn row(columns: &[String], record: &csv::StringRecord, line: u64) -> TableRow {
    let mut cells = Cells {
        columns,
        record,
        errors: Vec::new(),
    };
    if record.len() != columns.len() {
        let detail = format!(
            "the line has {} cells, the first line {}",
            record.len(),
            columns.len()
        );
        cells.wrong("row", FieldErrorCode::WrongType, detail);
    }
    for (column, cell) in columns.iter().zip(record) {
        if contains_token_value(cell) {
            cells.wrong(
                column,
                FieldErrorCode::ContainsToken,
                FieldErrorCode::ContainsToken.detail(),
            );
        }
    }
    let name = match TokenName::parse(cells.text("name")) {
        Ok(name) => Some(name),
        // Said already.
        Err(error) if error.code == FieldErrorCode::ContainsToken => None,
        Err(error) => {
            cells.wrong("name", error.code, error.to_string());
            None
        }
    };
    let lines = |text: &str| text.replace("\r\n", "\n");
    let row = TableRow {
        line,
        shown_name: shown(cells.text("name")),
        shown_grants: shown(cells.text("grants")),
        name,
        kind: cells.read("kind", kind),
        grants: cells.read("grants", grants),
        temporary_lifetime: cells.read("temporary_lifetime", lifetime),
        expires_at: cells.read("expires_at", end),
        allowed_origins: cells.read("allowed_origins", |t| entries(t, Origin::parse)),
        allowed_networks: cells.read("allowed_networks", |t| entries(t, Network::parse)),
        rate_limit: cells.read("rate_limit", rate_limit),
        note: cells.read("note", |t| Note::parse(&lines(t)).map_err(of_text)),
        contact: cells.read("contact", |t| Contact::parse(t).map_err(of_text)),
        write_reason: cells.read("write_reason", |t| Reason::parse(&lines(t)).map_err(of_text)),
        sha256: cells.read("sha256", sha256),
        errors: Vec::new(),
    };
    let mut errors = cells.errors;
    errors.dedup_by(|later, first| later.field == first.field && first.code == FieldErrorCode::ContainsToken);
    TableRow { errors, ..row }
}

/// What is shown of a cell again.
fn shown(text: &str) -> String {
    if contains_token_value(text) {
        "…".to_owned()
    } else {
        text.chars().take(SHOWN).collect()
    }
}

fn kind(text: &str) -> Result<Kind, (FieldErrorCode, String)> {
    [Kind::Secret, Kind::Public]
        .into_iter()
        .find(|kind| text.eq_ignore_ascii_case(kind.as_str()))
        .ok_or_else(|| (FieldErrorCode::WrongType, "write secret or public".to_owned()))
}

fn grants(text: &str) -> Result<Vec<Grant>, (FieldErrorCode, String)> {
    split(text, ';')
        .into_iter()
        .enumerate()
        .filter(|(_, entry)| !entry.trim().is_empty())
        .map(|(at, entry)| {
            let wrong = |code, detail: &str| (code, format!("entry {}: {detail}", at + 1));
            let form = || {
                wrong(
                    FieldErrorCode::WrongType,
                    "write it like Press photos: read+download",
                )
            };
            let parts = split(&entry, ':');
            let [name, words] = parts.as_slice() else {
                return Err(form());
            };
            let interface =
                InterfaceName::parse(&unescaped(name)).map_err(|e| wrong(e.code, &e.to_string()))?;
            let permissions: Permissions = words
                .split(['+', ',', ' '])
                .filter(|word| !word.is_empty())
                .map(|word| word.to_ascii_lowercase().parse::<Permission>())
                .collect::<Result<_, ()>>()
                .map_err(|()| {
                    let all: Vec<_> = Permission::ALL.iter().map(|p| p.as_str()).collect();
                    wrong(
                        FieldErrorCode::WrongType,
                        &format!("permissions are {}", all.join(", ")),
                    )
                })?;
            if permissions.is_empty() {
                return Err(form());
            }
            Ok(Grant {
                interface,
                permissions,
            })
        })
        .collect()
}

/// Splits at a character, but not where a backslash stands before it. Backslashes stay.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == at && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    plain.into()
}

fn lifetime(text: &str) -> Result<TemporaryLifetime, (FieldErrorCode, String)> {
    let number = text.parse().map_err(|_| {
        (
            FieldErrorCode::WrongType,
            "write a number of seconds, -1 (the default) or 0 (no end)".to_owned(),
        )
    })?;
    TemporaryLifetime::from_number(number).ok_or_else(|| {
        let most = LIMITS.longest_temporary_lifetime;
        (
            FieldErrorCode::OutOfRange,
            format!("a lifetime is -1, 0 or a number of seconds up to {most}"),
        )
    })
}

fn end(text: &str) -> Result<Option<Timestamp>, (FieldErrorCode, String)> {
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .map(Some)
        .ok_or_else(|| {
            (
                FieldErrorCode::WrongType,
                "write it like 2027-01-31 or 2027-01-31T12:00:00Z".to_owned(),
            )
        })
}

fn entries<T>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, FieldErrorCode>,
) -> Result<Vec<T>, (FieldErrorCode, String)> {
    text.split_whitespace()
        .enumerate()
        .map(|(at, entry)| parse(entry).map_err(|code| (code, format!("entry {}: {code}", at + 1))))
        .collect()
}

fn rate_limit(text: &str) -> Result<MaybeRateLimit, (FieldErrorCode, String)> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(MaybeRateLimit::Unlimited);
    }
    let numbers = text
        .split_once('/')
        .and_then(|(requests, seconds)| Some((requests.trim().parse().ok()?, seconds.trim().parse().ok()?)));
    let Some((requests, seconds)) = numbers else {
        return Err((
            FieldErrorCode::WrongType,
            "write requests and seconds like 100/60, or unlimited".to_owned(),
        ));
    };
    RateLimit::new(requests, seconds)
        .map(MaybeRateLimit::Limited)
        .ok_or_else(|| {
            let (most, longest) = (LIMITS.rate_requests, LIMITS.rate_seconds);
            (
                FieldErrorCode::OutOfRange,
                format!("a rate limit has 1 to {most} requests in 1 to {longest} seconds"),
            )
        })
}

fn sha256(text: &str) -> Result<Option<KeySha256>, (FieldErrorCode, String)> {
    KeySha256::parse(text).map(Some).ok_or_else(|| {
        (
            FieldErrorCode::WrongType,
            "write the SHA-256 of the key, 64 hexadecimal digits; the key itself must stand in no table"
                .to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<TableRow> {
        read(text.as_bytes()).unwrap()
    }

    fn errors(row: &TableRow) -> Vec<(&str, FieldErrorCode)> {
        row.errors.iter().map(|e| (e.field.as_str(), e.code)).collect()
    }

    #[test]
    fn a_row_has_every_column() {
        let digest = "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789";
        let text = format!(
            "\u{FEFF}Name;Kind;grants;temporary_lifetime;expires_at;allowed_origins;allowed_networks;rate_limit;note;contact;write_reason;sha256\r\n\
             \"a; \"\"b\"\"\";PUBLIC;\"Press: read+Download; Open\\:\\;\\\\x: upload, edit\";0;2027-01-31;https://a.example http://b.example:81;10.0.0.0/8 ::1;100/60;\"one\r\ntwo\";'=me;'why;{digest}\r\n"
        );
        let row = rows(&text).remove(0);
        assert_eq!(errors(&row), []);
        assert_eq!(row.line, 2);
        assert_eq!(row.name.unwrap().as_str(), "a; \"b\"");
        assert_eq!(row.kind, Kind::Public);
        let words: Vec<_> = row
            .grants
            .iter()
            .map(|g| (g.interface.as_str(), g.permissions.iter().count()))
            .collect();
        assert_eq!(words, [("Press", 2), ("Open:;\\x", 2)]);
        assert_eq!(row.temporary_lifetime, TemporaryLifetime::Endless);
        assert_eq!(row.expires_at.unwrap().to_string(), "2027-01-31T00:00:00.000Z");
        assert_eq!((row.allowed_origins.len(), row.allowed_networks.len()), (2, 2));
        assert_eq!(
            row.rate_limit,
            MaybeRateLimit::Limited(RateLimit::new(100, 60).unwrap())
        );
        assert_eq!(
            (row.note.as_str(), row.contact.as_str(), row.write_reason.as_str()),
            ("one\ntwo", "=me", "'why")
        );
        assert!(row.sha256.is_some());
    }

    #[test]
    fn a_name_is_enough_and_empty_lines_are_none() {
        let all = rows("name\nA\n\n  \nB\n");
        assert_eq!(all.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 5]);
        assert!(
            all.iter()
                .all(|r| r.errors.is_empty() && r.grants.is_empty() && r.sha256.is_none())
        );
    }

    #[test]
    fn everything_that_is_wrong_with_a_row_is_told_at_once() {
        use FieldErrorCode::{NotANetwork, NotAnOrigin, OutOfRange, Required, WrongType};
        let row = rows(
            "name,kind,grants,temporary_lifetime,expires_at,allowed_origins,allowed_networks,rate_limit,sha256\n\
             ,x,Press,-7,soon,https://a.example nope,10.0.0.0/99,0/1,hunter2hunter2hunter2\n",
        )
        .remove(0);
        assert_eq!(
            errors(&row),
            [
                ("name", Required),
                ("kind", WrongType),
                ("grants", WrongType),
                ("temporary_lifetime", OutOfRange),
                ("expires_at", WrongType),
                ("allowed_origins", NotAnOrigin),
                ("allowed_networks", NotANetwork),
                ("rate_limit", OutOfRange),
                ("sha256", WrongType),
            ]
        );
        assert!(
            row.errors
                .iter()
                .all(|e| !e.detail.contains("hunter2") && !e.detail.contains("nope"))
        );
        assert_eq!(errors(&rows("name,note\nA\n")[0]), [("row", WrongType)]);
    }

    #[test]
    fn a_value_of_ours_is_refused_and_never_shown() {
        let value = format!("dps_{}", "a".repeat(46));
        for text in [
            format!("name,grants\n{value},x: read\n"),
            format!("name,grants\nA,{value}: read\n"),
            format!("name,note\nA,see {value}\n"),
            format!("name,sha256\nA,{value}\n"),
            format!("name,hint\nA,{value}\n"),
        ] {
            let row = rows(&text).remove(0);
            assert_eq!(row.errors.len(), 1, "{text}: {:?}", row.errors);
            assert_eq!(row.errors[0].code, FieldErrorCode::ContainsToken);
            assert!(!format!("{row:?}").contains(&value), "{row:?}");
        }
    }

    #[test]
    fn what_is_no_table_is_refused_as_a_whole() {
        assert_eq!(read(b"name\n\xff\n").unwrap_err(), TableError::NotUtf8);
        for empty in ["", "\n", "name\n", "name,kind\n,\n"] {
            assert_eq!(
                read(empty.as_bytes()).unwrap_err(),
                TableError::Empty,
                "{empty:?}"
            );
        }
        let columns = |text: &str| match read(text.as_bytes()) {
            Err(TableError::Columns(errors)) => {
                errors.into_iter().map(|e| (e.field, e.code)).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(
            columns("name,secret\nA,b\n"),
            [("secret".to_owned(), FieldErrorCode::UnknownField)]
        );
        assert_eq!(columns("kind,kind\nA,b\n").len(), 2);
        let long = format!("name\n{}", "A\n".repeat(LIMITS.table_rows + 1));
        assert_eq!(read(long.as_bytes()).unwrap_err(), TableError::TooLong);
        assert!(read(&long.as_bytes()[..long.len() - 2]).is_ok());
    }

    #[test]
    fn formulas_are_defused_and_come_back() {
        for text in [
            "=1+1", "+47 55", "-x", "@sum", "'quoted", "''", "＝1", "plain", "a=b", "",
        ] {
            let cell = defused(text.to_owned());
            assert!(!cell.starts_with(begins_a_formula), "{cell}");
            assert_eq!(fused(&cell), text);
        }
        // Written by people, not by an export.
        assert_eq!(fused("'tis"), "'tis");
    }
}
