//! Exchanges that nobody had, drawn from a model by what draws mocks.

use super::portable_model::PortableEndpoint;
use crate::domain::body::{BodyProgram, SynthContext};
use crate::domain::endpoint::{Behavior, ResponseSeeds};
use crate::domain::path::PathTree;
use crate::domain::random::seed::{mix, mix_text};
use crate::domain::request::RequestView;
use crate::domain::status::ChainState;
use crate::domain::value::relation::resource_links::ResourceLinks;

/// An exchange that was made up.
#[derive(Debug, Clone)]
pub struct DrawnExchange {
    /// With made-up parameters, as it would be asked for; no query.
    pub path: String,
    /// 100 to 999, one that the model has.
    pub status: u16,
    /// Response headers, in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Of the answer, without content coding.
    pub body: Vec<u8>,
    /// Body of the request, where requests have one.
    pub request_body: Option<Vec<u8>>,
    /// From the request's last byte to the answer's first, microseconds.
    pub first_byte_us: u64,
    /// From the request's last byte to the answer's last, microseconds.
    pub total_us: u64,
}

impl DrawnExchange {
    /// The value of a response header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The media type of the answer, without parameters.
    #[must_use]
    pub fn media(&self) -> Option<&str> {
        self.header("content-type").and_then(|value| value.split(';').next()).map(str::trim)
    }
}

/// Draws exchanges of one endpoint; the same ones for the same seed.
pub struct Synthesizer<'m> {
    endpoint: &'m PortableEndpoint,
    behavior: Behavior,
    request: Option<BodyProgram>,
    path: String,
    seed: u64,
    chain: ChainState,
    drawn: u64,
}

impl<'m> Synthesizer<'m> {
    /// Of this endpoint; `tree` knows how its parameters look.
    #[must_use]
    pub fn new(endpoint: &'m PortableEndpoint, tree: &PathTree, seed: &str) -> Self {
        let links = ResourceLinks::default();
        let requests = &endpoint.model.request;
        let has_body = requests.kind() != crate::domain::body::BodyKind::Empty;
        Self {
            endpoint,
            behavior: Behavior::compile(&endpoint.model, &links),
            request: has_body.then(|| requests.compile(&links)),
            path: tree.example_path(&endpoint.template),
            seed: mix_text(mix_text(0, seed), &endpoint.label()),
            chain: ChainState::default(),
            drawn: 0,
        }
    }

    /// The next exchange; `None` while nothing is known of the endpoint.
    pub fn draw(&mut self) -> Option<DrawnExchange> {
        let seed = self.next_seed();
        let (status, chain) = self.behavior.draw_status(self.chain, seed);
        self.chain = chain;
        self.draw_with(status, seed, false)
    }

    /// The next exchange with this status.
    pub fn draw_status(&mut self, status: u16) -> Option<DrawnExchange> {
        let seed = self.next_seed();
        self.draw_with(status, seed, true)
    }

    fn next_seed(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed, self.drawn)
    }

    fn draw_with(&self, status: u16, seed: u64, exact: bool) -> Option<DrawnExchange> {
        let model = &self.endpoint.model;
        let values = self.endpoint.template.capture(&self.path).unwrap_or_default();
        let named = self.endpoint.template.parameters();
        let params: Vec<(&str, &str)> =
            named.iter().map(|parameter| parameter.name.as_str()).zip(values).collect();
        let request = RequestView {
            method: &self.endpoint.method,
            path: &self.path,
            params: &params,
            at_ms: model.last_seen_at_ms,
            ..RequestView::default()
        };
        let seeds = ResponseSeeds {
            process: seed,
            entity: seed,
            sequence: self.drawn,
            is_timeless: model.last_seen_at_ms > 0,
        };
        let answer = self.behavior.draw(status, seeds, exact)?;
        let (mut body, mut headers) = (Vec::new(), Vec::new());
        let representation = answer.write_body(&request, &mut body);
        answer.draw_headers(&request, &body, representation, |name, value| {
            headers.push((name.to_owned(), String::from_utf8_lossy(&value).into_owned()));
        });
        let request_body = self.request.as_ref().map(|program| {
            let mut bytes = Vec::new();
            let now_ms = request.at_ms;
            program
                .write(&SynthContext { seed, now_ms, kind: None, request: &request }, &mut bytes);
            bytes
        });
        Some(DrawnExchange {
            path: self.path.clone(),
            status: answer.status,
            headers,
            body,
            request_body: request_body.filter(|bytes| !bytes.is_empty()),
            first_byte_us: answer.first_byte_us,
            total_us: answer.total_us,
        })
    }
}
