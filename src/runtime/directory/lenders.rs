//! Which endpoints answer for templates that have none of their own yet.

use rustc_hash::FxHashMap;

use crate::domain::endpoint::EndpointId;
use crate::domain::path::PathTemplate;

/// For each template without an endpoint of its own for some method, those that answer for it.
pub type Lenders = FxHashMap<PathTemplate, Vec<EndpointId>>;
