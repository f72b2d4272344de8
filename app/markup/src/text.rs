//! `t!`: a text of the catalogue by its key, which becomes its place among all texts.

use std::sync::OnceLock;

use catalogue::{Catalogue, Fault, ORIGIN, holes};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Token};

/// `tokens.title` or `common.actions_for, name = token.name`.
struct Asked {
    key: String,
    at: Span,
    values: Vec<(Ident, Expr)>,
}

impl Parse for Asked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let at = input.span();
        let mut key = Ident::parse_any(input)?.to_string();
        while input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            key.push('.');
            key.push_str(&Ident::parse_any(input)?.to_string());
        }
        let mut values = Vec::new();
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let name = Ident::parse_any(input)?;
            input.parse::<Token![=]>()?;
            values.push((name, input.parse()?));
        }
        Ok(Self { key, at, values })
    }
}

/// The catalogue is read once for all the texts of a build.
fn english() -> Result<&'static Catalogue, &'static Fault> {
    static ENGLISH: OnceLock<Result<Catalogue, Fault>> = OnceLock::new();
    ENGLISH.get_or_init(|| ORIGIN.read()).as_ref()
}

/// The order of the texts whose places `t!` writes.
pub(crate) fn order() -> syn::Result<TokenStream> {
    let order = english()
        .map_err(|fault| syn::Error::new(Span::call_site(), fault))?
        .order();
    Ok(quote! { #order })
}

/// An expression: a `&'static str`, or a `String` where there are holes.
pub(crate) fn expand(tokens: TokenStream) -> syn::Result<TokenStream> {
    let Asked { key, at, values } = syn::parse2(tokens)?;
    let wrong = |why: String| syn::Error::new(at, why);
    let english = english().map_err(|fault| wrong(fault.to_string()))?;
    let (place, text) = english
        .find(&key)
        .ok_or_else(|| wrong(format!("there is no text `{key}` in app/locales/en.json")))?;
    let wanted = holes(text).map_err(|fault| wrong(fault.to_string()))?;
    for (name, _) in &values {
        if !wanted.iter().any(|hole| name == hole) {
            return Err(syn::Error::new(
                name.span(),
                format!("`{key}` has no hole `{name}`"),
            ));
        }
    }
    if let Some(hole) = wanted
        .iter()
        .find(|hole| !values.iter().any(|(name, _)| name == **hole))
    {
        return Err(wrong(format!("`{key}` has a hole `{hole}`: give it a value")));
    }
    if values.is_empty() {
        return Ok(quote! { crate::text::text(#place) });
    }
    let values = values.iter().map(|(name, value)| {
        let name = name.to_string();
        quote! { (#name, &#value as &dyn ::std::fmt::Display) }
    });
    Ok(quote! { crate::text::fill(crate::text::text(#place), &[#(#values),*]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(tokens: TokenStream) -> String {
        expand(tokens)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn a_key_becomes_its_place() {
        let place = english().unwrap().find("tokens.title").unwrap().0;
        let expected = quote! { crate::text::text(#place) };
        assert_eq!(
            expand(quote! { tokens.title }).unwrap().to_string(),
            expected.to_string()
        );
        assert!(expand(quote! { common.actions_for, name = token.name }).is_ok());
    }

    #[test]
    fn what_the_catalogue_does_not_have_does_not_compile() {
        assert!(refused(quote! { tokens.titel }).contains("there is no text `tokens.titel`"));
        assert!(refused(quote! { tokens }).contains("there is no text `tokens`"));
        assert!(refused(quote! { tokens.title, name = 1 }).contains("has no hole `name`"));
        assert!(refused(quote! { common.actions_for }).contains("has a hole `name`"));
        assert!(refused(quote! { "tokens.title" }).contains("expected ident"));
    }
}
