//! Reference servers for `cargo xtask bench`: what bare actix-web reaches on this machine.
//!
//! ```text
//! reference_server serve [--listen ADDR] [--workers N] [--bytes N]
//! reference_server proxy --target URL [--listen ADDR] [--workers N]
//! ```
//!
//! `serve` answers `/static` and `/text` with the same N bytes every time, `/generated/{id}` with 1
//! to 2 KB of JSON written anew by `write!`, `/echo` with the body it got, `/stream` with a line
//! every tenth of a second for half a minute, and every other path with a small JSON object.
//! `proxy` passes every request on by awc with nothing added: the least an actix-web proxy can do.
//! Both print `listening on URL` first.

use std::{
    cell::RefCell,
    convert::Infallible,
    fmt::Write as _,
    io::{self, Write as _},
    net::TcpListener,
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    error::ErrorBadGateway,
    http::{
        Uri,
        header::{self, HeaderMap, HeaderName},
    },
    web,
};
use awc::{Client, Connector};
use bytes::Bytes;
use clap::{Args, Parser, Subcommand};
use futures_util::stream;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// Items of a generated body: between 1 and 2 KB of JSON.
const GENERATED_ITEMS: usize = 8;
/// First size of the buffer of a generated body, so that it never grows.
const GENERATED_CAPACITY_BYTES: usize = 2_048;

/// Lines of `/stream`, and the time between two: half a minute, longer than any orderly shutdown.
const STREAM_LINES: u32 = 300;
const BETWEEN_LINES: Duration = Duration::from_millis(100);
/// Largest body that `/echo` takes.
const ECHO_MAX_BYTES: usize = 16 * 1_024 * 1_024;

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Answers static and generated bodies.
    Serve {
        #[command(flatten)]
        place: Place,
        /// Size of the static bodies.
        #[arg(long, default_value_t = 1_024)]
        bytes: usize,
    },
    /// Passes requests on by awc.
    Proxy {
        #[command(flatten)]
        place: Place,
        /// Scheme and authority of the backend, such as `http://127.0.0.1:9000`.
        #[arg(long)]
        target: Uri,
    },
}

#[derive(Args)]
struct Place {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    match Options::parse().role {
        Role::Serve { place, bytes } => serve(place, bytes).await,
        Role::Proxy { place, target } => proxy(place, target).await,
    }
}

async fn serve(place: Place, bytes: usize) -> io::Result<()> {
    let (json, text) = (static_json(bytes), Bytes::from("x".repeat(bytes)));
    let server = HttpServer::new(move || {
        let (json, text) = (json.clone(), text.clone());
        App::new()
            .route("/static", web::to(move || fixed(header::ContentType::json(), json.clone())))
            .route("/text", web::to(move || fixed(header::ContentType::plaintext(), text.clone())))
            .route("/generated/{id}", web::to(generated))
            .app_data(web::PayloadConfig::new(ECHO_MAX_BYTES))
            .route("/echo", web::to(echo))
            .route("/stream", web::to(stream_lines))
            .default_service(web::to(anything))
    });
    server.workers(place.workers).tcp_nodelay(true).listen(announced(&place.listen)?)?.run().await
}

async fn proxy(place: Place, target: Uri) -> io::Result<()> {
    let server = HttpServer::new(move || {
        let client = Client::builder()
            .connector(Connector::new().limit(0))
            .disable_timeout()
            .disable_redirects()
            .no_default_headers()
            .finish();
        App::new()
            .app_data(web::Data::new(client))
            .app_data(web::Data::new(target.clone()))
            .default_service(web::to(pass_through))
    });
    server.workers(place.workers).tcp_nodelay(true).listen(announced(&place.listen)?)?.run().await
}

fn announced(address: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    println!("listening on http://{}", listener.local_addr()?);
    io::stdout().flush()?;
    Ok(listener)
}

async fn fixed(content_type: header::ContentType, body: Bytes) -> HttpResponse {
    HttpResponse::Ok().insert_header(content_type).body(body)
}

async fn echo(body: Bytes) -> HttpResponse {
    fixed(header::ContentType::json(), body).await
}

async fn stream_lines() -> HttpResponse {
    let lines = stream::unfold(0, |n| async move {
        actix_rt::time::sleep(BETWEEN_LINES).await;
        let line = Bytes::from(format!("line {n}\n"));
        (n < STREAM_LINES).then_some((Ok::<_, Infallible>(line), n + 1))
    });
    HttpResponse::Ok().content_type("text/plain").streaming(lines)
}

