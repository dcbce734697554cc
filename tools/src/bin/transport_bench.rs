//! The price of the guard: a proxy on `UpstreamClient` against the same proxy on bare awc, with the
//! same header rules.
//!
//! `cargo xtask bench transport [ROUNDS [SECONDS]]` starts a backend and
//! both proxies as processes of their own (one worker each), loads the proxies in turn with `wrk`,
//! round by round, and prints requests per second and CPU per request of the proxy process, and
//! the ratios of each pair of neighbouring runs: their median and quartiles.
//! Run it on an otherwise idle machine; neighbours in time share most of what disturbs them.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use actix_web::http::header;
use actix_web::http::uri::{Authority, PathAndQuery, Scheme};
use actix_web::http::{Method, Uri};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, body, web};
use stunt_double::http::upstream::headers::{
    FieldLines, ForwardContext, HeaderPolicy, ResponseContext, request_headers, response_headers,
};
use stunt_double::http::upstream::{
    RequestBody, Target, Upstream, UpstreamClient, UpstreamRequest, UpstreamSettings,
};

/// The body of the backend's answer: the 1 KB of the goals.
const BODY_BYTES: usize = 1024;

#[actix_web::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["backend"] => serve_backend().await,
        ["plain", port] => serve_plain(port.parse().unwrap()).await,
        ["guarded", port] => serve_guarded(port.parse().unwrap()).await,
        [] => compare(40, 1),
        [rounds] => compare(rounds.parse().unwrap(), 1),
        [rounds, seconds, ..] => compare(rounds.parse().unwrap(), seconds.parse().unwrap()),
    }
}

fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    listener
}

async fn serve_backend() -> io::Result<()> {
    let handler =
        || async { HttpResponse::Ok().content_type("text/plain").body("x".repeat(BODY_BYTES)) };
    HttpServer::new(move || App::new().default_service(web::to(handler)))
        .workers(1)
        .listen(listen())?
        .run()
        .await
}

fn header_policy(backend: u16) -> HeaderPolicy {
    HeaderPolicy {
        links: Default::default(),
        target: Target::parse(&format!("http://127.0.0.1:{backend}")).unwrap(),
        preserve_host: false,
        trusted_proxies: Vec::new(),
        rewrite_location: false,
        pseudonym: "bench".into(),
    }
}

fn headers_to_send(request: &HttpRequest, header_policy: &HeaderPolicy) -> FieldLines {
    let facts = ForwardContext {
        peer: request.peer_addr().map(|addr| addr.ip()),
        scheme: "http",
        version: request.version(),
        tunnel: false,
        trailers: false,
    };
    request_headers(request.headers(), facts, header_policy).unwrap()
}

/// The reference: what one writes on awc without knowing its traps, streaming both ways.
async fn serve_plain(backend: u16) -> io::Result<()> {
    let authority: Authority = format!("127.0.0.1:{backend}").parse().unwrap();
    HttpServer::new(move || {
        let connector = awc::Connector::new().limit(0);
        let client = awc::Client::builder()
            .connector(connector)
            .disable_redirects()
            .disable_timeout()
            .no_default_headers()
            .finish();
        App::new()
            .app_data(web::Data::new((client, authority.clone(), header_policy(backend))))
            .default_service(web::to(pass_plain))
    })
    .workers(1)
    .listen(listen())?
    .run()
    .await
}

async fn pass_plain(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<(awc::Client, Authority, HeaderPolicy)>,
) -> HttpResponse {
    let (client, authority, header_policy) = shared.get_ref();
    let mut parts = actix_web::http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority.clone());
    parts.path_and_query = request.uri().path_and_query().cloned();
    let uri = Uri::from_parts(parts).unwrap();
    let mut sent = client.request(request.method().clone(), uri).no_decompress();
    for (name, value) in headers_to_send(&request, header_policy) {
        sent.headers_mut().append(name, value);
    }
    let answer = if request.method() == Method::GET {
        drop(payload);
        sent.send_body(body::None::new()).await
    } else {
        sent.send_stream(payload).await
    };
    let Ok(answer) = answer else { return HttpResponse::BadGateway().finish() };
    let mut reply = HttpResponse::build(answer.status());
    let mut length = None;
    let mut headers = FieldLines::new();
    for (name, value) in answer.headers() {
        if *name == header::CONTENT_LENGTH {
            length = value.to_str().ok().and_then(|text| text.parse::<u64>().ok());
        } else {
            headers.push((name.clone(), value.clone()));
        }
    }
    for field in response_headers(&headers, ResponseContext::default(), header_policy) {
        reply.append_header(field);
    }
    match length {
        Some(length) => reply.body(body::SizedStream::new(length, answer)),
        None => reply.streaming(answer),
    }
}

