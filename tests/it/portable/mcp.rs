//! The MCP server as an agent has it: the binary on two pipes, before a running double.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::double::Double;

/// An agent's side of the pipes.
struct Agent {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    /// Starts the server and shakes hands with it.
    fn of(double: &Double, flags: &[&str]) -> Self {
        let admin = format!("http://{}/admin", double.admin_addr);
        let mut child = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
            .env_clear()
            .args(["mcp", "--admin", &admin])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut agent = Self { child, stdin, stdout, asked: 0 };
        let hello = agent.ask(
            "initialize",
            &json!({"protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"}}),
        );
        assert_eq!(hello["result"]["serverInfo"]["name"], "stunt-double", "{hello}");
        assert!(hello["result"]["capabilities"]["tools"].is_object(), "{hello}");
        agent.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        agent
    }

    fn write(&mut self, message: &Value) {
        let stdin = self.stdin.as_mut().expect("open");
        writeln!(stdin, "{message}").expect("the server reads");
    }

    /// A request and its answer; every line that comes is one of the protocol.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).expect("readable") > 0, "no answer: {method}");
            let message: Value = serde_json::from_str(&line).expect("nothing but the protocol");
            assert_eq!(message["jsonrpc"], "2.0");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// What a tool says, and whether that is an error.
    fn call(&mut self, tool: &str, arguments: &Value) -> (String, bool) {
        let params = json!({"name": tool, "arguments": arguments});
        let answer = self.ask("tools/call", &params);
        let text = answer["result"]["content"][0]["text"].as_str();
        let text = text.unwrap_or_else(|| panic!("no text: {answer}")).to_owned();
        (text, answer["result"]["isError"] == true)
    }

    /// What a tool that succeeds says.
    fn told(&mut self, tool: &str, arguments: &Value) -> Value {
        let (text, failed) = self.call(tool, arguments);
        assert!(!failed, "{tool}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
    }

    /// What a tool that fails says.
    fn refused(&mut self, tool: &str, arguments: &Value) -> String {
        let (text, failed) = self.call(tool, arguments);
        assert!(failed, "{tool}: {text}");
        text
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let ended = self.child.wait().expect("it ends with its stdin");
        if !std::thread::panicking() {
            assert!(ended.success(), "{ended}");
        }
    }
}

fn learned() -> Double {
    let double = Double::in_front_of_demo();
    (1..=30).for_each(|n| drop(double.get(&format!("/users/{n}"))));
    double.flush();
    double
}

#[test]
fn an_agent_looks_at_the_double_and_changes_nothing() {
    let double = learned();
    let mut agent = Agent::of(&double, &[]);
    let tools = agent.ask("tools/list", &json!({}))["result"]["tools"].clone();
    let tools = tools.as_array().expect("a list").clone();
    let changing = |tool: &Value| tool["annotations"]["readOnlyHint"] == false;
    assert!(tools.len() > 12 && tools.iter().any(changing), "{tools:?}");
    for tool in &tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        let described = tool["inputSchema"]["properties"].as_object().expect("an object");
        assert!(described.values().all(|argument| argument["description"].is_string()), "{tool}");
    }
    let label = "GET /users/{id}";
    let listed = agent.told("list_endpoints", &json!({"search": "/users"}));
    assert_eq!(listed["items"][0]["path"], "/users/{id}", "{listed}");
    let detail = agent.told("describe_endpoint", &json!({"endpoint": label}));
    assert_eq!(detail["id"], json!(double.endpoint_id(label)), "{detail}");
    let sample = agent.told("sample", &json!({"path": "/users/7", "status": 200, "seed": "s"}));
    assert!(sample["body"]["email"].is_string(), "{sample}");
    assert_eq!(
        agent.told(
            "sample",
            &json!({"endpoint": label, "path": "/users/7",
        "status": 200, "seed": "s"})
        ),
        sample
    );
    let why = agent.told("explain", &json!({"path": "/users/7"}));
    assert_eq!(why["template"], "/users/{id}", "{why}");
    let why = agent.told(
        "explain",
        &json!({"path": "/users", "method": "POST",
        "headers": {"accept": "*/*"}, "body": {"name": ""}}),
    );
    assert_eq!(why["method"], "POST", "{why}");
    assert_eq!(agent.told("verify", &json!({"endpoint": label, "exactly": 30}))["count"], 30);
    let unmet = agent.refused("verify", &json!({"path": "/users/*", "at_least": 99}));
    assert!(unmet.contains("417") && unmet.contains("found 30"), "{unmet}");
    assert_eq!(agent.told("fidelity", &json!({"endpoint": label}))["verdict"], "measured");
    assert!(agent.told("list_requests", &json!({"limit": 3}))["items"].is_array());
    assert_eq!(agent.told("drift", &json!({}))["total"], 0);
    assert!(agent.told("sessions", &json!({}))["items"].is_array());
    for tool in tools.iter().filter(|tool| changing(tool)) {
        let name = tool["name"].as_str().expect("a name");
        assert!(agent.refused(name, &json!({})).contains("--allow-changes"), "{name}");
    }
    assert_eq!(double.admin("GET", "/settings").json()["mode"], "proxy");
}

