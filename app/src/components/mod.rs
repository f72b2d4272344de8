//! The parts that pages are put together from. They take props and callbacks; none of them asks the server.

pub(crate) mod breaks;
pub(crate) mod changes;
pub(crate) mod chart;
pub(crate) mod chips;
pub(crate) mod claim;
pub(crate) mod compare;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod head;
pub(crate) mod icon;
pub(crate) mod language;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod log;
pub(crate) mod matrix;
pub(crate) mod menu;
pub(crate) mod pager;
pub(crate) mod problem;
pub(crate) mod rate;
pub(crate) mod shell;
pub(crate) mod strongroom;
pub(crate) mod time;
