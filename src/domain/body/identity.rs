//! The id by which a body names the thing it shows.

use crate::domain::json::Json;

/// Members that wrap the thing itself: `{"data": {"id": …}}`.
const ENVELOPES: [&str; 4] = ["data", "result", "item", "object"];

/// Members that identify a thing, the surest first.
const IDS: [&str; 7] = ["id", "_id", "uuid", "guid", "key", "slug", "name"];

/// The id as it would stand in a path; `None` when the body is no object or shows none.
pub fn of(body: &[u8]) -> Option<String> {
    let json = Json::parse(body)?;
    let inner = ENVELOPES.iter().filter_map(|name| json.member(name));
    std::iter::once(&json).chain(inner).find_map(|object| {
        IDS.iter().find_map(|name| match object.member(name)? {
            Json::Int(id) => Some(id.to_string()),
            Json::Str(id) if !id.is_empty() => Some(id.to_string()),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_id_is_found_through_an_envelope() {
        assert_eq!(of(br#"{"name":"x","id":7}"#).as_deref(), Some("7"));
        assert_eq!(of(br#"{"data":{"uuid":"a-b","total":1}}"#).as_deref(), Some("a-b"));
        assert_eq!(of(br#"{"total":1}"#), None);
        assert_eq!(of(b"[1]"), None);
        assert_eq!(of(b"nonsense"), None);
    }
}
