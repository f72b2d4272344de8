//! Interfaces.

use http::Method;
use wire::{CreateInterfaceRequest, InterfaceId, InterfaceView, Page, PatchInterfaceRequest};

use super::{ApiError, delete, get, send};

/// All of them, however many pages that takes.
pub(crate) async fn list_interfaces() -> Result<Vec<InterfaceView>, ApiError> {
    let mut all = Vec::new();
    for number in 1.. {
        let page: Page<InterfaceView> = get(format!("interfaces?page={number}&per_page=200")).await?;
        let last = page.items.is_empty();
        all.extend(page.items);
        if last || all.len() as u64 >= page.total {
            break;
        }
    }
    Ok(all)
}

/// Makes an interface.
pub(crate) async fn create_interface(request: CreateInterfaceRequest) -> Result<InterfaceView, ApiError> {
    send(Method::POST, "interfaces".to_owned(), &request).await
}

/// Changes an interface.
pub(crate) async fn patch_interface(
    id: InterfaceId,
    request: PatchInterfaceRequest,
) -> Result<InterfaceView, ApiError> {
    send(Method::PATCH, format!("interfaces/{id}"), &request).await
}

/// Deletes an interface that no token has rights on.
pub(crate) async fn delete_interface(id: InterfaceId) -> Result<(), ApiError> {
    delete(format!("interfaces/{id}")).await
}
