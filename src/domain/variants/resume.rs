//! Streams of events that go on behind the last one that a client has seen (WHATWG HTML, section
//! 9.2.3, `Last-Event-ID`).

use serde_json::Value;

/// Numbers the events of a stream on from the one behind `last`, where their ids are numbers that
/// rise by one; what repeats an event's id in its data is numbered with it.
pub fn resume(events: &mut Value, last: &str) {
    let Ok(last) = last.trim().parse::<u64>() else { return };
    let Some(events) = events.as_array_mut() else { return };
    let ids: Vec<Option<u64>> = events.iter().map(id).collect();
    let known: Vec<u64> = ids.iter().copied().flatten().collect();
    let rises = known.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    let Some(&first) = known.first().filter(|_| known.len() > 1 && rises) else { return };
    for (event, id) in events.iter_mut().zip(ids) {
        let Some(old) = id else { continue };
        let new = last.saturating_add(1).saturating_add(old - first);
        renumber(event, old, new);
    }
}

/// The id of an event, where it is a number.
fn id(event: &Value) -> Option<u64> {
    number(event.get("id")?)
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

fn renumber(value: &mut Value, old: u64, new: u64) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|inner| renumber(inner, old, new)),
        Value::Array(_) => {}
        leaf if number(leaf) == Some(old) => {
            *leaf = if leaf.is_string() { new.to_string().into() } else { new.into() };
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_numbered_on_behind_the_last_one() {
        let event = |n: u64| json!({ "event": "tick", "id": n.to_string(), "data": { "n": n } });
        let done = json!({ "event": "done", "data": {} });
        let mut events = json!([event(1), event(2), event(3), done]);
        resume(&mut events, "7");
        assert_eq!(events, json!([event(8), event(9), event(10), done]));
    }

    #[test]
    fn what_is_not_numbered_stays() {
        let other = json!([{ "id": "a1", "data": 1 }, { "id": "a2", "data": 2 }]);
        let gaps = json!([{ "id": "1" }, { "id": "5" }]);
        for stream in [other, gaps, json!([]), json!({ "id": 1 })] {
            let mut events = stream.clone();
            resume(&mut events, "7");
            assert_eq!(events, stream);
            resume(&mut events, "x");
            assert_eq!(events, stream);
        }
    }
}
