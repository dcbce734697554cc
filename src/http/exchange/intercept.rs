//! The life of a request, top to bottom: receive, identify, decide, answer, disturb, reply.
//!
//! This is the only place that chooses; everything it calls does one thing. On its way a request
//! waits for nothing but the backend, its own body and the latency it is meant to see: no lock, no
//! message, no database.

use std::sync::Arc;
use std::time::Duration;

use actix_http::ConnectionType;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use smallvec::SmallVec;

use crate::domain::chaos::{LearnedLatency, Responder};
use crate::domain::circuit_breaker::Permit;
use crate::domain::cors::CorsPolicy;
use crate::domain::mode::{EffectiveMode, EndpointMode, Mode, effective_mode};
use crate::domain::site::corrections::names_place;
use crate::domain::world::segments;
use crate::http::backend_routes::DataPlanes;
use crate::http::chaos;
use crate::http::chaos::AppliedChaos;
use crate::http::data_plane::DataPlane;
use crate::http::delay;
use crate::http::error::Problem;
use crate::http::exchange::converse::converse;
use crate::http::exchange::cors;
use crate::http::exchange::exchange_log::{ExchangeFacts, ExchangeLog};
use crate::http::exchange::incoming_request::{BodyLength, IncomingRequest, MatchedEndpoint};
use crate::http::exchange::mock::{self, MockOptions};
use crate::http::exchange::overridden::{self, Overridden};
use crate::http::exchange::proxy;
use crate::http::exchange::proxy::{Failure, ProxyOptions};
use crate::http::exchange::response::{Response, ResponseBody, ResponseSource, X_MOCK_REASON};
use crate::http::exchange::stateful_mock::refusal;
use crate::runtime::catalog::Catalog;

/// Uploads up to here are sent at once, so that waiting longer is the backend's doing: what fits in
/// the socket buffers of any system.
const PROMPT_BYTES_MAX: u64 = 64 << 10;

/// Why a method is refused by its mock: the backend was seen to refuse it there.
const METHOD_REFUSED: HeaderValue = HeaderValue::from_static("method-refused");

/// Answers one request of the data plane.
pub async fn intercept(
    request: HttpRequest,
    payload: web::Payload,
    planes: web::Data<DataPlanes>,
) -> HttpResponse {
    let plane = planes.of(&request);
    let log = ExchangeLog::begin(&plane.shared);
    // Receive.
    let received = match IncomingRequest::read(&request, plane.shared.chaos_headers_allowed) {
        Ok(received) => IncomingRequest { route: plane.learning.backend().as_str(), ..received },
        Err(problem) => return refuse(&problem, &request, &plane, log),
    };
    // Identify.
    let catalog = plane.learning.catalog_full();
    let place = catalog.identify(received.path);
    let target = MatchedEndpoint::find(&catalog, received.method(), &place);
    let unmatched = || Bytes::from(format!("{} {}", received.method(), place.template.as_str()));
    let label = target.as_ref().map_or_else(unmatched, |target| target.endpoint.label().clone());
    // Decide.
    let mode = decide(&received, target.as_ref(), &plane);
    let template = place.template.as_str();
    let mut applied = chaos::draw(&received, target.as_ref(), template, mode.effective, &plane);
    let facts = ExchangeFacts {
        label: &label,
        endpoint: target.as_ref().map(|target| &*target.endpoint),
        path: received.path,
        decided: Some((&received, mode)),
    };
    // Disturb: before the answer is made.
    if let Some(applied) = &mut applied {
        applied.delay(received.arrived).await;
        if let Some(how) = applied.hangs_up() {
            log.hung_up(&facts, applied);
            chaos::hang_up(&request, how).await;
        }
    }
    // Answer.
    let exchange = Exchange {
        received: &received,
        target: target.as_ref(),
        catalog: &catalog,
        chaos: applied.as_ref(),
        plane: &plane,
    };
    let mut answer = match (exchange.replacement(), mode.effective) {
        (Some(answer), _) => answer,
        (None, Mode::Mock) => exchange.mock(payload).await,
        (None, Mode::Proxy) => {
            exchange.relay(payload, None).await.unwrap_or_else(Failure::into_response)
        }
        (None, Mode::Failover) => exchange.failover(payload).await,
    };
    // Disturb: the answer itself.
    if let Some(applied) = &mut applied {
        applied.apply(&mut answer, &request, log.request_id(), target.as_ref()).await;
    }
    cors::apply(&request, target.as_ref(), plane.shared.pages, &mut answer);
    // Reply.
    log.reply(&facts, answer, applied.as_ref())
}

