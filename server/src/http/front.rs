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

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl Front {
    pub(super) const fn new(app: Shared, doors: Doors, router: Router) -> Self {
        Self { app, doors, router }
    }

    /// The answer of a door that is asked again and again.
    fn at_once(&self, request: Request) -> Result<Answer, Request> {
        let state = || State(self.app.clone());
        Ok(match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::POST, "/verify") if self.doors.has_verify() => {
                looked_at(verify::verify(state(), request))
            }
            _ if self.doors == Doors::VerifyAlone => return Err(request),
            (&Method::POST, "/oauth2/introspect") => looked_at(oauth::post_introspect(state(), request)),
            (&Method::POST, "/api/GetTemporaryToken") => {
                looked_at(temporary_token::post_temporary_token(state(), request))
            }
            (&Method::GET, "/api/WhoAmI") => looked_at(who_am_i::get_who_am_i(state(), request)),
            _ => return Err(request),
        })
    }
}

fn looked_at(answer: impl Future<Output = Response> + Send + 'static) -> Answer {
    Box::pin(async move { Ok(outgoing::look(answer.await)) })
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // So is every router.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        self.at_once(request)
            .unwrap_or_else(|request| Box::pin(self.router.call(request)))
    }
}
