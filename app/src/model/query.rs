//! The state of a list as it stands in the address, so that a list can be sent to somebody and comes back with
//! the back button.
//!
//! Owns reading and writing of the address' query. What a list does with it belongs to its page.

use std::fmt::Write as _;

use wire::{Attention, AttentionFilter, Kind, Permission, Status, TokenListQuery, TokenSort};

/// Rows on one page of a list.
pub(crate) const PER_PAGE: u32 = 50;

/// Every order with its word in the contract, in the order in which they are offered.
pub(crate) const SORTS: [(TokenSort, &str); 7] = [
    (TokenSort::Name, "name"),
    (TokenSort::NameDescending, "-name"),
    (TokenSort::CreatedDescending, "-created_at"),
    (TokenSort::Created, "created_at"),
    (TokenSort::LastUsedDescending, "-last_used_at"),
    (TokenSort::LastUsed, "last_used_at"),
    (TokenSort::SecretAge, "secret_created_at"),
];

/// The word of an order.
pub(crate) fn sort_word(sort: TokenSort) -> &'static str {
    SORTS
        .iter()
        .find(|(there, _)| *there == sort)
        .map_or("name", |(_, word)| word)
}

/// The order of a word; the usual one where there is no such word.
pub(crate) fn sort_of(word: &str) -> TokenSort {
    SORTS
        .iter()
        .find(|(_, there)| *there == word)
        .map_or(TokenSort::Name, |(sort, _)| *sort)
}

/// The state of a word.
pub(crate) fn status_of(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.as_str() == word)
}

/// The kind of a word.
pub(crate) fn kind_of(word: &str) -> Option<Kind> {
    [Kind::Secret, Kind::Public]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

/// The permission of a word.
pub(crate) fn permission_of(word: &str) -> Option<Permission> {
    word.parse().ok()
}

/// The filter "needs attention" of a word: `any`, or one reason.
pub(crate) fn attention_of(word: &str) -> Option<AttentionFilter> {
    std::iter::once(AttentionFilter::Any)
        .chain(Attention::ALL.into_iter().map(AttentionFilter::Only))
        .find(|filter| filter.as_str() == word)
}

/// Whether a list shows less than everything.
pub(crate) fn is_filtered(query: &TokenListQuery) -> bool {
    let all = TokenListQuery {
        sort: query.sort,
        page: query.page,
        per_page: query.per_page,
        ..TokenListQuery::default()
    };
    *query != all
}

/// Reads the address; what makes no sense there is left out.
pub(crate) fn read_tokens(get: impl Fn(&str) -> Option<String>) -> TokenListQuery {
    let text = |name| {
        get(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    TokenListQuery {
        q: text("q"),
        status: text("status").as_deref().and_then(status_of),
        kind: text("kind").as_deref().and_then(kind_of),
        interface: text("interface"),
        permission: text("permission").as_deref().and_then(permission_of),
        attention: text("attention").as_deref().and_then(attention_of),
        sort: text("sort").as_deref().map(sort_of).unwrap_or_default(),
        page: text("page")
            .and_then(|page| page.parse().ok())
            .filter(|page| *page > 1),
        per_page: None,
    }
}

/// Writes a query, without what is usual: `""` or `?q=…&status=…`.
pub(crate) fn write_tokens(query: &TokenListQuery) -> String {
    let page = query.page.filter(|page| *page > 1).map(|page| page.to_string());
    let attention = query.attention.map(AttentionFilter::as_str);
    let per_page = query.per_page.map(|per_page| per_page.to_string());
    write(&[
        ("q", query.q.as_deref()),
        ("status", query.status.map(Status::as_str)),
        ("kind", query.kind.map(Kind::as_str)),
        ("interface", query.interface.as_deref()),
        ("permission", query.permission.map(Permission::as_str)),
        ("attention", attention),
        (
            "sort",
            (query.sort != TokenSort::Name).then(|| sort_word(query.sort)),
        ),
        ("page", page.as_deref()),
        ("per_page", per_page.as_deref()),
    ])
}

/// Where the whole list is exported as `csv` or `json`, with the filters of a query.
pub(crate) fn export_address(query: &TokenListQuery, format: &str) -> String {
    let filters = write_tokens(&TokenListQuery {
        page: None,
        per_page: None,
        ..query.clone()
    });
    let joint = if filters.is_empty() { '?' } else { '&' };
    format!("/api/admin/v1/tokens/export{filters}{joint}format={format}")
}

/// `""` or `?name=value&…`, percent-encoded.
pub(crate) fn write(pairs: &[(&str, Option<&str>)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            text.push(if text.is_empty() { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            encode(value, &mut text);
        }
    }
    text
}

fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_what_is_not_usual() {
        assert_eq!(write_tokens(&TokenListQuery::default()), "");
        let query = TokenListQuery {
            q: Some("a&b ø".into()),
            status: Some(Status::AwaitingSecret),
            sort: TokenSort::LastUsedDescending,
            page: Some(3),
            ..TokenListQuery::default()
        };
        assert_eq!(
            write_tokens(&query),
            "?q=a%26b%20%C3%B8&status=awaiting_secret&sort=-last_used_at&page=3"
        );
    }

    #[test]
    fn every_filter_comes_back_from_the_address() {
        let query = TokenListQuery {
            kind: Some(Kind::Public),
            interface: Some("Press photos".into()),
            permission: Some(Permission::Upload),
            attention: Some(AttentionFilter::Only(Attention::RotationDue)),
            sort: TokenSort::SecretAge,
            ..TokenListQuery::default()
        };
        let address = write_tokens(&query);
        assert_eq!(
            address,
            "?kind=public&interface=Press%20photos&permission=upload&attention=rotation_due&sort=secret_created_at"
        );
        let read = read_tokens(|name| {
            let field = address[1..].split('&').find_map(|pair| pair.strip_prefix(name));
            field
                .and_then(|rest| rest.strip_prefix('='))
                .map(|value| value.replace("%20", " "))
        });
        assert_eq!(read, query);
        assert!(is_filtered(&query));
        assert!(!is_filtered(&TokenListQuery {
            sort: TokenSort::SecretAge,
            page: Some(4),
            ..Default::default()
        }));
        assert_eq!(attention_of("any"), Some(AttentionFilter::Any));
        assert_eq!(attention_of("lazy"), None);
    }

    #[test]
    fn an_export_has_the_filters_and_every_page() {
        let query = TokenListQuery {
            page: Some(3),
            ..Default::default()
        };
        assert_eq!(
            export_address(&query, "csv"),
            "/api/admin/v1/tokens/export?format=csv"
        );
        let query = TokenListQuery {
            kind: Some(Kind::Public),
            ..query
        };
        assert_eq!(
            export_address(&query, "json"),
            "/api/admin/v1/tokens/export?kind=public&format=json"
        );
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let read = read_tokens(|name| match name {
            "status" => Some("flying".into()),
            "page" => Some("0".into()),
            "sort" => Some("-created_at".into()),
            "q" => Some("  ".into()),
            _ => None,
        });
        assert_eq!(
            read,
            TokenListQuery {
                sort: TokenSort::CreatedDescending,
                ..TokenListQuery::default()
            }
        );
    }
}
