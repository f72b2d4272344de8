//! Small drawings. Always beside words or under a label, so they are hidden from screen readers.

use crate::dom::{Dom, view};

/// Which drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Home,
    Key,
    Grid,
    Log,
    Find,
    Upload,
    Download,
    Eye,
    Warn,
    Plus,
    Turn,
    Menu,
    Dots,
    Pencil,
    Trash,
    Up,
    Down,
    Note,
    Shield,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z",
            Self::Key => "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l8-8m-3 3l3 3m-6 0l2 2",
            Self::Grid => {
                "M5 4h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM14 4h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM5 13h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zM14 13h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1z"
            }
            Self::Log => "M5 6h14M5 12h14M5 18h8",
            Self::Find => "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM20 20l-4.5-4.5",
            Self::Upload => "M12 19V6m-5 5l5-5 5 5",
            Self::Download => "M12 5v13m-5-5l5 5 5-5",
            Self::Eye => {
                "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"
            }
            Self::Warn => "M12 4l9 16H3zM12 10v4m0 3v.01",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Turn => "M4 12a8 8 0 0 1 14-5l2 2m0-5v5h-5M20 12a8 8 0 0 1-14 5l-2-2m0 5v-5h5",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Dots => {
                "M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM12 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM19 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6z"
            }
            Self::Pencil => "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
            Self::Trash => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
            Self::Up => "M6 15l6-6 6 6",
            Self::Down => "M6 9l6 6 6-6",
            Self::Note => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5m0-8v.01",
            Self::Shield => "M12 3l7 3v6c0 4-3 7.5-7 9-4-1.5-7-5-7-9V6z",
        }
    }
}

/// Draws it.
pub(crate) fn icon(icon: Icon) -> Dom {
    view! { <svg viewBox="0 0 24 24" aria-hidden="true"><path d=icon.path()></path></svg> }.into_any()
}
