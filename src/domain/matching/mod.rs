//! Which requests are meant: conditions that people write, and what tests a request by them.
//!
//! ```text
//! JSON ──parse──▶ RequestPattern ──RequestMatcher::new──▶ matches(&RequestView, endpoint)
//! ```
//!
//! Chaos rules, overrides and questions about past requests say whom they mean in the same words.
//! This room knows nothing of what is done then, nor of who would answer: whoever matches on more
//! than the request adds it, as a chaos scope adds sources and learned statuses.
//!
//! | file | what |
//! | --- | --- |
//! | `request_pattern` | the conditions as written, with every mistake reported |
//! | `request_matcher` | the conditions compiled: cheap refusals first |
//! | `path_pattern` | globs over path segments that know templates, and expressions |
//! | `body_test` | tests of a JSON body |
//! | `jayway` | JSONPath as WireMock's library reads it |
//! | `value_test` | tests of the value under a name: a header, a parameter |

pub mod body_test;
pub mod jayway;
pub mod path_pattern;
pub mod request_matcher;
pub mod request_pattern;
pub mod value_test;

pub use body_test::BodyTest;
pub use path_pattern::PathPattern;
pub use request_matcher::{EndpointFacts, NamedTests, RequestMatcher, Unmet};
pub use request_pattern::RequestPattern;
pub use value_test::{NamedTest, ValueTest};
