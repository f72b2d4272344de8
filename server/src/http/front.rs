//! The way in: doors that are asked again and again are answered at once, everything else goes to the router.
//!
//! The router knows the same doors, for methods that are rare and for what is refused. Its way to a handler (finding the
//! route, noting what was found, a copy of a boxed service for each layer) is as much work as half an answer of
//! `/verify`. Nothing else may enter here: no decision and no layer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use futures_util::FutureExt;
use tower::Service;

use super::{Doors, Shared, oauth, outgoing, temporary_token, verify, who_am_i};

/// Everything that one address answers.
#[derive(Clone)]
pub struct Front {
    app: Shared,
    doors: Doors,
    router: Router,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Front({:?})", self.doors)
    }
}

/// An answer that is being made.
pub(super) type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Front {
    pub(super) const fn new(app: Shared, doors: Doors, router: Router) -> Self {
        Self { app, doors, router }
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: Request) -> Answer {
        let app = State(self.app.clone());
        match self.often_asked(&request) {
            Some(Often::Verify) => looked_at(verify::verify(app, request)),
            Some(Often::Introspect) => looked_at(oauth::post_introspect(app, request)),
            Some(Often::GetTemporaryToken) => looked_at(temporary_token::post_temporary_token(app, request)),
            Some(Often::WhoAmI) => looked_at(who_am_i::get_who_am_i(app, request)),
            None => Box::pin(self.router.clone().call(request).map(|Ok(response)| response)),
        }
    }

    /// The door that a request asks, where it is one that is asked again and again.
    fn often_asked(&self, request: &Request) -> Option<Often> {
        let door = match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::POST, "/verify") => Often::Verify,
            (&Method::POST, "/oauth2/introspect") => Often::Introspect,
            (&Method::POST, "/api/GetTemporaryToken") => Often::GetTemporaryToken,
            (&Method::GET, "/api/WhoAmI") => Often::WhoAmI,
            _ => return None,
        };
        let is_here = match self.doors {
            Doors::All => true,
            Doors::AllButVerify => door != Often::Verify,
            Doors::VerifyAlone => door == Often::Verify,
        };
        is_here.then_some(door)
    }
}

/// A door that is asked again and again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Often {
    Verify,
    Introspect,
    GetTemporaryToken,
    WhoAmI,
}

fn looked_at(answer: impl Future<Output = Response> + Send + 'static) -> Answer {
    Box::pin(answer.map(outgoing::look))
}

/// For programs that know nothing but services.
impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // So is every router.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(self.answer(request).map(Ok))
    }
}