fn decide(
    received: &IncomingRequest<'_>,
    target: Option<&MatchedEndpoint<'_>>,
    plane: &DataPlane,
) -> EffectiveMode {
    let endpoint = target.map_or(EndpointMode::Inherit, |t| t.endpoint.published().snapshot.mode);
    effective_mode(received.steering.mock, endpoint, plane.mode, plane.settings.now().mode)
}

/// One exchange, decided and about to be answered.
struct Exchange<'e, 'r> {
    received: &'e IncomingRequest<'r>,
    target: Option<&'e MatchedEndpoint<'r>>,
    catalog: &'e Catalog,
    chaos: Option<&'e AppliedChaos>,
    plane: &'e DataPlane,
}

impl Exchange<'_, '_> {
    /// What chaos puts in the place of any answer.
    fn replacement(&self) -> Option<Response> {
        let plan = &self.chaos?.plan;
        chaos::replacement(plan, self.received, self.target, self.plane)
    }

    async fn mock(&self, payload: web::Payload) -> Response {
        if self.switches() {
            return self.converse(payload, ResponseSource::Mock).await;
        }
        let upload = self.read_upload(payload).await;
        let stand_in = self.stand_in();
        let upload = upload.as_deref();
        match (&stand_in, self.target) {
            (Some(other), _) => self.play(Some(other), upload, ResponseSource::Mock).await,
            (None, own) => self.play(own, upload, ResponseSource::Mock).await,
        }
    }

    /// Whether a mock answers by switching protocols: another status may be asked for.
    fn switches(&self) -> bool {
        let asked = self.received.steering.status;
        self.received.upgrade && asked.is_none_or(|status| status == 101)
    }

    /// The handshake in the backend's place, with a conversation behind it.
    async fn converse(&self, payload: web::Payload, source: ResponseSource) -> Response {
        let (received, plane) = (self.received, self.plane);
        let said = overridden::choose(received, self.target, Responder::Mock, None, plane);
        if let Some(answer) = self.exact(said.as_ref()).await {
            return answer;
        }
        match converse(received, self.target, payload, source, plane) {
            Ok(mocked) => {
                delay::until(mocked.due + self.held()).await;
                mocked.answer
            }
            Err(refusal) => *refusal,
        }
    }

    /// The answer in the backend's place: what people say, or else what was learned.
    async fn play(
        &self,
        target: Option<&MatchedEndpoint<'_>>,
        upload: Option<&[u8]>,
        source: ResponseSource,
    ) -> Response {
        let (received, plane) = (self.received, self.plane);
        let said = overridden::choose(received, self.target, Responder::Mock, upload, plane);
        if let Some(answer) = self.exact(said.as_ref()).await {
            return answer;
        }
        let answer = match target {
            Some(target) => {
                let published = target.endpoint.published();
                let learned = published.behavior();
                let latency_us = said.as_ref().and_then(|said| said.latency_us(Some(learned)));
                self.simulate(target, upload, (source, latency_us)).await
            }
            None => self.unlearned(),
        };
        match said {
            Some(said) => said.change(answer, received, self.target).await,
            None => answer,
        }
    }

    /// The answer that people say in full, when it is due.
    async fn exact(&self, said: Option<&Overridden>) -> Option<Response> {
        let (said, exact) = (said?, said?.exact()?);
        let published = self.target.map(|target| target.endpoint.published());
        let learned = published.as_ref().map(|version| version.behavior() as &dyn LearnedLatency);
        let told_us = said.latency_us(learned).unwrap_or(0);
        let wait = Duration::from_micros(mock::latency_us(self.received, told_us, self.plane));
        delay::until(self.received.arrived + wait + self.held()).await;
        Some(said.answer_exactly(exact, self.received, self.target))
    }

