//! `/api/guides/…`: one page for each kind of site, from nothing to protected content on a page.
//!
//! What a reader is to copy lies in `samples/` as files of their own language, so that its own tools can check it.

mod gallery;
mod node;
mod static_site;
mod wordpress;

pub(super) use gallery::Gallery;
pub(super) use node::Node;
pub(super) use static_site::StaticSite;
pub(super) use wordpress::WordPress;

#[cfg(test)]
pub(super) use gallery::NGINX;
