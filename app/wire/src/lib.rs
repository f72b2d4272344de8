//! What travels between the app, the server and web developers: requests, answers, ids, states, limits, error
//! codes.
//!
//! Depends on serde and grammars only, and compiles for the browser and for the server alike. **No type in here
//! can hold a permanent secret**, so the app cannot receive one by construction; everything in this crate is safe
//! to print.

mod activity;
mod bulk;
mod claim;
mod error;
mod exposure;
mod grant;
mod help;
mod id;
mod import;
mod interface;
mod leak;
mod limits;
mod network;
mod object;
mod origin;
mod page;
mod path_rule;
mod permission;
mod session;
mod settings;
mod signing_key;
mod temporary;
mod text;
mod timestamp;
mod token;
mod usage;

pub use activity::{Activity, ActivityAction, ActivityView, ActorView, ChangeView, SubjectView};
pub use bulk::{BulkAction, BulkEffect, BulkOutcome, BulkRequest, BulkResponse, BulkToken};
pub use claim::{ClaimEnd, ClaimResponse, ClaimStatus, ClaimView};
pub use error::{ErrorCode, FieldError, FieldErrorCode, Problem, TokenReference, TokensInTheWay};
pub use exposure::{AlarmsQuery, AlarmsView, DealWithExposuresRequest, DealtWith, Door, ExposureView};
pub use grant::Grant;
pub use help::{Help, HelpLanguage};
pub use id::{ActivityId, ClaimId, IdError, InterfaceId, SecretId, SiteId, TemporaryId, TokenId, UserId};
pub use import::{IMPORT_COLUMNS, ImportQuery, ImportResponse, ImportedRow};
pub use interface::{CreateInterfaceRequest, InterfaceView, PatchInterfaceRequest};
pub use leak::{
    CreateSiteRequest, KnownDigest, PatchSiteRequest, SiteFinding, SiteSearch, SiteView, TokenDigests,
};
pub use limits::{LIMITS, Limits, MaybeRateLimit, Overlap, RateLimit, TemporaryLifetime};
pub use network::Network;
pub use origin::Origin;
pub use page::{Page, PageQuery};
pub use path_rule::{LONGEST_PATH_RULES, Method, NoRule, PathPattern, PathRule};
pub use permission::{Permission, Permissions};
pub use session::{CurrentSession, Language, PatchCurrentUserRequest, UserView};
pub use settings::{PatchSettingsRequest, SettingsEffects, SettingsView};
pub use signing_key::{RotateSigningKeyRequest, SigningKeyState, SigningKeyView};
pub use temporary::{MintRequest, MintResponse, WhoAmI};
pub use text::{
    Contact, Description, InterfaceName, Note, Reason, Subject, TextError, TokenName, UserName,
    contains_token_value, mask_token_values,
};
pub use timestamp::Timestamp;
pub use token::{
    Attention, AttentionFilter, CreateTokenRequest, HandoverResponse, Kind, PatchTokenRequest, SecretView,
    Status, StopTemporaryRequest, TokenListQuery, TokenSort, TokenView, VersionRequest,
};
pub use usage::{
    AttentionCount, OverviewView, SourceKind, StateCount, UsageDay, UsageQuery, UsageSource, UsageView,
};
