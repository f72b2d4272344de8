//! The WebAssembly entry: mounts the app, and says so in plain words when it has broken.
//!
//! Owns the first and the last moment of the app in the page. No page, component or text of the app belongs
//! here.

use leptos::{logging::error, mount::mount_to_body, prelude::document};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Called by `boot.js` as soon as the WebAssembly is there, and with it the texts of the page's language.
///
/// # Errors
/// When the texts are those of another build.
#[wasm_bindgen]
pub fn open(texts: String) -> Result<(), JsValue> {
    std::panic::set_hook(Box::new(|panic| {
        error!("{panic}");
        // The app is lost after a panic; an empty or frozen page would leave the reader guessing.
        if let Some(message) = document().get_element_by_id("stopped") {
            // Nothing is left to do where even this fails.
            let _ = message.remove_attribute("hidden");
        }
    }));
    if !app::install_texts(texts) {
        return Err(JsValue::from_str("the texts are those of another build"));
    }
    mount_to_body(app::App);
    if let Some(starting) = document().get_element_by_id("starting") {
        starting.remove();
    }
    Ok(())
}
