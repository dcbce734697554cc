//! The tools, a row each: what they are called, what agents are told of them, what they ask.

use serde_json::{Map, Value};

use super::super::admin_client::AdminPlace;
use super::arguments::ArgumentKind::{Any, Count, Object, Switch, Text, Word};
use super::arguments::{Argument, GivenArguments, input_schema};
use super::calls::{self, Said};

/// A tool of the server.
pub struct McpTool {
    pub name: &'static str,
    /// What an agent is told of it.
    pub about: &'static str,
    /// Whether it changes the double, and so needs `--allow-changes`.
    pub changes: bool,
    /// Whether what it changes cannot be had back.
    pub destroys: bool,
    pub arguments: &'static [Argument],
    pub call: fn(&AdminPlace, &GivenArguments) -> Said,
}

impl McpTool {
    /// Its arguments as a JSON Schema.
    pub fn input_schema(&self) -> Map<String, Value> {
        input_schema(self.arguments)
    }

    /// The arguments of a call; an error says what is wrong with them.
    pub fn checked(&self, given: Map<String, Value>) -> Result<GivenArguments, String> {
        GivenArguments::check(given, self.arguments)
            .map_err(|wrong| format!("`{}`: {wrong}", self.name))
    }
}

const fn reads(
    name: &'static str,
    call: fn(&AdminPlace, &GivenArguments) -> Said,
    about: &'static str,
    arguments: &'static [Argument],
) -> McpTool {
    McpTool { name, about, changes: false, destroys: false, arguments, call }
}

const fn changes(
    name: &'static str,
    call: fn(&AdminPlace, &GivenArguments) -> Said,
    about: &'static str,
    arguments: &'static [Argument],
) -> McpTool {
    McpTool { name, about, changes: true, destroys: false, arguments, call }
}

const fn destroys(tool: McpTool) -> McpTool {
    McpTool { destroys: true, ..tool }
}

const SEARCH: Argument = Argument::optional("search", Text, "Text that is to occur in them");
const PAGE: Argument = Argument::optional("page", Count, "Page, from 1 on; 1 unless given");
const PER_PAGE: Argument =
    Argument::optional("per_page", Count, "Items of a page; 50 unless given");
const ENDPOINT: &str = "Id of the endpoint, or its method and template: `GET /users/{id}`";
const METHOD: Argument = Argument::optional("method", Text, "Method of the request, such as GET");
const SESSION: &str = "Name of the consumer, as in the header X-Mock-Session";