async fn anything() -> HttpResponse {
    fixed(header::ContentType::json(), Bytes::from_static(br#"{"id":1,"name":"anything"}"#)).await
}

/// A JSON object of exactly `bytes` bytes (from 64 on) whose values never change.
fn static_json(bytes: usize) -> Bytes {
    const LINE: &str = "All work and no play makes a stunt double. ";
    let mut body = String::from(r#"{"id":7,"name":"fixed","active":true,"ratio":0.25,"notes":[""#);
    let end = r#""]}"#;
    while body.len() + end.len() + LINE.len() + r#"",""#.len() < bytes {
        body.push_str(LINE);
        body.push_str(r#"",""#);
    }
    let padding = bytes.saturating_sub(body.len() + end.len());
    body.extend(std::iter::repeat_n('.', padding));
    body.push_str(end);
    Bytes::from(body)
}

async fn generated(id: web::Path<u32>) -> HttpResponse {
    thread_local! {
        static RANDOM: RefCell<SmallRng> = RefCell::new(SmallRng::seed_from_u64(7));
    }
    let body = RANDOM.with_borrow_mut(|random| generated_json(*id, random));
    HttpResponse::Ok().insert_header(header::ContentType::json()).body(body)
}

/// What a hand-written handler would do: one buffer, `write!`, a quick generator.
fn generated_json(id: u32, random: &mut SmallRng) -> String {
    let mut body = String::with_capacity(GENERATED_CAPACITY_BYTES);
    // Writing to a `String` cannot fail.
    let _ = write!(body, r#"{{"id":{id},"total":{GENERATED_ITEMS},"items":["#);
    for n in 0..GENERATED_ITEMS {
        let (high, low): (u64, u64) = (random.random(), random.random());
        let separator = if n == 0 { "" } else { "," };
        let _ = write!(
            body,
            concat!(
                r#"{}{{"id":"{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}","rank":{},"#,
                r#""name":"item {}","price":{}.{:02},"in_stock":{},"#,
                r#""created_at":"2026-{:02}-{:02}T{:02}:{:02}:00Z"}}"#
            ),
            separator,
            high >> 32,
            (high >> 16) & 0xFFFF,
            (high >> 4) & 0xFFF,
            (low >> 52) & 0xFFF,
            low & 0xFFFF_FFFF_FFFF,
            n,
            low % 10_000,
            high % 400,
            low % 100,
            high & 1 == 0,
            1 + low % 12,
            1 + high % 28,
            low % 24,
            high % 60,
        );
    }
    body.push_str("]}");
    body
}

async fn pass_through(
    request: HttpRequest,
    payload: web::Payload,
    client: web::Data<Client>,
    target: web::Data<Uri>,
) -> actix_web::Result<HttpResponse> {
    let mut parts = target.get_ref().clone().into_parts();
    parts.path_and_query = request.uri().path_and_query().cloned();
    let uri = Uri::from_parts(parts).map_err(ErrorBadGateway)?;
    let mut upstream = client.request(request.method().clone(), uri).no_decompress();
    copy_headers(request.headers(), upstream.headers_mut());
    let has_body = request.headers().contains_key(header::CONTENT_LENGTH)
        || request.headers().contains_key(header::TRANSFER_ENCODING);
    let sent = if has_body { upstream.send_stream(payload) } else { upstream.send() };
    let upstream = sent.await.map_err(|error| ErrorBadGateway(error.to_string()))?;
    let mut response = HttpResponse::build(upstream.status());
    let length = upstream
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok().and_then(|value| value.parse().ok()));
    for (name, value) in upstream.headers().iter().filter(|(name, _)| end_to_end(name)) {
        response.append_header((name, value));
    }
    Ok(match length {
        Some(length) => response.no_chunking(length).streaming(upstream),
        None => response.streaming(upstream),
    })
}

fn copy_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from.iter().filter(|(name, _)| end_to_end(name)) {
        to.append(name.clone(), value.clone());
    }
}

/// Neither hop-by-hop (RFC 9110, 7.6.1) nor written by the library itself.
fn end_to_end(name: &HeaderName) -> bool {
    ![
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::HOST,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ]
    .contains(name)
}