    /// How long chaos has held the request up already.
    fn held(&self) -> Duration {
        self.chaos.map_or(Duration::ZERO, |chaos| chaos.held)
    }

    /// The backend's answer, unless people say another, or changed as they say.
    async fn relay(
        &self,
        payload: web::Payload,
        patience: Option<Duration>,
    ) -> Result<Response, Failure> {
        let (received, plane) = (self.received, self.plane);
        let said = overridden::choose(received, self.target, Responder::Upstream, None, plane);
        if let Some(answer) = self.exact(said.as_ref()).await {
            return Ok(answer);
        }
        let teaches = !said.as_ref().is_some_and(Overridden::changes);
        let answer = self.proxy(payload, patience, teaches).await?;
        match said {
            Some(said) => Ok(said.change(answer, received, self.target).await),
            None => Ok(answer),
        }
    }

    /// The endpoint in whose place a mock answers: the GET of a HEAD, and where the path tree has
    /// never met the path, one whose path the site knows to be of the same kind.
    fn stand_in(&self) -> Option<MatchedEndpoint<'_>> {
        self.read_of_head().or_else(|| self.kin())
    }

    /// An endpoint of the same place of the site: a collection of a name never seen before, where
    /// others show that any name may stand there.
    fn kin(&self) -> Option<MatchedEndpoint<'_>> {
        if self.target.is_some() {
            return None;
        }
        let site = self.plane.learning.site().site();
        let (place, known) = site.find(self.received.method(), &segments(self.received.path))?;
        let kin = self.catalog.endpoints().filter(|endpoint| {
            let key = endpoint.key();
            names_place((&key.method, key.template.as_str()), &site.resources.shown_place(place))
        });
        // The same one on every instance.
        let endpoint =
            kin.min_by_key(|endpoint| endpoint.id().clone()).filter(|_| known.attends)?;
        Some(MatchedEndpoint { endpoint: Arc::clone(endpoint), values: SmallVec::new() })
    }

    fn read_of_head(&self) -> Option<MatchedEndpoint<'_>> {
        if *self.received.request.method() != Method::HEAD {
            return None;
        }
        let place = self.catalog.identify(self.received.path);
        MatchedEndpoint::find(self.catalog, "GET", &place)
    }

    /// The mock of an endpoint that was never learned: what its path allows, or that it is unknown.
    fn unlearned(&self) -> Response {
        let (received, catalog) = (self.received, self.catalog);
        if *received.request.method() == Method::OPTIONS {
            if cors::is_preflight(received.request)
                && self.plane.shared.pages.cors != CorsPolicy::Off
            {
                return cors::preflight_answer(received.request, catalog);
            }
            if let Some(methods) = mock::allowed_methods(received, catalog) {
                let mut answer = Response::own(StatusCode::NO_CONTENT);
                answer.source = ResponseSource::Mock;
                answer.headers.push((header::ALLOW, methods));
                return answer;
            }
        }
        if let Some(status) = mock::refusal(received, catalog) {
            let mut answer = Response::own(status);
            answer.source = ResponseSource::Mock;
            if *received.request.method() != Method::HEAD
                && let Some((body, kind)) = refusal(received, status.as_u16(), self.plane)
            {
                answer.body = ResponseBody::Bytes(body.into());
                answer.headers.extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
            }
            let methods = mock::allowed_methods(received, catalog);
            answer.headers.extend(methods.map(|methods| (header::ALLOW, methods)));
            answer.headers.push((X_MOCK_REASON, METHOD_REFUSED));
            return answer;
        }
        Response::problem(&mock::unknown(received, catalog))
    }

    async fn read_upload(&self, payload: web::Payload) -> Option<Vec<u8>> {
        let bytes_max = self.plane.shared.learn_body_max_bytes;
        mock::read_upload(self.received, payload, bytes_max).await
    }

    /// Synthesises an answer and waits until it is due.
    async fn simulate(
        &self,
        target: &MatchedEndpoint<'_>,
        upload: Option<&[u8]>,
        (source, latency_us): (ResponseSource, Option<u64>),
    ) -> Response {
        let stale = self.chaos.is_some_and(|chaos| chaos.plan.stale);
        let options = MockOptions { upload, source, stale, latency_us };
        match mock::mock(self.received, target, options, self.plane) {
            Ok(mocked) => {
                // Delays of chaos come on top of the simulated latency, as they would in life.
                delay::until(mocked.due + self.held()).await;
                self.with_allow(mocked.answer)
            }
            Err(problem) => Response::problem(&problem),
        }
    }

    /// A 405 names the methods that are allowed (RFC 9110, section 15.5.6).
    fn with_allow(&self, mut answer: Response) -> Response {
        let says_so = answer.headers.iter().any(|(name, _)| *name == header::ALLOW);
        if answer.status == StatusCode::METHOD_NOT_ALLOWED && !says_so {
            let methods = mock::allowed_methods(self.received, self.catalog);
            answer.headers.extend(methods.map(|methods| (header::ALLOW, methods)));
        }
        answer
    }

    /// The backend's answer. Chaos held the request up before it is sent, so that injected time
    /// never counts as the backend's.
    async fn proxy(
        &self,
        payload: web::Payload,
        patience: Option<Duration>,
        may_teach: bool,
    ) -> Result<Response, Failure> {
        let endpoint = self.target.map(|target| &*target.endpoint);
        let learned_here = endpoint.is_none_or(|endpoint| endpoint.published().snapshot.learn);
        let teaches = may_teach
            && learned_here
            && self.chaos.is_none()
            && self.plane.settings.now().learn
            && !self.received.steering.steers();
        let options = ProxyOptions { teaches, patience };
        proxy::pass_on(self.received, payload, endpoint, self.plane, options).await
    }

    /// The backend's answer, or a mocked one while it is down or hangs.
    async fn failover(&self, payload: web::Payload) -> Response {
        let Some(target) = self.target else {
            // What was never learned has no stunt double: the backend's own failure shows.
            let proxied = self.relay(payload, None).await;
            return proxied.unwrap_or_else(Failure::into_response);
        };
        let permit = self.plane.health.admit();
        if permit != Permit::Pass {
            if permit == Permit::Probe {
                proxy::probe(self.plane);
            }
            if self.switches() {
                return self.converse(payload, ResponseSource::Failover).await;
            }
            let upload = self.read_upload(payload).await;
            let upload = upload.as_deref();
            return self.play(Some(target), upload, ResponseSource::Failover).await;
        }
        match self.relay(payload, self.patience(target)).await {
            Ok(answer) => answer,
            // What the client would say went with the request.
            Err(failure) if failure.backend_down && !self.received.upgrade => {
                let upload = failure.upload.as_deref();
                self.play(Some(target), upload, ResponseSource::Failover).await
            }
            Err(failure) => failure.into_response(),
        }
    }

    /// How long failover waits for the head of the backend's answer: a multiple of what this
    /// endpoint has taught. `None` for tunnels and for uploads that take as long as they take.
    fn patience(&self, target: &MatchedEndpoint<'_>) -> Option<Duration> {
        let uploads = match self.received.body {
            BodyLength::None => false,
            BodyLength::Sized(bytes) => bytes > PROMPT_BYTES_MAX,
            BodyLength::Chunked => true,
        };
        if uploads || self.received.upgrade {
            return None;
        }
        let p99_us = target.endpoint.published().behavior().latency_quantile_us(0.99)?;
        let patience = &self.plane.shared.patience;
        let learned = Duration::from_micros(p99_us).saturating_mul(patience.times_p99);
        Some(learned.max(patience.least))
    }
}

/// The answer to a request that cannot be read.
fn refuse(
    problem: &Problem,
    request: &HttpRequest,
    plane: &DataPlane,
    log: ExchangeLog<'_>,
) -> HttpResponse {
    let mut answer = Response::problem(problem);
    cors::apply(request, None, plane.shared.pages, &mut answer);
    let catalog = plane.learning.catalog();
    let path = request.uri().path();
    let place = catalog.identify(path);
    let label = Bytes::from(format!("{} {}", request.method(), place.template.as_str()));
    let facts = ExchangeFacts { label: &label, endpoint: None, path, decided: None };
    let mut response = log.reply(&facts, answer, None);
    // What follows a request that was not understood may not be one.
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}