async fn serve_guarded(backend: u16) -> io::Result<()> {
    let header_policy = header_policy(backend);
    let upstream = Upstream::new(UpstreamSettings::new(header_policy.target.clone())).unwrap();
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new((upstream.client(), header_policy.clone())))
            .default_service(web::to(pass_guarded))
    })
    .workers(1)
    .listen(listen())?
    .run()
    .await
}

async fn pass_guarded(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<(UpstreamClient, HeaderPolicy)>,
) -> HttpResponse {
    let (client, header_policy) = shared.get_ref();
    let headers = headers_to_send(&request, header_policy);
    let body = if request.method() == Method::GET {
        RequestBody::None
    } else {
        RequestBody::Chunked(Box::pin(payload))
    };
    let root = PathAndQuery::from_static("/");
    let sent = client
        .send(UpstreamRequest {
            method: request.method().clone(),
            path_and_query: request.uri().path_and_query().cloned().unwrap_or(root),
            headers,
            body,
            tunnel: false,
            expect_continue: false,
            client: None,
        })
        .await;
    let Ok(answer) = sent else { return HttpResponse::BadGateway().finish() };
    let mut reply = HttpResponse::build(answer.status);
    for field in response_headers(&answer.headers, ResponseContext::default(), header_policy) {
        reply.append_header(field);
    }
    reply.body(answer.body)
}

/// A child server and the port it printed.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(words: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, port: line.trim().parse().unwrap() }
    }

    /// CPU seconds used so far by all threads, from `/proc/PID/task/TID/schedstat`: nanoseconds,
    /// where `/proc/PID/stat` counts hundredths of a second.
    fn cpu_seconds(&self) -> f64 {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds = threads.map(|thread| {
            let path = thread.unwrap().path().join("schedstat");
            let stat = std::fs::read_to_string(path).unwrap();
            stat.split(' ').next().unwrap().parse::<f64>().unwrap()
        });
        nanoseconds.sum::<f64>() / 1e9
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn compare(rounds: usize, seconds: usize) -> io::Result<()> {
    let backend = Server::start(&["backend"]);
    let port = backend.port.to_string();
    let servers = [
        ("bare awc", Server::start(&["plain", &port])),
        ("guarded", Server::start(&["guarded", &port])),
    ];
    let mut rates = [Vec::new(), Vec::new()];
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for at in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (_, server) = &servers[at];
            let before = server.cpu_seconds();
            let (requests, rate, errors) = load(server.port, seconds)?;
            let cost = (server.cpu_seconds() - before) * 1e6 / requests;
            assert!(!errors, "{} failed under load", servers[at].0);
            // The first round warms up.
            if round > 0 {
                rates[at].push(rate);
                costs[at].push(cost);
            }
        }
    }
    println!("{:<10} {:>12} {:>14}", "medians", "req/s", "CPU µs/request");
    for (at, (name, _)) in servers.iter().enumerate() {
        let (rate, cost) = (quartiles(&rates[at])[1], quartiles(&costs[at])[1]);
        println!("{name:<10} {rate:>12.0} {cost:>14.2}");
    }
    for (name, values) in [("req/s", &rates), ("CPU per request", &costs)] {
        let pairs: Vec<f64> = values[1].iter().zip(&values[0]).map(|(a, b)| a / b).collect();
        let [low, median, high] = quartiles(&pairs);
        println!("guarded / bare, {name}: {median:.3} (quartiles {low:.3} to {high:.3})");
    }
    Ok(())
}

/// One run of `wrk`: requests, requests per second, whether any failed.
fn load(port: u16, seconds: usize) -> io::Result<(f64, f64, bool)> {
    let mut output = String::new();
    Command::new("wrk")
        .args(["-t1", "-c32", &format!("-d{seconds}s"), &format!("http://127.0.0.1:{port}/a?b=c")])
        .stdout(Stdio::piped())
        .spawn()?
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)?;
    let number = |line: &str, at: usize| line.split_whitespace().nth(at).unwrap().parse::<f64>();
    let line = |mark: &str| output.lines().find(|line| line.contains(mark)).unwrap_or("0 0");
    let requests = number(line("requests in"), 0).unwrap();
    let rate = number(line("Requests/sec"), 1).unwrap();
    let errors = output.contains("Non-2xx") || output.contains("Socket errors");
    Ok((requests, rate, errors))
}

fn quartiles(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| sorted[sorted.len() * quarter / 4])
}
