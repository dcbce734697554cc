//! Laws of conversations: what is learned of transcripts, and played again.

use std::sync::Arc;

use serde_json::{Value, json};

use super::dialogue::{Dialogue, DialogueSeeds, SaidMessage};
use super::model::{ConversationModel, ConversationSample};
use super::program::ConversationProgram;
use super::transcript::{ConversationEnd, Speaker, Transcript, Utterance, UtteranceBody};
use crate::domain::headers::HeaderLimits;
use crate::domain::request::RequestView;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::relation::resource_links::ResourceLinks;

const MS: u64 = 1_000;

/// A conversation being written down.
#[derive(Default)]
struct Script(Transcript);

impl Script {
    fn say(mut self, at_ms: u64, speaker: Speaker, words: UtteranceBody) -> Self {
        self.0.lasted_us = at_ms * MS;
        self.0.utterances.push(Utterance { at_us: at_ms * MS, speaker, words });
        self
    }

    fn client(self, at_ms: u64, text: impl ToString) -> Self {
        self.say(at_ms, Speaker::Client, UtteranceBody::Text(text.to_string().into()))
    }

    fn server(self, at_ms: u64, text: impl ToString) -> Self {
        self.say(at_ms, Speaker::Server, UtteranceBody::Text(text.to_string().into()))
    }

    fn close(mut self, at_ms: u64, by: Speaker, code: u16, reason: &str) -> Transcript {
        let (at_us, code) = (at_ms * MS, Some(code));
        self.0.lasted_us = at_us;
        self.0.closing = Some(ConversationEnd { at_us, by, code, reason: reason.into() });
        self.0
    }
}

fn learn_into(model: &mut ConversationModel, transcript: &Transcript) {
    let asked = RequestView {
        method: "GET",
        path: "/socket",
        query: "room=lobby",
        at_ms: 1_790_000_000_000,
        ..RequestView::default()
    };
    let sample =
        ConversationSample { asked: &asked, headers: &[], handshake_us: 1_500, transcript };
    model.observe(&sample, &ValueLimits::default(), &HeaderLimits::default());
}

fn learned(transcripts: impl IntoIterator<Item = Transcript>) -> ConversationModel {
    let mut model = ConversationModel::default();
    transcripts.into_iter().for_each(|transcript| learn_into(&mut model, &transcript));
    model
}

/// A client of a mocked conversation.
struct Client {
    dialogue: Dialogue,
    now_us: u64,
}

impl Client {
    fn of(model: &ConversationModel, seed: u64) -> Self {
        let program = ConversationProgram::compile(model, &ResourceLinks::default()).unwrap();
        let seeds = DialogueSeeds { conversation: seed, entity: 1, is_timeless: true };
        Self { dialogue: Dialogue::open(Arc::new(program), seeds, 1.0), now_us: 0 }
    }

    fn say(&mut self, text: impl ToString) {
        let words = UtteranceBody::Text(text.to_string().into());
        self.dialogue.hear(&words, self.now_us);
    }

    /// What is said within the next `ms`.
    fn listen(&mut self, ms: u64) -> Vec<SaidMessage> {
        let until = self.now_us + ms * MS;
        let mut heard = Vec::new();
        while let Some(due) = self.dialogue.due_us().filter(|due| *due <= until) {
            self.now_us = self.now_us.max(due);
            heard.extend(self.dialogue.say(&RequestView::default(), self.now_us));
        }
        self.now_us = until;
        heard
    }

    fn documents(&mut self, ms: u64) -> Vec<Value> {
        let texts = self.listen(ms).into_iter().map(|said| match said {
            SaidMessage::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            other => panic!("a text: {other:?}"),
        });
        texts.collect()
    }
}

/// Welcome, and answers that repeat the id of what was asked.
fn calls(n: u64) -> Transcript {
    let mut script = Script::default().server(5, json!({ "type": "welcome", "session": n * 977 }));
    for call in 0..3 {
        let (at, id) = (50 + call * 100, n * 100 + call);
        script = script
            .client(at, json!({ "type": "get", "id": id, "item": id * 7 % 50 }))
            .server(at + 10, json!({ "type": "item", "id": id, "price": id % 40 }));
    }
    script.close(400, Speaker::Client, 1000, "")
}

