//! A path of the admin and what can be done with it: the rest of its methods answer 405.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route, guard, web};

use crate::http::error::{Problem, ProblemKind};

/// One path of the admin.
pub struct AdminRoute {
    path: &'static str,
    methods: Vec<Method>,
    described: bool,
    routes: Vec<Route>,
}

/// A resource at `path`, which is relative to the admin's prefix.
pub fn at(path: &'static str) -> AdminRoute {
    AdminRoute { path, methods: Vec::new(), described: true, routes: Vec::new() }
}

impl AdminRoute {
    /// Answers GET, and HEAD as GET without the body.
    pub fn get<F, A>(mut self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let guard = guard::Any(guard::Get()).or(guard::Head());
        self.methods.extend([Method::GET, Method::HEAD]);
        self.routes.push(web::route().guard(guard).to(handler));
        self
    }

    /// Answers GET with a page for people, which is not part of the described API.
    pub fn page<F, A>(mut self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.described = false;
        self.get(handler)
    }

    /// Answers POST.
    pub fn post<F, A>(self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, handler)
    }

    /// Answers PUT.
    pub fn put<F, A>(self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PUT, handler)
    }

    /// Answers PATCH.
    pub fn patch<F, A>(self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PATCH, handler)
    }

    /// Answers DELETE.
    pub fn delete<F, A>(self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, handler)
    }

    fn on<F, A>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.methods.push(method.clone());
        self.routes.push(web::method(method).to(handler));
        self
    }

    /// Path and methods as they are to be described.
    #[cfg(test)]
    pub fn to_describe(&self) -> Vec<(&'static str, String)> {
        let methods = self.methods.iter().filter(|method| **method != Method::HEAD);
        let methods = methods.filter(|_| self.described);
        methods.map(|method| (self.path, method.as_str().to_lowercase())).collect()
    }

    /// The service, with 405 for every other method.
    pub fn into_service(self) -> actix_web::Resource {
        let methods: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
        let allow = methods.join(", ");
        let service = web::resource(self.path);
        let service = self.routes.into_iter().fold(service, actix_web::Resource::route);
        service.default_service(web::to(move |request: actix_web::HttpRequest| {
            let (method, allow) = (request.method().clone(), allow.clone());
            async move { not_allowed(&method, &allow) }
        }))
    }
}

fn not_allowed(method: &Method, allow: &str) -> HttpResponse {
    let detail = format!("`{method}` is not among {allow}");
    let mut response = Problem::new(ProblemKind::MethodNotAllowed, detail).response();
    debug_assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(allow) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