#[test]
fn an_agent_that_may_sets_modes_chaos_and_overrides_and_takes_them_back() {
    let double = learned();
    let mut agent = Agent::of(&double, &["--allow-changes"]);
    let label = "GET /users/{id}";
    let set = agent.told("set_mode", &json!({"mode": "mock", "endpoint": label}));
    assert_eq!(set["mode"], "mock", "{set}");
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("mock"));
    agent.told("set_mode", &json!({"mode": "inherit", "endpoint": label}));
    assert_eq!(agent.told("set_mode", &json!({"mode": "failover"}))["mode"], "failover");

    let rule = json!({"name": "down", "ttl_s": 60, "scope": {"paths": ["/users/**"]},
        "faults": [{"type": "status", "status": 503}]});
    let made = agent.told("put_chaos", &json!({"rule": rule}));
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(double.get("/users/7").status, 503);
    let mut milder = rule.clone();
    milder["faults"][0]["status"] = json!(429);
    agent.told("put_chaos", &json!({"id": id, "rule": milder}));
    assert_eq!(double.get("/users/7").status, 429);
    assert_eq!(agent.told("list_chaos", &json!({}))["total"], 1);
    assert_eq!(agent.told("stop_chaos", &json!({"id": id}))["state"], "disabled");
    assert_eq!(double.get("/users/7").status, 200);

    let answer = json!({"type": "exactly", "status": 200, "json": {"told": true}});
    let wanted = json!({"name": "told", "match": {"paths": ["/users/7"],
        "sources": ["mock", "upstream"]}, "answer": answer});
    let made = agent.told("create_override", &json!({"override": wanted}));
    assert_eq!(double.get("/users/7").json(), json!({"told": true}));
    assert_eq!(agent.told("list_overrides", &json!({}))["total"], 1);
    assert_eq!(agent.told("delete_override", &json!({"id": made["id"]})), "done");
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("upstream"));
    agent.told("stop_chaos", &json!({}));
}

#[test]
fn what_the_admin_refuses_is_the_agents_to_read() {
    let double = Double::with(&["--admin-token", "open-sesame"]).start();
    let mut stranger = Agent::of(&double, &[]);
    let refused = stranger.refused("list_endpoints", &json!({}));
    assert!(refused.contains("answers 401"), "{refused}");
    let mut agent = Agent::of(&double, &["--allow-changes", "--admin-token", "open-sesame"]);
    let refused = agent.refused("put_chaos", &json!({"rule": {"name": "x", "color": 1}}));
    assert!(refused.contains("color") && !refused.contains("open-sesame"), "{refused}");
    let wrong = agent.refused("set_mode", &json!({"mode": "shout", "who": 1}));
    assert!(wrong.contains("`mode`: expected one of") && wrong.contains("`who`"), "{wrong}");
    let unknown = agent.ask("tools/call", &json!({"name": "format_disk", "arguments": {}}));
    assert!(unknown["error"]["message"].as_str().expect("a text").contains("format_disk"));
    let missing = agent.refused("describe_endpoint", &json!({"endpoint": "GET /none"}));
    assert!(missing.contains("list_endpoints"), "{missing}");
}