#[test]
fn a_welcome_comes_by_itself_and_answers_repeat_the_id() {
    let model = learned((0..20).map(calls));
    assert_eq!((model.conversations, model.turns.len()), (20, 1));
    let mut client = Client::of(&model, 3);
    let welcome = client.documents(40);
    assert_eq!(welcome.len(), 1);
    assert_eq!(welcome[0]["type"], "welcome");
    client.say(json!({ "type": "get", "id": 555_001, "item": 3 }));
    client.say(json!({ "type": "get", "id": 555_002, "item": 4 }));
    assert!(client.documents(8).is_empty(), "nothing is said before its time");
    let answers = client.documents(10);
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [555_001, 555_002]);
    assert!(answers.iter().all(|answer| answer["type"] == "item" && answer["price"].is_i64()));
    assert!(client.documents(1_000).is_empty(), "each is answered once");
}

#[test]
fn the_same_seed_gives_the_same_conversation_and_another_one_another() {
    let model = learned((0..20).map(calls));
    let play = |seed| {
        let mut client = Client::of(&model, seed);
        client.say(json!({ "type": "get", "id": 9, "item": 3 }));
        client.listen(500)
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2), "the welcome is of this conversation");
}

#[test]
fn merged_halves_are_the_whole() {
    let transcripts: Vec<Transcript> = (0..20).map(calls).collect();
    let whole = learned(transcripts.clone());
    let (first, second) = transcripts.split_at(10);
    let mut merged = learned(first.to_vec());
    merged.merge(&learned(second.to_vec()), &ValueLimits::default(), &HeaderLimits::default());
    assert_eq!(merged.conversations, whole.conversations);
    let turns = |model: &ConversationModel| {
        let turn = &model.turns[0];
        let answers = turn.answers.iter().map(|a| (a.kind.hash, a.turns, a.lengths.clone()));
        (turn.kind.clone(), turn.turns, turn.scripts.clone(), answers.collect::<Vec<_>>())
    };
    assert_eq!(turns(&merged), turns(&whole));
    assert_eq!(merged.closings, whole.closings);
    let mut client = Client::of(&merged, 3);
    client.say(json!({ "type": "get", "id": 42, "item": 3 }));
    assert!(client.documents(100).iter().any(|answer| answer["id"] == 42));
    let mut nothing = ConversationModel::default();
    nothing.merge(&whole, &ValueLimits::default(), &HeaderLimits::default());
    assert_eq!(nothing, whole);
}

#[test]
fn a_model_survives_its_own_json() {
    let model = learned((0..10).map(calls));
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<ConversationModel>(&text).unwrap(), model);
}

/// Ticks every 100 ms while the client talks of something else, at no pace.
fn ticking(n: u64) -> Transcript {
    let mut events: Vec<(u64, bool, Value)> = (1..=12 + n % 3)
        .map(|tick| (tick * 100, false, json!({ "type": "tick", "seq": tick, "price": n + tick })))
        .collect();
    for (place, at) in [130, 290, 570 + n, 610].into_iter().enumerate() {
        let id = n * 10 + place as u64;
        events.push((at, true, json!({ "type": "echo", "id": id })));
        events.push((at + 3, false, json!({ "type": "echoed", "id": id })));
    }
    events.sort_by_key(|event| event.0);
    let last = events.last().map_or(0, |event| event.0);
    let script = events.into_iter().fold(Script::default(), |script, (at, is_client, said)| {
        if is_client { script.client(at, said) } else { script.server(at, said) }
    });
    script.close(last + 40, Speaker::Client, 1000, "")
}