/// Every tool; those that only read come first.
pub const TOOLS: &[McpTool] = &[
    reads(
        "list_endpoints",
        calls::list_endpoints,
        "Lists what the double has learned of the backend: method, path template, mode, how often \
         it was seen, latency, error rate and status mix of each endpoint.",
        &[SEARCH, PAGE, PER_PAGE],
    ),
    reads(
        "describe_endpoint",
        calls::describe_endpoint,
        "Describes one endpoint: parameters, and for each status its latency, headers and the JSON \
         Schema of its bodies, learned from real traffic.",
        &[Argument::required("endpoint", Text, ENDPOINT)],
    ),
    reads(
        "explain",
        calls::explain,
        "Explains what would happen to a request and why, without sending it: the endpoint it \
         belongs to, who answers (backend or mock), which reason decides the status, and which \
         chaos rules and overrides would act.",
        &[
            Argument::required("path", Text, "Path of the request, with its query: `/users/7`"),
            METHOD,
            Argument::optional("session", Text, SESSION),
            Argument::optional("mock", Switch, "What the header X-Mock-Enabled would say"),
            Argument::optional("headers", Object, "Headers of the request, by name"),
            Argument::optional("body", Any, "Body of the request, as JSON"),
        ],
    ),
    reads(
        "sample",
        calls::sample,
        "Shows a mocked answer of an endpoint (status, headers, body, simulated latency) without \
         sending a request. Values are made up; nobody else's sequence is moved.",
        &[
            Argument::optional("endpoint", Text, ENDPOINT),
            Argument::optional(
                "path",
                Text,
                "A path of it, such as `/users/7`; it finds the \
                endpoint where `endpoint` is left out",
            ),
            METHOD,
            Argument::optional("status", Count, "A learned status; one is drawn unless given"),
            Argument::optional("seed", Text, "The same seed gives the same answer"),
        ],
    ),
    reads(
        "list_requests",
        calls::list_requests,
        "Lists the last exchanges: who answered, with which status, why, by which chaos rule or \
         override, and how long it took. No bodies.",
        &[
            CONDITION_ENDPOINT,
            CONDITION_METHOD,
            CONDITION_PATH,
            CONDITION_STATUS,
            CONDITION_SOURCE,
            CONDITION_SESSION,
            CONDITION_RULE,
            CONDITION_OVERRIDE,
            CONDITION_SINCE,
            Argument::optional("limit", Count, "How many at most; 100 unless given"),
        ],
    ),
    reads(
        "verify",
        calls::verify,
        "Verifies how often such exchanges have happened, waiting for those on their way. An error \
         says how many were found, and which came near.",
        &[
            CONDITION_ENDPOINT,
            CONDITION_METHOD,
            CONDITION_PATH,
            CONDITION_STATUS,
            CONDITION_SOURCE,
            CONDITION_SESSION,
            CONDITION_RULE,
            CONDITION_OVERRIDE,
            CONDITION_SINCE,
            Argument::optional("exactly", Count, "How often, exactly; one of these three"),
            Argument::optional("at_least", Count, "How often at least; 1 unless another is given"),
            Argument::optional("at_most", Count, "How often at most"),
            Argument::optional("within_ms", Count, "How long to wait, ms; 60,000 at most"),
        ],
    ),
    reads(
        "drift",
        calls::drift,
        "Says what the backend has changed since a named baseline was kept, the worst first; \
         without `against` it lists the baselines.",
        &[Argument::optional("against", Text, "Name of a baseline")],
    ),
    reads(
        "fidelity",
        calls::fidelity,
        "Says how well mocks agree with the backend, 0 to 1 with an interval, measured before each \
         exchange was learned; `not enough` where too little was seen.",
        &[Argument::optional("endpoint", Text, ENDPOINT), SEARCH, PAGE, PER_PAGE],
    ),
    reads(
        "sessions",
        calls::sessions,
        "Lists the consumers and what each has written; with `name` one of them with its entities.",
        &[Argument::optional("name", Text, SESSION), SEARCH, PAGE, PER_PAGE],
    ),
    reads(
        "list_chaos",
        calls::list_chaos,
        "Lists chaos rules with owner, lease, matches and hits; with `faults` what a rule can do, \
         with an example of each fault.",
        &[
            Argument::optional("faults", Word(&["all"]), "List the kinds of faults instead"),
            SEARCH,
            PAGE,
            PER_PAGE,
        ],
    ),
    reads(
        "list_overrides",
        calls::list_overrides,
        "Lists overrides, people's answers that come before the learned ones, with their hits.",
        &[SEARCH, PAGE, PER_PAGE],
    ),
    changes(
        "set_mode",
        calls::set_mode,
        "Says who answers: the backend (proxy), the learned model (mock), or the model while the \
         backend is down (failover). For one endpoint, for one route, or, with neither, for \
         everybody who uses this double.",
        &[
            Argument::required(
                "mode",
                Word(&["proxy", "mock", "failover", "inherit"]),
                "The mode; `inherit` takes back that of an endpoint or a route",
            ),
            Argument::optional("endpoint", Text, ENDPOINT),
            Argument::optional("route", Text, "Name of a route, where there are several backends"),
        ],
    ),
    changes(
        "put_chaos",
        calls::put_chaos,
        "Makes a chaos rule, or rewrites the one with this id. A rule has a name, an owner, a \
         scope, faults, a probability and a lease (`ttl_s`), and acts at once.",
        &[
            Argument::required(
                "rule",
                Object,
                "The rule: {\"name\": \"slow orders\", \"owner\": \
                \"me\", \"ttl_s\": 600, \"probability\": 0.5, \"scope\": {\"paths\": \
                [\"/orders/**\"], \"session\": \"ci-42\"}, \"faults\": [{\"type\": \"status\", \
                \"status\": 503}]}; faults: `list_chaos` with `faults`",
            ),
            Argument::optional("id", Text, "Id of the rule to rewrite"),
        ],
    ),
    changes(
        "stop_chaos",
        calls::stop_chaos,
        "Switches one chaos rule off; without `id` ends all chaos of everybody now.",
        &[Argument::optional("id", Text, "Id of the rule")],
    ),
    changes(
        "create_override",
        calls::create_override,
        "Makes an override: exactly this answer, or the learned one changed, for the requests it \
         matches.",
        &[Argument::required(
            "override",
            Object,
            "The override: {\"name\": \"empty cart\", \
            \"owner\": \"me\", \"ttl_s\": 600, \"match\": {\"paths\": [\"/carts/{id}\"], \
            \"methods\": [\"GET\"]}, \"answer\": {\"type\": \"exactly\", \"status\": 200, \
            \"json\": {\"items\": []}}}; type `changed` takes `merge_patch` for the learned answer",
        )],
    ),
    destroys(changes(
        "delete_override",
        calls::delete_override,
        "Deletes an override: what was learned answers again.",
        &[Argument::required("id", Text, "Id of the override")],
    )),
    destroys(changes(
        "reset_session",
        calls::reset_session,
        "Forgets what a consumer has written.",
        &[Argument::required("name", Text, SESSION)],
    )),
];

const CONDITION_ENDPOINT: Argument =
    Argument::optional("endpoint", Text, "Those of one endpoint, by id or method and template");
const CONDITION_METHOD: Argument = Argument::optional("method", Text, "Those of one method");
const CONDITION_PATH: Argument = Argument::optional(
    "path",
    Text,
    "Those whose path or template matches: literal segments, `{id}`, `*`, `**`",
);
const CONDITION_STATUS: Argument =
    Argument::optional("status", Count, "Those answered with this status");
const CONDITION_SOURCE: Argument = Argument::optional(
    "source",
    Word(&["upstream", "mock", "failover", "override", "chaos", "double"]),
    "Those answered by this one",
);
const CONDITION_SESSION: Argument =
    Argument::optional("session", Text, "Those of one consumer, by X-Mock-Session");
const CONDITION_RULE: Argument =
    Argument::optional("rule", Text, "Those that one chaos rule hit, by its id");
const CONDITION_OVERRIDE: Argument =
    Argument::optional("override", Text, "Those that one override answered, by its id");
const CONDITION_SINCE: Argument =
    Argument::optional("since", Text, "Those that arrived then or later: 2026-01-31T12:00:00Z");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_has_a_name_of_its_own_and_says_what_it_and_its_arguments_are_for() {
        for (at, tool) in TOOLS.iter().enumerate() {
            assert!(TOOLS[..at].iter().all(|other| other.name != tool.name), "{}", tool.name);
            assert!(tool.about.ends_with('.') && tool.about.len() > 30, "{}", tool.name);
            assert!(tool.arguments.iter().all(|argument| argument.about.len() > 8));
        }
    }
}
