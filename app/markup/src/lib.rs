//! The app's `view!`: Leptos' markup, compiled to far less; and `t!`, its texts.
//!
//! Leptos' own macro gives every element a type of its own, made of the types of all its attributes and children;
//! for this app that was 328 kB of WebAssembly (brotli) where a first visit may download 200 kB in all. This one
//! writes the same markup as calls to `crate::dom`, which makes the elements at once, and leaves components,
//! signals and ownership to Leptos. Only what the app writes is understood: attributes, `class:`, `prop:`, `on:`,
//! `node_ref`. Nothing but the translation of markup and of texts' keys belongs here.

mod text;

use proc_macro2::TokenStream;
use quote::quote;
use rstml::Infallible;
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeBlock, NodeElement};
use syn::Expr;
use syn::spanned::Spanned as _;

/// Markup as one `Dom`.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    rstml::parse2(tokens.into())
        .and_then(|nodes| nodes_to_view(&nodes))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// A text of the catalogue in the reader's language: `t!(tokens.title)` is a `&'static str`,
/// `t!(common.actions_for, name = token.name)` a `String` in which `{name}` is filled. A key that does not exist,
/// and a hole without a value, do not compile.
#[proc_macro]
pub fn t(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    text::expand(tokens.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// The order of the texts whose places [`t!`] writes, as the first line of their file names it.
#[proc_macro]
pub fn order_of_texts(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    text::order()
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// An expression of type `Dom`.
fn nodes_to_view(nodes: &[Node]) -> syn::Result<TokenStream> {
    if let [Node::Element(element)] = nodes
        && !is_component(element)
    {
        return html(element);
    }
    let parts = nodes.iter().map(child).collect::<syn::Result<Vec<_>>>()?;
    Ok(match parts.as_slice() {
        [part] => quote! { crate::dom::Dom::of(#part) },
        parts => quote! {{
            let several = crate::dom::Fragment::new();
            #(crate::dom::Child::put(#parts, several.node());)*
            several.done()
        }},
    })
}

/// An expression of a type that can stand in an element.
fn child(node: &Node) -> syn::Result<TokenStream> {
    match node {
        Node::Element(element) if is_component(element) => component(element),
        Node::Element(element) => html(element),
        Node::Block(NodeBlock::ValidBlock(block)) => {
            let lone = if let [syn::Stmt::Expr(value, None)] = block.stmts.as_slice() {
                Some(value)
            } else {
                None
            };
            Ok(lone.map_or_else(|| quote! { #block }, |value| quote! { #value }))
        }
        Node::Text(text) => {
            let text = &text.value;
            Ok(quote! { #text })
        }
        other => Err(syn::Error::new(
            other.span(),
            "write an element, a component, a \"text\" or a {block}",
        )),
    }
}

fn is_component(element: &NodeElement<Infallible>) -> bool {
    element.open_tag.name.to_string().starts_with(char::is_uppercase)
}

fn component(element: &NodeElement<Infallible>) -> syn::Result<TokenStream> {
    let name = &element.open_tag.name;
    let attributes = &element.open_tag.attributes;
    let markup = if element.children.is_empty() {
        quote! { <#name #(#attributes)* /> }
    } else {
        let children = nodes_to_view(&element.children)?;
        quote! { <#name #(#attributes)*>{#children}</#name> }
    };
    Ok(quote! { ::leptos::prelude::IntoAny::into_any(::leptos::view! { #markup }) })
}

fn html(element: &NodeElement<Infallible>) -> syn::Result<TokenStream> {
    let tag = element.open_tag.name.to_string();
    let mut calls = Vec::new();
    for attribute in &element.open_tag.attributes {
        match attribute {
            NodeAttribute::Attribute(attribute) => calls.push(attribute_call(&tag, attribute)?),
            NodeAttribute::Block(block) => {
                return Err(syn::Error::new(block.span(), "name the attribute"));
            }
        }
    }
    let children = element
        .children
        .iter()
        .map(child)
        .collect::<syn::Result<Vec<_>>>()?;
    Ok(quote! {{
        let made = crate::dom::make(#tag);
        #(#calls)*
        #(crate::dom::Child::put(#children, &made);)*
        crate::dom::done(made)
    }})
}

fn attribute_call(tag: &str, attribute: &KeyedAttribute) -> syn::Result<TokenStream> {
    let key: String = attribute.key.to_string().split_whitespace().collect();
    let value = match attribute.value() {
        None => quote! { true },
        Some(Expr::Block(block)) if block.block.stmts.len() == 1 => {
            let value = &block.block.stmts[0];
            quote! { #value }
        }
        Some(value) => quote! { #value },
    };
    Ok(match key.split_once(':') {
        None if key == "node_ref" => quote! { crate::dom::node(&made, #value); },
        None => attribute.value_literal_string().map_or_else(
            || quote! { crate::dom::Value::set(#value, &made, #key); },
            |text| quote! { crate::dom::fixed(&made, #key, #text); },
        ),
        Some(("class", name)) => quote! { crate::dom::Condition::class(#value, &made, #name); },
        Some(("prop", name)) => quote! { crate::dom::prop(&made, #name, #value); },
        Some(("on", name)) => match name.split_once(':') {
            None => quote! { crate::dom::on(&made, #name, #value); },
            Some((name, "target")) => {
                let target = match tag {
                    "input" => quote! { ::web_sys::HtmlInputElement },
                    "select" => quote! { ::web_sys::HtmlSelectElement },
                    "textarea" => quote! { ::web_sys::HtmlTextAreaElement },
                    _ => return Err(syn::Error::new(attribute.key.span(), "only fields have a target")),
                };
                quote! { crate::dom::on_target::<#target>(&made, #name, #value); }
            }
            Some(_) => return Err(syn::Error::new(attribute.key.span(), "only `:target` is known")),
        },
        Some(_) => {
            return Err(syn::Error::new(
                attribute.key.span(),
                "only class:, prop: and on: are known",
            ));
        }
    })
}