#[test]
fn ticks_go_on_in_their_pace_whatever_the_client_says() {
    let model = learned((0..20).map(ticking));
    let mut client = Client::of(&model, 3);
    let first = client.documents(1_000);
    assert!((9..=11).contains(&first.len()), "{}", first.len());
    assert!(first.iter().all(|said| said["type"] == "tick"));
    client.say(json!({ "type": "echo", "id": 77 }));
    let then = client.documents(3_000);
    let (echoed, ticks): (Vec<&Value>, Vec<&Value>) =
        then.iter().partition(|said| said["type"] == "echoed");
    assert_eq!(echoed.len(), 1);
    assert_eq!(echoed[0]["id"], 77);
    assert!((28..=32).contains(&ticks.len()), "{}", ticks.len());
    let numbers: Vec<i64> =
        first.iter().chain(ticks).filter_map(|tick| tick["seq"].as_i64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "ticks are counted");
}

/// A subscription that the client ends, in the manner of `graphql-transport-ws`.
fn subscription(n: u64) -> Transcript {
    let id = format!("sub-{n}");
    let mut script = Script::default()
        .client(5, json!({ "type": "connection_init" }))
        .server(8, json!({ "type": "connection_ack" }))
        .client(20, json!({ "id": id, "type": "subscribe", "payload": { "query": "{ n }" } }));
    let ticks = 4 + n % 4;
    for tick in 1..=ticks {
        let payload = json!({ "data": { "n": tick } });
        script =
            script.server(20 + tick * 50, json!({ "id": id, "type": "next", "payload": payload }));
    }
    let end = 20 + ticks * 50 + 20;
    script = script.client(end, json!({ "id": id, "type": "complete" }));
    script.close(end + 900, Speaker::Client, 1000, "")
}

#[test]
fn a_subscription_goes_on_until_the_client_completes_it() {
    let model = learned((0..20).map(subscription));
    let mut client = Client::of(&model, 3);
    client.say(json!({ "type": "connection_init" }));
    assert_eq!(client.documents(100), [json!({ "type": "connection_ack" })]);
    let subscribe =
        |id: &str| json!({ "id": id, "type": "subscribe", "payload": { "query": "{ n }" } });
    client.say(subscribe("a"));
    client.say(subscribe("b"));
    let both = client.documents(1_000);
    assert!(both.len() > 30, "{}", both.len());
    assert!(both.iter().all(|said| said["type"] == "next"));
    assert!(["a", "b"].iter().all(|id| both.iter().any(|said| said["id"] == *id)));
    client.say(json!({ "id": "a", "type": "complete" }));
    let rest = client.documents(1_000);
    assert!(rest.len() > 15, "{}", rest.len());
    assert!(rest.iter().all(|said| said["id"] == "b"), "the other one goes on");
}

#[test]
fn a_farewell_is_answered_and_the_server_closes() {
    let model = learned((0..10).map(|n: u64| {
        Script::default()
            .client(10, json!({ "op": "bye", "id": n }))
            .server(12, json!({ "op": "ended", "id": n }))
            .close(14, Speaker::Server, 4_001, "session over")
    }));
    let mut client = Client::of(&model, 3);
    assert!(client.listen(1_000).is_empty());
    client.say(json!({ "op": "bye", "id": 9 }));
    let said = client.listen(100);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[1], SaidMessage::Close(4_001, "session over".into()));
    client.say(json!({ "op": "bye", "id": 10 }));
    assert!(client.listen(100).is_empty(), "nothing is said behind a close frame");
}

#[test]
fn texts_are_echoed_with_what_the_service_puts_around_them() {
    for (before, behind) in [("", ""), ("echo: ", ""), ("you said ", "!")] {
        let model =
            learned((0..10).map(|n: u64| {
                let text = format!("message {n} of {}", n * 31);
                Script::default()
                    .client(10, &text)
                    .server(11, format!("{before}{text}{behind}"))
                    .close(20, Speaker::Client, 1000, "")
            }));
        let mut client = Client::of(&model, 3);
        client.say("something new");
        let said = client.listen(100);
        assert_eq!(said, [SaidMessage::Text(format!("{before}something new{behind}"))]);
    }
}

