//! Readers of documents meet mutated ones: they answer or refuse, and never panic.

use proptest::prelude::*;
use stunt_double::domain::endpoint::ModelLimits;
use stunt_double::domain::portable::PortableModel;
use stunt_double::domain::portable::diff::Contract;
use stunt_double::domain::portable::import::{
    DocumentReport, ImportFormat, access_log, har, openapi, postman,
};

const HAR: &str = r#"{"log":{"version":"1.2","creator":{},"entries":[{"startedDateTime":
"2026-01-01T00:00:00Z","time":3,"request":{"method":"GET","url":"http://a/b?c=d","headers":[]},
"response":{"status":200,"headers":[],"content":{"size":2,"mimeType":"application/json",
"text":"{}","encoding":"base64"}},"timings":{"send":0,"wait":1,"receive":2}}]}}"#;

const OPENAPI: &str = r##"{"openapi":"3.0.0","paths":{"/a/{b}":{"get":{"responses":{"2XX":
{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},"default":{}}}}},
"components":{"schemas":{"A":{"allOf":[{"type":"object","required":["x"],"properties":{"x":{
"type":"string","pattern":"^[a-c]{2,9}$"},"y":{"type":"array","minItems":1,"items":{"oneOf":[
{"type":"integer","minimum":-1,"multipleOf":3},{"$ref":"#/components/schemas/A"}]}}}}]}}}}"##;

const POSTMAN: &str = r#"{"info":{"_postman_id":"1"},"item":[{"request":{"method":"GET","url":{
"raw":"{{u}}/a/:b?c=d","variable":[{"key":"b","value":"7"}]}},"response":[{"code":200,"header":[
{"key":"content-type","value":"application/json"}],"body":"{}"}]}]}"#;

const LOG: &str = "::1 - - [10/Oct/2025:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\" 0.1\n\
{\"method\":\"GET\",\"path\":\"/a\",\"status\":\"200\",\"duration_ms\":3,\"ts\":1e9}\n";

const YAML: &str = "
swagger: '2.0'
paths:
  /a:
    get:
      produces: [application/json]
      responses:
        '200': {schema: {type: object, properties: {x: {type: integer}}}}
";

const MODEL: &str = r#"{"format":"stunt-double-model","version":1,"endpoints":[{"method":"GET",
"template":"/a/{id}","model":{"observations":3,"answers":{"200":{"observations":3}}}}]}"#;

/// A text with parts of it cut, doubled, replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let spice = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("\""),
        Just("-1"),
        Just("1e999"),
        Just("null"),
        Just("99999999999999999999"),
        Just("\u{0}"),
        Just("\\u0000"),
        Just("#"),
        Just("ä"),
        Just("{{"),
        Just(":"),
        Just("(a*)*"),
        Just("\n"),
        Just("$ref"),
    ];
    let edit = (0..text.len(), 0..12_usize, spice);
    prop::collection::vec(edit, 0..6).prop_map(move |edits| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, length, spice) in edits {
            let from = at.min(bytes.len());
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, spice.bytes());
        }
        bytes
    })
}

fn any_document() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        mutated(HAR),
        mutated(OPENAPI),
        mutated(POSTMAN),
        mutated(LOG),
        mutated(YAML),
        mutated(MODEL),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_document_makes_a_reader_panic(document in any_document()) {
        let mut report = DocumentReport::of("any");
        let mut taken = 0;
        let mut take = |_observation| { taken += 1; taken < 100 };
        let _format = ImportFormat::of_head(&document);
        let _done = har::main_origin(&document[..]);
        let _done = har::read(&document[..], None, 0, &mut report, &mut take);
        let _done = postman::read(&document, 0, &mut report, &mut take);
        let _done = access_log::read(&document[..], 0, &mut report, &mut take);
        let _done = openapi::read(&document, 0, &ModelLimits::new(1 << 20), &mut report);
        let _done = Contract::of_document(&document);
        if let Ok(model) = PortableModel::read(&document) {
            let _contract = Contract::of_model(&model);
            let _tree = model.tree();
        }
    }
}

#[test]
fn what_is_mutated_is_read_when_it_is_not() {
    let mut report = DocumentReport::of("any");
    let mut take = |_observation| true;
    har::read(HAR.as_bytes(), None, 0, &mut report, &mut take).expect("an archive");
    postman::read(POSTMAN.as_bytes(), 0, &mut report, &mut take).expect("a collection");
    access_log::read(LOG.as_bytes(), 0, &mut report, &mut take).expect("a log");
    assert_eq!(report.taken_of("exchanges"), 4, "{report:?}");
    for document in [OPENAPI, YAML] {
        openapi::read(document.as_bytes(), 0, &ModelLimits::new(1 << 20), &mut report)
            .expect("a document");
    }
    assert_eq!(report.taken_of("operations"), 2, "{report:?}");
    assert_eq!(PortableModel::read(MODEL.as_bytes()).expect("a model").observations(), 3);
}
