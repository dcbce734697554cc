//! The mock of a request that switches protocols: a handshake, and the learned conversation as its
//! body.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Payload;
use serde_json::json;

use super::incoming_request::{IncomingRequest, MatchedEndpoint};
use super::mock::{MockedResponse, draw_status, latency_us};
use super::response::{DrawRecord, Response, ResponseBody, ResponseSource, X_MOCK_REASON};
use super::steering::SimulatedLatency;
use crate::domain::conversation::dialogue::{Dialogue, DialogueSeeds};
use crate::domain::conversation::program::ConversationProgram;
use crate::domain::endpoint::ResponseSeeds;
use crate::domain::headers::HeaderContext;
use crate::domain::random::seed::{mix, uniform};
use crate::domain::request::RequestView;
use crate::http::data_plane::DataPlane;
use crate::http::error::{Problem, ProblemKind};
use crate::http::upstream::headers::asked_under;
use crate::http::websocket::handshake::{agree, offered};
use crate::http::websocket::playing::{KeptRequest, PingPlan, Playing};

/// Named streams of the seed of a conversation.
mod stream {
    pub const HANDSHAKE: u64 = 0x4853;
    pub const HEADERS: u64 = 0x4844;
    pub const DIALOGUE: u64 = 0x444c;
    pub const PINGS: u64 = 0x5049;
    pub const ENTITY: u64 = 0x454e;
}

/// Why a conversation goes as it goes.
const CHANCE: HeaderValue = HeaderValue::from_static("chance");

/// The answer to a handshake, and when it is due.
///
/// # Errors
/// The answer to a request that is no handshake, or to which no conversation was learned.
pub fn converse(
    received: &IncomingRequest<'_>,
    target: Option<&MatchedEndpoint<'_>>,
    payload: Payload,
    source: ResponseSource,
    plane: &DataPlane,
) -> Result<MockedResponse, Box<Response>> {
    let unlearned =
        |conversations, opaque| Box::new(Response::problem(&unswitched(conversations, opaque)));
    let Some(target) = target else { return Err(unlearned(0, 0)) };
    let published = target.endpoint.published();
    let model = &published.snapshot.model.conversations;
    let program = published.behavior().conversation();
    let readable = model.conversations > model.opaque;
    let Some(program) = program.filter(|_| readable) else {
        return Err(unlearned(model.conversations, model.opaque));
    };
    let mut headers = agree(received, program.subprotocol(offered(received)))?;
    let seeds = draw_status(received, target, &published, plane).seeds;
    headers.extend(learned_headers(received, target, program, seeds, plane));
    headers.push((X_MOCK_REASON, CHANCE));
    let handshake_us = program.handshake.draw_us(uniform(mix(seeds.process, stream::HANDSHAKE)));
    let due = received.arrived + Duration::from_micros(latency_us(received, handshake_us, plane));
    let scale = match received.steering.latency {
        SimulatedLatency::Learned => plane.settings.now().latency_scale,
        // A latency that was asked for is that of the handshake.
        SimulatedLatency::Off | SimulatedLatency::Fixed(_) => 0.0,
    };
    let dialogue = DialogueSeeds {
        conversation: mix(seeds.process, stream::DIALOGUE),
        entity: mix(seeds.entity, stream::ENTITY),
        is_timeless: seeds.is_timeless,
    };
    let pings = PingPlan {
        interval: program.pings.clone(),
        scale,
        seed: mix(seeds.process, stream::PINGS),
    };
    let playing = Playing::new(
        payload,
        Dialogue::open(Arc::clone(program), dialogue, scale),
        KeptRequest::of(received, target),
        pings,
        Arc::clone(&plane.shared),
    );
    let answer = Response {
        source,
        status: StatusCode::SWITCHING_PROTOCOLS,
        headers,
        body: ResponseBody::Tunnel(playing.into_body()),
        error: None,
        simulated: Some(DrawRecord {
            sequence: seeds.sequence,
            latency_us: handshake_us,
            stale: false,
        }),
    };
    Ok(MockedResponse { answer, due })
}

/// The other headers of the handshake's answer.
fn learned_headers(
    received: &IncomingRequest<'_>,
    target: &MatchedEndpoint<'_>,
    program: &ConversationProgram,
    seeds: ResponseSeeds,
    plane: &DataPlane,
) -> Vec<(HeaderName, HeaderValue)> {
    let host = asked_under(received.request.headers(), received.peer, &plane.header_policy);
    let parts = received.parts_asked_under(Some(target), host);
    let request: RequestView<'_> = received.view(&parts);
    let context = HeaderContext {
        seed: mix(seeds.process, stream::HEADERS),
        now_ms: request.at_ms,
        sequence: seeds.sequence,
        ..HeaderContext::default()
    };
    let mut lines = Vec::new();
    program.headers.draw(&request, &context, &mut lines);
    let lines = lines.into_iter().filter_map(|line| {
        let name = HeaderName::from_bytes(line.name.as_bytes());
        let value = HeaderValue::from_maybe_shared(line.value.into_bytes());
        name.ok().zip(value.ok())
    });
    lines.collect()
}

/// The problem for a handshake behind which nothing is known; of `conversations` that were passed
/// on, `opaque` could not be read.
fn unswitched(conversations: u64, opaque: u64) -> Problem {
    let detail = match conversations {
        0 => "no conversation was learned behind this handshake: let clients talk to the backend \
             through this double first (`X-Mock-Enabled: false` proxies one), and close"
            .to_owned(),
        _ => format!(
            "of {conversations} conversations behind this handshake {opaque} could not be read, \
             which use an extension that is not known here or messages beyond its bounds: proxy \
             this request with `X-Mock-Enabled: false`"
        ),
    };
    Problem::new(ProblemKind::UpgradeUnmockable, detail)
        .with("conversations", json!(conversations))
        .with("unreadable", json!(opaque))
}