#[test]
fn what_is_wrong_with_a_message_decides_its_answer() {
    let model = learned((0..20).map(|n: u64| {
        let is_whole = n.is_multiple_of(2);
        let (ask, answer) = if is_whole {
            (
                json!({ "type": "join", "room": "lobby", "id": n }),
                json!({ "type": "joined", "id": n }),
            )
        } else {
            (json!({ "type": "join", "id": n }), json!({ "type": "error", "id": n, "code": 4 }))
        };
        Script::default().client(5, ask).server(6, answer).close(20, Speaker::Client, 1000, "")
    }));
    for seed in 0..10 {
        let mut client = Client::of(&model, seed);
        client.say(json!({ "type": "join", "room": "other", "id": 1 }));
        assert_eq!(client.documents(50)[0]["type"], "joined");
        client.say(json!({ "type": "join", "id": 2 }));
        assert_eq!(client.documents(50)[0]["type"], "error");
    }
}

#[test]
fn a_kind_never_seen_is_answered_by_nothing_or_as_the_backend_refuses() {
    let model = learned((0..20).map(calls));
    let mut client = Client::of(&model, 3);
    client.listen(100);
    client.say(json!({ "type": "launch", "id": 5 }));
    assert!(client.listen(1_000).is_empty());
    let model = learned((0..12).map(|n: u64| {
        Script::default()
            .client(5, json!({ "type": format!("wrong{}", n % 4), "id": n }))
            .server(6, json!({ "type": "error", "id": n, "message": "unknown type" }))
            .close(20, Speaker::Client, 1000, "")
    }));
    let mut client = Client::of(&model, 3);
    client.say(json!({ "type": "launch", "id": 5 }));
    let said = client.documents(100);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0]["type"], "error");
}

#[test]
fn nothing_private_of_a_conversation_is_kept() {
    let secret = |n: u64| format!("sk-live-{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mail = |n: u64| format!("ann{n}@corp{n}.com");
    let model = learned((0..30).map(|n: u64| {
        Script::default()
            .client(5, json!({ "type": "login", "token": secret(n), "user": mail(n), "id": n }))
            .server(6, json!({ "type": "ok", "id": n, "user": mail(n), "session": secret(n + 99) }))
            .client(8, format!("AUTH {}", secret(n + 300)))
            .server(9, format!("OK {}", secret(n + 300)))
            .client(10, json!([secret(n + 500), { "x": mail(n) }]))
            .close(20, Speaker::Server, 1008, &format!("no {}", secret(n + 700)))
    }));
    let mut seen = serde_json::to_string(&model).unwrap();
    seen.push_str(&format!("{model:?}"));
    for seed in 0..20 {
        let mut client = Client::of(&model, seed);
        client.say(json!({ "type": "login", "token": "t", "user": "u", "id": 1 }));
        client.say("AUTH x");
        seen.push_str(&format!("{:?}", client.listen(1_000)));
    }
    for n in 0..30 {
        for canary in [secret(n), secret(n + 99), secret(n + 300), secret(n + 500), secret(n + 700)]
        {
            assert!(!seen.contains(&canary), "{canary}");
        }
        assert!(!seen.contains(&mail(n)), "{}", mail(n));
    }
}

#[test]
fn a_model_stays_within_its_bounds_whatever_is_said() {
    let model = learned((0..300_u64).map(|n| {
        let kinds = (0..20).map(|k| (k, format!("kind-{}x", (n * 20 + k) % 999)));
        let script = kinds.fold(Script::default(), |script, (k, kind)| {
            let script = script.client(k * 10, json!({ "type": kind, "id": n * k }));
            script.server(k * 10 + 1, json!({ "type": format!("re-{kind}"), "n": n }))
        });
        script.close(400, Speaker::Client, 1000, "")
    }));
    assert!(model.turns.len() <= 48);
    assert!(model.turns.iter().all(|turn| turn.answers.len() <= 12 && turn.scripts.len() <= 12));
    let mut small = model.clone();
    small.tighten(&ValueLimits::default().tightened(4));
    assert!(small.turns.len() < model.turns.len());
}
